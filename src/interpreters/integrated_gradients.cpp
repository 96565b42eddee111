// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/interpreters/integrated_gradients.hpp>

#include <algorithm>
#include <utility>
#include <vector>

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <spade/core/error.hpp>

#include "class_score.hpp"

namespace spade::interpreters {
namespace {

/// [count] as a column that multiplies [count, ...] of the given tensor's rank and type.
at::Tensor column(const std::vector<double>& values, std::size_t begin, std::size_t end,
                  const at::Tensor& like) {
  std::vector<std::int64_t> shape(static_cast<std::size_t>(like.dim()), 1);
  shape[0] = static_cast<std::int64_t>(end - begin);
  const std::vector<double> part(values.begin() + static_cast<std::ptrdiff_t>(begin),
                                 values.begin() + static_cast<std::ptrdiff_t>(end));
  return at::tensor(part, at::kDouble).to(like).reshape(shape);
}

} // namespace

IntegratedGradients::IntegratedGradients(Options options) : options_(std::move(options)) {
  if (options_.steps < 1 || options_.batch < 1) {
    throw InvalidArgument(message("IntegratedGradients: ", options_.steps, " steps in batches of ",
                                  options_.batch, "; both must be at least 1"));
  }
  check_baseline(name(), options_.baseline);
  quadrature_ = options_.rule == Rule::GaussLegendre ? Quadrature::gauss_legendre(options_.steps)
                                                     : Quadrature::midpoint(options_.steps);
}

at::Tensor IntegratedGradients::attribute(const ForwardFunction& forward, const at::Tensor& input,
                                          const Target& target) const {
  check_input(name(), input);
  const auto steps = quadrature_.points.size();
  const auto samples = input.size(0);
  auto attribution = at::zeros_like(input);
  for (std::int64_t sample = 0; sample < samples; ++sample) {
    const auto baseline = sample_baseline(name(), options_.baseline, input, sample);
    const auto way = input.detach().narrow(0, sample, 1) - baseline;
    auto mean = at::zeros_like(baseline);
    for (std::size_t begin = 0; begin < steps; begin += static_cast<std::size_t>(options_.batch)) {
      const auto end = std::min(steps, begin + static_cast<std::size_t>(options_.batch));
      const auto points = baseline + column(quadrature_.points, begin, end, way) * way;
      const auto gradient = input_gradient(name(), forward, points, [&](const at::Tensor& output) {
        const auto indices = target.per_sample(samples, output.size(1));
        return output.select(1, indices[static_cast<std::size_t>(sample)]).sum();
      });
      mean += (column(quadrature_.weights, begin, end, way) * gradient).sum(0, true);
    }
    attribution.narrow(0, sample, 1).copy_(way * mean);
  }
  return attribution;
}

at::Tensor IntegratedGradients::completeness_gap(const ForwardFunction& forward, const at::Tensor& input,
                                                 const Target& target, const at::Tensor& attribution) const {
  check_input(name(), input);
  if (attribution.sizes() != input.sizes()) {
    throw ShapeMismatch(
        message(name(), ": the attribution is ", attribution.sizes(), ", the input ", input.sizes()));
  }
  const c10::AutoGradMode plain(false);
  std::vector<at::Tensor> baselines;
  for (std::int64_t sample = 0; sample < input.size(0); ++sample) {
    baselines.push_back(sample_baseline(name(), options_.baseline, input, sample));
  }
  const auto score = [&](const at::Tensor& points) {
    const auto output = forward(points);
    check_output(name(), output, input.size(0));
    return output.gather(1, class_index(output, target)).squeeze(1).to(at::kDouble);
  };
  return attribution.detach().to(at::kDouble).flatten(1).sum(1) - (score(input) - score(at::cat(baselines)));
}

} // namespace spade::interpreters
