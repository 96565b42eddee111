// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "linalg/damped_factor.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include <spade/core/error.hpp>
#include <spade/core/parallel.hpp>
#include <spade/linalg/cholesky.hpp>

namespace spade::linalg {
namespace {

// Row i of the result is row index[n - 1 - i] of H, from column index[n - 1] down to the diagonal.
template <class T, class Source>
void gather_reversed(const Source* h, std::int64_t row_stride, std::int64_t column_stride,
                     const LiveColumns& live, double scale, double shift, T* target) {
  const auto& index = live.index;
  const auto n = static_cast<std::int64_t>(index.size());
  const bool plain = column_stride == 1 && live.consecutive(); // most often
  const auto scaled = [scale](Source element) {
    return static_cast<T>(static_cast<double>(element) * scale);
  };
  parallel_for(n, 256, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const std::int64_t given = index[static_cast<std::size_t>(n - 1 - i)];
      const Source* row = h + given * row_stride;
      T* out = target + i * n;
      if (plain) {
        for (std::int64_t j = 0; j < i; ++j)
          out[j] = scaled(row[n - 1 - j]);
      } else {
        for (std::int64_t j = 0; j < i; ++j)
          out[j] = scaled(row[index[static_cast<std::size_t>(n - 1 - j)] * column_stride]);
      }
      const auto diagonal = static_cast<double>(row[given * column_stride]);
      out[i] = static_cast<T>((diagonal == 0.0 ? live.zero_stands_for : diagonal) * scale + shift);
    }
  });
}

// Factors once, with the damping that the factor carries. @returns n, or the pivot that failed
template <class T>
std::int64_t factor_once(const TensorView& gram, const LiveColumns& live, T smallest_pivot,
                         DampedFactor<T>& factor) {
  const std::int64_t n = factor.size;
  const double shift = factor.damping * live.mean * factor.scale;
  const auto gather = [&](const auto* h) {
    gather_reversed(h, gram.strides()[0], gram.strides()[1], live, factor.scale, shift, factor.memory.data());
  };
  if (gram.scalar_type() == ScalarType::Float32) {
    gather(gram.data<float>());
  } else {
    gather(gram.data<double>());
  }
  return factor_cholesky<T>({factor.memory.data(), n, n, n}, smallest_pivot);
}

template <class T> DampedFactor<T> empty_factor(const LiveColumns& live, double damping) {
  const auto n = static_cast<std::int64_t>(live.index.size());
  int exponent = 0;
  (void)std::frexp(live.mean, &exponent);
  // Denormal means have exponents whose opposite overflows.
  return {Workspace<T>(n * n), n, damping, std::ldexp(1.0, std::min(-exponent, 1000))};
}

} // namespace

template <class T>
DampedFactor<T> factor_damped(const TensorView& gram, const LiveColumns& live, double damping,
                              const std::string& context) {
  auto factor = empty_factor<T>(live, damping);
  const std::int64_t n = factor.size;
  const double smallest_pivot = std::sqrt(static_cast<double>(n)) *
                                static_cast<double>(std::numeric_limits<T>::epsilon()) * live.largest *
                                factor.scale;
  std::int64_t failed = 0;
  for (int raises = 0; raises <= most_raises; ++raises) {
    if (raises > 0) factor.damping = raised_damping(factor.damping);
    failed = factor_once(gram, live, static_cast<T>(smallest_pivot), factor);
    if (failed == n) return factor;
  }
  throw NumericalError(message(context, ", is not positive definite even with ", factor.damping,
                               " of its mean diagonal added (it fails at column ",
                               live.index[static_cast<std::size_t>(n - 1 - failed)],
                               "); gather it from more samples, or give more damping"));
}

DampedFactor<double> factor_reference(const TensorView& gram, const LiveColumns& live,
                                      const std::string& context) {
  auto trial = empty_factor<float>(live, 0.0);
  const bool fine = factor_once(gram, live, 0.0F, trial) == trial.size;
  return factor_damped<double>(gram, live, fine ? 0.0 : 1.0 / live.mean, context);
}

Workspace<double> damped_matrix(const TensorView& gram, const LiveColumns& live, double damping,
                                double scale) {
  const auto n = static_cast<std::int64_t>(live.index.size());
  Workspace<double> result(n * n);
  const double shift = damping * live.mean * scale;
  const auto gather = [&](const auto* h) {
    parallel_for(n, 256, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin; i < end; ++i) {
        const auto* row = h + live.index[static_cast<std::size_t>(i)] * gram.strides()[0];
        double* out = result.data() + i * n;
        for (std::int64_t j = 0; j < n; ++j) {
          out[j] =
              scale * static_cast<double>(row[live.index[static_cast<std::size_t>(j)] * gram.strides()[1]]);
        }
        if (out[i] == 0.0) out[i] = scale * live.zero_stands_for;
        out[i] += shift;
      }
    });
  };
  if (gram.scalar_type() == ScalarType::Float32) {
    gather(gram.data<float>());
  } else {
    gather(gram.data<double>());
  }
  return result;
}

Workspace<double> inverse_of(DampedFactor<double> factor) {
  const std::int64_t n = factor.size;
  Workspace<double> inverse(n * n);
  invert_cholesky<double>({factor.memory.data(), n, n, n}, {inverse.data(), n, n, n});
  // From reverse order to that of the columns.
  std::reverse(inverse.data(), inverse.data() + n * n);
  return inverse;
}

template DampedFactor<float> factor_damped<float>(const TensorView&, const LiveColumns&, double,
                                                  const std::string&);
template DampedFactor<double> factor_damped<double>(const TensorView&, const LiveColumns&, double,
                                                    const std::string&);

} // namespace spade::linalg
