// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "self_check.hpp"

#include <ATen/ATen.h>

#include <spade/core/error.hpp>

namespace spade::graph {
namespace {

bool same_bits(const at::Tensor& a, const at::Tensor& b) {
  if (a.sizes() != b.sizes() || a.scalar_type() != b.scalar_type()) return false;
  return a.is_floating_point() ? ((a == b) | (at::isnan(a) & at::isnan(b))).all().item<bool>()
                               : at::equal(a, b);
}

bool nearly_same(const at::Tensor& a, const at::Tensor& b) {
  return a.sizes() == b.sizes() && a.is_floating_point() &&
         at::allclose(a, b, 1e-3, 1e-4 * b.abs().max().item<double>());
}

} // namespace

void check_finite(const std::string& path, const std::string& name, const at::Tensor& tensor,
                  bool parameter) {
  if (!tensor.defined() || !tensor.is_floating_point() || tensor.layout() != at::kStrided) return;
  const bool bad =
      parameter ? !at::isfinite(tensor).all().item<bool>() : at::isnan(tensor).any().item<bool>();
  if (bad) {
    throw NumericalError(message("model file \"", path, "\": ", parameter ? "parameter" : "buffer", " \"",
                                 name, "\" ", shape_text(tensor.sizes()), " contains ",
                                 parameter ? "NaN or infinity" : "NaN"));
  }
}

at::Tensor other_batch(const at::Tensor& example) {
  const auto last = example.narrow(0, example.size(0) - 1, 1);
  return at::cat({example, example.is_floating_point() ? last.mul(0.5) : last}, 0);
}

void check_output(const std::string& path, const LayerGraph& graph, const at::Tensor& input,
                  const at::Tensor& expected, bool rewritten) {
  if (expected.dim() == 0 || expected.size(0) != input.size(0)) {
    throw UnsupportedOperator(message("model file \"", path, "\": a batch of ", input.size(0),
                                      " gives an output of shape ", shape_text(expected.sizes()),
                                      "; its first dimension must count the samples"));
  }
  const auto output = graph.forward(input);
  if (same_bits(output, expected) || (rewritten && nearly_same(output, expected))) return;
  const bool comparable = output.sizes() == expected.sizes();
  throw UnsupportedOperator(message(
      "model file \"", path, "\": on a batch of ", input.size(0),
      " the lowered network gives another output ", shape_text(output.sizes()),
      " than the model's own forward pass ", shape_text(expected.sizes()),
      comparable ? message(", largest difference ", (output - expected).abs().max().item<double>()) : "",
      "; does the network draw random numbers, or keep state?"));
}

} // namespace spade::graph
