// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "digest.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <spade/core/error.hpp>
#include <spade/layer_graph.hpp>
#include <spade/metrics/trojan_auc.hpp>

namespace spade::report {
namespace {

std::string shape(const at::Tensor& tensor) {
  return tensor.defined() ? shape_text({tensor.sizes().data(), tensor.sizes().size()}) : "[]";
}

void check_map(const at::Tensor& map, const Explanation& explanation, const char* network) {
  if (!map.defined() || map.dim() != 4 || map.size(0) != 1 || map.sizes() != explanation.input.sizes()) {
    throw ShapeMismatch(fmt::format(
        "report: the {} attribution of {} is {}, the input {}; pictures of shape [1, C, H, W] are drawn",
        network, explanation.interpreter, shape(map), shape(explanation.input)));
  }
}

void check_mask(const at::Tensor& mask, const Explanation& explanation, const std::string& picture) {
  const auto& input = explanation.input;
  if (!mask.defined() || mask.dim() != 2 || mask.size(0) != input.size(2) || mask.size(1) != input.size(3)) {
    throw ShapeMismatch(fmt::format("report: the mask of {} is {}, its input {}; a mask is [{}, {}]", picture,
                                    shape(mask), shape(input), input.size(2), input.size(3)));
  }
}

// Explanations through one trace have its output bit for bit; two traces of one input hardly do.
bool same_trace(const Explanation& x, const Explanation& y) {
  return x.target == y.target && x.trace.provenance.pruner == y.trace.provenance.pruner &&
         x.trace.fidelity.trace == y.trace.fidelity.trace && x.input.sizes() == y.input.sizes() &&
         (x.input.is_same(y.input) || at::equal(x.input, y.input));
}

std::vector<double> softmax(const std::vector<double>& outputs) {
  const double largest = *std::ranges::max_element(outputs);
  std::vector<double> result;
  for (const double output : outputs)
    result.push_back(std::exp(output - largest));
  const double sum = std::accumulate(result.begin(), result.end(), 0.0);
  for (double& share : result)
    share /= sum;
  return result;
}

// Indices by falling value, the first of equals first.
std::vector<std::size_t> ranking(const std::vector<double>& values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, [&](std::size_t i, std::size_t k) { return values[i] > values[k]; });
  return order;
}

void add_classes(Section& section, std::int64_t top_classes) {
  const auto& fidelity = section.trace().fidelity;
  if (fidelity.dense.empty() || fidelity.dense.size() != fidelity.trace.size()) {
    throw ShapeMismatch(fmt::format("report: {} has {} dense outputs and {} of the trace", section.picture,
                                    fidelity.dense.size(), fidelity.trace.size()));
  }
  const auto dense = softmax(fidelity.dense);
  const auto trace = softmax(fidelity.trace);
  const auto by_dense = ranking(dense);
  const auto by_trace = ranking(trace);
  section.dense_class = static_cast<std::int64_t>(by_dense.front());
  section.trace_class = static_cast<std::int64_t>(by_trace.front());
  const auto top = std::min(dense.size(), static_cast<std::size_t>(top_classes));
  std::vector<bool> wanted(dense.size(), false);
  for (std::size_t i = 0; i < top; ++i)
    wanted[by_dense[i]] = wanted[by_trace[i]] = true;
  const auto target = static_cast<std::size_t>(section.first().target);
  if (target < wanted.size()) wanted[target] = true;
  for (const auto index : by_dense) {
    if (wanted[index])
      section.classes.push_back({static_cast<std::int64_t>(index), dense[index], trace[index]});
  }
}

void add_layers(Section& section) {
  const auto& trace = section.trace();
  const auto& layers = trace.graph().layers();
  double zeros = 0;
  double weights = 0;
  for (const auto& report : trace.layers) {
    const auto layer = std::ranges::find(layers, report.name, &Layer::name);
    if (layer == layers.end()) {
      throw InvalidArgument(
          fmt::format("report: the trace of {} reports a layer \"{}\" that its graph does not have",
                      section.picture, report.name));
    }
    section.layers.push_back({&report, layer->weight.size()});
    zeros += report.sparsity * static_cast<double>(layer->weight.size());
    weights += static_cast<double>(layer->weight.size());
  }
  section.sparsity = weights > 0 ? zeros / weights : 0;
}

void add_to_means(std::vector<MeanScore>& sums, const Section& section) {
  for (const auto& entry : section.entries) {
    const auto& interpreter = entry.explanation->interpreter;
    const auto& pruner = section.provenance().pruner;
    auto sum = std::ranges::find_if(
        sums, [&](const MeanScore& s) { return s.interpreter == interpreter && s.pruner == pruner; });
    if (sum == sums.end())
      sum = sums.insert(sums.end(), MeanScore{.interpreter = interpreter, .pruner = pruner, .auc = {}});
    ++sum->pictures;
    sum->classes_kept += section.trace().fidelity.class_kept ? 1 : 0;
    sum->kl += section.trace().fidelity.kl;
    sum->sparsity += section.sparsity;
  }
}

void add_auc_means(std::vector<MeanScore>& means, const std::vector<Section>& sections) {
  for (auto& mean : means) {
    Auc sum;
    std::int64_t count = 0;
    for (const auto& section : sections) {
      if (section.provenance().pruner != mean.pruner) continue;
      for (const auto& entry : section.entries) {
        if (entry.explanation->interpreter != mean.interpreter || !entry.auc) continue;
        sum.dense += entry.auc->dense;
        sum.trace += entry.auc->trace;
        ++count;
      }
    }
    if (count > 0)
      mean.auc = Auc{sum.dense / static_cast<double>(count), sum.trace / static_cast<double>(count)};
    mean.kl /= static_cast<double>(mean.pictures);
    mean.sparsity /= static_cast<double>(mean.pictures);
  }
}

} // namespace

