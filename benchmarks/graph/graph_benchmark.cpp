// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// What the operator graph costs beyond the operators: per node, per forward pass, per file.
#include <filesystem>
#include <string>

#include <benchmark/benchmark.h>
#include <torch/script.h>

#include <spade/graph/importer.hpp>
#include <spade/graph/tape.hpp>

namespace {

/// Nodes that hand their operand on: all that is left is the executor.
spade::LayerGraph chain_of_nothing(std::size_t nodes) {
  auto program = std::make_shared<spade::graph::Program>();
  program->slot_count = nodes + 1;
  program->slot_active.assign(nodes + 1, true);
  program->output = nodes;
  for (std::size_t i = 0; i < nodes; ++i) {
    spade::graph::Node node;
    node.id = i;
    node.arguments = {{spade::graph::SlotRef{i, true}, nullptr}, {c10::IValue(1), nullptr}};
    node.outputs = {i + 1};
    node.dies = {i};
    node.run = [](std::vector<c10::IValue>& stack) { stack.pop_back(); };
    program->nodes.push_back(std::move(node));
  }
  return spade::LayerGraph(std::move(program));
}

void node_overhead(benchmark::State& state) {
  const auto graph = chain_of_nothing(static_cast<std::size_t>(state.range(0)));
  const auto input = at::zeros({1});
  for (auto _ : state)
    benchmark::DoNotOptimize(graph.forward(input));
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(node_overhead)->Arg(64)->Arg(1024);

/// Eight residual blocks of two 3 x 3 convolutions, 32 channels at 32 x 32, with writes in place as networks
/// have them.
struct Network {
  torch::jit::Module module{"Network"};
  std::string path = (std::filesystem::temp_directory_path() / "spade_graph_benchmark.pt").string();
  at::Tensor input = at::rand({8, 32, 32, 32});

  Network() {
    const c10::AutoGradMode no_gradients(false);
    std::string source = "def forward(self, x):\n";
    for (int i = 0; i < 8; ++i) {
      const auto n = std::to_string(i);
      for (const auto* part : {"a", "b"})
        module.register_parameter(part + n, at::randn({32, 32, 3, 3}).mul(0.05), false);
      source += "  y = torch.conv2d(x, self.a" + n + ", None, [1, 1], [1, 1], [1, 1], 1).relu_()\n";
      source += "  y = torch.conv2d(y, self.b" + n + ", None, [1, 1], [1, 1], [1, 1], 1)\n";
      source += "  y.add_(x)\n  x = y.relu_()\n";
    }
    module.define(source + "  return x.mean([2, 3])\n");
    module.eval();
    module.save(path);
  }
  ~Network() { std::filesystem::remove(path); }
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;
};

void load_and_lower(benchmark::State& state) {
  const Network network;
  const auto example = network.input.narrow(0, 0, 1);
  for (auto _ : state)
    benchmark::DoNotOptimize(spade::load_graph(network.path, example));
}
BENCHMARK(load_and_lower)->Unit(benchmark::kMillisecond);

void forward_by_module(benchmark::State& state) {
  Network network;
  const c10::AutoGradMode no_gradients(false);
  const auto input = network.input.narrow(0, 0, state.range(0));
  for (auto _ : state)
    benchmark::DoNotOptimize(network.module.forward({input}));
}
BENCHMARK(forward_by_module)->Arg(1)->Arg(8)->Unit(benchmark::kMillisecond);

void forward_by_graph(benchmark::State& state) {
  const Network network;
  const auto graph = spade::load_graph(network.path, network.input.narrow(0, 0, 1));
  const c10::AutoGradMode no_gradients(false);
  const auto input = network.input.narrow(0, 0, state.range(0));
  for (auto _ : state)
    benchmark::DoNotOptimize(graph.forward(input));
}
BENCHMARK(forward_by_graph)->Arg(1)->Arg(8)->Unit(benchmark::kMillisecond);

void gradient_by_autograd(benchmark::State& state) {
  const Network network;
  const auto graph = spade::load_graph(network.path, network.input.narrow(0, 0, 1));
  for (auto _ : state) {
    const auto input = network.input.clone().set_requires_grad(true);
    graph.forward(input).sum().backward();
    benchmark::DoNotOptimize(input.grad());
  }
}
BENCHMARK(gradient_by_autograd)->Unit(benchmark::kMillisecond);

void gradient_by_tape(benchmark::State& state) {
  const Network network;
  spade::graph::Tape tape(spade::load_graph(network.path, network.input.narrow(0, 0, 1)));
  for (auto _ : state)
    benchmark::DoNotOptimize(tape.backward(at::ones_like(tape.forward(network.input))));
}
BENCHMARK(gradient_by_tape)->Unit(benchmark::kMillisecond);

} // namespace
