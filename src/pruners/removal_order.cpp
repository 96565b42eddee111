// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "pruners/removal_order.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include <spade/core/error.hpp>

namespace spade::pruners {
namespace {

[[noreturn]] void overflow(const std::string& context) {
  throw EliminationOverflow(
      message(context, ": the elimination overflows; give more damping, or prune in_double"));
}

template <class T, class Weight>
int load_elements(const TensorView& weight, const linalg::LiveColumns& live, T* out) {
  const auto* given = weight.data<Weight>();
  double largest = 0;
  for (std::size_t i = 0; i < live.index.size(); ++i) {
    out[i] = static_cast<T>(given[live.index[i] * weight.strides()[0]]);
    largest = std::max(largest, std::abs(static_cast<double>(out[i])));
  }
  for (const auto i : live.zeroed)
    out[i] = T{0};
  int exponent = 0;
  (void)std::frexp(largest, &exponent);
  for (std::size_t i = 0; i < live.index.size(); ++i)
    out[i] = std::ldexp(out[i], -exponent);
  return exponent;
}

} // namespace

template <class T> int load_row(const TensorView& weight, const linalg::LiveColumns& live, T* out) {
  return weight.scalar_type() == ScalarType::Float32 ? load_elements<T, float>(weight, live, out)
                                                     : load_elements<T, double>(weight, live, out);
}

template <class T>
void remove_one_by_one(RowElimination<T>& row, const Pattern& pattern, const RowRecord& record,
                       const std::string& context) {
  std::vector<std::int64_t> gone(pattern.of > 0 ? static_cast<std::size_t>(row.slots() / pattern.of)
                                                : std::size_t{0});
  for (std::int64_t t = 0; t < record.steps; ++t) {
    (void)row.make_room(1);
    const std::int64_t slot = row.best();
    if (slot < 0) overflow(context);
    const std::int64_t variable = row.variable(slot);
    record.order[t] = static_cast<std::int32_t>(variable);
    record.losses[t] = static_cast<double>(row.cost(slot)) * record.unit;
    if (pattern.of > 0) {
      const std::int64_t stretch = variable / pattern.of;
      if (++gone[static_cast<std::size_t>(stretch)] == pattern.zeros) {
        for (std::int64_t v = stretch * pattern.of; v < (stretch + 1) * pattern.of; ++v) {
          const std::int64_t other = row.slot_of(v);
          if (v != variable && other >= 0 && row.alive(other)) row.retire(other);
        }
      }
    }
    if (t + 1 < record.steps) row.remove(slot);
  }
}

template <class T>
void remove_blocks(RowElimination<T>& row, BlockScores<T>& scores, std::int64_t width,
                   const RowRecord& record, const std::string& context) {
  for (std::int64_t t = 0; t < record.steps; ++t) {
    if (row.make_room(width)) scores.compact();
    const auto choice = scores.best(row.y());
    if (choice.at < 0) overflow(context);
    record.order[t] = static_cast<std::int32_t>(scores.block(choice.at));
    record.losses[t] = static_cast<double>(choice.cost) * record.unit;
    scores.take(choice.at);
    if (t + 1 == record.steps) break;
    for (std::int64_t i = 0; i < width; ++i) {
      row.remove(i * scores.left() + choice.at);
      scores.update(row.vector());
    }
  }
}

template int load_row<float>(const TensorView&, const linalg::LiveColumns&, float*);
template void remove_one_by_one<float>(RowElimination<float>&, const Pattern&, const RowRecord&,
                                       const std::string&);
template void remove_blocks<float>(RowElimination<float>&, BlockScores<float>&, std::int64_t,
                                   const RowRecord&, const std::string&);
template int load_row<double>(const TensorView&, const linalg::LiveColumns&, double*);
template void remove_one_by_one<double>(RowElimination<double>&, const Pattern&, const RowRecord&,
                                        const std::string&);
template void remove_blocks<double>(RowElimination<double>&, BlockScores<double>&, std::int64_t,
                                    const RowRecord&, const std::string&);

} // namespace spade::pruners
