// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "architecture.hpp"

#include <cmath>
#include <memory>
#include <string>

#include <torch/script.h>

#include <spade/core/error.hpp>
#include <spade/core/rng.hpp>

#include "scene.hpp"

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
    module.register_module("conv1", convolution(3, 32, 7, 2));
    module.register_module("bn1", batch_norm(32));
    module.register_module("layer1", block(32, 32, 1));
    module.register_module("layer2", block(32, 64, 2));
    module.register_module("layer3", block(64, 128, 2));
    module.register_module("fc", linear(128, static_cast<std::int64_t>(class_names().size())));
    module.define(R"(
      def forward(self, x):
        x = torch.relu(self.bn1.forward(self.conv1.forward(x)))
        x = torch.max_pool2d(x, [3, 3], [2, 2], [1, 1])
        x = self.layer3.forward(self.layer2.forward(self.layer1.forward(x)))
        return self.fc.forward(torch.flatten(torch.adaptive_avg_pool2d(x, [1, 1]), 1))
    )");
    return module;
  }

private:
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

} // namespace

torch::jit::Module residual_network(std::uint64_t seed) {
  return Builder(seed).network();
}

} // namespace spade::demo
