// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "graph/token_network.hpp"

#include <ATen/ATen.h>

namespace spade::testing {

Scripted token_network(const std::string& forward, at::ScalarType type) {
  // One list of numbers, so that no two weights are equal or in proportion.
  const auto all = numbers({100, 16}, 0.4).to(type);
  std::int64_t used = 0;
  const auto weight = [&](std::int64_t rows, std::int64_t columns) {
    auto part = all.narrow(0, used, rows).narrow(1, 0, columns).clone();
    used += rows;
    return part;
  };
  const auto child = [](std::vector<std::pair<std::string, at::Tensor>> tensors) {
    return Scripted{"def forward(self, x):\n  return x\n", std::move(tensors), {}, {}};
  };
  const auto token = weight(20, 8);
  const auto position = weight(12, 8);
  return {forward,
          {{"position", position}},
          {},
          {{"token", child({{"weight", token}})},
           {"segment", child({{"weight", weight(2, 8)}})},
           {"query", child({{"weight", weight(8, 8)}})},
           {"key", child({{"weight", weight(8, 8)}})},
           {"value", child({{"weight", weight(8, 8)}})},
           {"norm", child({{"weight", weight(1, 8)[0] + 1}, {"bias", weight(1, 8)[0]}})},
           {"up", child({{"weight", weight(16, 8)}, {"bias", weight(1, 16)[0]}})},
           {"down", child({{"weight", weight(8, 16)}})},
           {"head", child({{"weight", weight(3, 8)}})}}};
}

Scripted token_network(at::ScalarType type) {
  return token_network(
      "def forward(self, ids):\n"
      "  n, t = ids.size()\n"
      "  x = torch.embedding(self.token.weight, ids) + self.position[:t]\n"
      "  scores = torch.bmm(torch.linear(x, self.query.weight),\n"
      "                     torch.linear(x, self.key.weight).transpose(1, 2))\n"
      "  x = x + torch.bmm(torch.softmax(scores, -1), torch.linear(x, self.value.weight))\n"
      "  x = torch.layer_norm(x, [8], self.norm.weight, self.norm.bias)\n"
      "  x = x + torch.linear(torch.gelu(torch.linear(x, self.up.weight, self.up.bias)), self.down.weight)\n"
      "  return torch.linear(x.mean([1]).view([n, 8]), self.head.weight)\n",
      type);
}

at::Tensor token_ids(std::int64_t samples, std::int64_t positions) {
  return (at::arange(samples * positions, at::kLong) * 7 + 3).remainder(20).view({samples, positions});
}

} // namespace spade::testing
