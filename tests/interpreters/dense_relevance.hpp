// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// Relevance rules as the papers write them: sums over the entries of a dense matrix, one sample, in double.
#pragma once

#include <cstdint>
#include <functional>

#include <ATen/ATen.h>

namespace spade::dense {

/// y = W x + b over flattened values.
struct Map {
  at::Tensor w; ///< [J, I]
  at::Tensor b; ///< [J]
};

/// The matrix and offset of an affine function of [1, ...] inputs, from what it makes of 0 and of the unit
/// inputs.
inline Map matrix_of(const std::function<at::Tensor(const at::Tensor&)>& affine, at::IntArrayRef shape) {
  const auto zero = at::zeros(shape, at::kDouble);
  const auto b = affine(zero).flatten();
  auto w = at::empty({b.size(0), zero.numel()}, at::kDouble);
  for (std::int64_t i = 0; i < zero.numel(); ++i) {
    auto unit = zero.clone();
    unit.view(-1)[i] = 1;
    w.select(1, i).copy_(affine(unit).flatten() - b);
  }
  return {w, b};
}

inline double part(double value, int sign) {
  return sign * value > 0 ? value : 0;
}
inline double stable(double z, double epsilon) {
  return z < 0 ? z - epsilon : z + epsilon;
}

/// R_i = sum_j share(i, j) R_j, with share(i, j) given for all i at once by output j.
inline at::Tensor shared(const Map& map, const at::Tensor& relevance,
                         const std::function<void(std::int64_t j, std::vector<double>& share)>& share_of) {
  std::vector<double> result(static_cast<std::size_t>(map.w.size(1)));
  std::vector<double> share(result.size());
  const auto r = relevance.flatten().contiguous();
  for (std::int64_t j = 0; j < map.w.size(0); ++j) {
    share_of(j, share);
    for (std::size_t i = 0; i < result.size(); ++i)
      result[i] += share[i] * r.data_ptr<double>()[j];
  }
  return at::tensor(result, at::kDouble);
}

/// Numbers of one row: x_i w_ij and b_j.
struct Row {
  Row(const Map& map, const at::Tensor& x, std::int64_t j)
      : w(map.w.accessor<double, 2>()[j]), bias(map.b[j].item<double>()) {
    const auto flat = x.flatten().contiguous();
    for (std::int64_t i = 0; i < flat.size(0); ++i)
      product.push_back(flat.data_ptr<double>()[i] * w[i]);
  }
  at::TensorAccessor<double, 1> w;
  double bias;
  std::vector<double> product;

  [[nodiscard]] double z() const {
    double sum = bias;
    for (const auto p : product)
      sum += p;
    return sum;
  }
  [[nodiscard]] double z(int sign) const {
    double sum = part(bias, sign);
    for (const auto p : product)
      sum += part(p, sign);
    return sum;
  }
};

inline at::Tensor epsilon(const Map& map, const at::Tensor& x, const at::Tensor& relevance, double e = 1e-6) {
  return shared(map, relevance, [&](std::int64_t j, std::vector<double>& share) {
    const Row row(map, x, j);
    for (std::size_t i = 0; i < share.size(); ++i)
      share[i] = row.product[i] / stable(row.z(), e);
  });
}

inline at::Tensor alpha_beta(const Map& map, const at::Tensor& x, const at::Tensor& relevance, double alpha,
                             double beta, double e = 1e-6) {
  return shared(map, relevance, [&](std::int64_t j, std::vector<double>& share) {
    const Row row(map, x, j);
    const double supporting = stable(row.z(+1), e);
    const double opposing = stable(row.z(-1), e);
    for (std::size_t i = 0; i < share.size(); ++i) {
      share[i] = alpha * part(row.product[i], +1) / supporting - beta * part(row.product[i], -1) / opposing;
    }
  });
}

inline at::Tensor gamma(const Map& map, const at::Tensor& x, const at::Tensor& relevance, double g,
                        double e = 1e-6) {
  return shared(map, relevance, [&](std::int64_t j, std::vector<double>& share) {
    const Row row(map, x, j);
    const double z = row.z();
    const int sign = z > 0 ? +1 : -1;
    const double total = stable(z + g * row.z(sign), e);
    for (std::size_t i = 0; i < share.size(); ++i) {
      share[i] = z == 0 ? 0 : (row.product[i] + g * part(row.product[i], sign)) / total;
    }
  });
}

inline at::Tensor z_box(const Map& map, const at::Tensor& x, const at::Tensor& relevance, double low,
                        double high, double e = 1e-6) {
  return shared(map, relevance, [&](std::int64_t j, std::vector<double>& share) {
    const Row row(map, x, j);
    double total = 0;
    for (std::size_t i = 0; i < share.size(); ++i) {
      const double w = row.w[static_cast<std::int64_t>(i)];
      share[i] = row.product[i] - low * part(w, +1) - high * part(w, -1);
      total += share[i];
    }
    for (auto& s : share)
      s /= stable(total, e);
  });
}

/// `map` of a layer whose weights are all 1: its entries say which inputs an output has.
inline at::Tensor flat(const Map& map, const at::Tensor& relevance) {
  return shared(map, relevance, [&](std::int64_t j, std::vector<double>& share) {
    const auto count = map.w[j].sum().item<double>();
    for (std::size_t i = 0; i < share.size(); ++i)
      share[i] = map.w[j][static_cast<std::int64_t>(i)].item<double>() / count;
  });
}

} // namespace spade::dense
