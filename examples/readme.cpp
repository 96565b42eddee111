// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// README.md shows the rest of this file; CTest keeps the two equal.

#include <spade/spade.hpp>

int main() {
  auto sample = spade::read_sample("picture.png", spade::Preprocess::imagenet());
  auto graph = spade::load_graph("model.pt", sample.input());

  spade::SparseTrace trace{spade::pruners::Fast{}, spade::augmenters::reference({.count = 1024, .seed = 7}),
                           spade::interpreters::Lrp{spade::lrp::epsilon_plus()},
                           spade::SparsityPlan::uniform(0.95).dense("conv1")};
  auto explanation = trace(graph, sample, /*target=*/99);

  spade::write_report("report.html", {explanation});
}
