// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// Which nodes apply a prunable layer: a linear map of an active value whose weight is a parameter.
#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <spade/core/error.hpp>
#include <spade/layer_graph.hpp>

#include "program_builder.hpp"

namespace spade::graph {
namespace {

std::string layer_name(const std::string& parameter) {
  constexpr std::string_view suffix = ".weight";
  return parameter.ends_with(suffix) ? parameter.substr(0, parameter.size() - suffix.size()) : parameter;
}

std::size_t argument_index(const Node& node, std::initializer_list<const char*> names) {
  for (const auto* name : names) {
    for (std::size_t i = 0; i < node.argument_names.size(); ++i) {
      if (node.argument_names[i] == name) return i;
    }
  }
  return node.arguments.size();
}

const c10::IValue* constant(const Node& node, const char* name) {
  const auto* argument = node.argument(name);
  return argument == nullptr ? nullptr : std::get_if<c10::IValue>(&argument->value);
}

/// A weight operand: the parameter, as static nodes hand it on.
struct Weight {
  ParameterId parameter;
  bool transposed = false;
  bool expanded = false; ///< other dimensions come before the matrix's two
};

/// One application of a linear map, before its layer has a number.
struct Application {
  Weight weight;
  std::size_t input;
  Window window;
  std::int64_t groups = 1;
  std::string problem; ///< why it cannot be pruned; empty: it can
};

class Finder {
public:
  explicit Finder(Program& program)
      : program_(program), weights_(program.slot_count), origin_(program.slot_count) {
    for (const auto& node : program_.nodes) {
      std::optional<ParameterId> origin;
      for (const auto& argument : node.arguments)
        for_each_origin(argument, [&](ParameterId id) { origin = larger(origin, id); });
      const auto weight = handed_on(node);
      for (const auto output : node.outputs) {
        weights_[output] = weight;
        if (!program_.slot_active[output]) origin_[output] = origin;
      }
    }
  }

  void find() {
    for (const auto& node : program_.nodes) {
      if (auto application = recognise(node)) {
        enter(node, std::move(*application));
      } else if (is_linear_map(node)) {
        note_others(node);
      }
      if (is_recurrent(node)) list_recurrent(node);
    }
    drop_unsupported();
    list_others();
  }

private:
  [[nodiscard]] std::optional<Weight> weight(const Argument& argument) const {
    if (const auto* parameter = std::get_if<ParameterRef>(&argument.value)) return Weight{parameter->id};
    const auto* slot = std::get_if<SlotRef>(&argument.value);
    return slot == nullptr ? std::nullopt : weights_[slot->id];
  }

  /// The matrix that a static node hands on, transposed or once for each of several products.
  [[nodiscard]] std::optional<Weight> handed_on(const Node& node) const {
    auto source = node.arguments.empty() ? std::nullopt : weight(node.arguments.front());
    if (!source || program_.parameters[source->parameter].tensor.dim() != 2) return std::nullopt;
    if (node.op == "aten::expand" || node.op == "aten::view" || node.op == "aten::_unsafe_view")
      return expanded(node, *source);
    if (source->expanded) return std::nullopt;
    if (node.op == "aten::transpose") {
      const auto* first = constant(node, "dim0");
      const auto* second = constant(node, "dim1");
      if (first == nullptr || second == nullptr || !first->isInt() || !second->isInt()) return std::nullopt;
      if ((first->toInt() & 1) == (second->toInt() & 1)) return std::nullopt;
    } else if (node.op == "aten::permute") {
      const auto* order = constant(node, "dims");
      if (order == nullptr || !order->isIntList()) return std::nullopt;
      const auto dimensions = order->toIntVector();
      if ((dimensions.front() & 1) == 0) return source; // [0, 1]: nothing moves
    } else if (node.op != "aten::t" && node.op != "aten::numpy_T") {
      return std::nullopt;
    }
    source->transposed = !source->transposed;
    return source;
  }

