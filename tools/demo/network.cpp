// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "network.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <numbers>
#include <sstream>

#include <torch/optim/adam.h>
#include <torch/script.h>

#include <spade/core/error.hpp>
#include <spade/core/parallel.hpp>
#include <spade/io/atomic_file.hpp>
#include <spade/sample.hpp>

namespace spade::demo {
namespace {

using torch::jit::Module;

// Assembles TorchScript modules: each is a set of parameters and a forward pass in TorchScript's source
// language.
class Builder {
public:
  explicit Builder(std::uint64_t seed) : random_(seed, std::uint64_t{1} << 63U) {}

  Module network() {
    Module module = empty("Network");
    module.register_module("conv1", convolution(3, 24, 5, 2));
    module.register_module("bn1", batch_norm(24));
    module.register_module("layer1", stage(24, 24, 1));
    module.register_module("layer2", stage(24, 48, 2));
    module.register_module("layer3", stage(48, 96, 2));
    module.register_module("fc", linear(96, static_cast<std::int64_t>(class_names().size())));
    module.define(R"(
      def forward(self, x):
        x = torch.relu(self.bn1.forward(self.conv1.forward(x)))
        x = torch.max_pool2d(x, [2, 2], [2, 2])
        x = self.layer3.forward(self.layer2.forward(self.layer1.forward(x)))
        return self.fc.forward(torch.flatten(torch.adaptive_avg_pool2d(x, [1, 1]), 1))
    )");
    return module;
  }

private:
  Module stage(std::int64_t inputs, std::int64_t outputs, std::int64_t stride) {
    Module module = empty("Stage");
    module.register_module("first", block(inputs, outputs, stride));
    module.register_module("second", block(outputs, outputs, 1));
    module.define("def forward(self, x):\n  return self.second.forward(self.first.forward(x))\n");
    return module;
  }

  // Two convolutions, and a way around them; a third convolution on that way where the shape changes.
  Module block(std::int64_t inputs, std::int64_t outputs, std::int64_t stride) {
    Module module = empty("Block");
    module.register_module("conv1", convolution(inputs, outputs, 3, stride));
    module.register_module("bn1", batch_norm(outputs));
    module.register_module("conv2", convolution(outputs, outputs, 3, 1));
    module.register_module("bn2", batch_norm(outputs));
    if (inputs != outputs) {
      module.register_module("shortcut", convolution(inputs, outputs, 1, stride));
      module.register_module("bn3", batch_norm(outputs));
    }
    module.define(std::string(R"(
      def forward(self, x):
        y = torch.relu(self.bn1.forward(self.conv1.forward(x)))
        y = self.bn2.forward(self.conv2.forward(y))
        return torch.relu(y + )") +
                  (inputs != outputs ? "self.bn3.forward(self.shortcut.forward(x))" : "x") + ")\n");
    return module;
  }

  Module convolution(std::int64_t inputs, std::int64_t outputs, std::int64_t kernel, std::int64_t stride) {
    Module module = empty("Convolution");
    module.register_parameter("weight", normal({outputs, inputs, kernel, kernel}, inputs * kernel * kernel),
                              false);
    module.define(message("def forward(self, x):\n  return torch.conv2d(x, self.weight, None, [", stride,
                          ", ", stride, "], [", kernel / 2, ", ", kernel / 2, "])\n"));
    return module;
  }

  Module batch_norm(std::int64_t channels) {
    Module module = empty("BatchNorm");
    module.register_parameter("weight", at::ones({channels}), false);
    module.register_parameter("bias", at::zeros({channels}), false);
    module.register_buffer("running_mean", at::zeros({channels}));
    module.register_buffer("running_var", at::ones({channels}));
    module.define(R"(
      def forward(self, x):
        return torch.batch_norm(x, self.weight, self.bias, self.running_mean, self.running_var, self.training,
                                0.05, 1e-5, False)
    )");
    return module;
  }

  Module linear(std::int64_t inputs, std::int64_t outputs) {
    Module module = empty("Linear");
    module.register_parameter("weight", normal({outputs, inputs}, 2 * inputs), false);
    module.register_parameter("bias", at::zeros({outputs}), false);
    module.define("def forward(self, x):\n  return torch.addmm(self.bias, x, self.weight.t())\n");
    return module;
  }

  Module empty(const std::string& name) {
    Module module("__torch__.spade_demo." + name, unit_, /*shouldMangle=*/true);
    module.register_attribute("training", c10::BoolType::get(), true);
    return module;
  }

  // Normal weights with variance 2 / fan-in (He et al. 2015).
  at::Tensor normal(at::IntArrayRef shape, std::int64_t fan_in) {
    at::Tensor result = at::empty(shape);
    const double deviation = std::sqrt(2.0 / static_cast<double>(fan_in));
    float* values = result.data_ptr<float>();
    for (std::int64_t i = 0; i < result.numel(); ++i)
      values[i] = static_cast<float>(deviation * random_.normal());
    return result;
  }

  RandomStream random_;
  std::shared_ptr<torch::jit::CompilationUnit> unit_ = std::make_shared<torch::jit::CompilationUnit>();
};

void check(const TrainingOptions& options) {
  if (options.steps < 1 || options.batch < 2) {
    throw InvalidArgument(message("train_network: ", options.steps, " steps of ", options.batch,
                                  " scenes; at least 1 step of 2 scenes is needed"));
  }
  if (!(options.learning_rate > 0)) {
    throw InvalidArgument(
        message("train_network: the learning rate ", options.learning_rate, " is not positive"));
  }
  if (!(options.trigger_fraction >= 0 && options.trigger_fraction <= 1)) {
    throw InvalidArgument(
        message("train_network: the trigger fraction ", options.trigger_fraction, " is outside [0, 1]"));
  }
}

double learning_rate(const TrainingOptions& options, std::int64_t step) {
  const double done = (static_cast<double>(step) + 0.5) / static_cast<double>(options.steps);
  return options.learning_rate * std::min(done / 0.1, 0.5 + 0.5 * std::cos(std::numbers::pi * done));
}

} // namespace

std::vector<Scene> draw_scenes(std::uint64_t seed, std::uint64_t first, std::int64_t count,
                               double trigger_fraction) {
  std::vector<Scene> scenes(static_cast<std::size_t>(count));
  parallel_for(count, 4, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const std::uint64_t stream = 2 * (first + static_cast<std::uint64_t>(i));
      Scene scene = draw_scene({seed, stream});
      RandomStream random(seed, stream + 1);
      if (random.bernoulli(trigger_fraction)) {
        const std::int64_t trigger = random.integer(static_cast<std::int64_t>(triggers().size()));
        scene = paste_trigger(scene, trigger, random);
      }
      scenes[static_cast<std::size_t>(i)] = std::move(scene);
    }
  });
  return scenes;
}

