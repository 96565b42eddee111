// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "substitutes.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <ATen/ATen.h>
#include <torch/csrc/jit/frontend/function_schema_parser.h>

#include <spade/core/error.hpp>

namespace spade::graph::exported {
namespace {

using c10::IValue;
using Stack = std::vector<IValue>;

at::Tensor optional_tensor(const IValue& value) {
  return value.isTensor() ? value.toTensor() : at::Tensor();
}

/// softmax(s q (s k)^T + mask) v with s = scale^(1/2) (Vaswani et al. 2017, section 3.2.1). The result lies
/// in memory as the fused kernel's does, in the query's order of dimensions: a view may follow.
void attend(Stack& stack) {
  const auto query = stack[0].toTensor();
  const auto key = stack[1].toTensor();
  const auto value = stack[2].toTensor();
  auto mask = optional_tensor(stack[3]);
  if (stack[4].toDouble() != 0)
    throw UnsupportedOperator("scaled_dot_product_attention with dropout is random");
  if (stack[7].toBool() && key.size(1) != query.size(1))
    throw UnsupportedOperator("scaled_dot_product_attention with grouped heads needs a newer LibTorch");
  const double scale =
      stack[6].isNone() ? 1.0 / std::sqrt(static_cast<double>(query.size(-1))) : stack[6].toDouble();
  if (stack[5].toBool())
    mask = at::ones({query.size(-2), key.size(-2)}, query.options().dtype(at::kBool)).tril();
  auto scores = at::matmul(query * std::sqrt(scale), key.transpose(-2, -1) * std::sqrt(scale));
  if (mask.defined() && mask.scalar_type() == at::kBool) {
    scores = scores.masked_fill(mask.logical_not(), -std::numeric_limits<double>::infinity());
  } else if (mask.defined()) {
    scores = scores + mask;
  }
  auto result = at::matmul(at::softmax(scores, -1), value);
  if (result.sizes() == query.sizes()) result = at::empty_like(query).copy_(result);
  stack = {result};
}

void demand(Stack& stack) {
  const auto& condition = stack[0];
  const bool holds = condition.isDouble() ? condition.toDouble() != 0
                     : condition.isInt()  ? condition.toInt() != 0
                                          : condition.toBool();
  if (!holds) throw ShapeMismatch(stack[1].toStringRef());
  stack.clear();
}

void squeeze(Stack& stack) {
  auto tensor = stack[0].toTensor();
  auto dimensions = stack[1].toIntVector();
  for (auto& dimension : dimensions)
    dimension = dimension < 0 ? dimension + tensor.dim() : dimension;
  std::sort(dimensions.begin(), dimensions.end(), std::greater<>());
  for (const auto dimension : dimensions)
    tensor = tensor.squeeze(dimension);
  stack = {tensor};
}

void normalise_batch(Stack& stack) {
  const auto [output, mean, deviation] = at::native_batch_norm(
      stack[0].toTensor(), optional_tensor(stack[1]), optional_tensor(stack[2]), stack[3].toTensor(),
      stack[4].toTensor(), /*training=*/false, stack[5].toDouble(), stack[6].toDouble());
  stack = {output, mean, deviation};
}

/// x / sqrt(mean(x^2) + eps) times weight, over the last dimensions (Zhang and Sennrich 2019).
void normalise_root_mean_square(Stack& stack) {
  const auto input = stack[0].toTensor();
  std::vector<std::int64_t> dimensions;
  for (std::size_t d = 1; d <= stack[1].toIntVector().size(); ++d)
    dimensions.push_back(-static_cast<std::int64_t>(d));
  double epsilon = std::numeric_limits<float>::epsilon();
  if (input.scalar_type() == at::kDouble) epsilon = std::numeric_limits<double>::epsilon();
  if (!stack[3].isNone()) epsilon = stack[3].toDouble();
  auto output = input * (input.square().mean(dimensions, /*keepdim=*/true) + epsilon).rsqrt();
  if (const auto weight = optional_tensor(stack[2]); weight.defined()) output = output * weight;
  stack = {output};
}

void index_unchecked(Stack& stack) {
  // LibTorch's own optional became the standard one between 1.13 and 2.13.
  using Optional = decltype(IValue().toOptional<at::Tensor>());
  c10::List<Optional> indices;
  for (const auto& index : stack[1].toListRef())
    indices.push_back(index.isTensor() ? Optional(index.toTensor()) : Optional());
  stack = {at::index(stack[0].toTensor(), indices)};
}

struct Substitute {
  const char* schema;
  void (*run)(Stack& stack);
};

constexpr Substitute substitutes[]{
    {"aten::scaled_dot_product_attention(Tensor query, Tensor key, Tensor value, Tensor? attn_mask=None, "
     "float "
     "dropout_p=0., bool is_causal=False, *, float? scale=None, bool enable_gqa=False) -> Tensor",
     attend},
    {"aten::squeeze.dims(Tensor self, int[] dim) -> Tensor", squeeze},
    {"aten::_native_batch_norm_legit_no_training(Tensor input, Tensor? weight, Tensor? bias, Tensor "
     "running_mean, Tensor running_var, float momentum, float eps) -> (Tensor, Tensor, Tensor)",
     normalise_batch},
    {"aten::rms_norm(Tensor input, int[] normalized_shape, Tensor? weight=None, float? eps=None) -> Tensor",
     normalise_root_mean_square},
    {"aten::_unsafe_index.Tensor(Tensor self, Tensor?[] indices) -> Tensor", index_unchecked},
    {"aten::_assert_scalar(Scalar self, str assert_msg) -> ()", demand},
    {"aten::sym_size.int(Tensor self, int dim) -> int",
     [](Stack& stack) { stack = {stack[0].toTensor().size(stack[1].toInt())}; }}};

} // namespace

std::optional<Operator> find_substitute(const std::string& name, const std::string& overload) {
  for (const auto& substitute : substitutes) {
    auto schema = torch::jit::parseSchema(substitute.schema);
    if (schema.name() != name || schema.overload_name() != overload) continue;
    return Operator{name, std::move(schema), [run = substitute.run](Stack& stack) { run(stack); }};
  }
  return std::nullopt;
}

} // namespace spade::graph::exported
