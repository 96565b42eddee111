// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// An interpreter of one's own, on the dense network and on a trace. See docs/how_to/write_an_interpreter.md.
#include <algorithm>
#include <cstdio>
#include <numeric>
#include <string>
#include <vector>

#include <spade/interpreter.hpp>
#include <spade/pruners/fast.hpp>
#include <spade/sparse_trace.hpp>

#include "perceptron.hpp"

using perceptron::Matrix;

// A[n, i] = f_t(x[n]) - f_t(x[n] without element i): what the score loses when one input is gone.
class LeaveOneOut {
public:
  std::string name() const { return "leave one out"; }

  Matrix attribute(const perceptron::Perceptron& graph, const Matrix& input,
                   const spade::Target& target) const {
    const Matrix scores = graph.forward(input);
    const auto classes = target.per_sample(input.rows(), scores.cols()); // refuses a target out of range
    Matrix attribution(input.rows(), input.cols());
    for (Eigen::Index n = 0; n < input.rows(); ++n) {
      const auto t = classes[static_cast<std::size_t>(n)];
      // Copy i of the sample lacks element i; all copies go through the network at once.
      Matrix without = input.row(n).replicate(input.cols(), 1);
      without.diagonal().setZero();
      attribution.row(n) = (scores(n, t) - graph.forward(without).col(t).array()).transpose();
    }
    return attribution;
  }
};

static_assert(spade::Interpreter<LeaveOneOut, perceptron::Perceptron>);

// The inputs that count most, and how much of all attribution they have.
void show(const char* network, const Matrix& attribution) {
  const Eigen::ArrayXd weight = attribution.row(0).transpose().array().abs();
  std::vector<Eigen::Index> order(static_cast<std::size_t>(weight.size()));
  std::iota(order.begin(), order.end(), Eigen::Index{0});
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return weight(a) > weight(b); });
  std::printf("%-6s inputs %ld and %ld have %2.0f %% of the attribution\n", network,
              static_cast<long>(order[0]), static_cast<long>(order[1]),
              100 * (weight(order[0]) + weight(order[1])) / weight.sum());
}

int main() {
  // Class 2 looks at inputs 5 and 9 by two hidden units; sixty others mix everything, and mostly cancel.
  spade::RandomStream random(3, 0);
  const auto normal = [&](double) { return random.normal(); };
  Matrix hidden = 0.3 * Matrix::Zero(62, 16).unaryExpr(normal);
  Matrix output = 0.2 * Matrix::Zero(4, 62).unaryExpr(normal);
  hidden.topRows(2).setZero();
  hidden(0, 5) = hidden(1, 9) = 1;
  output.leftCols(2).setZero();
  output(2, 0) = output(2, 1) = 2;
  const perceptron::Perceptron network(hidden, Eigen::VectorXd::Zero(62), output);
  const perceptron::Row row(Matrix::Ones(1, 16));

  const spade::SparseTrace trace{spade::pruners::Fast{}, spade::Augmentation{perceptron::Noise{0.3}, 256, 7},
                                 LeaveOneOut{}, spade::SparsityPlan::uniform(0.9)};
  const auto explanation = trace(network, row, 2);
  show("dense", explanation.dense_attribution);
  show("trace", explanation.attribution);
}
