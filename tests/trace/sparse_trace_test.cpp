// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// The whole trace on a graph that knows no LibTorch (examples/perceptron.hpp).
#include <spade/sparse_trace.hpp>

#include <limits>
#include <memory>
#include <stop_token>

#include <catch2/catch.hpp>

#include <spade/core/parallel.hpp>

#include "perceptron.hpp"
#include "trace/keep_largest.hpp"
#include "trace/small_perceptron.hpp"

namespace {

using namespace spade;
using Catch::Matchers::Contains;
using perceptron::GradientTimesInput;
using perceptron::Matrix;
using perceptron::Noise;
using perceptron::Perceptron;
using perceptron::Row;
using test::KeepLargest;
using test::network;
using test::row;
using test::weights;

auto spade_of(double sparsity, TraceOptions options = {}, KeepLargest pruner = {}) {
  return SparseTrace{pruner, Augmentation<Noise>{{0.2}, 20, 5}, GradientTimesInput{},
                     SparsityPlan::uniform(sparsity), options};
}

TEST_CASE("a trace is what the definition says", "[trace]") {
  const auto graph = network();
  const auto explanation = spade_of(0.5)(graph, row(), 1);

  // By hand, on all copies at once: inputs of both layers in the dense network, their Gram matrices, the
  // pruner.
  Rng rng(5);
  const Matrix copies = Noise{0.2}(row(), 20, rng);
  Matrix hidden;
  (void)graph.forward(copies, [&](std::size_t layer, const TensorView& seen) {
    if (layer == 0) return;
    const auto elements = seen.to_vector<double>();
    hidden = Eigen::Map<const Matrix>(elements.data(), 20, 11);
  });
  std::vector<LayerWeight> sparse;
  for (const Matrix* x : {&std::as_const(copies), &std::as_const(hidden)}) {
    const Matrix gram = 2.0 / 20 * x->transpose() * *x;
    const std::vector<std::int64_t> shape{1, gram.rows(), gram.cols()};
    const auto& layer = graph.layers()[sparse.size()];
    const LayerProblem problem{
        layer.name,
        layer.weight,
        TensorView::owning(std::vector<double>(gram.data(), gram.data() + gram.size()), shape),
        20,
        20,
        1};
    sparse.push_back({sparse.size(), KeepLargest{}.prune(problem, 0.5).weight});
  }
  const auto by_hand = graph.with_weights(sparse);
  CHECK(weights(explanation.trace.graph()) == weights(by_hand));
  CHECK(explanation.attribution == by_hand.gradient(row().input(), {1}).cwiseProduct(row().input()));
  CHECK(explanation.dense_attribution == graph.gradient(row().input(), {1}).cwiseProduct(row().input()));
  const Matrix output = by_hand.forward(row().input());
  CHECK(explanation.trace.fidelity.trace == std::vector<double>(output.data(), output.data() + 3));
  CHECK(explanation.trace.layers[1].name == "output");
  CHECK(explanation.trace.layers[1].sparsity == 0.5);
  CHECK(explanation.target == 1);
  CHECK(explanation.interpreter == "gradient times input");
  CHECK(explanation.input == row().input());
}

TEST_CASE("the trace of a dense plan is the network itself", "[trace]") {
  const auto graph = network();
  const auto explanation = spade_of(0)(graph, row(), 2);
  CHECK(explanation.attribution == GradientTimesInput{}.attribute(graph, row().input(), 2));
  CHECK(explanation.attribution == explanation.dense_attribution);
  CHECK(explanation.trace.fidelity.class_kept);
  CHECK(explanation.trace.fidelity.kl == 0);
  CHECK(explanation.trace.fidelity.relative_error == 0);
  CHECK(explanation.trace.provenance.passes == 0);
  for (const auto& layer : explanation.trace.layers)
    CHECK(layer.sparsity == 0);
}

TEST_CASE("the same seed gives the same bits, whatever threads and memory", "[trace]") {
  const auto graph = network();
  const auto expected = weights(spade_of(0.6).prune(graph, row()).graph());
  const auto of_layer = [&](std::size_t i) {
    return statistics::GramAccumulator::bytes(graph.layers()[i], Statistics::Full);
  };
  for (const int threads : {1, 2}) {
    set_thread_count(threads);
    for (const std::int64_t bytes : {std::int64_t{1} << 30, std::max(of_layer(0), of_layer(1))}) {
      const auto trace = spade_of(0.6, {.statistics_bytes = bytes}).prune(graph, row());
      CHECK(weights(trace.graph()) == expected);
      CHECK(trace.provenance.passes == (bytes == std::int64_t{1} << 30 ? 1 : 2));
    }
  }
  set_thread_count(0);
  const SparseTrace other{KeepLargest{}, Augmentation<Noise>{{0.2}, 20, 6}, GradientTimesInput{},
                          SparsityPlan::uniform(0.6)};
  CHECK(weights(other.prune(graph, row()).graph()) != expected);
}

/// Notes how many copies the network sees at a time.
struct Watched : Perceptron {
  std::shared_ptr<std::vector<std::int64_t>> batches = std::make_shared<std::vector<std::int64_t>>();

