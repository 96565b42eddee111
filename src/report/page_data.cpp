// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "page_data.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <spade/io/plan_file.hpp>
#include <spade/layer_graph.hpp>
#include <spade/report/colour_map.hpp>

#include "drawing.hpp"
#include "templates.hpp"
#include "text.hpp"

namespace spade::report {
namespace {

namespace mustache = kainjow::mustache;
using Data = mustache::data;

std::string count(std::int64_t value) {
  return std::to_string(value);
}

// By what is printed: what rounds to zero goes neither way.
const char* direction(double gain) {
  const auto text = signed_percent(gain);
  return text.starts_with("+") ? "up" : text.starts_with("−") ? "down" : "";
}

bool has_masks(const Digest& digest) {
  return std::ranges::any_of(digest.means, [](const MeanScore& mean) { return mean.auc.has_value(); });
}

std::string default_title(const Digest& digest, const ReportOptions& options) {
  const auto& first = digest.sections.front();
  return digest.sections.size() == 1
             ? fmt::format("{}, explained as {}", first.picture, class_name(first.first().target, options))
             : fmt::format("{} pictures, explained through their traces", digest.sections.size());
}

std::string lede(const Digest& digest) {
  double sparsity = 0;
  std::int64_t kept = 0;
  for (const auto& section : digest.sections) {
    sparsity += section.sparsity / static_cast<double>(digest.sections.size());
    kept += section.trace().fidelity.class_kept ? 1 : 0;
  }
  if (digest.sections.size() == 1) {
    return fmt::format(
        "The network is pruned to what decides on this one picture: {} of its weights are set to zero. {} "
        "Every map of the dense network stands beside the one of this trace.",
        percent(sparsity) + " %", kept == 1 ? "It still gives the same class." : "It gives another class.");
  }
  return fmt::format(
      "For each picture alone, the network is pruned to what decides on it: {} of the weights are set to "
      "zero, "
      "and {} of {} such traces keep the class. Every map of the dense network stands beside the trace’s.",
      percent(sparsity) + " %", kept, digest.sections.size());
}

double axis_low(const std::vector<MeanScore>& means) {
  double lowest = 1;
  for (const auto& mean : means) {
    if (mean.auc) lowest = std::min({lowest, mean.auc->dense, mean.auc->trace});
  }
  return std::max(0.0, std::min(std::floor(10.0 * lowest - 0.2) / 10.0, 0.9));
}

Data means_data(const Digest& digest) {
  const double low = axis_low(digest.means);
  const auto position = [&](double auc) { return fmt::format("{:.1f}", 100.0 * (auc - low) / (1.0 - low)); };
  auto rows = list();
  for (const auto& mean : digest.means) {
    Data row;
    row.set("interpreter", display_name(mean.interpreter));
    row.set("pruner", mean.pruner);
    row.set("chart", flag(mean.auc.has_value()));
    if (mean.auc) {
      set_auc(row, *mean.auc);
      row.set("x_dense", position(mean.auc->dense));
      row.set("x_trace", position(mean.auc->trace));
    }
    row.set("kept", count(mean.classes_kept));
    row.set("pictures", count(mean.pictures));
    row.set("kl", number(mean.kl));
    rows << row;
  }
  return rows;
}

Data contents_data(const Digest& digest, const ReportOptions& options) {
  // The columns are those of the first section where all sections have the same; else the table goes without
  // scores.
  const auto names = [](const Section& section) {
    std::vector<std::string> result;
    for (const auto& entry : section.entries)
      result.push_back(entry.explanation->interpreter);
    return result;
  };
  const auto columns = names(digest.sections.front());
  const bool scored = std::ranges::all_of(digest.sections, [&](const Section& section) {
    return section.mask.has_value() && names(section) == columns;
  });
  Data contents;
  contents.set("count", std::to_string(digest.sections.size()));
  contents.set("open", flag(digest.sections.size() <= 12));
  contents.set("masks", flag(scored));
  // Where the columns are many, dense and trace stand one above the other; where some, on narrow pages.
  contents.set("crowding", columns.size() > 6 ? " stacked" : columns.size() > 3 ? " crowded" : "");
  auto heads = list();
  if (scored) {
    for (const auto& name : columns)
      heads << Data{"name", display_name(name)};
  }
  contents.set("columns", heads);
  auto rows = list();
  std::size_t number = 0;
  bool lost = false;
  for (const auto& section : digest.sections) {
    lost = lost || !section.trace().fidelity.class_kept;
    const auto picture = seen_picture(section.first());
    Data row;
    row.set("number", std::to_string(++number));
    row.set("name", section.picture);
    row.set("picture", png_data_uri(thumbnail(picture)));
    row.set("width", count(picture.size(2)));
    row.set("height", count(picture.size(1)));
    row.set("target", class_name(section.first().target, options));
    row.set("kept", flag(section.trace().fidelity.class_kept));
    auto scores = list();
    if (scored) {
      for (const auto& entry : section.entries) {
        Data score;
        set_auc(score, *entry.auc);
        scores << score;
      }
    }
    row.set("scores", scores);
    rows << row;
  }
  contents.set("rows", rows);
  contents.set("lost", flag(lost));
  return contents;
}

} // namespace

Data flag(bool value) {
  return {value ? Data::type::bool_true : Data::type::bool_false};
}
Data list() {
  return {Data::type::list};
}
void set_auc(Data& data, const Auc& auc) {
  data.set("dense", percent(auc.dense));
  data.set("trace", percent(auc.trace));
  data.set("gain", signed_percent(auc.trace - auc.dense));
  data.set("direction", direction(auc.trace - auc.dense));
}

Data opening_data(const Digest& digest, const ReportOptions& options) {
  Data data;
  data.set("version", spade_version());
  data.set("title", options.title.empty() ? default_title(digest, options) : options.title);
  data.set("lede", lede(digest));
  data.set("style", templates::style);
  data.set("sequential", ColourMap::sequential().css_gradient());
  data.set("diverging", ColourMap::diverging().css_gradient());
  data.set("heading", digest.sections.size() > 1 ? "In the mean" : "Scores");
  data.set("masks", flag(has_masks(digest)));
  const bool several = digest.sections.size() > 1;
  data.set("summary", flag(several || has_masks(digest)));
  data.set("several_pruners", flag(std::ranges::any_of(digest.means, [&](const MeanScore& mean) {
             return mean.pruner != digest.means.front().pruner;
           })));
  data.set("axis_low", percent(axis_low(digest.means), 0));
  data.set("means", means_data(digest));
  data.set("several", flag(several));
  if (several) {
    data.set("contents", contents_data(digest, options));
  } else {
    data.set("contents", flag(false));
  }
  return data;
}

Data closing_data(const Digest& digest, const ReportOptions& options) {
  // Sections made alike say so once; where they differ, all values are listed.
  std::vector<std::pair<std::string, std::vector<std::string>>> facts;
  const auto add = [&](const std::string& name, const std::string& value) {
    if (value.empty()) return;
    auto fact = std::ranges::find(facts, name, &std::pair<std::string, std::vector<std::string>>::first);
    if (fact == facts.end()) fact = facts.insert(facts.end(), {name, {}});
    if (std::ranges::find(fact->second, value) == fact->second.end()) fact->second.push_back(value);
  };
  bool lrp = false;
  bool others = false;
  Fingerprints fingerprints;
  add("Model", options.model);
  for (const auto& section : digest.sections) {
    const auto& provenance = section.provenance();
    add("Model’s fingerprint", fingerprints.of(section.trace().graph()));
    add("Pruner", provenance.pruner);
    add("Plan", plan_text(provenance.plan));
    add("Augmenter", provenance.augmenter);
    add("Augmented copies", count(provenance.augmentations));
    add("Seed", std::to_string(provenance.seed));
    add("Positions per column",
        provenance.positions_per_column == 0 ? "all" : count(provenance.positions_per_column));
    add("Propagation", to_string(provenance.propagation));
    for (const auto& entry : section.entries) {
      (reduction_of(entry.explanation->interpreter) == interpreters::Reduction::PositiveSum ? lrp : others) =
          true;
    }
  }
  add("spade", spade_version());
  add("LibTorch", torch_version());
  Data data;
  data.set("command", options.command.empty() ? flag(false) : Data{options.command});
  auto rows = list();
  for (const auto& [name, values] : facts) {
    Data row;
    row.set("name", name);
    row.set("value", fmt::format("{}", fmt::join(values, "; ")));
    rows << row;
  }
  data.set("facts", rows);
  const std::string absolute = "the sum of absolute values over the channels";
  const std::string positive = "the positive part of the sum over the channels";
  data.set("masks", flag(has_masks(digest)));
  data.set("reductions", !lrp ? absolute : !others ? positive : absolute + ", or for LRP " + positive);
  return data;
}

} // namespace spade::report
