// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// Whole networks, as many as a folder has: families/<network>/<format>/<what>. compare.py makes the table;
// docs/benchmarks.md says how to read it.
#include <algorithm>
#include <chrono>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>
#include <sys/resource.h>
#include <torch/script.h>

#include <ATen/Parallel.h>
#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/jit/runtime/graph_executor.h>

#include <spade/graph/behind_embedding.hpp>
#include <spade/graph/importer.hpp>
#include <spade/graph/tape.hpp>

#include "cpu_time.hpp"
#include "graph/exported/exported_archive.hpp"
#include "graph/live_memory.hpp"
#include "graph/mapped_file.hpp"
#include "graph/model_files.hpp"
#include "graph/self_check.hpp"
#include "graph/zip.hpp"

namespace {

using spade::benchmarks::cpu_seconds;
using spade::benchmarks::LiveMemory;
using spade::benchmarks::ModelFile;

using Pass = std::function<at::Tensor(const at::Tensor&)>;

torch::jit::Module read_module(const std::string& path) {
  auto module = torch::jit::load(path, torch::kCPU);
  module.eval();
  return module;
}

Pass pass_of(spade::LayerGraph graph) {
  return [graph = std::move(graph)](const at::Tensor& input) { return graph.forward(input); };
}

bool is_exported(const ModelFile& file) {
  return file.format == "pt2";
}

/// The graph, and what its passes are compared with: the file's own module, or of an archive the graph of the
/// traced file.
struct Rivals {
  std::string path;
  Pass reference;
  Pass graph;

  explicit Rivals(const ModelFile& file) : path(file.path.string()) {
    const c10::AutoGradMode no_gradients(false);
    const auto example = file.batch(1);
    graph = pass_of(spade::load_graph(path, example));
    if (is_exported(file)) {
      reference = pass_of(spade::load_graph(file.traced().string(), example));
    } else {
      reference = [module = read_module(path)](const at::Tensor& input) mutable {
        return module.forward({input}).toTensor();
      };
    }
    for (int call = 0; call < 3; ++call) { // TorchScript watches the first and optimises the next
      (void)reference(example);
      (void)graph(example);
    }
  }
};

/// The batches of one file come one after another: it is loaded once.
const Rivals& rivals(const ModelFile& file) {
  static std::unique_ptr<Rivals> latest;
  if (latest == nullptr || latest->path != file.path.string()) {
    latest.reset(); // before the next takes memory
    latest = std::make_unique<Rivals>(file);
  }
  return *latest;
}

constexpr double infinity = std::numeric_limits<double>::infinity();

struct Cost {
  double clock = infinity;     ///< s
  double processor = infinity; ///< s, all threads together
  double faults = infinity;    ///< pages that the system gave
};

double page_faults() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_minflt);
}

template <class Work> Cost cost_of(const Work& work) {
  const double faults = page_faults();
  const double processor = cpu_seconds();
  const auto begin = std::chrono::steady_clock::now();
  benchmark::DoNotOptimize(work());
  const std::chrono::duration<double> clock = std::chrono::steady_clock::now() - begin;
  return {clock.count(), cpu_seconds() - processor, page_faults() - faults};
}

void take(double& least, double now) {
  least = std::min(least, now);
}

/// The least of each.
void take(Cost& least, const Cost& cost) {
  take(least.clock, cost.clock);
  take(least.processor, cost.processor);
  take(least.faults, cost.faults);
}

// Not inlined: callgrind counts their instructions by their names (docs/benchmarks.md).
[[gnu::noinline]] Cost reference_pass(const Rivals& both, const at::Tensor& input) {
  return cost_of([&] { return both.reference(input); });
}

[[gnu::noinline]] Cost graph_pass(const Rivals& both, const at::Tensor& input) {
  return cost_of([&] { return both.graph(input); });
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return (values[(values.size() - 1) / 2] + values[values.size() / 2]) / 2;
}

