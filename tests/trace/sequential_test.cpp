// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// Traces whose layers are pruned one after the other, on a graph that knows no LibTorch.
#include <spade/sparse_trace.hpp>

#include <Eigen/LU>
#include <catch2/catch.hpp>

#include <spade/pruners/fast.hpp>
#include <spade/pruners/magnitude.hpp>

#include "perceptron.hpp"
#include "support/threads.hpp"
#include "trace/small_perceptron.hpp"

namespace {

using namespace spade;
using Catch::Matchers::Contains;
using perceptron::GradientTimesInput;
using perceptron::Matrix;
using perceptron::Noise;
using perceptron::Perceptron;
using perceptron::Row;
using test::network;
using test::row;

static_assert(SteppableGraph<Perceptron>);

TraceOptions sequential() {
  TraceOptions options;
  options.propagation = Propagation::Sequential;
  return options;
}

auto spade_of(const SparsityPlan& plan, TraceOptions options, std::int64_t copies = 40) {
  return SparseTrace{pruners::Fast{{.in_double = true}}, Augmentation<Noise>{{0.5}, copies, 5},
                     GradientTimesInput{}, plan, std::move(options)};
}

Matrix weight_of(const Perceptron& graph, std::size_t layer) {
  const auto& view = graph.layers()[layer].weight;
  const auto values = view.to_vector<double>();
  return Eigen::Map<const Matrix>(values.data(), view.extent(1), view.extent(2));
}

/// What the second layer sees of the copies.
Matrix hidden_of(const Perceptron& graph, const Matrix& copies) {
  Matrix hidden;
  (void)graph.forward(copies, [&](std::size_t layer, const TensorView& seen) {
    if (layer == 0) return;
    const auto values = seen.to_vector<double>();
    hidden = Eigen::Map<const Matrix>(values.data(), seen.extent(0), seen.extent(1));
  });
  return hidden;
}

} // namespace

TEST_CASE("a sequential trace is what the definition says", "[trace][sequential]") {
  const auto graph = network();
  const auto plan = SparsityPlan::uniform(0.5);
  const auto trace = spade_of(plan, sequential()).prune(graph, row());
  CHECK(trace.provenance.propagation == Propagation::Sequential);

  Rng rng(5);
  const Matrix copies = Noise{0.5}(row(), 40, rng);
  // The first layer sees the same in both networks, so its problem is that of the paper.
  const auto independent = spade_of(plan, {}).prune(graph, row());
  CHECK((weight_of(trace.graph(), 0) - weight_of(independent.graph(), 0)).norm() < 1e-9);

  const auto first = weight_of(trace.graph(), 0);
  const std::vector<LayerWeight> only_first{{0, trace.graph().layers()[0].weight}};
  const Matrix x = hidden_of(graph, copies).transpose();
  const Matrix y = hidden_of(graph.with_weights(only_first), copies).transpose();
  CHECK((x - y).norm() > 0.01 * x.norm());
  const Matrix w = weight_of(graph, 1);
  const Matrix h = 2.0 / 40 * y * y.transpose();
  const Matrix b = 2.0 / 40 * w * x * y.transpose();
  const auto live = static_cast<double>((h.diagonal().array() > 1e-12 * h.diagonal().maxCoeff()).count());
  const double shift = 1e-2 * h.trace() / live;
  const Matrix damped = h + shift * Matrix::Identity(11, 11);
  const Matrix wanted = (b + shift * w) * Matrix(damped.inverse());
  const std::vector<std::int64_t> square{1, 11, 11};
  const std::vector<std::int64_t> shape{1, 3, 11};
  const LayerProblem problem{
      "output",
      TensorView::owning(std::vector<double>(wanted.data(), wanted.data() + wanted.size()), shape),
      TensorView::owning(std::vector<double>(h.data(), h.data() + h.size()), square),
      40,
      40,
      1};
  const auto solution = pruners::Fast{{.in_double = true}}.prune(problem, 0.5);
  const auto values = solution.weight.to_vector<double>();
  const Matrix expected = Eigen::Map<const Matrix>(values.data(), 3, 11);
  CHECK((weight_of(trace.graph(), 1) - expected).norm() < 1e-9);
  const double error = (w * x - expected * y).squaredNorm() / (w * x).squaredNorm();
  CHECK(*trace.layers[1].relative_error == Approx(error).epsilon(1e-9));
  CHECK(trace.layers[1].sparsity == Approx(17.0 / 33));
}

TEST_CASE("later layers make up for the errors of earlier ones", "[trace][sequential]") {
  const auto plan = SparsityPlan::uniform(0.5);
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const auto graph = network(61, seed);
    Rng rng(5);
    const Matrix copies = Noise{0.5}(row(), 400, rng);
    const Matrix dense = graph.forward(copies);
    const auto error = [&](const TraceOptions& options) {
      const SparseTrace spade{pruners::Fast{{.refit = true}}, Augmentation<Noise>{{0.5}, 400, 5},
                              GradientTimesInput{}, plan, options};
      const auto trace = spade.prune(graph, row());
      return (trace.graph().forward(copies) - dense).squaredNorm();
    };
    CAPTURE(seed);
    CHECK(error(sequential()) < 0.5 * error({}));
  }
}

