// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "linalg/damped_factor.hpp"

#include <cstdint>
#include <utility>
#include <vector>

#include <Eigen/Core>
#include <Eigen/LU>
#include <catch2/catch.hpp>

#include <spade/core/error.hpp>
#include <spade/core/rng.hpp>

namespace {

using namespace spade;
using Catch::Matchers::Contains;
using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

Matrix gram_of(std::int64_t n, std::int64_t positions) {
  RandomStream draws(static_cast<std::uint64_t>(n), 0);
  Matrix x(n, positions);
  for (Eigen::Index i = 0; i < x.size(); ++i)
    x.data()[i] = draws.normal();
  return x * x.transpose();
}

TensorView view_of(const Matrix& m) {
  const std::vector<std::int64_t> shape{m.rows(), m.cols()};
  return TensorView::owning(std::vector<double>(m.data(), m.data() + m.size()), shape);
}

Matrix square(const linalg::Workspace<double>& memory, std::int64_t n) {
  return Eigen::Map<const Matrix>(memory.data(), n, n);
}

template <class T> Matrix product(const linalg::DampedFactor<T>& factor) {
  Matrix lower = Matrix::Zero(factor.size, factor.size);
  for (std::int64_t i = 0; i < factor.size; ++i)
    for (std::int64_t j = 0; j <= i; ++j)
      lower(i, j) = static_cast<double>(factor.memory.data()[i * factor.size + j]);
  return lower * lower.transpose();
}

template <class T> void check_factor(std::int64_t n, double tolerance) {
  const Matrix h = gram_of(n, 2 * n);
  const auto view = view_of(h);
  const auto live = linalg::live_columns(view);
  const auto factor = linalg::factor_damped<T>(view, live, 0.1, "H");
  REQUIRE(factor.size == n);
  CHECK(factor.damping == 0.1);
  const Matrix expected =
      factor.scale * (h + 0.1 * h.trace() / static_cast<double>(n) * Matrix::Identity(n, n));
  CHECK((product(factor) - expected.reverse()).norm() <= tolerance * expected.norm());
  CHECK(expected.trace() / static_cast<double>(n) < 1.2);
  CHECK(expected.trace() / static_cast<double>(n) > 0.5);
}

} // namespace

TEST_CASE("a damped factor is that of the reversed, scaled and damped matrix", "[linalg][damped_factor]") {
  for (const std::int64_t n : {1, 2, 7, 47, 48, 49, 511, 513}) {
    CAPTURE(n);
    check_factor<double>(n, 1e-13);
    check_factor<float>(n, 1e-5);
  }
}

TEST_CASE("a damped matrix and its inverse are in the order of the columns", "[linalg][damped_factor]") {
  for (const std::int64_t n : {1, 2, 7, 48, 101}) {
    const Matrix h = gram_of(n, 2 * n);
    const auto view = view_of(h);
    const auto live = linalg::live_columns(view);
    auto factor = linalg::factor_damped<double>(view, live, 0.1, "H");
    const Matrix damped = square(linalg::damped_matrix(view, live, factor.damping, factor.scale), n);
    const double shift = 0.1 * h.trace() / static_cast<double>(n);
    CHECK((damped - factor.scale * (h + shift * Matrix::Identity(n, n))).norm() <= 1e-14 * damped.norm());
    const Matrix inverse = square(linalg::inverse_of(std::move(factor)), n);
    CHECK((inverse * damped - Matrix::Identity(n, n)).norm() < 1e-10);
  }
}

TEST_CASE("dead columns are left out, stand for a mean, or count as one", "[linalg][live_columns]") {
  Matrix h = gram_of(5, 10);
  h.row(1).setZero();
  h.col(1).setZero();
  h(3, 3) = 1e-13 * h.diagonal().maxCoeff();
  const double rest = h(0, 0) + h(2, 2) + h(4, 4);
  const auto view = view_of(h);

  const auto live = linalg::live_columns(view);
  CHECK(live.index == std::vector<std::int64_t>{0, 2, 4});
  CHECK(live.mean == Approx(rest / 3));
  CHECK(live.largest == h.diagonal().maxCoeff());

  const auto all = linalg::all_columns(view);
  CHECK(all.index == std::vector<std::int64_t>{0, 1, 2, 3, 4});
  CHECK(all.zeroed == std::vector<std::int64_t>{1, 3});
  CHECK(all.mean == Approx(rest / 3));
  CHECK(all.zero_stands_for == all.mean);

  const auto reference = linalg::reference_columns(view);
  CHECK(reference.index == all.index);
  CHECK(reference.zeroed == std::vector<std::int64_t>{1});
  CHECK(reference.mean == Approx((rest + h(3, 3) + 1) / 5));

  const auto nothing = linalg::live_columns(view_of(Matrix::Zero(3, 3)));
  CHECK(nothing.index.empty());
  CHECK(nothing.mean == 0);
}

TEST_CASE("damping is raised tenfold until a factor exists, and no power of two changes it",
          "[linalg][damped_factor]") {
  const Matrix h = gram_of(31, 5); // rank 5
  for (const double unit : {1.0, 0x1p-200, 0x1p200}) {
    const auto view = view_of(unit * h);
    const auto factor = linalg::factor_damped<double>(view, linalg::live_columns(view), 0.0, "H");
    CHECK(factor.damping == 1e-4);
    const auto whole = view_of(h);
    const auto expected = linalg::factor_damped<double>(whole, linalg::live_columns(whole), 0.0, "H");
    CHECK(product(factor) == product(expected));
  }
  // Two equal columns, whose covariance is exaggerated: smallest eigenvalue -1 of a mean of 1.
  Matrix indefinite = Matrix::Identity(2, 2);
  indefinite(0, 1) = indefinite(1, 0) = 2;
  const auto view = view_of(indefinite);
  const auto live = linalg::live_columns(view);
  CHECK(linalg::factor_damped<double>(view, live, 0.2, "H").damping == 2.0);
  CHECK_THROWS_AS(linalg::factor_damped<double>(view, live, 1e-5, "H of 'fc'"), NumericalError);
  CHECK_THROWS_WITH(linalg::factor_damped<double>(view, live, 1e-5, "H of 'fc'"),
                    Contains("H of 'fc', is not positive definite") && Contains("0.1") &&
                        Contains("column 0"));
}

TEST_CASE("reference damping is none, or one where a factorisation in float fails",
          "[linalg][damped_factor]") {
  const auto regular = view_of(gram_of(9, 30));
  CHECK(linalg::factor_reference(regular, linalg::reference_columns(regular), "H").damping == 0);
  Matrix indefinite = Matrix::Constant(2, 2, 4.01);
  indefinite(0, 0) = indefinite(1, 1) = 4.0;
  const auto view = view_of(indefinite);
  const auto factor = linalg::factor_reference(view, linalg::reference_columns(view), "H");
  CHECK(factor.damping * 4.0 == Approx(1.0));
}
