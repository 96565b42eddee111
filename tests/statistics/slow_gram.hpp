// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// The Gram matrix of a layer's inputs as its definition says it, one product at a time.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include <spade/core/rng.hpp>
#include <spade/layer.hpp>

namespace slow {

/// One geometry: a convolution with inputs [copies, groups * channels, extents...], or a linear layer (no
/// kernel), whose inputs are [copies, extents..., channels].
struct Case {
  std::int64_t copies = 1;
  std::int64_t groups = 1;
  std::int64_t channels = 1; ///< per group
  std::vector<std::int64_t> extents{};
  std::vector<std::int64_t> kernel{};
  std::vector<std::int64_t> stride{};
  std::vector<std::int64_t> padding_begin{};
  std::vector<std::int64_t> padding_end{};
  std::vector<std::int64_t> dilation{};

  [[nodiscard]] std::int64_t kernel_elements() const {
    std::int64_t elements = 1;
    for (const auto extent : kernel)
      elements *= extent;
    return elements;
  }
  [[nodiscard]] std::vector<std::int64_t> shape() const {
    std::vector<std::int64_t> result{copies};
    if (!kernel.empty()) result.push_back(groups * channels);
    result.insert(result.end(), extents.begin(), extents.end());
    if (kernel.empty()) result.push_back(groups * channels);
    return result;
  }
  [[nodiscard]] std::int64_t size() const {
    std::int64_t result = 1;
    for (const auto extent : shape())
      result *= extent;
    return result;
  }
  [[nodiscard]] spade::Layer layer() const {
    const std::int64_t columns = channels * kernel_elements();
    const std::vector<std::int64_t> weight{groups, 2, columns};
    return {
        "probe",
        spade::TensorView::owning(std::vector<float>(static_cast<std::size_t>(groups * 2 * columns)), weight),
        {kernel, stride, padding_begin, padding_end, dilation}};
  }
};

/// Numbers like a layer's inputs: half of them zero, the rest of either sign around one.
inline std::vector<double> inputs(const Case& probe, std::uint64_t seed = 1) {
  spade::RandomStream stream(seed, 0);
  std::vector<double> values(static_cast<std::size_t>(probe.size()));
  for (double& value : values)
    value = stream.bernoulli(0.5) ? static_cast<float>(stream.normal() + 0.5) : 0.0;
  return values;
}

/// X^T: the columns [groups * channels * kernel elements] that each position sees, position after position.
inline std::vector<std::vector<double>> positions(const Case& probe, const std::vector<double>& x) {
  std::vector<std::vector<double>> result;
  const std::int64_t all_channels = probe.groups * probe.channels;
  if (probe.kernel.empty()) {
    for (std::size_t at = 0; at < x.size(); at += static_cast<std::size_t>(all_channels)) {
      result.emplace_back(x.begin() + static_cast<std::ptrdiff_t>(at),
                          x.begin() + static_cast<std::ptrdiff_t>(at) + all_channels);
    }
    return result;
  }
  const auto three = [](const std::vector<std::int64_t>& values, std::int64_t fill) {
    std::array<std::int64_t, 3> padded{fill, fill, fill};
    std::copy(values.begin(), values.end(), padded.end() - static_cast<std::ptrdiff_t>(values.size()));
    return padded;
  };
  const auto extent = three(probe.extents, 1);
  const auto kernel = three(probe.kernel, 1);
  const auto stride = three(probe.stride, 1);
  const auto before = three(probe.padding_begin, 0);
  const auto after = three(probe.padding_end, 0);
  const auto dilation = three(probe.dilation, 1);
  std::array<std::int64_t, 3> out{};
  for (std::size_t d = 0; d < 3; ++d) {
    out[d] = (extent[d] + before[d] + after[d] - dilation[d] * (kernel[d] - 1) - 1) / stride[d] + 1;
  }
  for (std::int64_t n = 0; n < probe.copies; ++n)
    for (std::int64_t oz = 0; oz < out[0]; ++oz)
      for (std::int64_t oy = 0; oy < out[1]; ++oy)
        for (std::int64_t ox = 0; ox < out[2]; ++ox) {
          auto& column = result.emplace_back();
          for (std::int64_t c = 0; c < all_channels; ++c)
            for (std::int64_t kz = 0; kz < kernel[0]; ++kz)
              for (std::int64_t ky = 0; ky < kernel[1]; ++ky)
                for (std::int64_t kx = 0; kx < kernel[2]; ++kx) {
                  const std::int64_t z = oz * stride[0] - before[0] + kz * dilation[0];
                  const std::int64_t y = oy * stride[1] - before[1] + ky * dilation[1];
                  const std::int64_t w = ox * stride[2] - before[2] + kx * dilation[2];
                  const bool inside =
                      z >= 0 && z < extent[0] && y >= 0 && y < extent[1] && w >= 0 && w < extent[2];
                  column.push_back(
                      inside
                          ? x[static_cast<std::size_t>(
                                (((n * all_channels + c) * extent[0] + z) * extent[1] + y) * extent[2] + w)]
                          : 0.0);
                }
        }
  return result;
}

/// H = (2/n) X X^T, [groups, C, C].
inline std::vector<double> gram(const Case& probe, const std::vector<double>& x) {
  const std::int64_t columns = probe.channels * probe.kernel_elements();
  std::vector<double> result(static_cast<std::size_t>(probe.groups * columns * columns));
  for (const auto& position : positions(probe, x)) {
    for (std::int64_t g = 0; g < probe.groups; ++g)
      for (std::int64_t i = 0; i < columns; ++i)
        for (std::int64_t j = 0; j < columns; ++j)
          result[static_cast<std::size_t>((g * columns + i) * columns + j)] +=
              2.0 / static_cast<double>(probe.copies) * position[static_cast<std::size_t>(g * columns + i)] *
              position[static_cast<std::size_t>(g * columns + j)];
  }
  return result;
}

} // namespace slow
