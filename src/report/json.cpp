// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/report/write_report.hpp>

#include <string>

#include <nlohmann/json.hpp>

#include <spade/io/atomic_file.hpp>
#include <spade/io/plan_file.hpp>
#include <spade/layer_graph.hpp>

#include "digest.hpp"
#include "text.hpp"

namespace spade {
namespace {

using Json = nlohmann::ordered_json;

Json fidelity_json(const report::Section& section, const ReportOptions& options) {
  const auto& fidelity = section.trace().fidelity;
  Json classes = Json::array();
  for (const auto& each : section.classes) {
    classes.push_back({{"class", each.index},
                       {"name", report::class_name(each.index, options)},
                       {"dense", each.dense},
                       {"trace", each.trace}});
  }
  return {{"class_kept", fidelity.class_kept},         {"kl", fidelity.kl},
          {"relative_error", fidelity.relative_error}, {"dense_class", section.dense_class},
          {"trace_class", section.trace_class},        {"classes", classes}};
}

Json layers_json(const report::Section& section) {
  Json layers = Json::array();
  for (const auto& layer : section.layers) {
    const auto& report = *layer.report;
    layers.push_back(
        {{"name", report.name},
         {"weights", layer.weights},
         {"sparsity", report.sparsity},
         {"relative_error", report.relative_error ? Json(*report.relative_error) : Json(nullptr)},
         {"damping", report.damping},
         {"seconds", report.seconds},
         {"solver", report.solver.empty() ? Json(nullptr) : Json(report.solver)}});
  }
  return layers;
}

Json explanation_json(const report::Section& section, const report::Entry& entry,
                      const ReportOptions& options, report::Fingerprints& fingerprints) {
  const auto& explanation = *entry.explanation;
  const auto& provenance = section.provenance();
  Json json{{"picture", section.picture}};
  if (section.source) {
    json["picture_file"] = section.source->picture;
    json["mask_file"] = section.source->mask.empty() ? Json(nullptr) : Json(section.source->mask);
    json["size"] = section.source->size > 0 ? Json(section.source->size) : Json(nullptr);
  }
  json["target"] = explanation.target;
  json["target_name"] = report::class_name(explanation.target, options);
  json["interpreter"] = explanation.interpreter;
  json["pruner"] = provenance.pruner;
  if (entry.auc) json["auc"] = {{"dense", entry.auc->dense}, {"trace", entry.auc->trace}};
  json["fidelity"] = fidelity_json(section, options);
  json["sparsity"] = section.sparsity;
  json["layers"] = layers_json(section);
  json["seconds"] = {{"trace", provenance.seconds},
                     {"augment", provenance.augment_seconds},
                     {"forward", provenance.forward_seconds},
                     {"statistics", provenance.statistics_seconds},
                     {"prune", provenance.prune_seconds},
                     {"attribution", explanation.attribution_seconds},
                     {"dense_attribution", explanation.dense_attribution_seconds}};
  json["model"] = options.model;
  json["fingerprint"] = fingerprints.of(section.trace().graph());
  json["plan"] = Json::parse(plan_text(provenance.plan));
  json["augmenter"] = provenance.augmenter;
  json["augmentations"] = provenance.augmentations;
  json["seed"] = provenance.seed;
  json["positions_per_column"] = provenance.positions_per_column;
  json["propagation"] = to_string(provenance.propagation);
  json["command"] = options.command;
  json["versions"] = {{"spade", report::spade_version()}, {"libtorch", report::torch_version()}};
  return json;
}

Json mean_json(const MeanScore& mean) {
  Json json{{"pictures", mean.pictures},
            {"classes_kept", mean.classes_kept},
            {"kl", mean.kl},
            {"sparsity", mean.sparsity}};
  if (mean.auc) json["auc"] = {{"dense", mean.auc->dense}, {"trace", mean.auc->trace}};
  return json;
}

// One pruner: {"saliency": {...}}. Several: {"fast": {"saliency": {...}}, ...}.
Json means_json(const std::vector<MeanScore>& means) {
  bool several = false;
  for (const auto& mean : means)
    several = several || mean.pruner != means.front().pruner;
  Json json = Json::object();
  for (const auto& mean : means) {
    if (several) {
      json[mean.pruner][mean.interpreter] = mean_json(mean);
    } else {
      json[mean.interpreter] = mean_json(mean);
    }
  }
  return json;
}

} // namespace

void write_json(const std::filesystem::path& path, const std::vector<Explanation>& explanations,
                const ReportOptions& options) {
  const auto digest = report::digest(explanations, options);
  Json list = Json::array();
  report::Fingerprints fingerprints;
  for (const auto& section : digest.sections) {
    for (const auto& entry : section.entries)
      list.push_back(explanation_json(section, entry, options, fingerprints));
  }
  const Json json{{"explanations", list}, {"means", means_json(digest.means)}};
  // A file name need not be UTF-8, JSON must: what is not becomes U+FFFD.
  write_atomically(path, json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n");
}

} // namespace spade
