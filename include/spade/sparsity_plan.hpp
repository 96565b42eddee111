// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <spade/layer.hpp>

namespace spade {

/// Which fraction of every layer's weights becomes zero.
///
/// A plan is a default followed by rules; the last pattern that matches a layer wins. Patterns are globs over
/// layer names (`*`, `?`, `[a-z]`): "layer1.*", "features.?.conv.1.0".
///
///     SparsityPlan::uniform(0.95).dense("conv1").layer("layer1.*", 0.5)
///
/// A sparsity is zeros divided by all weights of a layer, in [0, 1], as in moakhar2024spade; the rules and
/// their order are our own. Each call that adds one gives a changed copy: a few numbers and texts.
class SparsityPlan {
public:
  /// Everything stays dense.
  SparsityPlan() = default;

  struct Rule {
    std::string pattern;
    double sparsity = 0; ///< in [0, 1]
  };

  /// Every layer alike. @throws InvalidArgument where sparsity is not in [0, 1]
  [[nodiscard]] static SparsityPlan uniform(double sparsity);

  /// The layers that no rule below takes, in order of execution, cut into as many equal parts as there are
  /// values (earlier parts are longer by one where it does not divide): part i gets values[i].
  /// @throws InvalidArgument where a value is not in [0, 1], or there is none
  [[nodiscard]] static SparsityPlan by_depth(std::vector<double> values);

  /// Layers whose name matches get this sparsity. @throws InvalidArgument where it is not in [0, 1], or the
  /// pattern is empty or has a bracket that is not closed
  [[nodiscard]] SparsityPlan layer(std::string pattern, double sparsity) const;
  /// Layers whose name matches stay dense. @throws as layer
  [[nodiscard]] SparsityPlan dense(std::string pattern) const { return layer(std::move(pattern), 0.0); }
  /// Depthwise convolutions get this sparsity, unless a pattern names them or `dense_first` takes them.
  /// @throws InvalidArgument where it is not in [0, 1]
  [[nodiscard]] SparsityPlan depthwise(double sparsity) const;
  /// The first prunable layer stays dense, unless a pattern names it.
  [[nodiscard]] SparsityPlan dense_first() const;

  /// One sparsity per layer, in their order.
  /// @throws InvalidArgument where a pattern matches no layer (the text lists the nearest names)
  /// Cost: one glob_match for each rule and layer.
  [[nodiscard]] std::vector<double> resolve(std::span<const Layer> layers) const;

  [[nodiscard]] const std::vector<double>& depth_values() const { return by_depth_; }
  [[nodiscard]] const std::vector<Rule>& rules() const { return rules_; }
  [[nodiscard]] std::optional<double> depthwise_sparsity() const { return depthwise_; }
  [[nodiscard]] bool first_is_dense() const { return dense_first_; }

private:
  std::vector<double> by_depth_{0.0};
  std::vector<Rule> rules_;
  std::optional<double> depthwise_;
  bool dense_first_ = false;
};

/// Whether a name matches a glob: `*` any run, `?` one character, `[abc]`, `[a-z]`, `[!a]` one of a set.
///
/// As the patterns of POSIX shells without escapes and named classes; a dot is a character like any other.
/// @throws InvalidArgument where a bracket is not closed
/// Cost: at most the product of the lengths; no memory.
[[nodiscard]] bool glob_match(std::string_view pattern, std::string_view name);

} // namespace spade
