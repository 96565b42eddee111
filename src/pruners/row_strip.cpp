// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "pruners/row_strip.hpp"

#include <algorithm>
#include <utility>

#include <spade/linalg/multiply.hpp>

#include "pruners/removal_order.hpp"

namespace spade::pruners {

RowStrip::RowStrip(TensorView weight, std::span<const std::int64_t> rows, const linalg::LiveColumns& live,
                   const double* matrix)
    : weight_(std::move(weight)), rows_(rows), live_(live), matrix_(matrix),
      n_(static_cast<std::int64_t>(live.index.size())),
      most_(std::min(std::clamp<std::int64_t>(n_ / 2, 32, 128), static_cast<std::int64_t>(rows.size()))),
      weights_(most_ * n_), moments_(most_ * n_), exponents_(static_cast<std::size_t>(most_)) {}

bool RowStrip::next() {
  first_ += count_;
  count_ = std::min(most_, static_cast<std::int64_t>(rows_.size()) - first_);
  if (count_ <= 0) return false;
  for (std::int64_t r = 0; r < count_; ++r) {
    exponents_[static_cast<std::size_t>(r)] = load_row(weight_[row(r)], live_, weights_.data() + r * n_);
  }
  std::fill_n(moments_.data(), count_ * n_, 0.0);
  linalg::multiply_add<double>(1.0, {weights_.data(), count_, n_, n_, 1}, {matrix_, n_, n_, n_, 1},
                               {moments_.data(), count_, n_, n_});
  return true;
}

} // namespace spade::pruners
