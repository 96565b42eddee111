// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// Exact with blocks and N:M.
#include <spade/pruners/exact.hpp>

#include <cmath>

#include <catch2/catch.hpp>

#include <spade/core/error.hpp>

#include "linalg/every_level.hpp"
#include "pruners/obs_twin.hpp"
#include "pruners/problems.hpp"

using namespace spade::tests;
using spade::LayerProblem;
using spade::pruners::ColumnOrder;
using spade::pruners::Exact;
using spade::pruners::Pattern;

namespace {

Exact with_pattern(const Pattern& pattern) {
  Exact::Options options;
  options.pattern = pattern;
  return Exact(options);
}

// The columns in the pattern's order, by the definition: position = element * channels + channel.
std::vector<Eigen::Index> ordered_columns(std::int64_t columns, std::int64_t kernel, ColumnOrder order) {
  std::vector<Eigen::Index> result(static_cast<std::size_t>(columns));
  for (std::int64_t c = 0; c < columns; ++c) {
    const std::int64_t position = c % kernel * (columns / kernel) + c / kernel;
    result[static_cast<std::size_t>(order == ColumnOrder::ChannelInnermost ? position : c)] = c;
  }
  return result;
}

std::vector<std::vector<Eigen::Index>> units_of(const std::vector<Eigen::Index>& columns,
                                                std::int64_t width) {
  std::vector<std::vector<Eigen::Index>> units;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (i % static_cast<std::size_t>(width) == 0) units.emplace_back();
    units.back().push_back(columns[i]);
  }
  return units;
}

std::vector<ObsTwin> twins_of(const LayerProblem& problem,
                              const std::vector<std::vector<Eigen::Index>>& units, std::int64_t zeros_in = 0,
                              std::int64_t of = 0) {
  std::vector<ObsTwin> twins;
  const Dense weight = matrix(problem.weight[0]);
  for (Eigen::Index r = 0; r < weight.rows(); ++r)
    twins.push_back(obs_twin(weight.row(r), damped(matrix(problem.gram[0]), 1e-2), units, zeros_in, of));
  return twins;
}

} // namespace

TEST_CASE("blocks go together, as in dense inverse updates", "[pruners][exact]") {
  struct Case {
    std::int64_t columns;
    std::int64_t kernel;
    std::int64_t width;
  };
  for (const auto level : EveryLevel()) {
    for (const auto& [columns, kernel, width] :
         {Case{2, 1, 2}, Case{6, 3, 2}, Case{36, 9, 4}, Case{50, 1, 5}, Case{96, 4, 3}, Case{130, 13, 10},
          Case{140, 1, 70}, Case{264, 1, 132}, Case{31, 1, 31}}) {
      for (const auto order : {ColumnOrder::ChannelOutermost, ColumnOrder::ChannelInnermost}) {
        CAPTURE(to_string(level), columns, kernel, width, order == ColumnOrder::ChannelInnermost);
        const auto problem = random_problem<double>(1, 2, columns, 41, kernel);
        const auto units = units_of(ordered_columns(columns, kernel, order), width);
        const auto elimination = with_pattern(Pattern::blocks(width, order)).eliminate(problem);
        const auto twins = twins_of(problem, units);
        for (std::size_t r = 0; r < 2; ++r) {
          const auto removals = elimination.removals(0, static_cast<std::int64_t>(r));
          REQUIRE(removals.size() == units.size());
          for (std::size_t t = 0; t < removals.size(); ++t) {
            REQUIRE(removals[t].column == units[static_cast<std::size_t>(twins[r].order[t])].front());
            REQUIRE(std::abs(removals[t].loss - twins[r].losses[t]) <= 1e-9 * twins[r].losses[t]);
          }
        }
        const double sparsity = 0.6;
        const auto count = std::llround(sparsity * 2 * static_cast<double>(units.size()));
        const auto counts = count_rule(twins, count);
        const auto solution = elimination.solution(sparsity);
        REQUIRE(zeros(solution.weight) == count * width);
        for (std::size_t r = 0; r < 2; ++r) {
          const Eigen::RowVectorXd expected = twins[r].trace[static_cast<std::size_t>(counts[r])];
          const Eigen::RowVectorXd pruned = matrix(solution.weight[0]).row(static_cast<Eigen::Index>(r));
          REQUIRE((pruned - expected).norm() <= 1e-9 * expected.norm());
        }
      }
    }
  }
}

TEST_CASE("N:M leaves exactly M - N of every M, as in dense inverse updates", "[pruners][exact]") {
  struct Case {
    std::int64_t columns;
    std::int64_t kernel;
    std::int64_t zeros;
    std::int64_t of;
  };
  for (const auto level : EveryLevel()) {
    for (const auto& [columns, kernel, gone, of] :
         {Case{2, 1, 1, 2}, Case{36, 9, 2, 4}, Case{48, 4, 1, 4}, Case{60, 3, 5, 6}, Case{136, 1, 4, 8}}) {
      for (const auto order : {ColumnOrder::ChannelOutermost, ColumnOrder::ChannelInnermost}) {
        CAPTURE(to_string(level), columns, kernel, gone, of);
        const auto problem = random_problem<double>(1, 3, columns, 42, kernel);
        const auto ordered = ordered_columns(columns, kernel, order);
        const double sparsity = static_cast<double>(gone) / static_cast<double>(of);
        const auto solution = with_pattern(Pattern::zeros_of(gone, of, order)).prune(problem, sparsity);
        const Dense pruned = matrix(solution.weight[0]);
        const auto twins = twins_of(problem, units_of(ordered, 1), gone, of);
        for (Eigen::Index r = 0; r < 3; ++r) {
          const auto& expected = twins[static_cast<std::size_t>(r)].trace.back();
          REQUIRE((pruned.row(r) - expected).norm() <= 1e-9 * expected.norm());
          for (std::size_t first = 0; first < ordered.size(); first += static_cast<std::size_t>(of)) {
            std::int64_t found = 0;
            for (std::size_t i = first; i < first + static_cast<std::size_t>(of); ++i)
              found += pruned(r, ordered[i]) == 0.0 ? 1 : 0;
            REQUIRE(found == gone);
          }
        }
      }
    }
  }
}

