// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "linalg/live_columns.hpp"

#include <algorithm>

namespace spade::linalg {
namespace {

std::vector<double> diagonal_of(const TensorView& gram) {
  const std::int64_t columns = gram.extent(0);
  const std::int64_t step = gram.strides()[0] + gram.strides()[1];
  std::vector<double> diagonal;
  for (std::int64_t c = 0; c < columns; ++c) {
    diagonal.push_back(gram.scalar_type() == ScalarType::Float32
                           ? static_cast<double>(gram.data<float>()[c * step])
                           : gram.data<double>()[c * step]);
  }
  return diagonal;
}

void finish(LiveColumns& live, double sum) {
  live.mean = live.index.empty() ? 0.0 : sum / static_cast<double>(live.index.size());
}

bool dead(double element, double largest) {
  return !(element > dead_fraction * largest);
}

} // namespace

bool LiveColumns::consecutive() const {
  return !index.empty() && index.back() == static_cast<std::int64_t>(index.size()) - 1 &&
         std::is_sorted(index.begin(), index.end());
}

LiveColumns live_columns(const TensorView& gram) {
  const auto diagonal = diagonal_of(gram);
  LiveColumns live;
  live.index.reserve(diagonal.size()); // of many groups, a share of the memory that counts
  live.largest = *std::max_element(diagonal.begin(), diagonal.end());
  double sum = 0;
  for (std::size_t c = 0; c < diagonal.size(); ++c) {
    if (dead(diagonal[c], live.largest)) continue;
    live.index.push_back(static_cast<std::int64_t>(c));
    sum += diagonal[c];
  }
  finish(live, sum);
  return live;
}

std::vector<std::int64_t> dead_columns(const LiveColumns& live, std::int64_t columns) {
  std::vector<bool> alive(static_cast<std::size_t>(columns));
  for (const auto c : live.index)
    alive[static_cast<std::size_t>(c)] = true;
  std::vector<std::int64_t> dead;
  for (std::int64_t c = 0; c < columns; ++c) {
    if (!alive[static_cast<std::size_t>(c)]) dead.push_back(c);
  }
  return dead;
}

LiveColumns reference_columns(const TensorView& gram) {
  LiveColumns live;
  double sum = 0;
  for (const double given : diagonal_of(gram)) {
    const double element = given == 0.0 ? 1.0 : given;
    if (given == 0.0) live.zeroed.push_back(static_cast<std::int64_t>(live.index.size()));
    live.index.push_back(static_cast<std::int64_t>(live.index.size()));
    live.largest = std::max(live.largest, element);
    sum += element;
  }
  finish(live, sum);
  return live;
}

LiveColumns all_columns(const TensorView& gram) {
  const auto diagonal = diagonal_of(gram);
  LiveColumns live;
  live.index.reserve(diagonal.size());
  live.largest = *std::max_element(diagonal.begin(), diagonal.end());
  double sum = 0;
  std::int64_t counted = 0;
  for (std::size_t c = 0; c < diagonal.size(); ++c) {
    live.index.push_back(static_cast<std::int64_t>(c));
    if (dead(diagonal[c], live.largest)) {
      live.zeroed.push_back(static_cast<std::int64_t>(c));
    } else {
      sum += diagonal[c];
      ++counted;
    }
  }
  live.mean = counted == 0 ? 0.0 : sum / static_cast<double>(counted);
  live.zero_stands_for = counted == 0 ? 1.0 : live.mean;
  return live;
}

} // namespace spade::linalg