  Matrix forward(const Matrix& input) const { return Perceptron::forward(input); }
  Matrix forward(const Matrix& input, const LayerObserver& observer) const {
    batches->push_back(input.rows());
    return Perceptron::forward(input, observer);
  }
  Walk begin(const Matrix& input) const {
    batches->push_back(input.rows());
    return Perceptron::begin(input);
  }
  Watched with_weights(std::span<const LayerWeight> weights) const {
    return {Perceptron::with_weights(weights), batches};
  }
};

TEST_CASE("copies run through the network sixteen at a time", "[trace]") {
  const Watched graph{network()};
  const SparseTrace trace{KeepLargest{}, Augmentation<Noise>{{0.2}, 37, 5}, GradientTimesInput{},
                          SparsityPlan::uniform(0.6)};
  (void)trace.prune(graph, row());
  CHECK(*graph.batches == std::vector<std::int64_t>{1, 16, 16, 5}); // the sample first
}

TEST_CASE("fewer copies run through the network at a time where a layer's input is large", "[trace]") {
  const auto copies = [](std::vector<std::int64_t> largest) {
    return trace::copies_at_once({{{1, 7}}, {{1, 3, 2, 2}, std::move(largest)}, {}});
  };
  CHECK(trace::copies_at_once({}) == 16);
  CHECK(copies({1, 1 << 19}) == 16); // 2^23 elements in all
  CHECK(copies({1, (1 << 19) + 1}) == 8);
  CHECK(copies({1, 256, 56, 56}) == 8);
  CHECK(copies({1, 64, 224, 224}) == 2);
  CHECK(copies({1, 64, 2048, 2048}) == 2);
}

/// A perceptron's layers, the hidden one with so many uses.
std::vector<Layer> with_uses(const Perceptron& graph, std::int64_t uses) {
  std::vector<Layer> layers(graph.layers().begin(), graph.layers().end());
  layers[0].uses = uses;
  return layers;
}

/// A network that shows the hidden layer's input twice: as it is, and as three tokens, [3, N, 7].
struct Tokens : Perceptron {
  std::vector<Layer> shared;

  explicit Tokens(Perceptron graph) : Perceptron(std::move(graph)), shared(with_uses(*this, 2)) {}
  Walk begin(const Matrix&) const = delete; ///< it cannot stop on its way
  std::span<const Layer> layers() const { return shared; }

  static Matrix tokens(const Matrix& input) {
    Matrix stacked(3 * input.rows(), input.cols());
    stacked << input, 2 * input, input.array().square().matrix();
    return stacked;
  }

  Matrix forward(const Matrix& input) const { return Perceptron::forward(input); }
  Matrix forward(const Matrix& input, const LayerObserver& observer) const {
    const Matrix stacked = tokens(input);
    observer(0, TensorView(stacked.data(), std::vector<std::int64_t>{3, input.rows(), 7},
                           std::vector<std::int64_t>{7 * input.rows(), 7, 1}));
    return Perceptron::forward(input, observer);
  }
  Tokens with_weights(std::span<const LayerWeight> weights) const {
    return Tokens(Perceptron::with_weights(weights));
  }
};

/// Keeps what it is asked to prune.
struct Recorder : KeepLargest {
  std::shared_ptr<std::vector<LayerProblem>> problems = std::make_shared<std::vector<LayerProblem>>();

