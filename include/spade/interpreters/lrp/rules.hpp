// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
//
// Notation: x_i inputs, z_j outputs of an affine map before any activation, w_ij its weights, b_j its bias,
// R_j what arrives, R_i what is passed on; v+ = max(v, 0), v- = min(v, 0); s(z) = z + epsilon sign(z) with
// sign(0) = 1, which keeps divisions finite. A rule conserves relevance up to what s and the bias take.
//
// A rule takes one tensor of relevance of the shape of each output and gives one of each input's. Cost is
// counted in runs of the operator, forwards or as a vector-Jacobian product, for an input that is never
// negative (behind a rectifier), then for others. Memory: a few copies of the operator's input, output and
// weight. All but Epsilon, Pass and Gradient throw UnsupportedOperator where it is no affine map.
#pragma once

#include <vector>

#include <ATen/core/Tensor.h>

#include <spade/interpreters/lrp/rule.hpp>

namespace spade::lrp {

inline constexpr double default_stabiliser = 1e-6;

/// R_i = x_i sum_j w_ij R_j / s(z_j): shares in proportion to what each input added to the output.
///
/// A larger epsilon lets weak and contradictory relevance fade; the bias keeps its share. For affine maps,
/// and with d z_j / d x_i for w_ij for any other linear operator (sums of branches, average pooling). Two
/// runs (one where it is no affine map). Source: bach2015lrp, equation 58; montavon2019lrp, section 10.2.1.
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
/// apart. Four runs, or eight (half of that where beta is 0). Source: bach2015lrp, equation 60, where beta
/// has the other sign.
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
/// Two runs, or four. Source: montavon2017deeptaylor (the z+ rule). Departure: there inputs are never
/// negative and there is no bias; here a negative input times a negative weight supports too, and a positive
/// bias takes its share.
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
/// where the bias counts among the shares of its sign. Five runs, or nine. Source: montavon2019lrp, section
/// 10.2.1, for inputs that are never negative; in this form, for inputs of any sign, anders2021zennit.
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
/// The bias takes no share. Six runs. Source: montavon2017deeptaylor (the z^B rule).
class ZBox {
public:
  /// The same bounds for every element, in the input's units. @throws InvalidArgument where low > high or one
  /// is not finite, or epsilon as for Epsilon
  ZBox(double low, double high, double epsilon = default_stabiliser);
  /// Bounds that broadcast to the input, [1, C, 1, 1] for channels.
  /// @throws InvalidArgument where some low > high or is not finite, a bound is undefined, or epsilon as for
  ///   Epsilon; ShapeMismatch where the bounds do not broadcast to each other
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
/// For affine maps. Two runs. Source: lapuschkin2019flat.
class Flat {
public:
  [[nodiscard]] std::vector<at::Tensor> operator()(const Operator& op,
                                                   const std::vector<at::Tensor>& relevance) const;
};

/// R_i = sum_j R_j over the outputs j that x_i was copied to: what arrives goes on (elementwise activations,
/// scales and shifts by constants: one output, or several where a constant broadcast the operand). No run.
/// Source: anders2021zennit. @throws UnsupportedOperator on more than one input
class Pass {
public:
  [[nodiscard]] std::vector<at::Tensor> operator()(const Operator& op,
                                                   const std::vector<at::Tensor>& relevance) const;
};

/// R_i = sum_j (d z_j / d x_i) R_j: for operators that only move, copy or pick values (max-pooling: to the
/// winner). One run. @throws UnsupportedOperator where there is no derivative
class Gradient {
public:
  [[nodiscard]] std::vector<at::Tensor> operator()(const Operator& op,
                                                   const std::vector<at::Tensor>& relevance) const;
};

} // namespace spade::lrp