// Both passes by turns, so that both have the same machine; who begins changes, too.
void forward(benchmark::State& state, const ModelFile& file) {
  constexpr double budget = 3;    // s
  constexpr double long_pair = 5; // s: two are enough
  constexpr std::size_t most_pairs = 200;
  const c10::AutoGradMode no_gradients(false);
  const Rivals& both = rivals(file);
  const auto input = file.batch(state.range(0));
  Cost reference;
  Cost graph;
  std::vector<double> ratios;
  std::vector<double> processor_ratios;
  for (auto _ : state) {
    double spent = 0;
    std::size_t least_pairs = 3;
    bool warm = false;
    while (ratios.size() < least_pairs || (spent < budget && ratios.size() < most_pairs)) {
      Cost one;
      Cost other;
      const bool reference_first = ratios.size() % 2 == 0;
      if (reference_first) one = reference_pass(both, input);
      other = graph_pass(both, input);
      if (!reference_first) one = reference_pass(both, input);
      const double pair = one.clock + other.clock;
      if (pair > long_pair) least_pairs = 2;
      // A first pair that is long has warmed up on its way.
      if (!std::exchange(warm, true) && pair < 1) continue;
      spent += pair;
      take(reference, one);
      take(graph, other);
      ratios.push_back(other.clock / one.clock);
      processor_ratios.push_back(other.processor / one.processor);
    }
    state.SetIterationTime(graph.clock);
  }
  const std::string rival = is_exported(file) ? "torchscript" : "module";
  const std::string ours = is_exported(file) ? "pt2" : "graph";
  state.counters[rival + "_ms"] = 1e3 * reference.clock;
  state.counters[ours + "_ms"] = 1e3 * graph.clock;
  state.counters[rival + "_faults"] = reference.faults;
  state.counters[ours + "_faults"] = graph.faults;
  state.counters["ratio"] = graph.clock / reference.clock;
  state.counters["median_ratio"] = median(ratios);
  state.counters["processor_ratio"] = median(processor_ratios);
  state.counters["pairs"] = static_cast<double>(ratios.size());
  state.counters["threads"] = at::get_num_threads();
}

/// Where the time of load_graph goes, in s.
struct Loading {
  double whole = infinity;
  double reading = infinity;    ///< torch::jit::load, or the reader of archives with its checksums
  double checking = infinity;   ///< the tensors: of TorchScript the checksums; what is not finite
  double self_check = infinity; ///< source and graph, on one sample and on two
  double pass = infinity;       ///< one sample through the graph
};

void check_tensor(const ModelFile& file, const std::string& name, const at::Tensor& tensor, bool parameter) {
  spade::graph::check_finite(file.path.string(), name, tensor, parameter);
}

void check_checksums(const ModelFile& file) {
  const auto path = file.path.string();
  const spade::graph::MappedFile mapped(path);
  for (const auto& entry : spade::graph::read_zip(mapped.bytes(), path)) {
    if (!entry.compressed) benchmark::DoNotOptimize(spade::graph::content(entry, path));
  }
}

template <class Work> double seconds(const Work& work) {
  return cost_of([&] {
           work();
           return 0;
         })
      .clock;
}

// The parts run again by themselves what load_graph does inside.
void load_parts(const ModelFile& file, const spade::LayerGraph& graph, const at::Tensor& example,
                Loading& least) {
  const auto path = file.path.string();
  const std::vector<at::Tensor> inputs{example, spade::graph::other_batch(example)};
  Pass source = pass_of(graph); // an archive's source is its list of operators: it is taken to cost the same
  if (is_exported(file)) {
    std::optional<spade::graph::exported::ExportedArchive> archive;
    take(least.reading, seconds([&] { archive.emplace(spade::graph::exported::read_exported(path)); }));
    take(least.checking, seconds([&] {
           for (const auto& [name, tensor] : archive->state)
             check_tensor(file, name, tensor, true);
           for (const auto& [name, tensor] : archive->constants)
             check_tensor(file, name, tensor, false);
         }));
  } else {
    std::optional<torch::jit::Module> module;
    take(least.reading, seconds([&] { module.emplace(read_module(path)); }));
    take(least.checking, seconds([&] {
           check_checksums(file);
           for (const auto& parameter : module->named_parameters())
             check_tensor(file, parameter.name, parameter.value, true);
           for (const auto& buffer : module->named_buffers())
             check_tensor(file, buffer.name, buffer.value, false);
         }));
    source = [module = *module](const at::Tensor& input) mutable {
      return module.forward({input}).toTensor();
    };
  }
  take(least.self_check, seconds([&] {
         const torch::jit::GraphOptimizerEnabledGuard unoptimised(false);
         for (const auto& input : inputs) {
           benchmark::DoNotOptimize(source(input));
           benchmark::DoNotOptimize(graph.forward(input));
         }
       }));
  take(least.pass, cost_of([&] { return graph.forward(example); }).clock);
}

