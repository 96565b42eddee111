// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// Blocks of copies on several threads at the same time, on a graph that knows no LibTorch.
#include <atomic>
#include <chrono>
#include <functional>
#include <limits>
#include <mutex>
#include <optional>
#include <set>
#include <stdexcept>
#include <stop_token>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include <spade/core/parallel.hpp>
#include <spade/sparse_trace.hpp>

#include "support/threads.hpp"
#include "trace/keep_largest.hpp"
#include "trace/small_perceptron.hpp"

namespace {

using namespace spade;
using perceptron::Matrix;
using perceptron::Perceptron;
using perceptron::Row;
using test::network;
using test::row;
using test::weights;

/// The perceptron, on threads of its own; early blocks are the slowest, so that only the turns keep the
/// order.
class Concurrent : public Perceptron {
public:
  Concurrent(Perceptron graph) : Perceptron(std::move(graph)) {} // NOLINT(google-explicit-constructor)

  Matrix forward(const Matrix& input) const { return Perceptron::forward(input); }
  Matrix forward(const Matrix& input, const LayerObserver& observer) const {
    hold_up();
    return Perceptron::forward(input, observer);
  }
  std::optional<LayerStop> advance(Walk& walk) const {
    hold_up();
    return Perceptron::advance(walk);
  }
  Concurrent with_weights(std::span<const LayerWeight> weights) const {
    started = 0;
    return Perceptron::with_weights(weights);
  }
  static void side_by_side(std::int64_t threads, const std::function<void()>& work) {
    most_threads = threads;
    std::vector<std::jthread> others;
    for (std::int64_t thread = 1; thread < threads; ++thread)
      others.emplace_back(work);
    work();
  }

  static inline std::atomic<int> started{0};
  static inline std::atomic<std::int64_t> most_threads{0};
  static inline std::function<void(int start)> on_start;

private:
  static void hold_up() {
    const int start = started++;
    if (on_start) on_start(start);
    std::this_thread::sleep_for(std::chrono::milliseconds(std::max(0, 6 - 2 * start)));
  }
};

/// Something that happens when a pass, or the next step of a walk, starts.
struct DuringPasses {
  explicit DuringPasses(std::function<void(int start)> what) { Concurrent::on_start = std::move(what); }
  ~DuringPasses() { Concurrent::on_start = nullptr; }
  DuringPasses(const DuringPasses&) = delete;
  DuringPasses& operator=(const DuringPasses&) = delete;
};

static_assert(ConcurrentGraph<Concurrent> && SteppableGraph<Concurrent>);
static_assert(TraceableGraph<Perceptron> && !ConcurrentGraph<Perceptron>);

/// Noise; the copies from `bad_from` on hold what is given there.
struct SpoiledNoise {
  std::int64_t bad_from = std::numeric_limits<std::int64_t>::max();
  double bad = 0;

  Matrix operator()(const Row& sample, std::int64_t count, Rng& rng) const {
    Matrix copies = perceptron::Noise{0.2}(sample, count, rng);
    drawn += count;
    if (drawn > bad_from) copies.setConstant(bad);
    return copies;
  }
  std::string name() const { return "spoiled noise"; }

  static inline std::int64_t drawn = 0;
};

/// Throws when it gets to the second layer.
struct Fragile : test::KeepLargest {
  LayerSolution prune(const LayerProblem& problem, double sparsity) const {
    if (problem.name == "output") throw std::runtime_error("no second layer");
    return KeepLargest::prune(problem, sparsity);
  }
};

constexpr std::int64_t copies = 100; // seven blocks, the last of four

TraceOptions with(Propagation propagation) {
  TraceOptions options;
  options.propagation = propagation;
  return options;
}

template <class P = test::KeepLargest>
BasicTrace<Concurrent> trace_of(const Concurrent& graph, TraceOptions options, SpoiledNoise noise = {},
                                P pruner = {}) {
  Concurrent::started = 0;
  SpoiledNoise::drawn = 0;
  const SparseTrace spade_of{pruner, Augmentation<SpoiledNoise>{noise, copies, 5},
                             perceptron::GradientTimesInput{}, SparsityPlan::uniform(0.6),
                             std::move(options)};
  return spade_of.prune(graph, row());
}

} // namespace