Digest digest(const std::vector<Explanation>& explanations, const ReportOptions& options) {
  if (explanations.empty()) throw InvalidArgument("report: there is no explanation to write");
  options.check(explanations.size());
  Digest result;
  for (std::size_t i = 0; i < explanations.size(); ++i) {
    const auto& explanation = explanations[i];
    const Caption caption = options.captions.empty() ? Caption{} : options.captions[i];
    const bool continues = !result.sections.empty() &&
                           same_trace(result.sections.back().first(), explanation) &&
                           (caption.picture.empty() || caption.picture == result.sections.back().picture);
    if (!continues) {
      auto& section = result.sections.emplace_back();
      section.picture =
          caption.picture.empty() ? fmt::format("picture {}", result.sections.size()) : caption.picture;
      section.mask = caption.mask;
      section.source = caption.source;
      if (section.mask) check_mask(*section.mask, explanation, section.picture);
    }
    check_map(explanation.dense_attribution, explanation, "dense");
    check_map(explanation.attribution, explanation, "trace's");
    auto& section = result.sections.back();
    Entry entry{&explanation, {}};
    if (section.mask) {
      const auto reduction = reduction_of(explanation.interpreter);
      entry.auc = Auc{metrics::trojan_auc(explanation.dense_attribution, *section.mask, reduction),
                      metrics::trojan_auc(explanation.attribution, *section.mask, reduction)};
    }
    section.entries.push_back(entry);
  }
  for (auto& section : result.sections) {
    add_classes(section, options.top_classes);
    add_layers(section);
    add_to_means(result.means, section);
  }
  add_auc_means(result.means, result.sections);
  return result;
}

interpreters::Reduction reduction_of(const std::string& interpreter) {
  const auto begin = interpreter.substr(0, 3);
  return begin == "lrp" || begin == "LRP" || begin == "Lrp" ? interpreters::Reduction::PositiveSum
                                                            : interpreters::Reduction::AbsoluteSum;
}

std::string class_name(std::int64_t index, const ReportOptions& options) {
  const auto position = static_cast<std::size_t>(index);
  return position < options.class_names.size() && !options.class_names[position].empty()
             ? options.class_names[position]
             : fmt::format("class {}", index);
}

const std::string& Fingerprints::of(const LayerGraph& graph) {
  auto& text = texts_[&graph.program()];
  if (text.empty()) text = fmt::format("{:016x}", graph.fingerprint());
  return text;
}

} // namespace spade::report

namespace spade {

void ReportOptions::check(std::size_t explanations) const {
  if (!captions.empty() && captions.size() != explanations) {
    throw InvalidArgument(message("report: ", captions.size(), " captions for ", explanations,
                                  " explanations; give one for each, or none"));
  }
  if (top_classes < 1)
    throw InvalidArgument(message("report: top_classes is ", top_classes, ", at least 1 is needed"));
}

std::vector<MeanScore> mean_scores(const std::vector<Explanation>& explanations,
                                   const ReportOptions& options) {
  return report::digest(explanations, options).means;
}

} // namespace spade
