// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/graph/behind_embedding.hpp>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <spade/core/error.hpp>

#include "executor.hpp"
#include "program_builder.hpp"

namespace spade {
namespace {

using graph::Argument;
using graph::Node;
using graph::Program;
using graph::SlotId;
using graph::SlotRef;

/// Whether the operator looks at nothing of this argument but its shape, its type and its device.
bool measures(const Node& node, std::size_t argument) {
  using Read = std::pair<std::string_view, std::string_view>;
  static constexpr std::array<Read, 19> reads{{{"aten::size", "self"},
                                               {"aten::sym_size", "self"},
                                               {"aten::numel", "self"},
                                               {"aten::dim", "self"},
                                               {"aten::len", "t"},
                                               {"prim::device", "a"},
                                               {"prim::dtype", "a"},
                                               {"aten::zeros_like", "self"},
                                               {"aten::ones_like", "self"},
                                               {"aten::full_like", "self"},
                                               {"aten::new_zeros", "self"},
                                               {"aten::new_ones", "self"},
                                               {"aten::new_full", "self"},
                                               {"aten::expand_as", "other"},
                                               {"aten::view_as", "other"},
                                               {"aten::reshape_as", "other"},
                                               {"aten::type_as", "other"},
                                               {"aten::to", "other"},
                                               {"spade::guard", "input"}}}; // of an archive: checks the shape
  if (argument >= node.argument_names.size()) return false;
  return std::ranges::find(reads, Read{node.op, node.argument_names[argument]}) != reads.end();
}

/// Whether the result holds the operand's elements in their order, perhaps in another shape or type.
bool keeps_elements(std::string_view op) {
  static constexpr std::array<std::string_view, 9> names{
      "aten::alias", "aten::clone", "aten::contiguous", "aten::detach",      "aten::reshape",
      "aten::to",    "aten::view",  "aten::_to_copy",   "aten::_unsafe_view"};
  return std::ranges::find(names, op) != names.end();
}

/// What of the ids a value holds.
enum class Content { Nothing, Ids, Computed };

/// Where the ids of a network on tokens go.
class IdReaders {
public:
  explicit IdReaders(const Program& program) : program_(program), content_(program.slot_count) {
    content_[program.input] = Content::Ids;
    for (const auto& node : program.nodes) {
      auto content = content_read(node);
      if (is_embedding_of_ids(node)) {
        embeddings_.push_back(&node);
        content = Content::Nothing;
      } else if (content == Content::Ids && !keeps_elements(node.op)) {
        content = Content::Computed;
      }
      for (const auto output : node.outputs)
        content_[output] = content;
    }
  }

  /// @throws UnsupportedOperator where there is none or several
  [[nodiscard]] const Node& embedding() const {
    if (embeddings_.size() == 1) return *embeddings_.front();
    if (embeddings_.size() > 1) {
      refuse("several embeddings read its input, ", embeddings_[0]->where(), " and ", embeddings_[1]->where(),
             "; an input behind them would be several");
    }
    const auto reader = std::ranges::find_if(
        program_.nodes, [&](const Node& node) { return content_read(node) != Content::Nothing; });
    refuse("no embedding reads its input", reader == program_.nodes.end() ? "" : "; what does is ",
           reader == program_.nodes.end() ? "" : reader->where());
  }

  /// By node: the output, or a guard, needs it when the embedding's output is there already.
  [[nodiscard]] std::vector<bool> needed_behind(const Node& embedding) const {
    std::vector<bool> needed(program_.nodes.size(), false);
    std::vector<bool> read(program_.slot_count, false);
    read[program_.output] = true;
    for (std::size_t i = program_.nodes.size(); i-- > 0;) {
      const Node& node = program_.nodes[i];
      needed[i] = i != embedding.id &&
                  (node.guard || std::ranges::any_of(node.outputs, [&](SlotId slot) { return read[slot]; }));
      if (!needed[i]) continue;
      for (const auto& argument : node.arguments)
        graph::for_each_slot(argument, [&](const SlotRef& slot) { read[slot.id] = true; });
    }
    return needed;
  }

