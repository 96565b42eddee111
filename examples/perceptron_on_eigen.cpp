// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// The sparse trace of a network that knows nothing of LibTorch, and what it makes visible. Needs
// spade::solvers only.
#include <cstdio>

#include <spade/pruners/fast.hpp>
#include <spade/sparse_trace.hpp>

#include "perceptron.hpp"

namespace {

void print(const char* name, const perceptron::Matrix& matrix) {
  std::printf("%s\n", name);
  for (const auto& row : matrix.rowwise()) {
    for (const double value : row)
      std::printf(" %6.2f", value == 0 ? 0.0 : value);
    std::printf("\n");
  }
}

perceptron::Matrix matrix_of(const spade::Layer& layer) {
  const auto elements = layer.weight.to_vector<double>();
  return Eigen::Map<const perceptron::Matrix>(elements.data(), layer.rows(), layer.columns());
}

} // namespace

int main() {
  // Three hidden units: one looks for large first inputs, one for large last inputs, one for both.
  perceptron::Matrix hidden(3, 4);
  hidden << 2, 1, 0, 0, //
      0, 0, 2, 1,       //
      1, 0, 1, 0;
  perceptron::Matrix output(2, 3);
  output << 1.0, 1.0, 0.1, //
      -0.5, 1.5, 0.2;
  const perceptron::Perceptron network(hidden, Eigen::Vector3d(0, 0, -0.2), output);

  // A row with large first inputs only: around it, the second unit never fires and the third fires weakly.
  perceptron::Matrix input(1, 4);
  input << 1.0, 0.5, -0.6, -0.5;
  const perceptron::Row row(input);

  const spade::SparseTrace trace{spade::pruners::Fast{}, spade::Augmentation{perceptron::Noise{0.2}, 500, 7},
                                 perceptron::GradientTimesInput{}, spade::SparsityPlan::uniform(0.5)};
  const auto explanation = trace(network, row, 0);
  const auto& sparse = explanation.trace;

  print("output weights of the network", output);
  print("output weights of its trace for this row", matrix_of(sparse.graph().layers()[1]));
  print("hidden weights of its trace", matrix_of(sparse.graph().layers()[0]));
  print("gradient times input for class 0, dense", explanation.dense_attribution);
  print("the same through the trace", explanation.attribution);
  std::printf("class kept: %s, outputs off by %.0f %%\n", sparse.fidelity.class_kept ? "yes" : "no",
              100 * sparse.fidelity.relative_error);
}
