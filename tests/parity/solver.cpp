// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// Layers with their Gram matrices, and what the published solvers make of them.
#include <cmath>
#include <map>
#include <string>

#include <ATen/ATen.h>

#include <spade/core/error.hpp>
#include <spade/pruners/exact.hpp>
#include <spade/pruners/fast.hpp>
#include <spade/statistics/gram_accumulator.hpp>

#include "parity/families.hpp"

namespace spade::parity {
namespace {

TensorView view(const at::Tensor& tensor) {
  const auto kept = std::make_shared<at::Tensor>(tensor);
  return {kept->data_ptr<float>(),
          {tensor.sizes().data(), tensor.sizes().size()},
          {tensor.strides().data(), tensor.strides().size()},
          kept};
}

/// [R, C] of a layer's weight, one group.
at::Tensor as_rows(const at::Tensor& weight) {
  return weight.reshape({1, weight.size(0), -1});
}

std::int64_t kernel_elements(const at::Tensor& weight) {
  return weight.dim() > 2 ? weight[0][0].numel() : 1;
}

/// tr((W - P) H (W - P)^T) / 2 in double.
double layer_error(const at::Tensor& weight, const at::Tensor& pruned, const at::Tensor& h) {
  const auto d = (weight.to(at::kDouble) - pruned.to(at::kDouble));
  return (d.matmul(h.to(at::kDouble)) * d).sum().item<double>() / 2;
}

const nlohmann::json& entry_of(const Case& parity_case, const std::string& file) {
  for (const auto& entry : parity_case.manifest) {
    if (entry.at("file") == file) return entry;
  }
  throw InvalidArgument(message("the manifest has no ", file));
}

// H of the layer's inputs. The published count of samples takes a two-dimensional input as one.
Outcome gram(const Case& parity_case) {
  auto tensors = read_container(parity_case.folder, parity_case.entry);
  const auto& weight = tensors.at("weight");
  const auto& x = tensors.at("x");
  Layer layer;
  layer.name = parity_case.file();
  layer.weight = view(as_rows(weight).contiguous());
  if (weight.dim() > 2) {
    const auto numbers = [&](const char* key) {
      return parity_case.entry.at(key).get<std::vector<std::int64_t>>();
    };
    layer.window.kernel = weight.sizes().slice(2).vec();
    layer.window.stride = numbers("stride");
    layer.window.padding_begin = layer.window.padding_end = numbers("padding");
    layer.window.dilation = numbers("dilation");
  }
  statistics::GramAccumulator accumulator(layer);
  accumulator.add(view(x.contiguous()));
  const auto problem = std::move(accumulator).finish();
  auto found = problem.gram[0].to_vector<double>();
  const double samples = weight.dim() == 2 ? static_cast<double>(x.size(0)) : 1.0;
  const auto h = at::from_blob(found.data(), tensors.at("H").sizes(), at::kDouble) * samples;
  const double distance = relative_l2(h, tensors.at("H"));
  const auto detail = message("relative L2 of H ", distance);
  return distance < 1e-5 ? passed(detail) : failed(detail);
}

// A case of a pruner: the layer, and H as the published solver saw it.
struct Pruning {
  at::Tensor weight; ///< [1, R, C]
  at::Tensor h;
  LayerProblem problem;
  std::map<std::string, at::Tensor> published;
};

Pruning pruning(const Case& parity_case) {
  const auto name = parity_case.entry.at("layer").get<std::string>();
  auto layer = read_container(parity_case.folder, entry_of(parity_case, "solver/" + name + ".layer.pt"));
  Pruning result{as_rows(layer.at("weight")).contiguous(),
                 layer.at("H").contiguous(),
                 {},
                 read_container(parity_case.folder, parity_case.entry)};
  result.problem.name = name;
  result.problem.weight = view(result.weight);
  result.problem.gram = view(result.h.unsqueeze(0));
  result.problem.columns_per_channel = kernel_elements(layer.at("weight"));
  return result;
}

at::Tensor tensor_of(const LayerSolution& solution) {
  const auto extents = solution.weight.extents();
  auto values = solution.weight.to_vector<float>();
  return at::from_blob(values.data(), {extents.data(), extents.size()}, at::kFloat).clone();
}

/// How close a pruned weight is to the published one.
struct Closeness {
  double kept = 0;     ///< places where both are zero or both are not
  double distance = 0; ///< relative L2 over these
  double error = 0;    ///< layer error over the published one