  /// @throws UnsupportedOperator where one of these nodes reads values of the ids, or their shape where that
  ///   is not the shape of what the embedding reads
  void check(const std::vector<bool>& needed, const Node& embedding, bool same_shape) const {
    for (const auto& node : program_.nodes) {
      if (!needed[node.id]) continue;
      if (content_read(node) != Content::Nothing && !keeps_elements(node.op)) {
        refuse(node.where(), " reads the values of the ids beside the embedding, ", embedding.where(),
               "; the embeddings alone do not tell its result (a padding mask, for one). Export the network ",
               "with this value fixed");
      }
      if (!same_shape && measures_ids(node)) {
        refuse(node.where(), " asks for the shape of the ids, and the embedding, ", embedding.where(),
               ", reads other ids, computed from them; its output does not tell that shape");
      }
    }
  }

  [[nodiscard]] Content content(SlotId slot) const { return content_[slot]; }

private:
  template <class... Parts> [[noreturn]] void refuse(const Parts&... parts) const {
    throw UnsupportedOperator(message(program_.source, ": behind_embedding: ", parts...));
  }

  [[nodiscard]] Content content_of(const Argument& argument) const {
    auto content = Content::Nothing;
    graph::for_each_slot(argument,
                         [&](const SlotRef& slot) { content = std::max(content, content_[slot.id]); });
    return content;
  }

  /// Without what is only measured. (Where that is the shape of something computed from the ids, it is needed,
  /// and what computes it reads them.)
  [[nodiscard]] Content content_read(const Node& node) const {
    auto content = Content::Nothing;
    for (std::size_t i = 0; i < node.arguments.size(); ++i) {
      if (!measures(node, i)) content = std::max(content, content_of(node.arguments[i]));
    }
    return content;
  }

  [[nodiscard]] bool measures_ids(const Node& node) const {
    for (std::size_t i = 0; i < node.arguments.size(); ++i) {
      if (measures(node, i) && content_of(node.arguments[i]) != Content::Nothing) return true;
    }
    return false;
  }

  [[nodiscard]] bool is_embedding_of_ids(const Node& node) const {
    const auto* indices = node.argument("indices");
    return node.kind == graph::OpKind::Embedding && indices != nullptr &&
           content_of(*indices) != Content::Nothing;
  }

  const Program& program_;
  std::vector<Content> content_; ///< by slot
  std::vector<const Node*> embeddings_;
};

struct Embedded {
  at::Tensor embeddings;
  at::Tensor indices; ///< what the embedding read
};

/// Runs the network up to its embedding.
Embedded embed(const LayerGraph& network, const Node& embedding, const at::Tensor& ids) {
  const c10::AutoGradMode no_gradients(false);
  const Program& program = network.program();
  std::vector<at::Tensor> parameters;
  for (graph::ParameterId id = 0; id < program.parameters.size(); ++id)
    parameters.push_back(network.parameter(id));
  graph::Frame frame(program, parameters);
  frame.slot(program.input) = ids;
  Embedded result;
  for (std::size_t i = 0; i <= embedding.id; ++i) {
    const Node& node = program.nodes[i];
    if (i == embedding.id) result.indices = frame.value(*node.argument("indices"), true).toTensor();
    auto stack = frame.stack(node, true);
    graph::run_node(program, node, stack, ids);
    if (i == embedding.id) result.embeddings = stack.front().toTensor().detach();
    frame.store(node, stack);
    frame.free_dying(node);
  }
  return result;
}

/// Zeros in the place of the ids, for operators that measure them.
Node ids_shape(SlotId embeddings, at::ScalarType type) {
  Node node;
  node.op = "spade::ids_shape";
  node.argument_names = {"embeddings", "dtype"};
  node.arguments = {{SlotRef{embeddings}, nullptr}, {c10::IValue(static_cast<std::int64_t>(type)), nullptr}};
  node.run = [type](std::vector<c10::IValue>& stack) {
    const auto given = stack.front().toTensor();
    stack.clear();
    TORCH_CHECK(given.dim() > 0, "embeddings have a width");
    const auto extents = static_cast<std::size_t>(given.dim() - 1);
    stack.emplace_back(at::zeros(given.sizes().slice(0, extents), given.options().dtype(type)));
  };
  return node;
}

/// Copies the nodes of one program to another.
class Transplant {
public:
  explicit Transplant(const LayerGraph& network)
      : network_(network), program_(network.program()),
        builder_(message(program_.source, " (behind its embedding)")), slots_(program_.slot_count) {
    for (const auto& object : program_.keep_alive)
      builder_.keep_alive(object);
  }

