// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/interpreters/lrp/rule.hpp>

#include <ATen/ATen.h>

#include <spade/core/error.hpp>

namespace spade::lrp {
namespace {

c10::IValue optional(const at::Tensor& tensor) {
  return tensor.defined() ? c10::IValue(tensor) : c10::IValue();
}

} // namespace

std::vector<at::Tensor> Operator::vjp(const std::vector<at::Tensor>& gradients) const {
  return context_.vjp(gradients);
}

void Operator::check_affine() const {
  if (affine()) return;
  throw UnsupportedOperator(
      message("Lrp: the rule needs a convolution or linear layer with a constant weight, but ",
              node().where(), " is none"));
}

const at::Tensor& Operator::weight() const {
  check_affine();
  return weight_;
}

at::Tensor Operator::map(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) const {
  check_affine();
  if (node().argument("weight") != nullptr) {
    return context_.rerun({x}, {{"weight", weight}, {"bias", optional(bias)}}).front();
  }
  // addmm(bias, x, weight): its bias is no option.
  return context_
      .rerun({x}, {{"mat2", weight}, {"self", bias.defined() ? bias : at::zeros({1}, x.options())}})
      .front();
}

} // namespace spade::lrp
