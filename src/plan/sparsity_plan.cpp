// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/sparsity_plan.hpp>

#include <cstddef>
#include <cstdint>

#include <spade/core/error.hpp>
#include <spade/core/nearest_names.hpp>

namespace spade {
namespace {

void check_sparsity(double sparsity, std::string_view where) {
  // Written so that NaN fails too.
  if (!(sparsity >= 0 && sparsity <= 1)) {
    throw InvalidArgument(message("SparsityPlan: sparsity ", sparsity, " for ", where,
                                  " is outside [0, 1]; it is the fraction of weights that become zero"));
  }
}

[[noreturn]] void throw_no_match(const std::string& pattern, std::span<const Layer> layers) {
  if (layers.empty()) {
    throw InvalidArgument(
        message("SparsityPlan: '", pattern, "' matches nothing; the network has no prunable layer at all"));
  }
  std::vector<std::string> names;
  for (const auto& layer : layers)
    names.push_back(layer.name);
  throw InvalidArgument(message("SparsityPlan: no prunable layer is called '", pattern, "'; the nearest of ",
                                names.size(), " are ", nearest_names(pattern, names)));
}

} // namespace

SparsityPlan SparsityPlan::uniform(double sparsity) {
  return by_depth({sparsity});
}

SparsityPlan SparsityPlan::by_depth(std::vector<double> values) {
  if (values.empty()) throw InvalidArgument("SparsityPlan: by_depth needs at least one sparsity");
  for (const double value : values)
    check_sparsity(value, values.size() == 1 ? "all layers" : "a part of the depth");
  SparsityPlan plan;
  plan.by_depth_ = std::move(values);
  return plan;
}

SparsityPlan SparsityPlan::layer(std::string pattern, double sparsity) const {
  if (pattern.empty())
    throw InvalidArgument("SparsityPlan: a layer pattern is empty; '*' matches every layer");
  check_sparsity(sparsity, "'" + pattern + "'");
  (void)glob_match(pattern, ""); // throws where it is no pattern
  SparsityPlan plan = *this;
  plan.rules_.push_back({std::move(pattern), sparsity});
  return plan;
}

SparsityPlan SparsityPlan::depthwise(double sparsity) const {
  check_sparsity(sparsity, "depthwise convolutions");
  SparsityPlan plan = *this;
  plan.depthwise_ = sparsity;
  return plan;
}

SparsityPlan SparsityPlan::dense_first() const {
  SparsityPlan plan = *this;
  plan.dense_first_ = true;
  return plan;
}

std::vector<double> SparsityPlan::resolve(std::span<const Layer> layers) const {
  std::vector<std::optional<double>> chosen(layers.size());
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (depthwise_ && layers[i].depthwise()) chosen[i] = depthwise_;
  }
  if (dense_first_ && !layers.empty()) chosen[0] = 0.0;
  for (const auto& rule : rules_) {
    bool matched = false;
    for (std::size_t i = 0; i < layers.size(); ++i) {
      if (!glob_match(rule.pattern, layers[i].name)) continue;
      chosen[i] = rule.sparsity;
      matched = true;
    }
    if (!matched) throw_no_match(rule.pattern, layers);
  }

  std::size_t open = 0;
  for (const auto& sparsity : chosen)
    open += sparsity ? 0U : 1U;
  const std::size_t parts = by_depth_.size();
  std::vector<double> result;
  std::size_t part = 0;
  std::size_t taken = 0; // of this part
  for (const auto& sparsity : chosen) {
    if (sparsity) {
      result.push_back(*sparsity);
      continue;
    }
    while (taken == open / parts + (part < open % parts ? 1 : 0)) {
      ++part;
      taken = 0;
    }
    result.push_back(by_depth_[part]);
    ++taken;
  }
  return result;
}

} // namespace spade
