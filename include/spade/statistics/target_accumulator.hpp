// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include <spade/core/tensor_view.hpp>
#include <spade/layer.hpp>
#include <spade/pruner.hpp>
#include <spade/statistics/gram_accumulator.hpp>

namespace spade::statistics {

/// What a layer computes in the dense network, against the inputs that it gets in another one.
///
/// X are the layer's inputs in the dense network, Y those in a network whose earlier layers are pruned, n the
/// number of copies. The layer should give W X on Y: min ||W X - W' Y||^2 over W'.
struct Targets {
  TensorView moments;      ///< B = (2/n) (W X) Y^T: [G, R, C], double
  double squared_norm = 0; ///< (2/n) ||W X||^2

  /// The problem whose solutions are those of min ||W X - W' Y||^2: with H = (2/n) Y Y^T and
  /// lambda = damping times the mean of its diagonal over live columns (over 1e-12 of the largest element;
  /// the weights of the others stay), the weights to be pruned are
  ///
  ///     W* = W + (B - W H) (H + lambda I)^-1
  ///
  /// which minimises ||W X - W* Y||^2 + lambda ||W* - W||^2 (times n/2 in the first term), and
  /// ||W X - W' Y||^2 = ||W* Y - W' Y||^2 + a constant for lambda = 0. Where Y = X, W* is W.
  ///
  /// @param seen    the layer's problem with H [G, C, C] gathered from Y, and W
  /// @param damping raised tenfold (from 0: to 1e-4), four times at most, where H + lambda I is not positive
  ///                definite: a pivot is not over sqrt(C) epsilon of the largest diagonal element
  /// @returns       the same problem with W* in place of W, in W's element type
  /// @throws NumericalError where no damping tried suffices, and on a diagonal element that is negative or
  ///         not finite (the text names layer and group)
  /// @throws ShapeMismatch where H is not [G, C, C]
  /// Cost: G (C^3 / 3 + 4 R C^2) flops; 2 C^2 + 2 (G + 1) R C doubles.
  [[nodiscard]] LayerProblem retarget(const LayerProblem& seen, double damping) const;

  /// ||W X - W' Y||^2 / ||W X||^2 for a solution W' [G, R, C]; 0 where W X is 0. 2 G R C^2 flops; C^2 + 3 R C
  /// doubles. @throws ShapeMismatch as retarget
  [[nodiscard]] double relative_error(const LayerProblem& seen, const TensorView& solution) const;
};

/// Gathers a layer's targets from copies that go through both networks.
///
/// Sums over 4096 positions are taken in the inputs' precision, those over them in double. The bits depend
/// neither on the chunks nor on the number of threads.
/// Cost: 2 R C multiply-adds per position and group (W X is computed anew); 16 G R C bytes for float inputs,
/// 24 for double, and panels of 512 positions of X, Y and W X.
class TargetAccumulator {
public:
  /// @throws InvalidArgument as GramAccumulator, and where layer.uses is over 1; options.statistics is not
  ///   looked at
  TargetAccumulator(const Layer& layer, GramAccumulator::Options options);
  TargetAccumulator(TargetAccumulator&&) noexcept;
  TargetAccumulator& operator=(TargetAccumulator&&) noexcept;
  ~TargetAccumulator();

  /// Takes one use's inputs of some more copies: what the layer sees in the dense network, and in the other.
  /// @throws ShapeMismatch where a shape is not the layer's, the two differ in shape or element type, or the
  ///   element type or the extents behind the number of copies are not those of the first call
  /// @throws NumericalError where an element is not finite (the text names layer, copy and value)
  void add(const TensorView& dense, const TensorView& seen);

  /// What was gathered, in double. @throws InvalidArgument where nothing was added
  [[nodiscard]] Targets finish() &&;

private:
  struct State;
  std::unique_ptr<State> state_;
};

} // namespace spade::statistics
