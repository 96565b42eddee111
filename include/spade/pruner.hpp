// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>

#include <spade/core/tensor_view.hpp>

namespace spade {

/// What a pruner must know of a layer's inputs.
enum class Statistics {
  None,     ///< nothing: weights alone decide
  Diagonal, ///< squared norm of every column: gram is [G, C]
  Full      ///< the whole Gram matrix: gram is [G, C, C]
};

/// One layer's problem: min ||W X - W' X||^2 over W' with the asked fraction of zeros, in terms of H = (2/n)
/// X X^T (frantar2022obc, section 3; moakhar2024spade).
struct LayerProblem {
  std::string name{};         ///< for messages and reports
  TensorView weight{};        ///< W: [G, R, C], float or double
  TensorView gram{};          ///< H: [G, C, C] symmetric, or its diagonal [G, C], or empty; float or double
  std::int64_t samples = 0;   ///< n: augmented copies that H was gathered from
  std::int64_t positions = 0; ///< columns of X that H is a sum over
  std::int64_t columns_per_channel = 1; ///< kernel elements; what shares one threshold in `Fast`
};

/// What became of one layer.
struct LayerReport {
  std::string name{};
  double sparsity = 0; ///< zeros / all weights, in [0, 1]
  /// ||W X - W' X||^2 / ||W X||^2 on the positions of the Gram matrix; absent where none was gathered.
  std::optional<double> relative_error{};
  double damping = 0; ///< added to H's diagonal, as a fraction of its mean
  double seconds = 0;
  std::string solver{}; ///< name of the pruner that solved it, where it is not the one that was asked
};

struct LayerSolution {
  TensorView weight; ///< W': shape and element type of the problem's weight; pruned entries are exactly 0
  LayerReport report;
};

/// Finds a sparse weight for one layer; knows nothing of the network around it.
///
/// Semantics: `prune` is a pure function of its arguments and the pruner's options (same bits every time, for
/// any thread count); it never writes to the problem's memory; sparsity 0 returns W itself, sparsity 1 all
/// zeros. Models: everything in pruners/ that has `prune`.
template <class P>
concept Pruner = std::copyable<P> && requires(const P& pruner, const LayerProblem& problem, double sparsity) {
  { pruner.statistics() } -> std::same_as<Statistics>;
  { pruner.name() } -> std::convertible_to<std::string>;
  { pruner.prune(problem, sparsity) } -> std::same_as<LayerSolution>;
};

} // namespace spade
