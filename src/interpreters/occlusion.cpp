// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/interpreters/occlusion.hpp>

#include <algorithm>
#include <utility>
#include <vector>

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <spade/core/error.hpp>
#include <spade/core/tensor_view.hpp>

#include "class_score.hpp"

namespace spade::interpreters {
namespace {

/// Where windows lie over one sample: their extents, steps and number along each dimension.
struct Grid {
  std::vector<std::int64_t> extent;
  std::vector<std::int64_t> window;
  std::vector<std::int64_t> stride;
  std::vector<std::int64_t> count;

  [[nodiscard]] std::int64_t size() const {
    std::int64_t total = 1;
    for (const auto along : count)
      total *= along;
    return total;
  }

  /// The part of one sample under window `index`, as a view.
  [[nodiscard]] at::Tensor under(at::Tensor sample, std::int64_t index) const {
    for (std::size_t d = extent.size(); d-- > 0;) {
      const auto begin = index % count[d] * stride[d];
      index /= count[d];
      sample = sample.narrow(static_cast<std::int64_t>(d), begin, std::min(window[d], extent[d] - begin));
    }
    return sample;
  }
};

std::vector<std::int64_t> default_window(const std::vector<std::int64_t>& extent) {
  if (extent.size() == 1) return {1};
  std::vector<std::int64_t> window{0};
  for (std::size_t d = 1; d < extent.size(); ++d)
    window.push_back(std::max<std::int64_t>(1, extent[d] / 8));
  return window;
}

Grid make_grid(const Occlusion::Options& options, const at::Tensor& input) {
  Grid grid;
  grid.extent = input.sizes().slice(1).vec();
  const auto rank = grid.extent.size();
  grid.window = options.window.empty() ? default_window(grid.extent) : options.window;
  if (grid.window.size() != rank) {
    throw ShapeMismatch(message("Occlusion: the window ", shape_text(grid.window), " has ",
                                grid.window.size(), " dimensions, a sample ", shape_text(grid.extent),
                                " has ", rank));
  }
  for (std::size_t d = 0; d < rank; ++d) {
    if (grid.window[d] == 0) grid.window[d] = grid.extent[d];
  }
  grid.stride = options.stride;
  if (grid.stride.empty()) {
    for (const auto extent : grid.window)
      grid.stride.push_back((extent + 1) / 2);
  }
  for (std::size_t d = 0; d < rank; ++d) {
    if (grid.stride[d] == 0) grid.stride[d] = grid.window[d];
    if (grid.window[d] > grid.extent[d]) {
      throw InvalidArgument(message("Occlusion: the window ", shape_text(grid.window),
                                    " is larger than a sample, ", shape_text(grid.extent)));
    }
    if (grid.stride[d] > grid.window[d]) {
      throw InvalidArgument(message("Occlusion: steps of ", shape_text(grid.stride),
                                    " leave gaps between windows of ", shape_text(grid.window),
                                    "; make each step at most the window's extent"));
    }
    grid.count.push_back((grid.extent[d] - grid.window[d] + grid.stride[d] - 1) / grid.stride[d] + 1);
  }
  return grid;
}

} // namespace

Occlusion::Occlusion(Options options) : options_(std::move(options)) {
  for (const auto* values : {&options_.window, &options_.stride}) {
    if (std::any_of(values->begin(), values->end(), [](std::int64_t value) { return value < 0; })) {
      throw InvalidArgument(message("Occlusion: window ", shape_text(options_.window), " and stride ",
                                    shape_text(options_.stride), " must not be negative"));
    }
  }
  if (!options_.stride.empty() && options_.stride.size() != options_.window.size()) {
    throw ShapeMismatch(message("Occlusion: the stride ", shape_text(options_.stride),
                                " does not go with the window ", shape_text(options_.window),
                                "; give one step for each extent"));
  }
  if (options_.batch < 1) {
    throw InvalidArgument(
        message("Occlusion: ", options_.batch, " covered inputs per pass; at least 1 is needed"));
  }
  check_baseline(name(), options_.baseline);
}

at::Tensor Occlusion::attribute(const ForwardFunction& forward, const at::Tensor& input,
                                const Target& target) const {
  check_input(name(), input);
  const c10::AutoGradMode plain(false);
  const auto grid = make_grid(options_, input);
  const auto windows = grid.size();
  const auto samples = input.size(0);

  auto covers = at::zeros(grid.extent, input.options());
  for (std::int64_t w = 0; w < windows; ++w)
    grid.under(covers, w).add_(1);

  auto attribution = at::zeros_like(input);
  for (std::int64_t sample = 0; sample < samples; ++sample) {
    const auto x = input.narrow(0, sample, 1);
    const auto baseline = sample_baseline(name(), options_.baseline, input, sample)[0];
    const auto scores = [&](const at::Tensor& points) {
      const auto output = forward(points);
      check_output(name(), output, points.size(0));
      const auto indices = target.per_sample(samples, output.size(1));
      return output.select(1, indices[static_cast<std::size_t>(sample)]);
    };
    const auto whole = scores(x);
    auto sum = attribution[sample];
    for (std::int64_t begin = 0; begin < windows; begin += options_.batch) {
      const auto count = std::min(options_.batch, windows - begin);
      auto covered = x.repeat_interleave(count, 0);
      for (std::int64_t k = 0; k < count; ++k) {
        grid.under(covered[k], begin + k).copy_(grid.under(baseline, begin + k));
      }
      const auto fall = whole - scores(covered);
      for (std::int64_t k = 0; k < count; ++k)
        grid.under(sum, begin + k).add_(fall[k]);
    }
    sum.div_(covers);
  }
  return attribution;
}

} // namespace spade::interpreters
