// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "pruners/problem_check.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>

#include <spade/core/error.hpp>
#include <spade/core/parallel.hpp>

#include "linalg/kernels.hpp"
#include "linalg/live_columns.hpp"

namespace spade::pruners {
namespace {

// First element that is not finite, as an index into the group's rows and columns; -1 where all are.
template <class T>
std::int64_t first_not_finite(const T* data, std::int64_t rows, std::int64_t columns, std::int64_t row_stride,
                              std::int64_t column_stride) {
  for (std::int64_t r = 0; r < rows; ++r) {
    const T* row = data + r * row_stride;
    T sum{0}; // x - x is 0 for finite x, NaN otherwise, and stays NaN in a sum
    for (std::int64_t c = 0; c < columns; ++c)
      sum += row[c * column_stride] - row[c * column_stride];
    if (sum == T{0}) continue;
    for (std::int64_t c = 0; c < columns; ++c) {
      if (!std::isfinite(row[c * column_stride])) return r * columns + c;
    }
  }
  return -1;
}

template <class T> void check_weight_values(const std::string& pruner, const LayerProblem& problem) {
  for (std::int64_t g = 0; g < problem.weight.extent(0); ++g) {
    const auto group = problem.weight[g];
    const auto* data = group.data<T>();
    const auto columns = group.extent(1);
    const auto rows = group.extent(0);
    const auto row_stride = group.strides()[0];
    const auto column_stride = group.strides()[1];
    std::atomic<bool> fine{true};
    parallel_for(rows, std::max<std::int64_t>(1, 500000 / columns),
                 [&](std::int64_t begin, std::int64_t end) {
                   if (first_not_finite(data + begin * row_stride, end - begin, columns, row_stride,
                                        column_stride) >= 0)
                     fine = false;
                 });
    if (fine) continue;
    const auto bad = first_not_finite(data, rows, columns, row_stride, column_stride);
    throw NumericalError(message(
        pruner, ": weight [", g, ", ", bad / columns, ", ", bad % columns, "] of layer '", problem.name,
        "' is ", data[bad / columns * group.strides()[0] + bad % columns * group.strides()[1]]));
  }
}

// What rounding may make of an element (i, j): 1e-4 (norms[i] norms[j]).
template <class T> constexpr T gram_tolerance = T(1e-4);

// The square roots of the diagonal, those of dead columns as large as a dead column's can be.
template <class T> std::vector<T> norms_of(const T* h, std::int64_t columns, std::int64_t diagonal_stride) {
  std::vector<T> norms;
  for (std::int64_t c = 0; c < columns; ++c)
    norms.push_back(std::sqrt(h[c * diagonal_stride]));
  const T least = std::sqrt(T(linalg::dead_fraction)) * *std::max_element(norms.begin(), norms.end());
  for (T& norm : norms)
    norm = std::max(norm, least);
  return norms;
}

// Rows and columns that are compared with those across the diagonal, from the nearest cache. Rows are whole slivers of
// any instruction set.
constexpr std::int64_t tile_rows = 48;
constexpr std::int64_t tile_columns = 64;

// Whether H(i, j) is H(j, i) for a tile of rows i and columns j, one pair after the other.
template <class T>
bool same_across(const T* h, std::int64_t row, std::int64_t row_end, std::int64_t column,
                 std::int64_t column_end, std::int64_t row_stride, std::int64_t column_stride,
                 const std::vector<T>& norms) {
  bool same = true;
  for (std::int64_t i = row; i < row_end; ++i) {
    for (std::int64_t j = column; j < column_end; ++j) {
      const T apart = h[i * row_stride + j * column_stride] - h[j * row_stride + i * column_stride];
      same &= std::abs(apart) <=
              gram_tolerance<T> * (norms[static_cast<std::size_t>(i)] * norms[static_cast<std::size_t>(j)]);
    }
  }
  return same;
}

// The same for rows [begin, end) and j <= i.
template <class T>
bool symmetric(const T* h, std::int64_t begin, std::int64_t end, std::int64_t row_stride,
               std::int64_t column_stride, const std::vector<T>& norms) {
  const auto& kernel = linalg::kernels<T>();
  std::array<T, tile_rows * tile_columns> packed;
  bool same = true;
  for (std::int64_t i = begin; i < end; i += tile_rows) {
    const std::int64_t last = std::min(i + tile_rows, end);
    // Slivers that are whole, of rows that lie as the kernel wants them.
    const std::int64_t whole = column_stride == 1 ? i + (last - i) / kernel.sliver * kernel.sliver : i;
    for (std::int64_t j = 0; j < last; j += tile_columns) {
      const std::int64_t width = std::min(tile_columns, last - j);
      for (std::int64_t row = i; row < whole; row += kernel.sliver) {
        kernel.pack(kernel.sliver, width, h + row * row_stride + j, row_stride, 1, packed.data());
        same &= kernel.agree(width, gram_tolerance<T>, packed.data(), norms.data() + row,
                             h + j * row_stride + row, row_stride, norms.data() + j);
      }
      same &= same_across(h, whole, last, j, j + width, row_stride, column_stride, norms);
    }
  }
  return same;
}

// The first pair of elements that is not symmetric, for a message.
template <class T>
std::string first_fault(const T* h, std::int64_t columns, std::int64_t row_stride, std::int64_t column_stride,
                        const std::vector<T>& norms) {
  for (std::int64_t i = 0; i < columns; ++i) {
    for (std::int64_t j = 0; j < i; ++j) {
      const T a = h[i * row_stride + j * column_stride];
      const T b = h[j * row_stride + i * column_stride];
      const T norm = norms[static_cast<std::size_t>(i)] * norms[static_cast<std::size_t>(j)];
      if (!(std::abs(a - b) <= gram_tolerance<T> * norm))
        return message(" H[", i, ", ", j, "] is ", a, " and H[", j, ", ", i, "] is ", b);
    }
  }
  return {};
}

// The product of a column with one that sees nothing is nothing.
template <class T>
void check_dead_columns(const T* h, std::int64_t columns, std::int64_t row_stride, std::int64_t column_stride,
                        const std::vector<T>& norms, const std::string& text) {
  const T largest = *std::max_element(norms.begin(), norms.end());
  for (std::int64_t i = 0; i < columns; ++i) {
    if (norms[static_cast<std::size_t>(i)] > std::sqrt(T(linalg::dead_fraction)) * largest) continue;
    const T diagonal = h[i * (row_stride + column_stride)];
    for (std::int64_t j = 0; j < columns; ++j) {
      const T element = h[i * row_stride + j * column_stride];
      if (std::abs(element) <= gram_tolerance<T> * norms[static_cast<std::size_t>(j)] * largest) continue;
      throw InvalidArgument(message(text, ", is none: H[", i, ", ", i, "] is ", diagonal, ", but H[", i, ", ",
                                    j, "] is ", element));
    }
  }
}

template <class T> void check_gram_values(const std::string& pruner, const LayerProblem& problem) {
  const std::int64_t columns = problem.gram.extent(1);
  for (std::int64_t g = 0; g < problem.gram.extent(0); ++g) {
    const auto group = problem.gram[g];
    const auto* h = group.data<T>();
    const auto row_stride = group.strides()[0];
    const auto column_stride = group.strides()[1];
    for (std::int64_t c = 0; c < columns; ++c) {
      const T diagonal = h[c * (row_stride + column_stride)];
      if (!(diagonal >= T{0} && std::isfinite(diagonal))) {
        throw NumericalError(message(pruner, ": element [", c, ", ", c, "] of the Gram matrix of layer '",
                                     problem.name, "', group ", g, ", is ", diagonal,
                                     "; a sum of squares is not"));
      }
    }
    const auto norms = norms_of(h, columns, row_stride + column_stride);
    const auto text = message(pruner, ": the Gram matrix of layer '", problem.name, "', group ", g);
    constexpr std::int64_t strip = tile_rows;
    const std::int64_t strips = (columns + strip - 1) / strip;
    std::atomic<bool> fine{true};
    parallel_for(strips, 16, [&](std::int64_t begin, std::int64_t end) {
      if (!symmetric(h, begin * strip, std::min(end * strip, columns), row_stride, column_stride, norms))
        fine = false;
    });
    if (!fine) {
      const auto fault = first_fault(h, columns, row_stride, column_stride, norms);
      if (first_not_finite(h, columns, columns, row_stride, column_stride) >= 0) {
        throw NumericalError(message(text, ", is not finite:", fault));
      }
      throw InvalidArgument(message(text, ", is not symmetric:", fault));
    }
    check_dead_columns(h, columns, row_stride, column_stride, norms, text);
  }
}

// Whether no weight but zeros stands in a column that sees something.
bool computes_nothing(const LayerProblem& problem) {
  for (std::int64_t g = 0; g < problem.weight.extent(0); ++g) {
    const auto weights = problem.weight[g].to_vector<double>();
    const auto live = linalg::live_columns(problem.gram[g]);
    const std::int64_t columns = problem.weight.extent(2);
    for (std::int64_t r = 0; r < problem.weight.extent(1); ++r) {
      for (const auto c : live.index) {
        if (weights[static_cast<std::size_t>(r * columns + c)] != 0.0) return false;
      }
    }
  }
  return true;
}

} // namespace

Extents check_weight(const std::string& pruner, const LayerProblem& problem, double sparsity) {
  if (!(sparsity >= 0.0 && sparsity <= 1.0)) {
    throw InvalidArgument(
        message(pruner, ": sparsity ", sparsity, " for layer '", problem.name, "' is outside [0, 1]"));
  }
  if (problem.weight.rank() != 3 || problem.weight.size() == 0) {
    throw ShapeMismatch(message(pruner, ": the weight of layer '", problem.name, "' has shape ",
                                shape_text(problem.weight.extents()),
                                ", not [groups, rows, columns] with elements"));
  }
  if (problem.samples < 0 || problem.positions < 0) {
    throw InvalidArgument(message(pruner, ": layer '", problem.name, "' comes with ", problem.samples,
                                  " samples and ", problem.positions,
                                  " positions; 0 means that the number is not known"));
  }
  if (problem.columns_per_channel < 1) {
    throw InvalidArgument(
        message(pruner, ": layer '", problem.name, "' comes with ", problem.columns_per_channel,
                " columns per channel; it is the number of kernel elements, 1 for linear layers"));
  }
  if (problem.weight.scalar_type() == ScalarType::Float32) {
    check_weight_values<float>(pruner, problem);
  } else {
    check_weight_values<double>(pruner, problem);
  }
  return {problem.weight.extent(0), problem.weight.extent(1), problem.weight.extent(2)};
}

void check_gram(const std::string& pruner, const LayerProblem& problem, const Extents& extents) {
  if (!problem.gram) {
    throw InvalidArgument(
        message(pruner, ": layer '", problem.name, "' comes without a Gram matrix; gather Statistics::Full"));
  }
  if (problem.gram.rank() != 3 || problem.gram.extent(0) != extents.groups ||
      problem.gram.extent(1) != extents.columns || problem.gram.extent(2) != extents.columns) {
    throw ShapeMismatch(message(pruner, ": the Gram matrix of layer '", problem.name, "' has shape ",
                                shape_text(problem.gram.extents()), "; its weight of shape ",
                                shape_text(problem.weight.extents()), " needs [", extents.groups, ", ",
                                extents.columns, ", ", extents.columns, "]"));
  }
  if (problem.gram.scalar_type() == ScalarType::Float32) {
    check_gram_values<float>(pruner, problem);
  } else {
    check_gram_values<double>(pruner, problem);
  }
}

std::int64_t exact_count(double sparsity, std::int64_t size) {
  return std::llround(sparsity * static_cast<double>(size));
}

template <class T> LayerSolution solution_of(const LayerProblem& problem, std::vector<T> weight) {
  LayerSolution solution;
  solution.report.name = problem.name;
  solution.report.sparsity = static_cast<double>(std::count(weight.begin(), weight.end(), T{0})) /
                             static_cast<double>(weight.size());
  solution.weight = TensorView::owning(std::move(weight), problem.weight.extents());
  return solution;
}

LayerSolution unchanged(const LayerProblem& problem) {
  LayerSolution solution{problem.weight, {}};
  const auto values = problem.weight.to_vector<double>();
  solution.report.name = problem.name;
  solution.report.sparsity =
      static_cast<double>(std::count(values.begin(), values.end(), 0.0)) / static_cast<double>(values.size());
  return solution;
}

LayerSolution all_or_nothing(const LayerProblem& problem, double sparsity) {
  if (sparsity == 0.0) {
    auto solution = unchanged(problem);
    solution.report.relative_error = 0.0;
    return solution;
  }
  const auto size = static_cast<std::size_t>(problem.weight.size());
  auto solution = problem.weight.scalar_type() == ScalarType::Float32
                      ? solution_of(problem, std::vector<float>(size))
                      : solution_of(problem, std::vector<double>(size));
  solution.report.relative_error = computes_nothing(problem) ? 0.0 : 1.0;
  return solution;
}

template LayerSolution solution_of<float>(const LayerProblem&, std::vector<float>);
template LayerSolution solution_of<double>(const LayerProblem&, std::vector<double>);

} // namespace spade::pruners
