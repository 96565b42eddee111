// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/interpreters/occlusion.hpp>

#include <algorithm>

#include <catch2/catch.hpp>

#include <spade/core/error.hpp>

#include "interpreters/toy_functions.hpp"

using namespace spade::interpreters;
using namespace spade::toys;

namespace {

/// One sample [C, H, W], element by element and window by window.
at::Tensor occlusion_by_loops(const ForwardFunction& network, const at::Tensor& x, const at::Tensor& baseline,
                              std::int64_t target, std::vector<std::int64_t> window,
                              std::vector<std::int64_t> stride) {
  const auto extent = x.sizes();
  auto sum = at::zeros_like(x);
  auto count = at::zeros_like(x);
  const auto score = network(x.unsqueeze(0))[0][target];
  const auto last = [&](std::size_t d) { // the first start from which the window reaches the end
    std::int64_t start = 0;
    while (start + window[d] < extent[d])
      start += stride[d];
    return start;
  };
  for (std::int64_t c = 0; c <= last(0); c += stride[0]) {
    for (std::int64_t i = 0; i <= last(1); i += stride[1]) {
      for (std::int64_t j = 0; j <= last(2); j += stride[2]) {
        auto covered = x.clone();
        auto mask = at::zeros_like(x);
        for (auto a = c; a < std::min(extent[0], c + window[0]); ++a) {
          for (auto b = i; b < std::min(extent[1], i + window[1]); ++b) {
            for (auto e = j; e < std::min(extent[2], j + window[2]); ++e) {
              covered[a][b][e] = baseline[a][b][e];
              mask[a][b][e] = 1;
            }
          }
        }
        sum += mask * (score - network(covered.unsqueeze(0))[0][target]);
        count += mask;
      }
    }
  }
  return sum / count;
}

} // namespace

TEST_CASE("occlusion of a linear network is exact", "[interpreters]") {
  const auto weight = normal({3, 6}, 1);
  const auto x = normal({2, 6}, 2);
  const auto x0 = normal({1, 6}, 3);

  CHECK(at::allclose(Occlusion{}.attribute(linear_network(weight, normal({3}, 4)), x, 1), x * weight[1],
                     1e-12, 1e-13));
  CHECK(at::allclose(Occlusion({.window = {1}, .baseline = x0}).attribute(linear_network(weight, {}), x, 1),
                     (x - x0) * weight[1], 1e-12, 1e-13));
}

TEST_CASE("windows share what they cover", "[interpreters]") {
  // f = 1 x0 + 10 x1 + 100 x2 with windows {0, 1}, {1, 2}, {2}: the last is cut at the end.
  const auto network = linear_network(at::tensor({1.0, 10.0, 100.0}, at::kDouble).unsqueeze(0), {});
  const auto attribution =
      Occlusion({.window = {2}, .stride = {1}}).attribute(network, at::ones({1, 3}, at::kDouble), 0);
  CHECK(at::allclose(attribution, at::tensor({11.0, (11.0 + 110.0) / 2, 110.0}, at::kDouble).unsqueeze(0)));

  // Steps of 2: windows {0, 1} and {2}.
  const auto steps =
      Occlusion({.window = {2}, .stride = {2}}).attribute(network, at::ones({1, 3}, at::kDouble), 0);
  CHECK(at::allclose(steps, at::tensor({11.0, 11.0, 100.0}, at::kDouble).unsqueeze(0)));
}

