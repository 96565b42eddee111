// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/metrics/roc_auc.hpp>

#include <limits>
#include <vector>

#include <ATen/ATen.h>
#include <catch2/catch.hpp>

#include <spade/core/error.hpp>
#include <spade/core/rng.hpp>

using spade::metrics::roc_auc;

namespace {

at::Tensor row(std::vector<double> values) {
  return at::tensor(values, at::kDouble);
}

/// The definition, pair by pair.
double pairwise_auc(const std::vector<double>& scores, const std::vector<double>& mask) {
  double won = 0;
  double pairs = 0;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    for (std::size_t j = 0; j < scores.size(); ++j) {
      if (mask[i] == 0 || mask[j] != 0) continue;
      won += scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0;
      pairs += 1;
    }
  }
  return won / pairs;
}

} // namespace

TEST_CASE("the area is the share of pairs in the right order", "[metrics]") {
  CHECK(roc_auc(row({1, 2, 3, 4}), row({0, 0, 1, 1})) == 1);
  CHECK(roc_auc(row({4, 3, 2, 1}), row({0, 0, 1, 1})) == 0);
  CHECK(roc_auc(row({1, 3, 2, 4}), row({0, 0, 1, 1})) == 0.75);
}

TEST_CASE("ties count half", "[metrics]") {
  CHECK(roc_auc(row({7, 7, 7, 7, 7}), row({0, 1, 0, 1, 1})) == 0.5);
  CHECK(roc_auc(row({1, 2, 2}), row({0, 0, 1})) == 0.75);
  CHECK(roc_auc(row({0.0, -0.0}), row({0, 1})) == 0.5);
}

TEST_CASE("the area equals its definition on random scores with ties", "[metrics]") {
  spade::Rng rng(11);
  for (const std::size_t count : {2, 3, 7, 64, 101}) {
    for (const std::int64_t levels : {2, 5, 1000}) {
      auto stream = rng.next();
      std::vector<double> scores(count);
      std::vector<double> mask(count);
      for (auto& score : scores)
        score = static_cast<double>(stream.integer(levels));
      for (auto& inside : mask)
        inside = static_cast<double>(stream.integer(2));
      mask.front() = 0;
      mask.back() = 1;

      CHECK(roc_auc(row(scores), row(mask)) == Approx(pairwise_auc(scores, mask)).margin(1e-14));
    }
  }
}

TEST_CASE("only the order counts, and the complement mirrors it", "[metrics]") {
  const auto scores = row({0.3, -1.2, 5.0, 0.3, 2.2, -7.5, 0.0});
  const auto mask = row({1, 0, 1, 0, 0, 0, 1});

  const auto area = roc_auc(scores, mask);

  CHECK(roc_auc(scores.exp(), mask) == area);
  CHECK(roc_auc(-scores, mask) == Approx(1 - area));
  CHECK(roc_auc(scores, 1 - mask) == Approx(1 - area));
}

TEST_CASE("masks of any type and tensors of any strides mean the same", "[metrics]") {
  const auto scores = at::arange(12, at::kFloat).reshape({3, 4});
  const auto mask = (at::arange(12).reshape({3, 4}) % 3 == 0);

  const auto area = roc_auc(scores, mask);

  CHECK(roc_auc(scores, mask.to(at::kFloat)) == area);
  CHECK(roc_auc(scores, mask.to(at::kByte) * 255) == area);
  CHECK(roc_auc(scores.t(), mask.t()) == area);
}

TEST_CASE("what has no area is refused with its reason", "[metrics]") {
  const auto scores = row({1, 2, 3});
  using Catch::Contains;
  CHECK_THROWS_WITH(roc_auc(scores, row({0, 0, 0})), Contains("0 of the mask's 3 elements are inside"));
  CHECK_THROWS_AS(roc_auc(scores, row({1, 1, 1})), spade::InvalidArgument);
  CHECK_THROWS_WITH(roc_auc(row({}), row({})), Contains("0 of the mask's 0 elements"));
  CHECK_THROWS_AS(roc_auc(scores, row({0, 1})), spade::ShapeMismatch);
  CHECK_THROWS_WITH(roc_auc(scores, row({0, 1})), Contains("[3]") && Contains("[2]"));
  const auto nan = std::numeric_limits<double>::quiet_NaN();
  CHECK_THROWS_AS(roc_auc(row({1, nan, 3}), row({0, 1, 0})), spade::NumericalError);
  CHECK_THROWS_WITH(roc_auc(row({1, nan, 3}), row({0, 1, 0})), Contains("element 1 of the scores is nan"));
  CHECK_THROWS_WITH(roc_auc(scores, row({0, nan, 1})), Contains("element 1 of the mask is nan"));
  CHECK_THROWS_WITH(roc_auc(at::Tensor(), row({0, 1})), Contains("undefined"));
  CHECK_THROWS_WITH(roc_auc(at::complex(scores, scores), scores), Contains("complex"));
}
