// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/core/tensor_view.hpp>

#include <numeric>

#include <catch2/catch.hpp>

#include <spade/core/error.hpp>

using spade::ScalarType;
using spade::TensorView;
using Extents = std::vector<std::int64_t>;

namespace {

std::vector<float> iota(std::size_t count) {
  std::vector<float> values(count);
  std::iota(values.begin(), values.end(), 0.0F);
  return values;
}

} // namespace

TEST_CASE("the empty view is false and has no elements", "[core][tensor_view]") {
  const TensorView view;
  CHECK_FALSE(view);
  CHECK(view.rank() == 0);
  CHECK(view.size() == 0);
  CHECK(view.to_vector<float>().empty());
}

TEST_CASE("an owning view keeps its elements alive in every copy", "[core][tensor_view]") {
  TensorView row;
  {
    const auto view = TensorView::owning(iota(6), Extents{2, 3});
    CHECK(view.scalar_type() == ScalarType::Float32);
    CHECK(view.contiguous());
    CHECK(view.size() == 6);
    CHECK(view.extent(1) == 3);
    row = view[1];
  }
  CHECK(row.rank() == 1);
  CHECK(row.to_vector<double>() == std::vector<double>{3, 4, 5});
  CHECK(*row.data<float>() == 3.0F);
}

TEST_CASE("strides may permute, repeat and reverse", "[core][tensor_view]") {
  const auto values = iota(6);
  const TensorView transposed(values.data(), Extents{3, 2}, Extents{1, 3});
  CHECK_FALSE(transposed.contiguous());
  CHECK(transposed.to_vector<float>() == std::vector<float>{0, 3, 1, 4, 2, 5});
  const TensorView repeated(values.data() + 2, Extents{2, 2}, Extents{0, 1});
  CHECK(repeated.to_vector<float>() == std::vector<float>{2, 3, 2, 3});
  const TensorView reversed(values.data() + 5, Extents{6}, Extents{-1});
  CHECK(reversed.to_vector<float>() == std::vector<float>{5, 4, 3, 2, 1, 0});
  CHECK(transposed[1].to_vector<float>() == std::vector<float>{1, 4});
}

TEST_CASE("a stride does not matter where an extent is 1 or 0", "[core][tensor_view]") {
  const auto values = iota(3);
  CHECK(TensorView(values.data(), Extents{1, 3}, Extents{99, 1}).contiguous());
  const TensorView none(values.data(), Extents{0, 3}, Extents{5, 7});
  CHECK(none.contiguous());
  CHECK(none.size() == 0);
  CHECK(none.to_vector<float>().empty());
}

TEST_CASE("shapes are printed as a reader expects", "[core][tensor_view]") {
  CHECK(spade::shape_text(Extents{64, 3, 7, 7}) == "[64, 3, 7, 7]");
  CHECK(spade::shape_text(Extents{}) == "[]");
  CHECK(spade::to_string(ScalarType::Float64) == "float64");
  CHECK(to_string(spade::Device{spade::Device::Kind::Cuda, 1}) == "cuda:1");
  CHECK(to_string(spade::Device{}) == "cpu");
}

TEST_CASE("a view that cannot be right is refused", "[core][tensor_view]") {
  const auto values = iota(6);
  CHECK_THROWS_AS(TensorView(values.data(), Extents{2, 3}, Extents{3}), spade::ShapeMismatch);
  CHECK_THROWS_WITH(TensorView(values.data(), Extents{2, 3}, Extents{3}),
                    "TensorView: shape [2, 3] has 2 dimensions, strides [3] have 1");
  CHECK_THROWS_WITH(TensorView(values.data(), Extents{-2}, Extents{1}),
                    "TensorView: negative extent in shape [-2]");
  CHECK_THROWS_AS(TensorView(values.data(), Extents{-2}, Extents{1}), spade::InvalidArgument);
  CHECK_THROWS_WITH(TensorView(static_cast<const double*>(nullptr), Extents{2}, Extents{1}),
                    "TensorView: null address for an array of shape [2]");
  CHECK_THROWS_WITH(TensorView(values.data(), Extents{1, 1, 1, 1, 1, 1, 1}, Extents{1, 1, 1, 1, 1, 1, 1}),
                    "TensorView: rank 7 of shape [1, 1, 1, 1, 1, 1, 1] is over 6");
  CHECK_THROWS_AS(TensorView::owning(iota(5), Extents{2, 3}), spade::ShapeMismatch);
  CHECK_THROWS_WITH(TensorView::owning(iota(5), Extents{2, 3}),
                    "TensorView: 5 elements do not fill an array of shape [2, 3]");
}

TEST_CASE("wrong access to a view is refused", "[core][tensor_view]") {
  const auto view = TensorView::owning(iota(6), Extents{2, 3});
  CHECK_THROWS_AS(view.data<double>(), spade::InvalidArgument);
  CHECK_THROWS_WITH(view.data<double>(),
                    "TensorView: elements of shape [2, 3] are float32, asked for as float64");
  CHECK_THROWS_WITH(view.extent(2), "TensorView: no dimension 2 in shape [2, 3]");
  CHECK_THROWS_WITH(view[2], "TensorView: index 2 is outside shape [2, 3]");
  CHECK_THROWS_WITH(view[-1], "TensorView: index -1 is outside shape [2, 3]");
  CHECK_THROWS_WITH(TensorView()[0], "TensorView: index 0 is outside shape []");
  const auto values = iota(2);
  const TensorView on_gpu(values.data(), Extents{2}, Extents{1}, nullptr, {spade::Device::Kind::Cuda, 1});
  CHECK_THROWS_WITH(on_gpu.data<float>(),
                    "TensorView: elements of shape [2] lie on cuda:1; move them to the CPU first");
  CHECK_THROWS_AS(on_gpu.to_vector<float>(), spade::InvalidArgument);
}