TEST_CASE("patterns in float give nearly the error of double", "[pruners][exact]") {
  const auto problem = random_problem<float>(1, 4, 600, 43);
  for (const auto& pattern : {Pattern::blocks(4), Pattern::zeros_of(2, 4)}) {
    Exact::Options options;
    options.pattern = pattern;
    const double single = layer_error(problem, Exact(options).prune(problem, 0.5).weight);
    options.in_double = true;
    CHECK(single == Approx(layer_error(problem, Exact(options).prune(problem, 0.5).weight)).epsilon(1e-3));
  }
}

TEST_CASE("dead columns in blocks cost nothing, and keep their weights where a block stays",
          "[pruners][exact]") {
  auto problem = random_problem<double>(1, 3, 12, 44);
  Dense gram = matrix(problem.gram[0]);
  make_dead(gram, {0, 1, 2, 3, 5}); // a whole block, and one column of the next
  problem.gram = tensor<double>({gram});
  const auto given = matrix(problem.weight[0]);
  const auto elimination = with_pattern(Pattern::blocks(4)).eliminate(problem);
  for (std::int64_t r = 0; r < 3; ++r) {
    CHECK(elimination.removals(0, r).front().column == 0);
    CHECK(elimination.removals(0, r).front().loss == 0.0);
  }
  const auto solution = elimination.solution(1.0 / 3);
  const Dense pruned = matrix(solution.weight[0]);
  CHECK(pruned.leftCols(4).isZero(0));
  CHECK(pruned.rightCols(8).isApprox(given.rightCols(8), 1e-12));
  CHECK(pruned.col(5) == given.col(5));
  CHECK(solution.report.relative_error.value() < 1e-12);
  // The same with 2:4: of four dead columns two are as good as any.
  const Dense half = matrix(with_pattern(Pattern::zeros_of(2, 4)).prune(problem, 0.5).weight[0]);
  CHECK((half.array() == 0.0).rowwise().count().isConstant(6));
  CHECK(half.col(5).isZero(0));
}

TEST_CASE("without any samples patterns still hold", "[pruners][exact]") {
  auto problem = random_problem<float>(1, 2, 8, 45);
  problem.gram = tensor<double>({Dense::Zero(8, 8)});
  CHECK(zeros(with_pattern(Pattern::blocks(2)).prune(problem, 0.5).weight) == 8);
  CHECK(zeros(with_pattern(Pattern::zeros_of(1, 4)).prune(problem, 0.25).weight) == 4);
}

TEST_CASE("patterns that do not fit are refused", "[pruners][exact]") {
  auto problem = random_problem<float>(1, 2, 10, 46);
  problem.name = "fc";
  CHECK_THROWS_AS(with_pattern(Pattern::blocks(4)).prune(problem, 0.5), spade::InvalidArgument);
  CHECK_THROWS_WITH(
      with_pattern(Pattern::blocks(4)).prune(problem, 0.5),
      "Exact: stretches of 4 columns do not divide the 10 columns of layer 'fc'; leave it dense, "
      "or take a divisor");
  CHECK_THROWS_AS(with_pattern(Pattern::zeros_of(2, 4)).eliminate(problem), spade::InvalidArgument);
  CHECK_THROWS_WITH(
      with_pattern(Pattern::zeros_of(1, 2)).prune(problem, 0.9),
      "Exact: sparsity 0.9 for layer 'fc', but 1 zeros of every 2 weights are 0.5; ask for that, "
      "or for 0 or 1");
  CHECK(zeros(with_pattern(Pattern::zeros_of(1, 2)).prune(problem, 1.0).weight) == 20);
  const auto elimination = with_pattern(Pattern::zeros_of(1, 2)).eliminate(problem);
  CHECK_THROWS_AS(elimination.solution(0.9), spade::InvalidArgument);
  problem.columns_per_channel = 3;
  CHECK_THROWS_WITH(with_pattern(Pattern::blocks(5)).prune(problem, 0.5),
                    "Exact: 3 kernel elements do not divide the 10 columns of layer 'fc'");
  CHECK_THROWS_AS(with_pattern(Pattern::blocks(0)), spade::InvalidArgument);
  CHECK_THROWS_WITH(with_pattern(Pattern::blocks(0)), "Exact: a block of 0 columns; 1 means single weights");
  CHECK_THROWS_AS(with_pattern(Pattern::zeros_of(4, 4)), spade::InvalidArgument);
  CHECK_THROWS_WITH(
      with_pattern(Pattern::zeros_of(5, 4)),
      "Exact: the pattern asks for 5 zeros of 4 weights; there must be at least one zero, and one "
      "weight more");
  CHECK_THROWS_WITH(with_pattern({2, 2, 4}), "Exact: blocks of 2 and 2:4 at once; choose one");
}
