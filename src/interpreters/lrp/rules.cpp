// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/interpreters/lrp/rules.hpp>

#include <cmath>
#include <utility>

#include <ATen/ATen.h>
#include <ATen/ExpandUtils.h>
#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/autograd.h>

#include <spade/core/error.hpp>

namespace spade::lrp {
namespace {

double checked(const char* rule, const char* what, double value) {
  if (std::isfinite(value) && value >= 0) return value;
  throw InvalidArgument(message(rule, ": ", what, " is ", value, "; it must be finite and not negative"));
}

at::Tensor positive_part(const at::Tensor& tensor) {
  return tensor.defined() ? tensor.clamp_min(0) : tensor;
}
at::Tensor negative_part(const at::Tensor& tensor) {
  return tensor.defined() ? tensor.clamp_max(0) : tensor;
}

/// s(z) of the header.
at::Tensor stabilised(const at::Tensor& z, double epsilon) {
  return z + epsilon * at::where(z < 0, -1.0, 1.0).to(z);
}

/// z = weight x + bias, remembered so that what arrives at z can be shared out to x.
class Evaluation {
public:
  Evaluation(const Operator& op, const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) {
    const c10::AutoGradMode recording(true);
    x_ = x.detach().requires_grad_(true);
    recorded_ = op.map(x_, weight, bias);
    z_ = recorded_.detach();
  }

