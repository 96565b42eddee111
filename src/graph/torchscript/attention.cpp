// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// PyTorch's fused inference kernels of attention have no derivative. A network exported under torch.no_grad()
// has them in its graph; here they become the operators that they fuse (Vaswani et al. 2017, section 3.2), so
// that gradients, rules and pruning see those. The result differs from the fused kernel's by rounding. Where
// nobody asks for the attention weights, they stay inside scaled_dot_product_attention, which LibTorch has from
// 2.0 on and can differentiate without keeping them.
#include <cmath>

#include <torch/script.h>

#include <torch/csrc/jit/runtime/operator.h>

#include <spade/core/error.hpp>

#include "lowering.hpp"

namespace spade::graph::torchscript {
namespace {

using Symbols = std::vector<SymbolPtr>;

SymbolPtr number(std::int64_t value) {
  return make_constant(value);
}
SymbolPtr none() {
  return make_constant(c10::IValue());
}
bool is_none(const SymbolPtr& symbol) {
  return symbol->is(Symbol::Kind::Constant) && symbol->value.isNone();
}

/// Calls operators by name; arguments left out at the end get their defaults.
class Operators {
public:
  Operators(Emitter& emitter, const Place& place) : emitter_(emitter), place_(place) {}

  [[nodiscard]] static bool has(const std::string& name) {
    return !torch::jit::getAllOperatorsFor(c10::Symbol::fromQualString("aten::" + name)).empty();
  }

  SymbolPtr operator()(const std::string& name, const std::string& overload, Symbols arguments) const {
    const auto callable = find_operator("aten::" + name, overload);
    for (const auto& op : torch::jit::getAllOperatorsFor(c10::Symbol::fromQualString("aten::" + name))) {
      if (op->schema().overload_name() != overload) continue;
      for (auto i = arguments.size(); i < op->schema().arguments().size(); ++i) {
        arguments.push_back(make_constant(op->schema().arguments()[i].default_value().value()));
      }
    }
    return emitter_.call(callable, arguments, place_).at(0);
  }

private:
  Emitter& emitter_;
  const Place& place_;
};

struct Projections {
  SymbolPtr in_weight, in_bias, out_weight, out_bias;
};

/// The values [N, heads, p, width] that softmax(Q K^T / sqrt(width)) mixes, and, where asked for, these weights
/// [N, heads, p, p].
std::pair<SymbolPtr, SymbolPtr> mix(const Operators& aten, const Symbols& query_key_value, std::int64_t width,
                                    bool with_weights) {
  const std::string fused = "scaled_dot_product_attention";
  if (!with_weights && Operators::has(fused)) return {aten(fused, "", query_key_value), nullptr};
  const auto scale = make_constant(1.0 / std::sqrt(static_cast<double>(width)));
  const auto keys = aten("transpose", "int", {query_key_value[1], number(-2), number(-1)});
  const auto scores = aten("matmul", "", {aten("mul", "Scalar", {query_key_value[0], scale}), keys});
  const auto weights = aten("softmax", "int", {scores, number(-1), none()});
  return {aten("matmul", "", {weights, query_key_value[2]}), weights};
}

/// Self-attention of x [N, positions, features]: what leaves the last projection, and, where asked for, the
/// weights [N, heads, p, p].
std::pair<SymbolPtr, SymbolPtr> attend(const Operators& aten, const SymbolPtr& x, std::int64_t features,
                                       std::int64_t heads, const Projections& projections,
                                       bool with_weights) {
  const auto packed = aten("linear", "", {x, projections.in_weight, projections.in_bias});
  const auto parts = aten("chunk", "", {packed, number(3), number(-1)})->elements;
  const auto per_head = make_list({number(heads), number(features / heads)}, c10::IntType::get());
  Symbols split;
  for (const auto& part : parts) {
    split.push_back(aten("transpose", "int",
                         {aten("unflatten", "int", {part, number(-1), per_head}), number(1), number(2)}));
  }
  const auto [values, weights] = mix(aten, split, features / heads, with_weights);
  const auto joined =
      aten("flatten", "using_ints", {aten("transpose", "int", {values, number(1), number(2)}), number(2)});
  return {aten("linear", "", {joined, projections.out_weight, projections.out_bias}), weights};
}

} // namespace

bool Lowering::rewrite_attention(const Symbols& inputs, const Place& place, Symbols& outputs) {
  const Operators aten(emitter_, place);
  const auto refuse = [&](const char* what) {
    throw UnsupportedOperator(message(place.text(), " is a fused operator without a derivative, and ", what,
                                      "; export the network outside torch.no_grad()"));
  };
  if (place.op == "aten::_native_multi_head_attention") {
    if (inputs[0] != inputs[1] || inputs[0] != inputs[2]) refuse("its queries, keys and values differ");
    if (!is_none(inputs[9])) refuse("it has a mask");
    const bool with_weights = example_of(*inputs[10]).toBool();
    const auto [result, weights] =
        attend(aten, inputs[0], example_of(*inputs[3]).toInt(), example_of(*inputs[4]).toInt(),
               {inputs[5], inputs[6], inputs[7], inputs[8]}, with_weights);
    auto shown = none();
    if (with_weights) {
      const auto mean = [&, weights = weights] { // named: clang captures none before 16
        return aten("mean", "dim", {weights, make_list({number(1)}, c10::IntType::get())});
      };
      shown = example_of(*inputs[11]).toBool() ? mean() : weights;
    }
    outputs = {result, shown};
  } else if (place.op == "aten::_transformer_encoder_layer_fwd") {
    if (!is_none(inputs[18])) refuse("it has a mask");
    const auto& x = inputs[0];
    const auto normalise = [&](const SymbolPtr& value, std::size_t weight) {
      const auto shape = make_list({inputs[1]}, c10::IntType::get());
      return aten("layer_norm", "", {value, shape, inputs[weight], inputs[weight + 1], inputs[9]});
    };
    const auto attention = [&](const SymbolPtr& value) {
      return attend(aten, value, example_of(*inputs[1]).toInt(), example_of(*inputs[2]).toInt(),
                    {inputs[3], inputs[4], inputs[5], inputs[6]}, /*with_weights=*/false)
          .first;
    };
    const auto feed = [&](const SymbolPtr& value) {
      const auto hidden = aten("linear", "", {value, inputs[14], inputs[15]});
      const auto active =
          example_of(*inputs[7]).toBool() ? aten("gelu", "", {hidden}) : aten("relu", "", {hidden});
      return aten("linear", "", {active, inputs[16], inputs[17]});
    };
    const auto add = [&](const SymbolPtr& a, const SymbolPtr& b) { return aten("add", "Tensor", {a, b}); };
    if (example_of(*inputs[8]).toBool()) {
      const auto middle = add(x, attention(normalise(x, 10)));
      outputs = {add(middle, feed(normalise(middle, 12)))};
    } else {
      const auto middle = normalise(add(x, attention(x)), 10);
      outputs = {normalise(add(middle, feed(middle)), 12)};
    }
  } else {
    return false;
  }
  rewrote_ = true;
  return true;
}

} // namespace spade::graph::torchscript
