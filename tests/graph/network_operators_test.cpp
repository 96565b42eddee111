// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// The operators that networks are made of, one at a time: forward passes and gradients.
#include <utility>

#include <ATen/ATen.h>
#include <catch2/catch.hpp>

#include <spade/graph/importer.hpp>
#include <spade/graph/tape.hpp>

#include "graph/scripted.hpp"

using namespace spade;
using testing::numbers;
using testing::Scratch;
using testing::Scripted;

namespace {

Scripted network(const std::string& body) {
  return {"def forward(self, x):\n  y = torch.mul(x, 2.0)\n  " + body + "\n",
          {{"weight", numbers({6, 4, 3, 3})},
           {"depthwise", numbers({4, 1, 3, 3})},
           {"up", numbers({4, 2, 2, 2})},
           {"line", numbers({6, 4, 3})},
           {"volume", numbers({6, 4, 2, 2, 2})},
           {"squeeze", numbers({2, 4, 1, 1})},
           {"excite", numbers({4, 2, 1, 1})},
           {"scale", numbers({4})},
           {"slope", numbers({4})}},
          {{"mean", numbers({4})}, {"variance", numbers({4}).abs() + 0.5}},
          {}};
}

/// Forward passes as the file's own, with gradients and without, and the tape's gradient as autograd's; one sample
/// and three.
void check(const std::string& body, const at::Tensor& batch) {
  INFO(body);
  const Scratch scratch;
  const auto path = scratch.save(network(body));
  const auto graph = load_graph(path, batch.narrow(0, 0, 1));
  for (const auto& input : {batch.narrow(0, 0, 1), batch}) {
    const auto expected = testing::source_forward(path, input);
    const auto leaf = input.detach().clone(at::MemoryFormat::Preserve).set_requires_grad(true);
    const auto output = graph.forward(leaf);
    CHECK(at::equal(output, expected));
    {
      const c10::AutoGradMode no_gradients(false);
      CHECK(at::equal(graph.forward(input), testing::source_forward(path, input)));
    }
    graph::Tape tape(graph);
    CHECK(at::equal(tape.forward(input), expected));
    const auto seed = numbers(output.sizes()).to(output.scalar_type());
    output.backward(seed);
    CHECK(at::equal(tape.backward(seed), leaf.grad()));
    CHECK(leaf.grad().any().item<bool>());
  }
}

} // namespace

TEST_CASE("convolutions of every kind go through", "[graph]") {
  const auto picture = numbers({3, 4, 7, 9});
  for (const std::string body :
       {"return torch.conv2d(y, self.weight, None, [2, 1], [1, 0])",
        "return torch.conv2d(y, self.weight, None, [1, 1], 'same', [2, 1])",
        "return torch.conv2d(y, self.weight, None, [1, 1], 'valid')",
        "return torch.conv2d(y, self.depthwise, self.scale, [1, 1], [1, 1], [1, 1], 4)",
        "return torch.conv_transpose2d(y, self.up, None, [2, 2])",
        "return torch.conv2d(torch.relu(torch.conv2d(y.mean([2, 3], True), self.squeeze)), self.excite)"
        ".sigmoid() * y"})
    check(body, picture);
  check("return torch.conv1d(y, self.line, None, [1], [1])", numbers({3, 4, 9}));
  check("return torch.conv1d(y, self.line, None, [1], 'same')", numbers({3, 4, 9}));
  check("return torch.conv3d(y, self.volume, None, [1, 2, 1], [1, 0, 1])", numbers({3, 4, 4, 5, 3}));
  // As pictures come from some readers.
  check("return torch.conv2d(y, self.weight)", picture.contiguous(at::MemoryFormat::ChannelsLast));
}

TEST_CASE("norms go through", "[graph]") {
  for (const std::string body :
       {"return torch.batch_norm(y, self.scale, self.slope, self.mean, self.variance, False, 0.1, 1e-5, "
        "True)",
        "return torch.group_norm(y, 2, self.scale, self.slope)",
        "return torch.instance_norm(y, self.scale, self.slope, None, None, True, 0.1, 1e-5, True)",
        "return torch.layer_norm(y.permute(0, 2, 3, 1), [4], self.scale, self.slope, 1e-6)"})
    check(body, numbers({3, 4, 5, 6}));
}

TEST_CASE("activations go through", "[graph]") {
  for (const std::string body :
       {"return torch.silu(y)", "return torch.hardswish(y)", "return torch.gelu(y)",
        "return torch.gelu(y, approximate='tanh')", "return torch.prelu(y, self.slope)",
        "return torch.leaky_relu(y, 0.2)", "return torch.elu(y, 0.7)", "return torch.sigmoid(y)",
        "return torch.tanh(y)", "return torch.softmax(y, 1)", "return torch.hardsigmoid(y)",
        "return torch.hardtanh(y, 0., 6.)", "return torch.relu_(y)", "return torch.mish(y)"})
    check(body, numbers({3, 4, 5, 6}));
}

TEST_CASE("pools, resizing, and what joins and splits go through", "[graph]") {
  for (const std::string body :
       {"return torch.max_pool2d(y, [3, 3], [2, 2], [1, 1])",
        "return torch.avg_pool2d(y, [2, 2], [2, 2], [0, 0])", "return torch.adaptive_avg_pool2d(y, [3, 2])",
        "return torch.adaptive_max_pool2d(y, [3, 2])[0]", "return torch.avg_pool1d(y.flatten(2), [3])",
        "return torch.adaptive_avg_pool1d(y.flatten(2), 4)",
        "return torch.adaptive_avg_pool3d(y.unsqueeze(2), [1, 2, 3])",
        "return torch.upsample_nearest2d(y, None, [2., 2.])",
        "return torch.upsample_bilinear2d(y, [9, 11], False)",
        "return torch.upsample_bicubic2d(y, [9, 11], True)",
        "a, b = torch.split(y, [1, 3], 1)\n  return torch.cat([b, a, a], 1)"})
    check(body, numbers({3, 4, 5, 6}));
}

TEST_CASE("networks in double precision and in bfloat16 run", "[graph]") {
  const std::string body = "return torch.silu(torch.adaptive_avg_pool2d(y, [2, 3])) + 1.0";
  check(body, numbers({3, 4, 5, 6}).to(at::kDouble));
  check(body, numbers({3, 4, 5, 6}).to(at::kBFloat16));
}
