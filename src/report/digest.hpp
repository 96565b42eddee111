// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include <spade/interpreters/heat_map.hpp>
#include <spade/layer_graph.hpp>
#include <spade/report/mean_score.hpp>
#include <spade/report/report_options.hpp>
#include <spade/trace.hpp>

namespace spade::report {

/// One explanation and its score.
struct Entry {
  const Explanation* explanation = nullptr;
  std::optional<Auc> auc;
};

/// One class of the network, before and after pruning.
struct ClassShare {
  std::int64_t index = 0;
  double dense = 0; ///< softmax probability
  double trace = 0;
};

/// One layer, with its size.
struct LayerFacts {
  const LayerReport* report = nullptr;
  std::int64_t weights = 0;
};

/// Everything that is said of one trace: one picture, some interpreters.
struct Section {
  std::string picture;
  std::optional<at::Tensor> mask;
  std::optional<PictureSource> source;
  std::vector<Entry> entries;
  std::vector<LayerFacts> layers;
  double sparsity = 0; ///< zeros / weights over all prunable layers
  std::vector<ClassShare>
      classes; ///< the top ones of either network and the target, by the dense probability
  std::int64_t dense_class = 0;
  std::int64_t trace_class = 0;

  [[nodiscard]] const Explanation& first() const { return *entries.front().explanation; }
  [[nodiscard]] const Trace& trace() const { return first().trace; }
  [[nodiscard]] const Provenance& provenance() const { return trace().provenance; }
};

/// What all renderings of a report have in common; it points into the explanations.
struct Digest {
  std::vector<Section> sections;
  std::vector<MeanScore> means;
};

/// @throws as write_report
[[nodiscard]] Digest digest(const std::vector<Explanation>& explanations, const ReportOptions& options);

/// How an interpreter's maps become heat maps.
[[nodiscard]] interpreters::Reduction reduction_of(const std::string& interpreter);

/// "goose", or "class 4".
[[nodiscard]] std::string class_name(std::int64_t index, const ReportOptions& options);

/// Fingerprints of the networks that traces are of; traces of one network share it, and it is read once.
class Fingerprints {
public:
  /// "1f00...": sixteen hexadecimal digits.
  [[nodiscard]] const std::string& of(const LayerGraph& graph);

private:
  std::map<const graph::Program*, std::string> texts_;
};

} // namespace spade::report