TEST_CASE("blocks side by side give the bits of one after the other", "[trace]") {
  const auto propagation = GENERATE(Propagation::Independent, Propagation::Sequential);
  CAPTURE(to_string(propagation));
  const Concurrent graph = network();
  const SparseTrace serial{test::KeepLargest{}, Augmentation<perceptron::Noise>{{0.2}, copies, 5},
                           perceptron::GradientTimesInput{}, SparsityPlan::uniform(0.6), with(propagation)};
  const auto expected = serial.prune(network(), row());
  for (const int threads : {1, 2, 3, 7, 50}) {
    const tests::Threads scope(threads);
    const auto trace = trace_of(graph, with(propagation));
    CHECK(weights(trace.graph()) == weights(expected.graph()));
    CHECK(trace.layers[1].relative_error == expected.layers[1].relative_error);
    CHECK(Concurrent::most_threads == std::min(threads, 7)); // no more than there are blocks
    const auto& how = trace.provenance;
    CHECK(how.augment_seconds + how.forward_seconds + how.statistics_seconds + how.prune_seconds <=
          how.seconds);
    CHECK(how.forward_seconds > 0);
    CHECK(how.statistics_seconds > 0);
  }
}

TEST_CASE("progress is reported by the calling thread alone, and counts every copy", "[trace]") {
  const auto propagation = GENERATE(Propagation::Independent, Propagation::Sequential);
  CAPTURE(to_string(propagation));
  const tests::Threads scope(3);
  std::set<std::thread::id> callers;
  std::int64_t last = 0;
  std::int64_t total = 0;
  auto options = with(propagation);
  options.progress.report = [&](std::string_view, std::int64_t done, std::int64_t all) {
    callers.insert(std::this_thread::get_id());
    CHECK(done >= last);
    last = done;
    total = all;
  };
  (void)trace_of(network(), options);
  CHECK(callers == std::set{std::this_thread::get_id()});
  CHECK(last == total);
  CHECK(total == copies + (propagation == Propagation::Independent ? 2 : 4));
}

TEST_CASE("what one thread throws ends them all and reaches the caller", "[trace]") {
  const auto propagation = GENERATE(Propagation::Independent, Propagation::Sequential);
  CAPTURE(to_string(propagation));
  const tests::Threads scope(3);
  const auto usual = with(propagation);
  CHECK_THROWS_AS(trace_of(network(), usual, {40, std::numeric_limits<double>::quiet_NaN()}), NumericalError);
  CHECK_THROWS_AS(trace_of(network(), usual, {0, std::numeric_limits<double>::infinity()}), NumericalError);
  CHECK_THROWS_WITH(trace_of(network(), usual, {}, Fragile{}), "no second layer");
  for (const int at : {1, 2, 5}) { // 0 is the sample's own pass
    const DuringPasses fails([at](int start) {
      if (start == at) throw std::runtime_error("the network is gone");
    });
    CHECK_THROWS_WITH(trace_of(network(), usual), "the network is gone");
  }

  auto reports_badly = usual;
  int reports = 0;
  reports_badly.progress.report = [&](std::string_view, std::int64_t, std::int64_t) {
    if (++reports == 2) throw std::runtime_error("the window is closed");
  };
  CHECK_THROWS_WITH(trace_of(network(), reports_badly), "the window is closed");
}

TEST_CASE("threads that work side by side stop when asked", "[trace]") {
  const auto propagation = GENERATE(Propagation::Independent, Propagation::Sequential);
  CAPTURE(to_string(propagation));
  const tests::Threads scope(3);
  for (const std::string_view stage : {"gathering statistics", "pruning"}) {
    std::stop_source stop;
    auto options = with(propagation);
    options.progress.stop = stop.get_token();
    options.progress.report = [&](std::string_view now, std::int64_t, std::int64_t) {
      if (now == stage) stop.request_stop();
    };
    CHECK_THROWS_AS(trace_of(network(), options), Interrupted);
  }
  for (const int at : {1, 2, 5}) { // on whichever thread
    std::stop_source stop;
    auto options = with(propagation);
    options.progress.stop = stop.get_token();
    const DuringPasses stops([&](int start) {
      if (start == at) stop.request_stop();
    });
    CHECK_THROWS_AS(trace_of(network(), options), Interrupted);
  }
}
