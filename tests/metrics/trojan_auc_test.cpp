// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/metrics/trojan_auc.hpp>

#include <ATen/ATen.h>
#include <catch2/catch.hpp>

#include <spade/core/error.hpp>

using spade::interpreters::Reduction;
using spade::metrics::trojan_auc;

namespace {

struct NoDescription {
  double operator()(const at::Tensor&, const at::Tensor&) const;
};
static_assert(spade::Metric<spade::metrics::TrojanAuc, at::Tensor, at::Tensor>);
static_assert(!spade::Metric<spade::metrics::TrojanAuc, at::Tensor>);
static_assert(!spade::Metric<NoDescription, at::Tensor, at::Tensor>);
static_assert(spade::metrics::TrojanAuc::description.chance == 0.5);

} // namespace

TEST_CASE("the reduction decides what negative attributions say", "[metrics]") {
  // Two channels of 1 x 3 pixels; the mask is the last pixel, whose channels cancel.
  const auto attribution = at::tensor({0.0, 1.0, 4.0, 0.0, 1.0, -4.0}).reshape({1, 2, 1, 3});
  const auto mask = at::tensor({0.0, 0.0, 1.0}).reshape({1, 3});

  CHECK(trojan_auc(attribution, mask, Reduction::AbsoluteSum) == 1);
  CHECK(spade::metrics::TrojanAuc{}(attribution, mask) == 1);
  CHECK(spade::metrics::TrojanAuc{Reduction::PositiveSum}(attribution, mask) == 0.25);
  CHECK(trojan_auc(attribution, mask, Reduction::PositiveSum) == 0.25); // loses to one, ties with the other
  CHECK(trojan_auc(attribution[0], mask.unsqueeze(0)) == 1);
}

TEST_CASE("attributions and masks that do not go together are refused", "[metrics]") {
  const auto attribution = at::ones({1, 3, 4, 5});
  using Catch::Contains;
  CHECK_THROWS_AS(trojan_auc(attribution, at::ones({5, 4})), spade::ShapeMismatch);
  CHECK_THROWS_WITH(trojan_auc(attribution, at::ones({5, 4})), Contains("[5, 4]") && Contains("[4, 5]"));
  CHECK_THROWS_WITH(trojan_auc(at::ones({2, 3, 4, 5}), at::ones({4, 5})), Contains("give one picture's"));
  CHECK_THROWS_WITH(trojan_auc(attribution, at::Tensor()), Contains("the mask is an undefined tensor"));
  CHECK_THROWS_AS(trojan_auc(attribution, at::ones({4, 5})), spade::InvalidArgument);
  CHECK_THROWS_AS(trojan_auc(attribution * NAN, at::ones({4, 5})), spade::NumericalError);
}
