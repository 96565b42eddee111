// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>

#include <spade/core/tensor_view.hpp>
#include <spade/layer.hpp>
#include <spade/pruner.hpp>

namespace spade::statistics {

/// Gathers what a pruner must know of one layer's inputs: the Gram matrix H = (2/n) X X^T of each group.
///
/// X has a row per column of the layer's weight (im2col: the elements of the input that the kernel covers,
/// zeros outside) and a column per position (n copies times output pixels, or tokens). The copies come in
/// chunks of any size; X is never formed, only a panel of it. Sums within a panel are taken in the inputs'
/// precision, over panels in double. The bits depend neither on the chunks nor on the number of threads.
///
/// Convolutions whose kernel elements see much the same pixels share products, or take them from Fourier transforms,
/// where that is less work. An entry's rounding error is then relative to what its two channels sum up to over the whole
/// map, of which its kernel elements may see little; norms, and zeros of columns that see nothing, are not affected.
///
/// Cost: G C^2 multiply-adds per position at most; memory see `bytes`. docs/performance.md has how products
/// are shared between kernel elements. Source of H: frantar2022obc, section 3.
class GramAccumulator {
public:
  struct Options {
    Statistics statistics = Statistics::Full;
    /// Use about this many positions per column of the weight instead of all (0). They are drawn evenly over
    /// each copy, from the seed and the copy's number; H is scaled up accordingly, so that its expectation
    /// stays. All are used where that is less work: where kernel elements share products, and more than a tenth
    /// (3 x 3, stride 1, many channels) to a third or so would be drawn.
    std::int64_t positions_per_column = 0;
    std::int64_t copies = 0; ///< how many will come in all; needed with positions_per_column only
    std::uint64_t seed = 0;
    /// Use the drawn positions, which are a TargetAccumulator's too, even where all are less work.
    bool drawn_only = false;
  };

  /// @throws InvalidArgument on Statistics::None, a negative option, or a window that does not fit the weight
  explicit GramAccumulator(const Layer& layer, Options options);
  explicit GramAccumulator(const Layer& layer) : GramAccumulator(layer, Options{}) {}
  GramAccumulator(GramAccumulator&&) noexcept;
  GramAccumulator& operator=(GramAccumulator&&) noexcept;
  ~GramAccumulator();

  /// Takes the inputs of some more copies. A layer with several uses sees them in turn: use 0, use 1, use 0,
  /// ...
  ///
  /// @param input [N, ..., G C] for a linear layer, [N, channels, spatial...] for a convolution; any strides.
  ///   Each use has spatial extents (a linear layer's: the positions between N and G C) of its own, those of
  ///   its first input.
  /// @throws ShapeMismatch where the shape is not the layer's, the extents are not the use's, or the element
  ///   type is not that of the first call
  /// @throws NumericalError where an element is not finite (the text names layer, copy and value)
  void add(const TensorView& input);

  /// The problem with what was gathered: gram is [G, C, C], or [G, C] for Statistics::Diagonal, in double.
  /// @throws InvalidArgument where nothing was added, or to one of the uses other copies than to the first
  [[nodiscard]] LayerProblem finish() &&;

  /// About what an accumulator of this layer holds: 8 G C^2 bytes per use, or 8 G C, and a panel of X or
  /// of its Fourier transforms.
  [[nodiscard]] static std::int64_t bytes(const Layer& layer, Statistics statistics);

private:
  struct State;
  std::unique_ptr<State> state_;
};

} // namespace spade::statistics
