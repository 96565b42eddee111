// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// What a program that uses the solvers alone may look like: a plan, resolved for two layers of some
// framework.

#include <iostream>
#include <vector>

#include <spade/core/rng.hpp>
#include <spade/layer.hpp>
#include <spade/sparsity_plan.hpp>

int main() {
  spade::RandomStream random(7, 0);
  std::vector<double> weights(12);
  for (double& weight : weights)
    weight = random.normal();
  const std::vector<std::int64_t> extents{1, 3, 4};
  const auto weight = spade::TensorView::owning(weights, extents);
  const std::vector<spade::Layer> layers{{.name = "first", .weight = weight},
                                         {.name = "second", .weight = weight}};
  const auto sparsity = spade::SparsityPlan::uniform(0.5).dense("first").resolve(layers);
  std::cout << "first " << sparsity[0] << ", second " << sparsity[1] << '\n';
  return sparsity == std::vector{0.0, 0.5} ? 0 : 1;
}
