// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
//
// Notation: x_i inputs, z_j outputs of an affine map before any activation, w_ij its weights, b_j its bias,
// R_j what arrives, R_i what is passed on; v+ = max(v, 0), v- = min(v, 0); s(z) = z + epsilon sign(z) with
// sign(0) = 1, which keeps divisions finite. A rule conserves relevance up to what s and the bias take.
#pragma once

#include <vector>

#include <ATen/core/Tensor.h>

#include <spade/interpreters/lrp/rule.hpp>

namespace spade::lrp {

inline constexpr double default_stabiliser = 1e-6;

/// R_i = x_i sum_j w_ij R_j / s(z_j): shares in proportion to what each input added to the output.
///
/// A larger epsilon lets weak and contradictory relevance fade; the bias keeps its share. For affine maps,
/// and with d z_j / d x_i for w_ij for any other linear operator (sums of branches, average pooling). Source:
/// bach2015lrp, equation 58; montavon2019lrp.
class Epsilon {
public:
  /// @throws InvalidArgument where epsilon is negative or not finite
  explicit Epsilon(double epsilon = default_stabiliser);
  [[nodiscard]] std::vector<at::Tensor> operator()(const Operator& op,
                                                   const std::vector<at::Tensor>& relevance) const;

private:
  double epsilon_;
};

/// Epsilon by the name it goes by where it only normalises: each summand gets the share it had.
using Norm = Epsilon;

/// R_i = alpha sum_j (x_i w_ij)+ R_j / s(z_j+) - beta sum_j (x_i w_ij)- R_j / s(z_j-)
///
/// with z_j+ = b_j+ + sum_i (x_i w_ij)+ and z_j- = b_j- + sum_i (x_i w_ij)-: supporting and opposing shares
/// apart. Source: bach2015lrp, equation 60.
class AlphaBeta {
public:
  /// @throws InvalidArgument where alpha - beta is not 1, or one of them is negative, or epsilon as for
  /// Epsilon
  explicit AlphaBeta(double alpha = 2, double beta = 1, double epsilon = default_stabiliser);
  [[nodiscard]] std::vector<at::Tensor> operator()(const Operator& op,
                                                   const std::vector<at::Tensor>& relevance) const;

private:
  double alpha_;
  double beta_;
  double epsilon_;
};

/// AlphaBeta with alpha = 1 and beta = 0: only supporting shares count, so nothing negative comes of positive
/// relevance.
///
/// Source: montavon2017deeptaylor. Departure: there inputs are never negative and there is no bias; here a
/// negative input times a negative weight supports too, and a positive bias takes its share.
class ZPlus {
public:
  /// @throws InvalidArgument where epsilon is negative or not finite
  explicit ZPlus(double epsilon = default_stabiliser);
  [[nodiscard]] std::vector<at::Tensor> operator()(const Operator& op,
                                                   const std::vector<at::Tensor>& relevance) const;

private:
  double epsilon_;
};

/// Supporting shares count 1 + gamma times, where z_j > 0; opposing ones, where z_j < 0.
///
///     R_i = sum_{j: z_j > 0} [x_i w_ij + gamma (x_i w_ij)+] R_j / s(z_j + gamma z_j+)   and, for z_j < 0,
///     with - for +
///
/// where the bias counts among the shares of its sign. Source: montavon2019lrp, for inputs that are never
/// negative; in this form, for inputs of any sign, anders2021zennit.
class Gamma {
public:
  /// @throws InvalidArgument where gamma is negative or not finite, or epsilon as for Epsilon
  explicit Gamma(double gamma = 0.25, double epsilon = default_stabiliser);
  [[nodiscard]] std::vector<at::Tensor> operator()(const Operator& op,
                                                   const std::vector<at::Tensor>& relevance) const;

private:
  double gamma_;
  double epsilon_;
};

/// For the first layer over a bounded input, l_i <= x_i <= h_i (pixels):
///
///     R_i = sum_j (x_i w_ij - l_i w_ij+ - h_i w_ij-) R_j / s(sum_i of the same)
///
/// Source: montavon2017deeptaylor (the z^B rule).
class ZBox {
public:
  /// The same bounds for every element. @throws InvalidArgument where low > high or one is not finite
  ZBox(double low, double high, double epsilon = default_stabiliser);
  /// Bounds that broadcast to the input, [1, C, 1, 1] for channels.
  /// @throws InvalidArgument where some low > high or is not finite
  ZBox(at::Tensor low, at::Tensor high, double epsilon = default_stabiliser);
  /// @throws ShapeMismatch where the bounds do not broadcast to the input
  [[nodiscard]] std::vector<at::Tensor> operator()(const Operator& op,
                                                   const std::vector<at::Tensor>& relevance) const;

private:
  at::Tensor low_;
  at::Tensor high_;
  double epsilon_;
};

/// R_i = sum_j R_j / n_j, n_j the number of inputs of output j: every input alike, whatever its value.
/// Source: lapuschkin2019flat. For affine maps.
class Flat {
public:
  [[nodiscard]] std::vector<at::Tensor> operator()(const Operator& op,
                                                   const std::vector<at::Tensor>& relevance) const;
};

/// R_i = R_i: what arrives goes on (elementwise activations, scales and shifts by constants). Where a
/// constant broadcast the operand, its copies' relevance is summed. @throws UnsupportedOperator on more than
/// one input
class Pass {
public:
  [[nodiscard]] std::vector<at::Tensor> operator()(const Operator& op,
                                                   const std::vector<at::Tensor>& relevance) const;
};

/// R_i = sum_j (d z_j / d x_i) R_j: for operators that only move, copy or pick values (max-pooling: to the
/// winner).
class Gradient {
public:
  [[nodiscard]] std::vector<at::Tensor> operator()(const Operator& op,
                                                   const std::vector<at::Tensor>& relevance) const;
};

} // namespace spade::lrp
