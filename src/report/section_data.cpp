// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>

#include <fmt/format.h>

#include <spade/layer_graph.hpp>

#include "drawing.hpp"
#include "page_data.hpp"
#include "text.hpp"

namespace spade::report {
namespace {

using Data = kainjow::mustache::data;

std::string share(double fraction) {
  return fmt::format("{:.4f}", std::clamp(fraction, 0.0, 1.0));
}

double probability(const Section& section, std::int64_t index, double ClassShare::*network) {
  const auto found = std::ranges::find(section.classes, index, &ClassShare::index);
  return found == section.classes.end() ? 0.0 : (*found).*network;
}

std::string verdict(const Section& section, const ReportOptions& options) {
  const auto dense = fmt::format("The dense network says {} ({} %)", class_name(section.dense_class, options),
                                 percent(probability(section, section.dense_class, &ClassShare::dense)));
  const auto trace = percent(probability(section, section.trace_class, &ClassShare::trace)) + " %";
  return section.trace().fidelity.class_kept
             ? fmt::format("{}, and so does the trace ({}).", dense, trace)
             : fmt::format("{}, the trace {} ({}).", dense, class_name(section.trace_class, options), trace);
}

Data classes_data(const Section& section, const ReportOptions& options) {
  auto rows = list();
  for (const auto& each : section.classes) {
    Data row;
    row.set("name", class_name(each.index, options));
    row.set("is_target", flag(each.index == section.first().target));
    row.set("dense", percent(each.dense));
    row.set("dense_share", share(each.dense));
    row.set("trace", percent(each.trace));
    row.set("trace_share", share(each.trace));
    rows << row;
  }
  return rows;
}

Data map_data(const DrawnMap& map, bool of_trace, bool over_picture, const Entry& entry,
              const std::string& picture) {
  const std::string network = of_trace ? "trace" : "dense";
  const std::string whose = of_trace ? "the trace" : "the dense network";
  Data data;
  data.set("image", png_data_uri(map.picture));
  data.set("network", network);
  data.set("outlined", flag(over_picture && entry.auc.has_value()));
  data.set("scale", map.two_sided ? "diverging" : "sequential");
  data.set("two_sided", flag(map.two_sided));
  data.set("low", map.two_sided ? number(-map.limit) : "0");
  data.set("high", number(map.limit));
  data.set("caption",
           fmt::format("{}{}", of_trace ? "Trace" : "Dense", over_picture ? ", over the picture" : ""));
  auto alt = over_picture ? fmt::format("Heat map of {} by {} over {}", whose,
                                        display_name(entry.explanation->interpreter), picture)
                          : fmt::format("Attribution of {} by {} to {}", whose,
                                        display_name(entry.explanation->interpreter), picture);
  if (over_picture && entry.auc) {
    alt += fmt::format("; AUC {} %", percent(of_trace ? entry.auc->trace : entry.auc->dense));
  }
  data.set("alt", alt);
  return data;
}

Data entries_data(const Section& section, const at::Tensor& picture) {
  auto entries = list();
  for (const auto& entry : section.entries) {
    const auto& explanation = *entry.explanation;
    const auto reduction = reduction_of(explanation.interpreter);
    Data data;
    data.set("interpreter", display_name(explanation.interpreter));
    if (entry.auc) {
      Data auc;
      set_auc(auc, *entry.auc);
      data.set("auc", auc);
    } else {
      data.set("auc", flag(false));
    }
    auto maps = list();
    // Both networks' maps in the same colours, even where only one of them has both signs.
    const bool two_sided =
        has_negative_sums(explanation.dense_attribution) || has_negative_sums(explanation.attribution);
    for (const bool of_trace : {false, true}) {
      const auto& attribution = of_trace ? explanation.attribution : explanation.dense_attribution;
      maps << map_data(draw_sum(attribution, two_sided), of_trace, false, entry, section.picture);
    }
    for (const bool of_trace : {false, true}) {
      const auto& attribution = of_trace ? explanation.attribution : explanation.dense_attribution;
      maps << map_data(draw_overlay(attribution, reduction, picture), of_trace, true, entry, section.picture);
    }
    data.set("maps", maps);
    data.set("seconds_note",
             fmt::format("{} s dense, {} s trace", seconds(explanation.dense_attribution_seconds),
                         seconds(explanation.attribution_seconds)));
    entries << data;
  }
  return entries;
}

void add_layers(Data& data, const Section& section) {
  double largest = 0;
  for (const auto& layer : section.layers)
    largest = std::max(largest, layer.report->relative_error.value_or(0.0));
  auto rows = list();
  for (std::size_t i = 0; i < section.layers.size(); ++i) {
    const auto& report = *section.layers[i].report;
    Data row;
    row.set("name", report.name);
    row.set("x", fmt::format("{:.1f}", static_cast<double>(i) + 0.1));
    row.set("weights", grouped(section.layers[i].weights));
    row.set("sparsity", percent(report.sparsity));
    row.set("sparsity_share", share(report.sparsity));
    row.set("sparsity_height", fmt::format("{:.2f}", 100.0 * report.sparsity));
    row.set("sparsity_top", fmt::format("{:.2f}", 100.0 - 100.0 * report.sparsity));
    const double error = largest > 0 ? report.relative_error.value_or(0.0) / largest : 0.0;
    row.set("error", report.relative_error ? number(100.0 * *report.relative_error) : "–");
    row.set("error_share", share(error));
    row.set("error_height", fmt::format("{:.2f}", 100.0 * error));
    row.set("error_top", fmt::format("{:.2f}", 100.0 - 100.0 * error));
    row.set("damping", report.damping > 0 ? number(report.damping) : "–");
    row.set("layer_seconds", seconds(report.seconds));
    rows << row;
  }
  data.set("layers", rows);
  data.set("layer_count", std::to_string(section.layers.size()));
  data.set("strip_width", std::to_string(std::max<std::size_t>(section.layers.size(), 1)));
  data.set("has_error", flag(largest > 0));
  data.set("error_limit", number(100.0 * largest));
}

std::string recipe(const Provenance& provenance) {
  return fmt::format(
      "{}; {} copies by {}, seed {}. Augmentation {} s, forward passes {} s, statistics {} s, pruning {} s.",
      provenance.pruner, provenance.augmentations, provenance.augmenter, provenance.seed,
      seconds(provenance.augment_seconds), seconds(provenance.forward_seconds),
      seconds(provenance.statistics_seconds), seconds(provenance.prune_seconds));
}

} // namespace

Data section_data(const Section& section, std::size_t number, const ReportOptions& options) {
  const auto& explanation = section.first();
  const auto& fidelity = section.trace().fidelity;
  const auto picture = seen_picture(explanation);
  Data data;
  data.set("number", std::to_string(number));
  data.set("name", section.picture);
  data.set("target", class_name(explanation.target, options));
  data.set("target_index", std::to_string(explanation.target));
  data.set("verdict", verdict(section, options));
  data.set("picture", png_data_uri(picture));
  data.set("picture_alt", fmt::format("{}, as the network sees it", section.picture));
  data.set("width", std::to_string(picture.size(2)));
  data.set("height", std::to_string(picture.size(1)));
  data.set("stretched", flag(!shows_true_colours(explanation)));
  data.set("mask", section.mask ? Data{"path", outline_path(*section.mask)} : flag(false));
  data.set("classes", classes_data(section, options));
  data.set("kept", fidelity.class_kept ? "yes" : "no");
  data.set("sparsity", percent(section.sparsity));
  data.set("kl", report::number(fidelity.kl));
  data.set("relative_error", percent(fidelity.relative_error));
  data.set("seconds", seconds(section.provenance().seconds));
  data.set("entries", entries_data(section, picture));
  add_layers(data, section);
  data.set("recipe", recipe(section.provenance()));
  return data;
}

} // namespace spade::report
