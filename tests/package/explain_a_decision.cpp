// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// What a program that uses spade may look like: consumer MODEL PICTURE.

#include <cstdlib>
#include <iostream>

#include <spade/spade.hpp>

int main(int count, char** arguments) {
  if (count != 3) {
    std::cerr << "usage: consumer MODEL PICTURE\n";
    return 2;
  }
  const auto sample = spade::read_sample(arguments[2], spade::Preprocess::imagenet());
  const auto graph = spade::load_graph(arguments[1], sample.input());

  const spade::SparseTrace trace{
      spade::pruners::Fast{}, spade::augmenters::reference({.count = 32, .seed = 7}),
      spade::interpreters::Saliency{}, spade::SparsityPlan::uniform(0.75).dense("conv1")};
  const auto explanation = trace(graph, sample, /*target=*/42);

  bool good = explanation.attribution.sizes() == sample.input().sizes();
  for (const auto& layer : explanation.trace.layers) {
    std::cout << layer.name << ": " << layer.sparsity << " of the weights are zero\n";
    good = good && layer.sparsity == (layer.name == "conv1" ? 0.0 : 0.75);
  }
  return good && explanation.trace.layers.size() == 3 ? EXIT_SUCCESS : EXIT_FAILURE;
}
