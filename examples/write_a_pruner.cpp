// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// A pruner of one's own, and what it does to a network of one's own. See docs/how_to/write_a_pruner.md.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>
#include <string>
#include <vector>

#include <spade/core/error.hpp>
#include <spade/pruners/fast.hpp>
#include <spade/pruners/magnitude.hpp>
#include <spade/sparse_trace.hpp>

#include "perceptron.hpp"

// Keeps, in every row, the weights that weigh most on this sample: |W[r, c]| sqrt(H[c, c]), a weight times
// the typical size of its input (Sun et al. 2023, "Wanda").
class WeightTimesInput {
public:
  spade::Statistics statistics() const { return spade::Statistics::Diagonal; }
  std::string name() const { return "weight times input"; }

  spade::LayerSolution prune(const spade::LayerProblem& problem, double sparsity) const {
    if (!(sparsity >= 0 && sparsity <= 1))
      throw spade::InvalidArgument(
          spade::message("WeightTimesInput: sparsity ", sparsity, " is not in [0, 1]"));
    // The result has the problem's element type.
    return problem.weight.scalar_type() == spade::ScalarType::Float32 ? prune_as<float>(problem, sparsity)
                                                                      : prune_as<double>(problem, sparsity);
  }

private:
  template <class T>
  static spade::LayerSolution prune_as(const spade::LayerProblem& problem, double sparsity) {
    const auto groups = problem.weight.extent(0);
    const auto rows = problem.weight.extent(1);
    const auto columns = problem.weight.extent(2);
    const auto removed = std::lround(sparsity * static_cast<double>(columns));

    auto weight = problem.weight.to_vector<T>();           // a copy: the network's own memory stays as it is
    const auto squares = problem.gram.to_vector<double>(); // [G, C]
    std::vector<std::size_t> order(static_cast<std::size_t>(columns));
    for (std::int64_t row = 0; row < groups * rows; ++row) {
      T* const w = weight.data() + row * columns;
      const double* const h = squares.data() + row / rows * columns;
      std::iota(order.begin(), order.end(), std::size_t{0});
      std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return static_cast<double>(w[a]) * w[a] * h[a] < static_cast<double>(w[b]) * w[b] * h[b];
      });
      for (long k = 0; k < removed; ++k)
        w[order[static_cast<std::size_t>(k)]] = T{0};
    }

    spade::LayerReport report;
    report.name = problem.name;
    report.sparsity = static_cast<double>(std::count(weight.begin(), weight.end(), T{0})) /
                      static_cast<double>(weight.size());
    return {spade::TensorView::owning(std::move(weight), problem.weight.extents()), report};
  }
};

static_assert(spade::Pruner<WeightTimesInput>);

// The trace of one row through the network, half of whose weights go.
template <spade::Pruner P>
void show(const P& pruner, const perceptron::Perceptron& network, const perceptron::Row& row) {
  const spade::SparseTrace trace{pruner, spade::Augmentation{perceptron::Noise{0.1}, 256, 7},
                                 perceptron::GradientTimesInput{}, spade::SparsityPlan::uniform(0.5)};
  const auto sparse = trace.prune(network, row);
  std::printf("%-20s hidden %.2f, output %.2f sparse; the network's output is off by %4.1f %%\n",
              pruner.name().c_str(), sparse.layers[0].sparsity, sparse.layers[1].sparsity,
              100 * sparse.fidelity.relative_error);
}

int main() {
  // A network of 16 inputs, 32 hidden units and 4 classes, and a row whose inputs differ in size by 30 times.
  spade::RandomStream random(7, 0);
  const auto normal = [&](double) { return random.normal(); };
  const perceptron::Matrix hidden = perceptron::Matrix::Zero(32, 16).unaryExpr(normal);
  const perceptron::Matrix output = perceptron::Matrix::Zero(4, 32).unaryExpr(normal);
  const Eigen::VectorXd bias = Eigen::VectorXd::Zero(32).unaryExpr(normal);
  perceptron::Matrix input(1, 16);
  for (Eigen::Index i = 0; i < 16; ++i)
    input(0, i) = std::pow(0.8, static_cast<double>(i)) * (i % 2 == 0 ? 1 : -1);

  const perceptron::Perceptron network(hidden, bias, output);
  const perceptron::Row row(input);
  show(spade::pruners::Magnitude{}, network, row);
  show(WeightTimesInput{}, network, row);
  show(spade::pruners::Fast{}, network, row);
}