  LayerSolution prune(const LayerProblem& problem, double sparsity) const {
    problems->push_back(problem);
    return KeepLargest::prune(problem, sparsity);
  }
};

TEST_CASE("each use of a layer has a shape of its own", "[trace]") {
  Rng rng(5);
  const Matrix copies = Noise{0.2}(row(), 17, rng); // a block of sixteen, and one of one
  const Matrix stacked = Tokens::tokens(copies);
  const Matrix expected = 2.0 / 17 * (copies.transpose() * copies + stacked.transpose() * stacked);
  const Recorder recorder;
  const SparseTrace trace{recorder, Augmentation<Noise>{{0.2}, 17, 5}, GradientTimesInput{},
                          SparsityPlan::uniform(0.5)};
  (void)trace.prune(Tokens(network()), row());
  REQUIRE(recorder.problems->size() == 2);
  const auto& problem = recorder.problems->front();
  CHECK(problem.samples == 17);
  CHECK(problem.positions == 4 * 17);
  const auto gram = problem.gram.to_vector<double>();
  CHECK((Eigen::Map<const Matrix>(gram.data(), 7, 7) - expected).norm() < 1e-12 * expected.norm());
}

TEST_CASE("one trace serves many interpreters", "[trace]") {
  const auto graph = network();
  const auto spade = spade_of(0.5);
  const auto trace = spade.prune(graph, row());
  const auto whole = spade(graph, row(), 0);
  const auto later = explain(graph, trace, GradientTimesInput{}, row(), 0);
  CHECK(later.attribution == whole.attribution);
  CHECK(later.dense_attribution == whole.dense_attribution);
  CHECK_THROWS_WITH(explain(graph, trace, GradientTimesInput{}, row(), 3),
                    Contains("class 3 is outside the network's 3 outputs"));
}

TEST_CASE("a pruner that needs less gets less", "[trace]") {
  const auto graph = network();
  const auto diagonal = spade_of(0.5, {}, {Statistics::Diagonal}).prune(graph, row());
  CHECK(weights(diagonal.graph()) == weights(spade_of(0.5).prune(graph, row()).graph()));
  const auto none = spade_of(0.5, {}, {Statistics::None}).prune(graph, row());
  CHECK(none.provenance.passes == 0);
  CHECK(none.provenance.forward_seconds == 0);
  CHECK(weights(none.graph()) != weights(diagonal.graph()));
}

TEST_CASE("a bare augmenter gets the default number of copies", "[trace]") {
  const SparseTrace spade{KeepLargest{}, Noise{0.2}, GradientTimesInput{}, SparsityPlan::uniform(0.5)};
  CHECK(spade.prune(network(), row()).provenance.augmentations == 1024);
}

TEST_CASE("what made a trace is on record", "[trace]") {
  const auto trace = spade_of(0.5, {.positions_per_column = 3}).prune(network(), row());
  CHECK(trace.provenance.plan.depth_values() == std::vector<double>{0.5});
  CHECK(trace.provenance.pruner == "keep largest");
  CHECK(trace.provenance.augmenter == "noise");
  CHECK(trace.provenance.augmentations == 20);
  CHECK(trace.provenance.seed == 5);
  CHECK(trace.provenance.positions_per_column == 3);
  CHECK(trace.provenance.passes == 1);
  CHECK(trace.provenance.seconds >= trace.provenance.forward_seconds + trace.provenance.prune_seconds);
}

TEST_CASE("progress rises to a total that is known from the start", "[trace]") {
  std::vector<std::int64_t> seen;
  std::vector<std::int64_t> totals;
  TraceOptions options;
  options.progress.report = [&](std::string_view, std::int64_t done, std::int64_t total) {
    seen.push_back(done);
    totals.push_back(total);
  };
  (void)spade_of(0.5, options).prune(network(), row());
  CHECK(seen == std::vector<std::int64_t>{0, 16, 20, 21, 22});
  CHECK(totals == std::vector<std::int64_t>(5, 22));
}

TEST_CASE("a trace stops when asked, at any point, and leaves the network alone", "[trace]") {
  const auto graph = network();
  const auto before = weights(graph);
  for (int calls = 0; calls < 5; ++calls) {
    std::stop_source source;
    TraceOptions options;
    options.progress.stop = source.get_token();
    int reports = 0;
    options.progress.report = [&](std::string_view, std::int64_t, std::int64_t) {
      if (++reports == calls) source.request_stop();
    };
    if (calls == 0) source.request_stop();
    CHECK_THROWS_AS(spade_of(0.5, options)(graph, row(), 0), Interrupted);
    CHECK(reports == calls);
    CHECK(weights(graph) == before);
  }
}

/// Throws on its n-th call.
struct Fails {
  std::shared_ptr<int> calls = std::make_shared<int>(0);
  int at = 1;
  void count() const {
    if (++*calls == at) throw std::runtime_error("failed as asked");
  }
};
struct FailingNoise : Fails {
  Matrix operator()(const Row& sample, std::int64_t count, Rng& rng) const {
    this->count();
    return Noise{}(sample, count, rng);
  }
  std::string name() const { return "failing"; }
};
struct FailingPruner : Fails, KeepLargest {
  LayerSolution prune(const LayerProblem& problem, double sparsity) const {
    count();
    return KeepLargest::prune(problem, sparsity);
  }
};
struct FailingInterpreter : Fails {
  Matrix attribute(const Perceptron&, const Matrix& input, const Target&) const {
    count();
    return input;
  }
  std::string name() const { return "failing"; }
};

TEST_CASE("an exception in any part leaves the network alone", "[trace]") {
  const auto graph = network();
  const auto before = weights(graph);
  const TraceOptions options;
  const auto plan = SparsityPlan::uniform(0.5);
  for (const int at : {1, 2}) {
    const Fails fails{std::make_shared<int>(0), at};
    const SparseTrace augment{KeepLargest{}, FailingNoise{fails}, GradientTimesInput{}, plan, options};
    CHECK_THROWS_WITH(augment(graph, row(), 0), "failed as asked");
    *fails.calls = 0;
    const SparseTrace prune{FailingPruner{fails, {}}, Noise{}, GradientTimesInput{}, plan, options};
    CHECK_THROWS_WITH(prune(graph, row(), 0), "failed as asked");
    *fails.calls = 0;
    const SparseTrace interpret{KeepLargest{}, Noise{}, FailingInterpreter{fails}, plan, options};
    CHECK_THROWS_WITH(interpret(graph, row(), 0), "failed as asked");
    CHECK(weights(graph) == before);
  }
}

TEST_CASE("what is wrong is found before any copy is drawn", "[trace]") {
  const Fails never{std::make_shared<int>(0), 1};
  const auto spade = [&](const SparsityPlan& plan) {
    return SparseTrace{KeepLargest{}, Augmentation<FailingNoise>{{never}, 20, 5}, GradientTimesInput{}, plan};
  };
  const auto uniform = spade(SparsityPlan::uniform(0.5));
  const auto graph = network();
  CHECK_THROWS_AS(uniform.prune(graph, Row(Matrix::Zero(2, 7))), ShapeMismatch);
  CHECK_THROWS_WITH(uniform.prune(graph, Row(Matrix::Zero(2, 7))),
                    Contains("one sample") && Contains("[2, 7]"));
  Matrix broken = row().input();
  broken(0, 3) = std::numeric_limits<double>::quiet_NaN();
  CHECK_THROWS_AS(uniform.prune(graph, Row(broken)), NumericalError);
  CHECK_THROWS_WITH(uniform.prune(graph, Row(broken)), Contains("the sample [1, 7] holds the value nan"));
  CHECK_THROWS_AS(uniform(graph, row(), 3), InvalidArgument);
  CHECK_THROWS_WITH(uniform(graph, row(), -1),
                    Contains("class -1 is outside the network's 3 outputs, 0 to 2"));
  CHECK_THROWS_WITH(spade(SparsityPlan::uniform(0.5).dense("hiden")).prune(graph, row()),
                    Contains("'hiden'") && Contains("'hidden'"));
  std::vector<double> weight(77, 1.0);
  weight[5] = std::numeric_limits<double>::infinity();
  const std::vector<std::int64_t> shape{1, 11, 7};
  const std::vector<LayerWeight> infinite{{0, TensorView::owning(std::move(weight), shape)}};
  CHECK_THROWS_AS(uniform.prune(graph.with_weights(infinite), row()), NumericalError);
  CHECK_THROWS_WITH(uniform.prune(graph.with_weights(infinite), row()),
                    Contains("weight of layer 'hidden' [1, 11, 7] holds the value inf"));
  const SparseTrace tight{KeepLargest{},
                          FailingNoise{never},
                          GradientTimesInput{},
                          SparsityPlan::uniform(0.5),
                          {.statistics_bytes = 9}};
  CHECK_THROWS_WITH(tight.prune(graph, row()), Contains("layer 'hidden'") && Contains("over the bound of 9"));
  CHECK(*never.calls == 0);

  CHECK_THROWS_WITH(
      (SparseTrace{KeepLargest{}, Augmentation<Noise>{{}, 0, 5}, GradientTimesInput{}, SparsityPlan{}}),
      Contains("number of augmented copies is 0"));
  CHECK_THROWS_WITH(spade_of(0.5, {.statistics_bytes = -1}), Contains("statistics_bytes is -1"));
  CHECK_THROWS_WITH(spade_of(0.5, {.positions_per_column = -1}), Contains("positions_per_column"));
}

/// A network that shows the hidden layer's input as often as it is told to.
struct Repeats : Perceptron {
  std::int64_t of_one;     ///< for one sample
  std::int64_t of_several; ///< for a batch
  std::vector<Layer> repeated;