  [[nodiscard]] const at::Tensor& z() const { return z_; }
  /// sum_j w_ij share_j
  [[nodiscard]] at::Tensor back(const at::Tensor& share) const {
    return torch::autograd::grad({recorded_}, {x_}, {share}).front();
  }
  /// x_i sum_j w_ij share_j
  [[nodiscard]] at::Tensor shares(const at::Tensor& share) const { return x_.detach() * back(share); }

private:
  at::Tensor x_;
  at::Tensor recorded_;
  at::Tensor z_;
};

bool has_negative(const at::Tensor& tensor) {
  return tensor.numel() > 0 && tensor.min().item<double>() < 0;
}

enum class Sign { Positive, Negative };

/// sum_j (x_i w_ij)+ R_j / s(z_j+), or the same with minus. After a rectifier no x is negative, and half the
/// work falls away.
at::Tensor shares_of_sign(const Operator& op, const at::Tensor& relevance, Sign sign, double epsilon) {
  const auto& x = op.inputs().front();
  const auto same = sign == Sign::Positive ? positive_part : negative_part;
  const auto other = sign == Sign::Positive ? negative_part : positive_part;
  const Evaluation from_positive(op, positive_part(x), same(op.weight()), same(op.bias()));
  if (!has_negative(x)) return from_positive.shares(relevance / stabilised(from_positive.z(), epsilon));
  const Evaluation from_negative(op, negative_part(x), other(op.weight()), {});
  const auto share = relevance / stabilised(from_positive.z() + from_negative.z(), epsilon);
  return from_positive.shares(share) + from_negative.shares(share);
}

/// The outputs of one sign under Gamma: `where` picks them, `boost` the weights that count more.
at::Tensor gamma_shares(const Operator& op, const at::Tensor& relevance, const at::Tensor& where, Sign sign,
                        double gamma, double epsilon) {
  const auto& x = op.inputs().front();
  const auto same = sign == Sign::Positive ? positive_part : negative_part;
  const auto other = sign == Sign::Positive ? negative_part : positive_part;
  const auto& w = op.weight();
  const auto bias = op.bias().defined() ? op.bias() + gamma * same(op.bias()) : op.bias();
  const Evaluation from_positive(op, positive_part(x), w + gamma * same(w), bias);
  if (!has_negative(x))
    return from_positive.shares(where * relevance / stabilised(from_positive.z(), epsilon));
  const Evaluation from_negative(op, negative_part(x), w + gamma * other(w), {});
  const auto share = where * relevance / stabilised(from_positive.z() + from_negative.z(), epsilon);
  return from_positive.shares(share) + from_negative.shares(share);
}

} // namespace

Epsilon::Epsilon(double epsilon) : epsilon_(checked("Epsilon", "epsilon", epsilon)) {}

std::vector<at::Tensor> Epsilon::operator()(const Operator& op,
                                            const std::vector<at::Tensor>& relevance) const {
  if (op.affine()) {
    const Evaluation plain(op, op.inputs().front(), op.weight(), op.bias());
    return {plain.shares(relevance.front() / stabilised(plain.z(), epsilon_))};
  }
  auto shares = op.vjp({relevance.front() / stabilised(op.outputs().front(), epsilon_)});
  for (std::size_t i = 0; i < shares.size(); ++i) {
    if (shares[i].defined()) shares[i] = shares[i] * op.inputs()[i];
  }
  return shares;
}

AlphaBeta::AlphaBeta(double alpha, double beta, double epsilon)
    : alpha_(checked("AlphaBeta", "alpha", alpha)), beta_(checked("AlphaBeta", "beta", beta)),
      epsilon_(checked("AlphaBeta", "epsilon", epsilon)) {
  if (std::abs(alpha - beta - 1) > 1e-12) {
    throw InvalidArgument(message("AlphaBeta: alpha ", alpha, " and beta ", beta,
                                  " do not conserve relevance; alpha - beta must be 1"));
  }
}

std::vector<at::Tensor> AlphaBeta::operator()(const Operator& op,
                                              const std::vector<at::Tensor>& relevance) const {
  auto shares = alpha_ * shares_of_sign(op, relevance.front(), Sign::Positive, epsilon_);
  if (beta_ != 0) shares = shares - beta_ * shares_of_sign(op, relevance.front(), Sign::Negative, epsilon_);
  return {shares};
}

ZPlus::ZPlus(double epsilon) : epsilon_(checked("ZPlus", "epsilon", epsilon)) {}

std::vector<at::Tensor> ZPlus::operator()(const Operator& op,
                                          const std::vector<at::Tensor>& relevance) const {
  return {shares_of_sign(op, relevance.front(), Sign::Positive, epsilon_)};
}

Gamma::Gamma(double gamma, double epsilon)
    : gamma_(checked("Gamma", "gamma", gamma)), epsilon_(checked("Gamma", "epsilon", epsilon)) {}

std::vector<at::Tensor> Gamma::operator()(const Operator& op,
                                          const std::vector<at::Tensor>& relevance) const {
  const auto z = Evaluation(op, op.inputs().front(), op.weight(), op.bias()).z();
  return {gamma_shares(op, relevance.front(), (z > 0).to(z), Sign::Positive, gamma_, epsilon_) +
          gamma_shares(op, relevance.front(), (z < 0).to(z), Sign::Negative, gamma_, epsilon_)};
}

ZBox::ZBox(double low, double high, double epsilon)
    : ZBox(at::scalar_tensor(low, at::kDouble), at::scalar_tensor(high, at::kDouble), epsilon) {}

ZBox::ZBox(at::Tensor low, at::Tensor high, double epsilon)
    : low_(std::move(low)), high_(std::move(high)), epsilon_(checked("ZBox", "epsilon", epsilon)) {
  if (!low_.defined() || !high_.defined()) throw InvalidArgument("ZBox: a bound is an undefined tensor");
  if (!at::isfinite(low_).all().item<bool>() || !at::isfinite(high_).all().item<bool>()) {
    throw InvalidArgument("ZBox: a bound is not finite");
  }
  if (!at::are_expandable(low_.sizes(), high_.sizes())) {
    throw ShapeMismatch(
        message("ZBox: the bounds are ", low_.sizes(), " and ", high_.sizes(), "; give the same shape"));
  }
  if ((low_ > high_).any().item<bool>()) {
    throw InvalidArgument(message("ZBox: a lower bound is over its upper bound (lowest ",
                                  low_.min().item<double>(), ", highest ", high_.max().item<double>(), ")"));
  }
}

std::vector<at::Tensor> ZBox::operator()(const Operator& op, const std::vector<at::Tensor>& relevance) const {
  const auto& x = op.inputs().front();
  for (const auto* bound : {&low_, &high_}) {
    if (!at::is_expandable_to(bound->sizes(), x.sizes())) {
      throw ShapeMismatch(message("ZBox: bounds ", bound->sizes(), " do not go with the input ", x.sizes(),
                                  " of ", op.node().where()));
    }
  }
  const auto& w = op.weight();
  const Evaluation value(op, x, w, {});
  const Evaluation low(op, low_.to(x).expand_as(x), positive_part(w), {});
  const Evaluation high(op, high_.to(x).expand_as(x), negative_part(w), {});
  const auto share = relevance.front() / stabilised(value.z() - low.z() - high.z(), epsilon_);
  return {value.shares(share) - low.shares(share) - high.shares(share)};
}

std::vector<at::Tensor> Flat::operator()(const Operator& op, const std::vector<at::Tensor>& relevance) const {
  const Evaluation count(op, at::ones_like(op.inputs().front()), at::ones_like(op.weight()), {});
  return {count.back(relevance.front() / count.z().clamp_min(1))};
}

std::vector<at::Tensor> Pass::operator()(const Operator& op, const std::vector<at::Tensor>& relevance) const {
  if (op.inputs().size() != 1 || op.outputs().empty()) {
    throw UnsupportedOperator(message("Lrp: ", op.node().where(), " has ", op.inputs().size(),
                                      " inputs; the rule Pass hands relevance on to exactly one"));
  }
  return {at::sum_to(relevance.front(), op.inputs().front().sizes())};
}

std::vector<at::Tensor> Gradient::operator()(const Operator& op,
                                             const std::vector<at::Tensor>& relevance) const {
  return op.vjp(relevance);
}

} // namespace spade::lrp