  [[nodiscard]] LayerGraph run(const std::vector<bool>& needed, const Node& embedding,
                               const at::Tensor& embeddings, at::ScalarType ids) {
    slots_[program_.input] = builder_.add(ids_shape(builder_.input(), ids), {false}).front();
    slots_[embedding.outputs.front()] = builder_.input();
    for (const auto& node : program_.nodes) {
      if (needed[node.id]) copy(node);
    }
    const Argument output{SlotRef{slots_[program_.output]}, nullptr};
    return LayerGraph(builder_.finish(output, embeddings)).with_weights(replaced_);
  }

private:
  void copy(const Node& node) {
    Node copied = node;
    copied.dies.clear();
    copied.active = false;
    for (auto& argument : copied.arguments)
      rename(argument);
    std::vector<bool> floating;
    for (const auto output : node.outputs)
      floating.push_back(program_.slot_active[output]);
    const auto outputs = builder_.add(std::move(copied), floating);
    for (std::size_t i = 0; i < outputs.size(); ++i)
      slots_[node.outputs[i]] = outputs[i];
  }

  void rename(Argument& argument) {
    if (auto* parameter = std::get_if<graph::ParameterRef>(&argument.value)) {
      const auto& [name, dense] = program_.parameters[parameter->id];
      const auto& tensor = network_.parameter(parameter->id);
      parameter->id = builder_.parameter(name, dense);
      if (!tensor.is_same(dense)) replaced_[parameter->id] = tensor;
    } else if (auto* list = std::get_if<std::vector<Argument>>(&argument.value)) {
      for (auto& element : *list)
        rename(element);
    } else if (auto* slot = std::get_if<SlotRef>(&argument.value)) {
      slot->id = slots_[slot->id];
    }
  }

  const LayerGraph& network_;
  const Program& program_;
  graph::ProgramBuilder builder_;
  std::vector<SlotId> slots_; ///< by slot of the network: the new one
  graph::WeightSet replaced_;
};

void check_ids(const Program& program, const at::Tensor& ids) {
  if (ids.defined() && at::isIntegralType(ids.scalar_type(), /*includeBool=*/false)) return;
  throw InvalidArgument(
      message(program.source, ": behind_embedding: the ids are ",
              ids.defined() ? message("of type ", c10::toString(ids.scalar_type())) : "an undefined tensor",
              "; give the integers that the network reads"));
}

} // namespace

EmbeddedInput behind_embedding(const LayerGraph& graph, const at::Tensor& ids) {
  const auto& program = graph.program();
  check_ids(program, ids);
  const IdReaders readers(program);
  const auto& embedding = readers.embedding();
  if (program.output == embedding.outputs.front() || readers.content(program.output) == Content::Ids) {
    throw UnsupportedOperator(message(program.source,
                                      ": behind_embedding: its output is not computed behind ",
                                      "the embedding, ", embedding.where()));
  }
  const auto needed = readers.needed_behind(embedding);
  const auto [embeddings, indices] = embed(graph, embedding, ids);
  const auto* read = std::get_if<SlotRef>(&embedding.argument("indices")->value);
  readers.check(needed, embedding,
                readers.content(read->id) == Content::Ids && indices.sizes() == ids.sizes());
  return {Transplant(graph).run(needed, embedding, embeddings, ids.scalar_type()), embeddings};
}

} // namespace spade
