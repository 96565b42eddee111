// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <spade/layer_graph.hpp>
#include <spade/report/report_options.hpp>
#include <spade/trace.hpp>

namespace spade {

/// How well maps find what the masks show: ROC AUC in [0, 1], 1 is best, 0.5 is chance (metrics::trojan_auc).
struct Auc {
  double dense = 0; ///< of the dense network's map
  double trace = 0; ///< of the trace's
};

/// One interpreter's score over all pictures that it explained with one pruner.
struct MeanScore {
  std::string interpreter;
  std::string pruner;
  std::int64_t pictures = 0;
  std::int64_t classes_kept = 0; ///< pictures whose class the trace keeps
  double kl = 0;                 ///< mean over the pictures, in nats
  double sparsity = 0;           ///< mean over the pictures
  std::optional<Auc> auc;        ///< mean over the pictures that have a mask; absent where none has
};

/// The means, in the order in which the interpreters first appear.
/// @throws as write_json, but for the file
/// Cost: two metrics::trojan_auc for each explanation with a mask.
[[nodiscard]] std::vector<MeanScore> mean_scores(const std::vector<Explanation>& explanations,
                                                 const ReportOptions& options = {});

} // namespace spade