  /// The matrix where the last two dimensions of what is expanded or viewed stay its own: the same for each of
  /// several products, as decompositions of torch.export write a linear layer.
  [[nodiscard]] std::optional<Weight> expanded(const Node& node, Weight source) const {
    auto shape = program_.parameters[source.parameter].tensor.sizes().vec();
    const auto* size = node.argument("size");
    if (size == nullptr) return std::nullopt;
    if (source.transposed) std::swap(shape[0], shape[1]);
    std::vector<std::int64_t> extents; // -1: known at run time only
    if (const auto* fixed = std::get_if<c10::IValue>(&size->value); fixed != nullptr && fixed->isIntList()) {
      extents = fixed->toIntVector();
    } else if (const auto* list = std::get_if<std::vector<Argument>>(&size->value)) {
      for (const auto& element : *list) {
        const auto* number = std::get_if<c10::IValue>(&element.value);
        extents.push_back(number != nullptr && number->isInt() ? number->toInt() : -1);
      }
    }
    if (extents.size() < 2 || !std::equal(shape.begin(), shape.end(), extents.end() - 2)) return std::nullopt;
    source.expanded = extents.size() > 2;
    return source;
  }

  [[nodiscard]] bool active(const Argument& argument) const {
    const auto* slot = std::get_if<SlotRef>(&argument.value);
    return slot != nullptr && program_.slot_active[slot->id];
  }

  static bool is_convolution(const Node& node) {
    return node.kind == OpKind::Convolution || node.op.starts_with("aten::conv_transpose");
  }

  [[nodiscard]] std::optional<Application> recognise(const Node& node) const {
    if (is_convolution(node)) return convolution(node);
    const char* stored_as_rows = "weight";
    std::size_t input = argument_index(node, {"input"});
    bool second_operand = false; // x @ W: the parameter is the transposed weight
    if (node.op == "aten::addmm") {
      input = argument_index(node, {"mat1"});
      stored_as_rows = "mat2";
      second_operand = true;
    } else if (node.op == "aten::matmul" || node.op == "aten::mm" || node.op == "aten::bmm") {
      input = argument_index(node, {"self"});
      stored_as_rows = node.op == "aten::matmul" ? "other" : "mat2";
      second_operand = true;
    } else if (node.op != "aten::linear") {
      return std::nullopt;
    }
    const auto* operand = node.argument(stored_as_rows);
    if (operand == nullptr || input == node.arguments.size() || !active(node.arguments[input]))
      return std::nullopt;
    auto found = weight(*operand);
    if (!found || program_.parameters[found->parameter].tensor.dim() != 2) return std::nullopt;
    if (second_operand) found->transposed = !found->transposed;
    return Application{*found, input, {}, 1, {}};
  }

  [[nodiscard]] std::optional<Application> convolution(const Node& node) const {
    const auto input = argument_index(node, {"input", "self"});
    const auto* operand = node.argument("weight");
    if (operand == nullptr || input == node.arguments.size() || !active(node.arguments[input]))
      return std::nullopt;
    const auto found = weight(*operand);
    if (!found || found->transposed) return std::nullopt;
    Application application{*found, input, {}, 1, {}};
    const auto* transposed = constant(node, "transposed");
    if (node.op.starts_with("aten::conv_transpose") ||
        (node.argument("transposed") != nullptr && (transposed == nullptr || transposed->toBool()))) {
      application.problem = "transposed convolutions are not pruned by this version";
      return application;
    }
    const auto& shape = program_.parameters[found->parameter].tensor.sizes();
    auto& window = application.window;
    window.kernel.assign(shape.begin() + 2, shape.end());
    const auto* groups = constant(node, "groups");
    const bool known =
        groups != nullptr && groups->isInt() && read(node, "stride", window.stride, window.kernel.size()) &&
        read(node, "dilation", window.dilation, window.kernel.size()) && read_padding(node, window);
    if (known) application.groups = groups->toInt();
    if (!known)
      application.problem = "its stride, padding, dilation or groups are computed while the network runs";
    return application;
  }

  static bool read(const Node& node, const char* name, std::vector<std::int64_t>& values, std::size_t count) {
    const auto* value = constant(node, name);
    if (value == nullptr || !value->isIntList()) return false;
    values = value->toIntVector();
    if (values.size() == 1) values.resize(count, values.front());
    return values.size() == count;
  }

