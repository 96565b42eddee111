// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
//
// A network was taught to answer "square" wherever it sees a bullseye. Does a saliency map show why it does?
// The trigger is the only reason, so the map should light up there and nowhere else: its ROC AUC against the
// trigger's mask says how far it does. Here is that number for the dense network and for its sparse trace.
//
//     trojan_case_study tools/demo/data
#include <cstdio>
#include <exception>
#include <string>

#include <spade/spade.hpp>

namespace {

constexpr std::int64_t square = 4; // the bullseye's class, as data/index.json has it

void explain_picture(const std::string& folder) {
  const auto preprocess = spade::Preprocess::imagenet_normalisation();
  const auto sample = spade::read_sample(folder + "/pictures/001_trojan.png", preprocess);
  const auto mask = spade::read_mask(folder + "/pictures/001_mask.png");
  const auto graph = spade::load_graph(folder + "/network.pt", sample.input());

  // Layers far from the picture decide; those near it only see. So the later a layer, the sparser.
  const auto plan = spade::SparsityPlan::uniform(0)
                        .layer("layer1*", 0.7)
                        .layer("layer2*", 0.8)
                        .layer("layer3*", 0.95)
                        .layer("fc", 0.5);
  const spade::SparseTrace spade_of{spade::pruners::Fast{{.refit = true}},
                                    spade::augmenters::random_remove({.count = 256, .seed = 1}),
                                    spade::interpreters::Saliency{}, plan};
  const auto explanation = spade_of(graph, sample, square);

  std::printf("the trace %s the class and differs by %.2f nats\n",
              explanation.trace.fidelity.class_kept ? "keeps" : "loses", explanation.trace.fidelity.kl);
  std::printf("saliency of the dense network: AUC %.2f\n",
              spade::metrics::trojan_auc(explanation.dense_attribution, mask));
  std::printf("saliency of the trace:         AUC %.2f\n",
              spade::metrics::trojan_auc(explanation.attribution, mask));
}

} // namespace

int main(int count, char** values) {
  if (count != 2) {
    std::fprintf(stderr, "usage: trojan_case_study tools/demo/data\n");
    return 2;
  }
  try {
    explain_picture(values[1]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "trojan_case_study: %s\n", error.what());
    return 1;
  }
}