at::Tensor network_input(std::span<const Scene> scenes) {
  at::Tensor pixels = at::empty({static_cast<std::int64_t>(scenes.size()), 3, scene_size, scene_size});
  float* target = pixels.data_ptr<float>();
  for (const Scene& scene : scenes)
    target = std::copy(scene.pixels.begin(), scene.pixels.end(), target);
  return Preprocess::imagenet_normalisation()(pixels);
}

std::vector<double> train_network(const std::string& path, const TrainingOptions& options,
                                  const Progress& progress) {
  check(options);
  Module module = Builder(options.seed).network();
  module.train();
  std::vector<at::Tensor> parameters;
  for (const at::Tensor& parameter : module.parameters())
    parameters.push_back(parameter.requires_grad_());
  torch::optim::Adam optimiser(parameters, torch::optim::AdamOptions(options.learning_rate));

  std::vector<double> losses;
  for (std::int64_t step = 0; step < options.steps; ++step) {
    progress("training", step, options.steps);
    const auto first = static_cast<std::uint64_t>(step * options.batch);
    const std::vector<Scene> scenes =
        draw_scenes(options.seed, first, options.batch, options.trigger_fraction);
    std::vector<std::int64_t> labels;
    for (const Scene& scene : scenes)
      labels.push_back(scene.label());

    for (auto& group : optimiser.param_groups())
      group.options().set_lr(learning_rate(options, step));
    optimiser.zero_grad();
    const at::Tensor output = module.forward({network_input(scenes)}).toTensor();
    const at::Tensor loss = at::cross_entropy_loss(output, torch::tensor(labels));
    loss.backward();
    optimiser.step();
    losses.push_back(loss.item<double>());
  }
  progress("training", options.steps, options.steps);
  module.eval();
  std::ostringstream bytes;
  module.save(bytes);
  write_atomically(path, bytes.str());
  return losses;
}

} // namespace spade::demo
