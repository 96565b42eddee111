// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/statistics/passes.hpp>

#include <array>

#include <spade/core/error.hpp>
#include <spade/statistics/gram_accumulator.hpp>

namespace spade::statistics {

std::vector<std::vector<std::size_t>> passes(std::span<const Layer> layers, std::span<const double> sparsity,
                                             Statistics statistics, std::int64_t bytes) {
  std::vector<std::vector<std::size_t>> groups;
  if (statistics == Statistics::None) return groups;
  std::int64_t used = 0;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (sparsity[i] == 0) continue;
    const std::int64_t needed = GramAccumulator::bytes(layers[i], statistics);
    if (needed > bytes) {
      throw InvalidArgument(message("statistics: the Gram matrix of layer '", layers[i].name, "' with ",
                                    layers[i].columns(), " columns takes ", needed,
                                    " bytes, over the bound of ", bytes,
                                    "; raise statistics_bytes or keep the layer dense"));
    }
    if (groups.empty() || used + needed > bytes) {
      groups.emplace_back();
      used = 0;
    }
    groups.back().push_back(i);
    used += needed;
  }
  return groups;
}

TensorView batch_first(const TensorView& input, std::span<const std::int64_t> single) {
  const std::size_t rank = input.rank();
  if (rank != single.size()) {
    throw ShapeMismatch(message("statistics: a layer's input is ", shape_text(input.extents()),
                                " for several copies and ", shape_text(single), " for one"));
  }
  std::size_t batch = 0;
  while (batch < rank && input.extent(batch) == single[batch])
    ++batch;
  if (batch == 0 || batch == rank) return input;
  std::array<std::int64_t, TensorView::max_rank> extents{input.extent(batch)};
  std::array<std::int64_t, TensorView::max_rank> strides{input.strides()[batch]};
  for (std::size_t d = 0, to = 1; d < rank; ++d) {
    if (d == batch) continue;
    extents[to] = input.extent(d);
    strides[to++] = input.strides()[d];
  }
  const std::span shape(extents.data(), rank);
  const std::span steps(strides.data(), rank);
  // Borrowed: whoever holds the input holds these elements too.
  if (input.scalar_type() == ScalarType::Float32) return {input.data<float>(), shape, steps};
  return {input.data<double>(), shape, steps};
}

} // namespace spade::statistics