TEST_CASE("occlusion equals its definition by loops", "[interpreters]") {
  const auto network = perceptron(normal({6, 2 * 5 * 7}, 1), normal({3, 6}, 2));
  const auto x = normal({1, 2, 5, 7}, 3);
  const auto baseline = normal({1, 2, 5, 7}, 4);
  const std::vector<std::vector<std::int64_t>> cases[] = {{{2, 2, 3}, {2, 1, 2}},
                                                          {{1, 3, 3}, {1, 3, 3}},
                                                          {{2, 5, 7}, {1, 1, 1}},
                                                          {{1, 1, 1}, {1, 1, 1}},
                                                          {{2, 4, 4}, {2, 3, 4}}};
  for (const auto& sizes : cases) {
    const Occlusion occlusion({.window = sizes[0], .stride = sizes[1], .baseline = baseline});
    const auto expected = occlusion_by_loops(network, x[0], baseline[0], 2, sizes[0], sizes[1]);
    CHECK(at::allclose(occlusion.attribute(network, x, 2)[0], expected, 1e-10, 1e-12));
  }
}

TEST_CASE("a window of 0 is the whole extent, and the default window an eighth", "[interpreters]") {
  const auto network = perceptron(normal({6, 2 * 16 * 16}, 1), normal({3, 6}, 2));
  const auto x = normal({1, 2, 16, 16}, 3);
  const auto expected = occlusion_by_loops(network, x[0], at::zeros_like(x[0]), 0, {2, 2, 2}, {2, 1, 1});

  CHECK(at::allclose(Occlusion{}.attribute(network, x, 0)[0], expected, 1e-10, 1e-12));
  CHECK(at::equal(Occlusion{}.attribute(network, x, 0),
                  Occlusion({.window = {0, 2, 2}, .stride = {0, 1, 1}}).attribute(network, x, 0)));
}

TEST_CASE("a batch gives its samples' bits whatever else is in it", "[interpreters]") {
  const auto network = perceptron(normal({6, 2 * 5 * 7}, 1), normal({3, 6}, 2));
  const auto x = normal({3, 2, 5, 7}, 3);
  const auto copy = x.clone();
  const Occlusion occlusion({.window = {2, 2, 2}, .stride = {2, 1, 1}});

  const auto together = occlusion.attribute(network, x, {2, 0, 1});

  CHECK(at::equal(together.narrow(0, 1, 1), occlusion.attribute(network, x.narrow(0, 1, 1), 0)));
  CHECK(at::equal(together, occlusion.attribute(network, x, {2, 0, 1})));
  CHECK(at::equal(x, copy));
  for (const std::int64_t batch : {1, 23, 24, 25}) { // there are 24 windows
    const Occlusion other({.window = {2, 2, 2}, .stride = {2, 1, 1}, .batch = batch});
    CHECK(at::allclose(other.attribute(network, x, {2, 0, 1}), together, 1e-12, 1e-14));
  }
}

TEST_CASE("windows that make no sense are refused", "[interpreters]") {
  const auto network = perceptron(normal({6, 70}, 1), normal({3, 6}, 2));
  const auto x = normal({1, 2, 5, 7}, 3);
  using Catch::Contains;
  CHECK_THROWS_AS(Occlusion({.window = {2, -1, 2}}), spade::InvalidArgument);
  CHECK_THROWS_WITH(Occlusion({.window = {2, 2}, .stride = {1}}), Contains("[1]") && Contains("[2, 2]"));
  CHECK_THROWS_AS(Occlusion({.batch = 0}), spade::InvalidArgument);
  CHECK_THROWS_AS(Occlusion({.window = {3, 3}}).attribute(network, x, 0), spade::ShapeMismatch);
  CHECK_THROWS_WITH(Occlusion({.window = {3, 3}}).attribute(network, x, 0),
                    Contains("[3, 3]") && Contains("[2, 5, 7]"));
  CHECK_THROWS_WITH(Occlusion({.window = {2, 6, 2}}).attribute(network, x, 0),
                    Contains("larger than a sample"));
  CHECK_THROWS_WITH(Occlusion({.window = {2, 2, 2}, .stride = {2, 3, 2}}).attribute(network, x, 0),
                    Contains("leave gaps"));
  CHECK_THROWS_AS(Occlusion({.baseline = at::zeros({5, 7})}).attribute(network, x, 0), spade::ShapeMismatch);
}
