// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
//
//   spade_tiny_network FOLDER
//
// Writes FOLDER/model.pt, a TorchScript file of two convolutions and a classifier with random weights, and
// FOLDER/picture.png, for the programs that are tested as users would write them.

#include <iostream>
#include <memory>

#include <torch/script.h>

#include <spade/io/atomic_file.hpp>
#include <spade/io/image.hpp>

namespace {

using torch::jit::Module;

/// A module with the parameters "weight" and, where there is one, "bias".
Module layer(const std::shared_ptr<torch::jit::CompilationUnit>& unit, const char* type,
             const at::Tensor& weight, const char* forward) {
  Module module(type, unit, /*shouldMangle=*/true);
  module.register_parameter("weight", weight, /*is_buffer=*/false);
  module.define(forward);
  return module;
}

} // namespace

int main(int count, char** arguments) {
  if (count != 2) {
    std::cerr << "usage: spade_tiny_network FOLDER\n";
    return 2;
  }
  const std::string folder = arguments[1];
  torch::manual_seed(1);
  const auto unit = std::make_shared<torch::jit::CompilationUnit>();
  Module network("Network", unit);
  network.register_module("conv1", layer(unit, "Conv1", at::randn({8, 3, 7, 7}) / 12, R"(
def forward(self, x):
    return torch.conv2d(x, self.weight, None, [8, 8], [3, 3])
)"));
  network.register_module("conv2", layer(unit, "Conv2", at::randn({16, 8, 3, 3}) / 8, R"(
def forward(self, x):
    return torch.conv2d(x, self.weight, None, [2, 2], [1, 1])
)"));
  network.register_module("fc", layer(unit, "Classifier", at::randn({100, 16}) / 4, R"(
def forward(self, x):
    return torch.linear(x, self.weight, None)
)"));
  network.define(R"(
def forward(self, x):
    x = torch.relu(self.conv1.forward(x))
    x = torch.relu(self.conv2.forward(x))
    x = torch.flatten(torch.adaptive_avg_pool2d(x, [1, 1]), 1)
    return self.fc.forward(x)
)");
  network.save(folder + "/model.pt");

  const auto ramp = at::linspace(0, 1, 256);
  const auto picture = at::stack({ramp.expand({256, 256}), ramp.view({256, 1}).expand({256, 256}),
                                  (at::outer(ramp, ramp) * 12).sin().abs()});
  spade::write_atomically(folder + "/picture.png", spade::encode_png(picture));
  return 0;
}