  Repeats(Perceptron graph, std::int64_t uses, std::int64_t one, std::int64_t several)
      : Perceptron(std::move(graph)), of_one(one), of_several(several), repeated(with_uses(*this, uses)) {}
  Walk begin(const Matrix&) const = delete; ///< it cannot stop on its way
  std::span<const Layer> layers() const { return repeated; }

  Matrix forward(const Matrix& input) const { return Perceptron::forward(input); }
  Matrix forward(const Matrix& input, const LayerObserver& observer) const {
    for (std::int64_t i = 1; i < (input.rows() == 1 ? of_one : of_several); ++i)
      observer(0, view(input));
    return Perceptron::forward(input, observer);
  }
  Repeats with_weights(std::span<const LayerWeight> weights) const {
    return {Perceptron::with_weights(weights), repeated[0].uses, of_one, of_several};
  }
};

struct Misshapen {
  Matrix operator()(const Row&, std::int64_t count, Rng&) const { return Matrix::Zero(count, 6); }
  std::string name() const { return "misshapen"; }
};
struct NotFinite {
  Matrix operator()(const Row& sample, std::int64_t count, Rng&) const {
    Matrix copies = sample.input().replicate(count, 1);
    copies(count - 1, 2) = std::numeric_limits<double>::infinity();
    return copies;
  }
  std::string name() const { return "not finite"; }
};
struct Transposing : KeepLargest {
  LayerSolution prune(const LayerProblem& problem, double) const {
    const std::vector<std::int64_t> shape{1, problem.weight.extent(2), problem.weight.extent(1)};
    return {TensorView::owning(std::vector<double>(static_cast<std::size_t>(problem.weight.size())), shape),
            {problem.name}};
  }
};

TEST_CASE("parts that break their contract are named", "[trace]") {
  const auto plan = SparsityPlan::uniform(0.5);
  const SparseTrace misshapen{KeepLargest{}, Misshapen{}, GradientTimesInput{}, plan};
  CHECK_THROWS_AS(misshapen.prune(network(), row()), ShapeMismatch);
  CHECK_THROWS_WITH(misshapen.prune(network(), row()),
                    Contains("'misshapen'") && Contains("[16, 6]") && Contains("[1, 7]"));
  const SparseTrace not_finite{KeepLargest{}, NotFinite{}, GradientTimesInput{}, plan};
  CHECK_THROWS_WITH(not_finite.prune(network(), row()),
                    Contains("input of layer 'hidden' holds the value inf in copy 15"));
  const SparseTrace plain{KeepLargest{}, Augmentation<Noise>{{}, 32, 5}, GradientTimesInput{}, plan};
  CHECK_NOTHROW(plain.prune(Repeats(network(), 2, 2, 2), row()));
  for (const std::int64_t told : {1, 3}) {
    const Repeats graph(network(), told, 2, 2);
    CHECK_THROWS_AS(plain.prune(graph, row()), InvalidArgument);
    CHECK_THROWS_WITH(plain.prune(graph, row()),
                      Contains("layer 'hidden' 2 times") && Contains(message("Layer::uses is ", told)));
  }
  for (const std::int64_t several : {1, 3}) {
    const Repeats graph(network(), 2, 2, several);
    CHECK_THROWS_AS(plain.prune(graph, row()), InvalidArgument);
    CHECK_THROWS_WITH(plain.prune(graph, row()), Contains(message("layer 'hidden' ", several, " times")) &&
                                                     Contains("Layer::uses is 2"));
  }
  const SparseTrace transposing{Transposing{}, Noise{}, GradientTimesInput{}, plan};
  CHECK_THROWS_WITH(transposing.prune(network(), row()),
                    Contains("pruner 'keep largest'") && Contains("[1, 7, 11]"));
}

} // namespace