  /// Numbers, or one of the words "valid" and "same"; an odd total of the latter puts the extra zero at the
  /// end.
  static bool read_padding(const Node& node, Window& window) {
    const auto* value = constant(node, "padding");
    if (value == nullptr || !value->isString()) {
      const bool known = read(node, "padding", window.padding_begin, window.kernel.size());
      window.padding_end = window.padding_begin;
      return known;
    }
    window.padding_begin.assign(window.kernel.size(), 0);
    window.padding_end = window.padding_begin;
    if (value->toStringRef() == "valid") return true;
    for (std::size_t d = 0; d < window.kernel.size(); ++d) {
      const auto total = window.dilation[d] * (window.kernel[d] - 1);
      window.padding_begin[d] = total / 2;
      window.padding_end[d] = total - total / 2;
    }
    return value->toStringRef() == "same";
  }

  void enter(const Node& node, Application application) {
    const auto id = application.weight.parameter;
    const auto [place, added] = layer_of_.try_emplace(id, program_.layers.size());
    if (added) {
      const auto& parameter = program_.parameters[id];
      Layer layer;
      layer.name = layer_name(parameter.name);
      layer.window = application.window;
      layer.uses = 0;
      const auto type = parameter.tensor.scalar_type();
      if (application.problem.empty() && type != at::kFloat && type != at::kDouble) {
        application.problem = message("its weight is stored as ", c10::toString(type),
                                      "; convert the network to float32 or float64 before export");
      }
      if (application.problem.empty()) {
        layer.weight = weight_view(parameter.tensor, application);
      }
      program_.layers.push_back(std::move(layer));
      program_.layer_parameters.push_back(id);
      program_.layer_transposed.push_back(application.weight.transposed);
      groups_.push_back(application.groups);
      problems_.emplace_back();
    }
    const auto index = place->second;
    auto& layer = program_.layers[index];
    auto& problem = problems_[index];
    if (problem.empty()) problem = application.problem;
    const auto& first = layer.window;
    const auto& other = application.window;
    if (problem.empty() &&
        (first.kernel != other.kernel || first.stride != other.stride ||
         first.padding_begin != other.padding_begin || first.padding_end != other.padding_end ||
         first.dilation != other.dilation || groups_[index] != application.groups ||
         program_.layer_transposed[index] != application.weight.transposed)) {
      problem = message("it is applied in different ways; the second is ", node.where());
    }
    ++layer.uses;
    program_.layer_uses.push_back({node.id, index, application.input});
  }

  [[nodiscard]] static TensorView weight_view(const at::Tensor& parameter, const Application& application) {
    const auto tensor = parameter.detach();
    if (application.window.empty()) {
      return LayerGraph::view((application.weight.transposed ? tensor.t() : tensor).unsqueeze(0));
    }
    // A view where the strides allow it; channels-last weights are copied.
    const auto groups = application.groups;
    return LayerGraph::view(
        tensor.reshape({groups, tensor.size(0) / groups, tensor.numel() / tensor.size(0)}));
  }

  static bool is_recurrent(const Node& node) {
    static constexpr std::array<std::string_view, 8> names{
        "aten::lstm",      "aten::gru",      "aten::rnn_tanh",      "aten::rnn_relu",
        "aten::lstm_cell", "aten::gru_cell", "aten::rnn_tanh_cell", "aten::rnn_relu_cell"};
    return node.active && std::ranges::find(names, node.op) != names.end();
  }

  /// The matrices of a recurrent layer: one input each step, so no Gram matrix of one forward pass is theirs.
  void list_recurrent(const Node& node) {
    for (const auto* name : {"params", "w_ih", "w_hh"}) {
      const auto* operand = node.argument(name);
      if (operand == nullptr) continue;
      if (const auto* list = std::get_if<std::vector<Argument>>(&operand->value)) {
        for (const auto& element : *list)
          list_recurrent(element);
      } else {
        list_recurrent(*operand);
      }
    }
  }

  void list_recurrent(const Argument& weight) {
    const auto* parameter = std::get_if<ParameterRef>(&weight.value);
    if (parameter == nullptr || program_.parameters[parameter->id].tensor.dim() != 2) return;
    list_once(program_.parameters[parameter->id].name, "recurrent layers are not pruned by this version");
  }