TEST_CASE("a sequential trace of a dense plan is the network itself", "[trace][sequential]") {
  const auto graph = network();
  const auto trace = spade_of(SparsityPlan::uniform(0), sequential()).prune(graph, row());
  CHECK(trace.fidelity.relative_error == 0);
  CHECK(weight_of(trace.graph(), 0) == weight_of(graph, 0));
  CHECK(weight_of(trace.graph(), 1) == weight_of(graph, 1));
}

TEST_CASE("layers that stay dense are passed by", "[trace][sequential]") {
  const auto graph = network();
  const auto plan = SparsityPlan::uniform(0.5).dense("hidden");
  const auto trace = spade_of(plan, sequential()).prune(graph, row());
  const auto independent = spade_of(plan, {}).prune(graph, row());
  CHECK(weight_of(trace.graph(), 0) == weight_of(graph, 0));
  CHECK((weight_of(trace.graph(), 1) - weight_of(independent.graph(), 1)).norm() < 1e-9);
}

TEST_CASE("a sequential trace has the same bits for any number of threads", "[trace][sequential]") {
  const auto graph = network();
  const auto plan = SparsityPlan::uniform(0.5);
  const auto expected = spade_of(plan, sequential()).prune(graph, row());
  for (const int count : {1, 3}) {
    const tests::Threads threads(count);
    const auto trace = spade_of(plan, sequential()).prune(graph, row());
    for (const std::size_t layer : {0U, 1U})
      CHECK(weight_of(trace.graph(), layer) == weight_of(expected.graph(), layer));
  }
}

TEST_CASE("a sequential trace reports progress, and stops when asked", "[trace][sequential]") {
  std::vector<std::int64_t> done;
  std::vector<std::int64_t> totals;
  auto options = sequential();
  options.progress.report = [&](std::string_view, std::int64_t so_far, std::int64_t total) {
    done.push_back(so_far);
    totals.push_back(total);
  };
  const auto plan = SparsityPlan::uniform(0.5);
  (void)spade_of(plan, options).prune(network(), row());
  CHECK(std::ranges::is_sorted(done));
  CHECK(done.back() == totals.back());
  CHECK(std::ranges::count(totals, totals.front()) == std::ssize(totals));
  for (std::size_t calls = 0; calls < done.size(); ++calls) {
    std::stop_source source;
    options.progress.stop = source.get_token();
    std::size_t reports = 0;
    options.progress.report = [&](std::string_view, std::int64_t, std::int64_t) {
      if (++reports == calls) source.request_stop();
    };
    if (calls == 0) source.request_stop();
    CHECK_THROWS_AS(spade_of(plan, options).prune(network(), row()), Interrupted);
  }
}

namespace {

/// A graph that lists a layer which its walks never reach.
struct Short : Perceptron {
  std::optional<LayerStop> advance(Walk& walk) const {
    const auto stop = Perceptron::advance(walk);
    return stop && stop->layer == 0 ? stop : std::nullopt;
  }
  Short with_weights(std::span<const LayerWeight> weights) const {
    return {Perceptron::with_weights(weights)};
  }
};

/// Walks that are at odds with each other.
struct Confused : Perceptron {
  mutable int steps = 0;
  std::optional<LayerStop> advance(Walk& walk) const {
    auto stop = Perceptron::advance(walk);
    if (stop && ++steps == 2) stop->layer = 1;
    return stop;
  }
  Confused with_weights(std::span<const LayerWeight> weights) const {
    return {Perceptron::with_weights(weights)};
  }
};

/// A graph that cannot stop.
struct Whole {
  using Tensor = Matrix;
  Perceptron inner;
  static TensorView view(const Matrix& matrix) { return Perceptron::view(matrix); }
  std::span<const Layer> layers() const { return inner.layers(); }
  Matrix forward(const Matrix& input) const { return inner.forward(input); }
  Matrix forward(const Matrix& input, const LayerObserver& observer) const {
    return inner.forward(input, observer);
  }
  Whole with_weights(std::span<const LayerWeight> weights) const { return {inner.with_weights(weights)}; }
};
static_assert(TraceableGraph<Whole> && !SteppableGraph<Whole>);

} // namespace

TEST_CASE("what a sequential trace needs is asked for by name", "[trace][sequential]") {
  const auto plan = SparsityPlan::uniform(0.5);
  CHECK_THROWS_AS(spade_of(plan, sequential()).prune(Whole{network()}, row()), InvalidArgument);
  CHECK_THROWS_WITH(spade_of(plan, sequential()).prune(Whole{network()}, row()),
                    Contains("SteppableGraph") && Contains("Propagation::Independent"));
  const SparseTrace magnitude{pruners::Magnitude{}, Noise{}, GradientTimesInput{}, plan, sequential()};
  CHECK_THROWS_WITH(magnitude.prune(network(), row()),
                    Contains("'magnitude' does not look at a layer's inputs"));
  CHECK_THROWS_WITH(spade_of(plan, sequential()).prune(Short{network()}, row()),
                    Contains("the graph's walk ended with 1 layers left to prune"));
  CHECK_THROWS_WITH(spade_of(plan, sequential()).prune(Confused{network()}, row()),
                    Contains("stopped before layers 0 and 1"));
  auto options = sequential();
  options.target_damping = -1;
  CHECK_THROWS_WITH(spade_of(plan, options), Contains("target_damping is -1"));
}