  [[nodiscard]] bool fine() const { return kept >= 0.995 && distance < 1e-3 && error <= 1.001; }
  [[nodiscard]] std::string text() const {
    return message("kept sets agree in ", 100 * kept, " %, relative L2 ", distance, ", layer error ", error,
                   " of the reference's");
  }
};

Closeness closeness(const Pruning& given, const at::Tensor& pruned, const at::Tensor& reference) {
  const auto agree = pruned.ne(0).eq(reference.ne(0));
  // The published count can remove everything; then there is nothing to be relative to.
  const bool empty = reference.count_nonzero().item<std::int64_t>() == 0;
  return {agree.to(at::kDouble).mean().item<double>(),
          empty ? pruned.norm().item<double>() : relative_l2(pruned * agree, reference * agree),
          layer_error(given.weight[0], pruned[0], given.h) /
              layer_error(given.weight[0], reference[0], given.h)};
}

Outcome fast(const Case& parity_case) {
  const auto& entry = parity_case.entry;
  const auto given = pruning(parity_case);
  const auto& rows = given.weight;
  const auto& h = given.h;
  const auto& problem = given.problem;
  const auto reference = as_rows(given.published.at("pruned"));

  pruners::Fast::Options options;
  options.reference = true;
  options.mask_block = entry.at("mask_block").get<std::int64_t>();
  options.damping = entry.at("damp").get<double>();
  const double sparsity = entry.at("sparsity").get<double>();
  const auto solution = pruners::Fast(options).prune(problem, sparsity);
  const auto pruned = tensor_of(solution);
  const auto close = closeness(given, pruned, reference);
  const double error = layer_error(rows[0], pruned[0], h);
  const double published = layer_error(rows[0], reference[0], h);

  // The same problem by exact counts keeps slightly more weights, so its error must not be larger by more
  // than 2 %.
  options.reference = false;
  const double exact =
      layer_error(rows[0], tensor_of(pruners::Fast(options).prune(problem, sparsity))[0], h) / published;

  // What the report says of the error must be so.
  const double output = layer_error(rows[0], at::zeros_like(rows[0]), h);
  const double told = solution.report.relative_error.value_or(-1);

  const auto detail = message(close.text(), " (exact counts: ", exact, ")");
  if (std::abs(told - error / output) > 1e-4 * told + 1e-6) {
    return failed(
        message(detail, "; the report says a relative error of ", told, ", it is ", error / output));
  }
  return close.fine() && exact <= 1.02 ? passed(detail) : failed(detail);
}

// What the published solver approaches in float: per row, the least-squares optimum on the kept weights, in
// double.
at::Tensor optimum_on_mask(const Pruning& given, const at::Tensor& reference) {
  auto result = at::zeros_like(reference, at::kDouble);
  const auto h = given.h.to(at::kDouble);
  const auto moments = given.weight[0].to(at::kDouble).matmul(h);
  for (std::int64_t r = 0; r < reference.size(1); ++r) {
    const auto kept = reference[0][r].nonzero().flatten();
    const auto corner = h.index_select(0, kept).index_select(1, kept);
    const auto solution = at::linalg_solve(corner, moments[r].index_select(0, kept).unsqueeze(1));
    result[0][r].index_copy_(0, kept, solution.squeeze(1));
  }
  return result;
}

// "pruned" is at the pattern's own sparsity, "pruned_90" at 90 %.
double sparsity_of(const std::string& key, const pruners::Pattern& pattern) {
  const auto underscore = key.find('_');
  return underscore == std::string::npos
             ? static_cast<double>(pattern.zeros) / static_cast<double>(pattern.of)
             : std::stod(key.substr(underscore + 1)) / 100;
}

// The published losses are one a step, row by row.
double loss_distance(const pruners::Elimination& elimination, const at::Tensor& losses) {
  auto found = at::zeros_like(losses);
  for (std::int64_t r = 0; r < losses.size(0); ++r) {
    const auto removals = elimination.removals(0, r);
    for (std::size_t t = 0; t < removals.size(); ++t)
      found[r][static_cast<std::int64_t>(t)] = removals[t].loss;
  }
  return relative_l2(found, losses);
}

Outcome obc(const Case& parity_case, const pruners::Pattern& pattern) {
  const auto given = pruning(parity_case);
  pruners::Exact::Options options;
  options.reference = true;
  options.pattern = pattern;
  const auto elimination = pruners::Exact(options).eliminate(given.problem);
  bool fine = true;
  std::string detail;
  for (const auto& [key, tensor] : given.published) {
    if (!key.starts_with("pruned")) continue;
    const auto solution = elimination.solution(sparsity_of(key, pattern));
    const auto close = closeness(given, tensor_of(solution), as_rows(tensor));
    detail += message(detail.empty() ? "" : "; ", key, ": ", close.text());
    bool close_enough = close.fine();
    if (!close_enough && close.kept == 1.0 && close.error <= 1.0) {
      // An ill-conditioned H, whose inverse the published solver updates in float.
      const auto optimum = optimum_on_mask(given, as_rows(tensor));
      const double distance = relative_l2(tensor_of(solution), optimum);
      detail += message(" (relative L2 to the optimum on its mask: ", distance,
                        ", the reference's: ", relative_l2(as_rows(tensor), optimum), ")");
      close_enough = distance < 1e-5;
    }
    fine = fine && close_enough;
  }
  if (const auto losses = given.published.find("losses"); losses != given.published.end()) {
    const double distance = loss_distance(elimination, losses->second);
    fine = fine && distance < 1e-3;
    detail += message("; relative L2 of losses ", distance);
  }
  return fine ? passed(detail) : failed(detail);
}

} // namespace

Outcome solver(const Case& parity_case) {
  const auto kind = parity_case.entry.at("kind").get<std::string>();
  if (kind == "layer") return gram(parity_case);
  if (kind == "fast") return fast(parity_case);
  const auto order = pruners::ColumnOrder::ChannelInnermost;
  if (kind == "obc 2:4") return obc(parity_case, pruners::Pattern::zeros_of(2, 4, order));
  if (kind == "obc blocks of 4") return obc(parity_case, pruners::Pattern::blocks(4, order));
  if (kind.starts_with("obc unstructured")) return obc(parity_case, pruners::Pattern::unstructured());
  return skipped("kind \"" + kind + "\" is not read here");
}

} // namespace spade::parity