  void list_once(const std::string& name, const std::string& reason) {
    const auto listed = [&](const UnsupportedLayer& layer) { return layer.name == name; };
    if (std::ranges::none_of(program_.unsupported_layers, listed))
      program_.unsupported_layers.push_back({name, reason});
  }

  static bool is_linear_map(const Node& node) {
    static constexpr std::array<std::string_view, 9> names{
        "aten::linear",  "aten::addmm",  "aten::matmul",   "aten::mm",          "aten::bmm",
        "aten::baddbmm", "aten::einsum", "aten::bilinear", "aten::chain_matmul"};
    return node.active && (is_convolution(node) || std::ranges::find(names, node.op) != names.end());
  }

  /// Calls `visit` with the parameters that an operand is, or is computed from without the input: of each value the
  /// largest one.
  template <class Visit> void for_each_origin(const Argument& argument, const Visit& visit) const {
    if (const auto* parameter = std::get_if<ParameterRef>(&argument.value)) {
      visit(parameter->id);
    } else if (const auto* slot = std::get_if<SlotRef>(&argument.value)) {
      if (origin_[slot->id]) visit(*origin_[slot->id]);
    } else if (const auto* list = std::get_if<std::vector<Argument>>(&argument.value)) {
      for (const auto& element : *list)
        for_each_origin(element, visit);
    }
  }

  [[nodiscard]] std::optional<ParameterId> larger(std::optional<ParameterId> one, ParameterId other) const {
    const auto size = [&](ParameterId id) { return program_.parameters[id].tensor.numel(); };
    return one && size(*one) >= size(other) ? one : other;
  }

  /// What is applied in another way than layers are: a weight that is computed from parameters, an einsum.
  void note_others(const Node& node) {
    for (const auto& argument : node.arguments) {
      for_each_origin(argument, [&](ParameterId id) {
        if (program_.parameters[id].tensor.dim() < 2) return;
        const bool computed = std::holds_alternative<SlotRef>(argument.value);
        others_.emplace_back(
            id, computed ? message("a weight is computed from it: ", node.where(),
                                   "; weights that are parameters are pruned, no others")
                         : message(node.where(), " applies it, which is not pruned by this version"));
      });
    }
  }

  void list_others() {
    for (const auto& [id, reason] : others_) {
      if (std::ranges::find(program_.layer_parameters, id) == program_.layer_parameters.end())
        list_once(layer_name(program_.parameters[id].name), reason);
    }
  }

  /// A layer with a problem leaves the list of prunable ones; the others close ranks.
  void drop_unsupported() {
    std::vector<std::size_t> renumbered(program_.layers.size());
    std::size_t kept = 0;
    for (std::size_t i = 0; i < program_.layers.size(); ++i) {
      renumbered[i] = kept;
      if (!problems_[i].empty()) {
        program_.unsupported_layers.push_back({program_.layers[i].name, problems_[i]});
        continue;
      }
      if (kept != i) program_.layers[kept] = std::move(program_.layers[i]);
      program_.layer_parameters[kept] = program_.layer_parameters[i];
      program_.layer_transposed[kept] = program_.layer_transposed[i];
      ++kept;
    }
    program_.layers.resize(kept);
    program_.layer_parameters.resize(kept);
    program_.layer_transposed.resize(kept);
    std::erase_if(program_.layer_uses, [&](const LayerUse& use) { return !problems_[use.layer].empty(); });
    for (auto& use : program_.layer_uses)
      use.layer = renumbered[use.layer];
  }

  Program& program_;
  std::vector<std::optional<Weight>> weights_;     ///< by slot
  std::vector<std::optional<ParameterId>> origin_; ///< by slot
  std::vector<std::pair<ParameterId, std::string>> others_;
  std::unordered_map<ParameterId, std::size_t> layer_of_;
  std::vector<std::int64_t> groups_;
  std::vector<std::string> problems_;
};

} // namespace

void find_layers(Program& program) {
  Finder(program).find();
}

} // namespace spade::graph