void load(benchmark::State& state, const ModelFile& file) {
  constexpr double budget = 3; // s
  constexpr int least_loads = 2;
  constexpr int most_loads = 10;
  const c10::AutoGradMode no_gradients(false);
  const auto example = file.batch(1);
  Loading least;
  for (auto _ : state) {
    double spent = 0;
    for (int loads = 0; loads < least_loads || (spent < budget && loads < most_loads); ++loads) {
      spent += seconds([&] {
        std::optional<spade::LayerGraph> graph;
        const double whole = seconds([&] { graph.emplace(spade::load_graph(file.path.string(), example)); });
        take(least.whole, whole);
        load_parts(file, *graph, example, least);
      });
    }
    state.SetIterationTime(least.whole);
  }
  const double lowering = least.whole - least.reading - least.checking - least.self_check;
  state.counters["load_ms"] = 1e3 * least.whole;
  state.counters["reading_ms"] = 1e3 * least.reading;
  state.counters["checking_ms"] = 1e3 * least.checking;
  state.counters["self_check_ms"] = 1e3 * least.self_check;
  state.counters["lowering_ms"] = 1e3 * lowering;
  state.counters["pass_ms"] = 1e3 * least.pass;
  state.counters["passes"] = least.whole / least.pass;
}

template <class Work> double peak_of(const Work& work) {
  const LiveMemory memory;
  work();
  return static_cast<double>(memory.peak());
}

void memory(benchmark::State& state, const ModelFile& file) {
  const auto batch = file.batch(state.range(0));
  auto graph = spade::load_graph(file.path.string(), batch.narrow(0, 0, 1));
  auto module = read_module((is_exported(file) ? file.traced() : file.path).string());
  {
    const c10::AutoGradMode no_gradients(false);
    for (int call = 0; call < 3; ++call)
      benchmark::DoNotOptimize(module.forward({batch.narrow(0, 0, 1)}));
    state.counters["module_forward_bytes"] =
        peak_of([&] { benchmark::DoNotOptimize(module.forward({batch})); });
    state.counters["forward_bytes"] = peak_of([&] { benchmark::DoNotOptimize(graph.forward(batch)); });
  }
  auto samples = batch;
  const bool tokens = !batch.is_floating_point();
  if (tokens) { // ids have no gradient
    auto embedded = spade::behind_embedding(graph, batch);
    graph = std::move(embedded.graph);
    samples = std::move(embedded.embeddings);
  }
  const auto autograd_peak = [&samples](const Pass& pass) {
    const auto leaf = samples.clone().set_requires_grad(true);
    return peak_of([&] {
      const auto output = pass(leaf);
      benchmark::DoNotOptimize(torch::autograd::grad({output}, {leaf}, {at::ones_like(output)}));
    });
  };
  for (auto _ : state) {
    state.counters["autograd_bytes"] = autograd_peak(pass_of(graph));
    if (!tokens) {
      const Pass pass = [&module](const at::Tensor& input) { return module.forward({input}).toTensor(); };
      for (int call = 0; call < 2; ++call)
        (void)autograd_peak(pass);
      state.counters["module_autograd_bytes"] = autograd_peak(pass);
    }
    const auto tape_s = seconds([&] {
      state.counters["tape_bytes"] = peak_of([&] {
        spade::graph::Tape tape(graph);
        benchmark::DoNotOptimize(tape.backward(at::ones_like(tape.forward(samples))));
      });
    });
    state.SetIterationTime(tape_s);
  }
}

// What goes wrong with one network does not stop the others.
void guarded(benchmark::State& state, const ModelFile& file,
             void (*measure)(benchmark::State&, const ModelFile&)) {
  try {
    measure(state, file);
  } catch (const std::exception& error) {
    state.SkipWithError(error.what());
  }
}

const int registered = [] {
  const auto files = spade::benchmarks::model_files();
  const auto add = [](const std::string& name, auto function) {
    return benchmark::RegisterBenchmark(name.c_str(), function)
        ->UseManualTime()
        ->Iterations(1)
        ->Unit(benchmark::kMillisecond);
  };
  if (files.empty()) {
    add("families", [](benchmark::State& state) {
      state.SkipWithError("not measured: set SPADE_MODELS_DIR to a folder with NAME.io.pt beside "
                          "NAME_traced.pt, NAME_scripted.pt and NAME.pt2");
    });
  }
  for (const auto& file : files) {
    const auto name = "families/" + file.network + "/" + file.format + "/";
    const auto measuring = [&file](void (*measure)(benchmark::State&, const ModelFile&)) {
      return [file, measure](benchmark::State& state) { guarded(state, file, measure); };
    };
    add(name + "forward", measuring(&forward))->Arg(1)->Arg(8)->Arg(64);
    add(name + "load", measuring(&load));
    add(name + "memory", measuring(&memory))->Arg(8);
  }
  return 0;
}();

} // namespace
