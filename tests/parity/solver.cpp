// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// Layers with their Gram matrices, and what the published solvers make of them.
#include <cmath>

#include <ATen/ATen.h>

#include <spade/core/error.hpp>
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

Outcome fast(const Case& parity_case) {
  const auto& entry = parity_case.entry;
  auto layer =
      read_container(parity_case.folder,
                     entry_of(parity_case, "solver/" + entry.at("layer").get<std::string>() + ".layer.pt"));
  const auto& weight = layer.at("weight");
  const auto rows = as_rows(weight).contiguous();
  const auto h = layer.at("H").contiguous();
  const auto reference = as_rows(read_container(parity_case.folder, entry).at("pruned"));

  LayerProblem problem;
  problem.name = entry.at("layer").get<std::string>();
  problem.weight = view(rows);
  problem.gram = view(h.unsqueeze(0));
  problem.columns_per_channel = kernel_elements(weight);
  pruners::Fast::Options options;
  options.reference = true;
  options.mask_block = entry.at("mask_block").get<std::int64_t>();
  options.damping = entry.at("damp").get<double>();
  const double sparsity = entry.at("sparsity").get<double>();
  const auto solution = pruners::Fast(options).prune(problem, sparsity);
  auto values = solution.weight.to_vector<float>();
  const auto pruned = at::from_blob(values.data(), rows.sizes(), at::kFloat);

  const auto agree = pruned.ne(0).eq(reference.ne(0));
  const double kept = agree.to(at::kDouble).mean().item<double>();
  // The published count can remove everything; then there is nothing to be relative to.
  const bool empty = reference.count_nonzero().item<std::int64_t>() == 0;
  const double distance =
      empty ? pruned.norm().item<double>() : relative_l2(pruned * agree, reference * agree);
  const double error = layer_error(rows[0], pruned[0], h);
  const double published = layer_error(rows[0], reference[0], h);

  // The same problem by exact counts keeps slightly more weights, so its error must not be larger by more
  // than 2 %.
  options.reference = false;
  auto exact_values = pruners::Fast(options).prune(problem, sparsity).weight.to_vector<float>();
  const double exact =
      layer_error(rows[0], at::from_blob(exact_values.data(), rows.sizes(), at::kFloat)[0], h);

  // What the report says of the error must be so.
  const double output = layer_error(rows[0], at::zeros_like(rows[0]), h);
  const double told = solution.report.relative_error.value_or(-1);

  const auto detail =
      message("kept sets agree in ", 100 * kept, " %, relative L2 ", distance, ", layer error ",
              error / published, " of the reference's (exact counts: ", exact / published, ")");
  if (std::abs(told - error / output) > 1e-4 * told + 1e-6) {
    return failed(
        message(detail, "; the report says a relative error of ", told, ", it is ", error / output));
  }
  return kept >= 0.995 && distance < 1e-3 && error <= 1.001 * published && exact <= 1.02 * published
             ? passed(detail)
             : failed(detail);
}

} // namespace

Outcome solver(const Case& parity_case) {
  const auto kind = parity_case.entry.at("kind").get<std::string>();
  if (kind == "layer") return gram(parity_case);
  if (kind == "fast") return fast(parity_case);
  if (kind.starts_with("obc")) return skipped("Exact is not in this version");
  return failed("unknown kind " + kind);
}

} // namespace spade::parity
