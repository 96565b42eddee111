// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include <spade/augmenter.hpp>
#include <spade/interpreter.hpp>
#include <spade/layer_graph.hpp>
#include <spade/pruner.hpp>
#include <spade/sample.hpp>
#include <spade/sparsity_plan.hpp>

namespace spade::explain_tool {

/// Any interpreter of pictures, chosen when the program runs.
class AnyInterpreter {
public:
  using Attribute = std::function<at::Tensor(const LayerGraph&, const at::Tensor&, const Target&)>;
  /// @param trial meets the same operators of a network as `attribute`, in a fraction of its time
  AnyInterpreter(std::string name, Attribute attribute, Attribute trial)
      : name_(std::move(name)), attribute_(std::move(attribute)), trial_(std::move(trial)) {}

  [[nodiscard]] at::Tensor attribute(const LayerGraph& graph, const at::Tensor& input,
                                     const Target& target) const {
    return attribute_(graph, input, target);
  }
  /// Finds out whether a network can be explained. Cost: at most one attribution that takes one backward
  /// pass.
  /// @throws UnsupportedOperator where it has an operator that the interpreter knows no rule for
  void try_on(const LayerGraph& graph, const at::Tensor& input) const {
    (void)trial_(graph, input, Target(0));
  }
  [[nodiscard]] std::string name() const { return name_; }

private:
  std::string name_;
  Attribute attribute_;
  Attribute trial_;
};

/// Any pruner, chosen when the program runs.
class AnyPruner {
public:
  template <Pruner P>
  AnyPruner(std::string name, P pruner)
      : name_(std::move(name)), statistics_(pruner.statistics()),
        prune_([pruner](const LayerProblem& problem, double sparsity) {
          return pruner.prune(problem, sparsity);
        }) {}

  [[nodiscard]] Statistics statistics() const { return statistics_; }
  [[nodiscard]] std::string name() const { return name_; }
  [[nodiscard]] LayerSolution prune(const LayerProblem& problem, double sparsity) const {
    return prune_(problem, sparsity);
  }

private:
  std::string name_;
  Statistics statistics_;
  std::function<LayerSolution(const LayerProblem&, double)> prune_;
};

/// Any augmenter of pictures, chosen when the program runs.
class AnyAugmenter {
public:
  template <Augmenter<Sample> A>
  AnyAugmenter(std::string name, A augmenter)
      : name_(std::move(name)), draw_([augmenter](const Sample& sample, std::int64_t count, Rng& rng) {
          return augmenter(sample, count, rng);
        }) {}

  at::Tensor operator()(const Sample& sample, std::int64_t count, Rng& rng) const {
    return draw_(sample, count, rng);
  }
  [[nodiscard]] std::string name() const { return name_; }

private:
  std::string name_;
  std::function<at::Tensor(const Sample&, std::int64_t, Rng&)> draw_;
};

[[nodiscard]] std::vector<std::string> interpreter_names();
[[nodiscard]] std::vector<std::string> default_interpreters();
[[nodiscard]] std::vector<std::string> pruner_names();
[[nodiscard]] std::vector<std::string> augmenter_names();

/// The interpreters of a list of names, in its order, each once; "all" is all of them, an empty list the
/// default ones. Names are taken in any case, with or without "_" and "-": "IntegratedGradients" is
/// integrated_gradients.
/// @throws InvalidArgument on an unknown name (the text lists the known ones)
[[nodiscard]] std::vector<AnyInterpreter> interpreters_named(const std::vector<std::string>& names);
/// @throws InvalidArgument likewise
[[nodiscard]] AnyPruner pruner_named(const std::string& name, std::uint64_t seed);
/// @throws InvalidArgument likewise
[[nodiscard]] AnyAugmenter augmenter_named(const std::string& name);

} // namespace spade::explain_tool
