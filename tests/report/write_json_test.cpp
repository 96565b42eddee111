// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/report/write_report.hpp>

#include <cmath>
#include <cstdint>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <ATen/record_function.h>
#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <spade/core/error.hpp>
#include <spade/metrics/roc_auc.hpp>
#include <spade/report/mean_score.hpp>

#include "io/temporary_folder.hpp"
#include "toy_explanations.hpp"

namespace {

using namespace spade;
using namespace spade::testing;

nlohmann::json written(const std::vector<Explanation>& explanations, const ReportOptions& options = {}) {
  const tests::TemporaryFolder folder;
  const auto path = folder / "report.json";
  write_json(path, explanations, options);
  std::ifstream file(path);
  return nlohmann::json::parse(file);
}

TEST_CASE("the JSON has every field of every explanation", "[report]") {
  const auto explanation = toy_explanation();
  ReportOptions options;
  options.captions = {{"fox.png", toy_mask(16, 4, 4)}};
  options.class_names = {"cat", "fox"};
  options.model = "net.pt";
  options.command = "spade-explain net.pt fox.png";
  const auto json = written({explanation}, options);
  REQUIRE(json["explanations"].size() == 1);
  const auto& entry = json["explanations"][0];
  CHECK(entry["picture"] == "fox.png");
  CHECK(entry["target"] == 1);
  CHECK(entry["target_name"] == "fox");
  CHECK(entry["interpreter"] == "saliency");
  CHECK(entry["pruner"] == "fast");
  CHECK(entry["auc"]["dense"] ==
        metrics::roc_auc(explanation.dense_attribution.abs().sum(1)[0], toy_mask(16, 4, 4)));
  CHECK(entry["auc"]["trace"] ==
        metrics::roc_auc(explanation.attribution.abs().sum(1)[0], toy_mask(16, 4, 4)));
  CHECK(entry["fidelity"]["class_kept"] == true);
  CHECK(entry["fidelity"]["kl"] == 0.0123);
  CHECK(entry["fidelity"]["relative_error"] == 0.25);
  CHECK(entry["fidelity"]["dense_class"] == 1);
  CHECK(entry["fidelity"]["classes"].size() == 4);
  CHECK(entry["fidelity"]["classes"][0]["name"] == "fox");
  double probability = 0;
  for (const auto& each : entry["fidelity"]["classes"])
    probability += each["dense"].get<double>();
  CHECK(probability == Approx(1));
  CHECK(entry["layers"].size() == 3);
  CHECK(entry["layers"][0]["relative_error"].is_null());
  CHECK(entry["layers"][1]["relative_error"] == 0.01);
  CHECK(entry["layers"][2]["weights"] == 4 * 27);
  CHECK(entry["seconds"]["trace"] == 1.5);
  CHECK(entry["seconds"]["attribution"] == 0.25);
  CHECK(entry["seconds"]["dense_attribution"] == 0.5);
  CHECK(entry["plan"] == nlohmann::json::parse(R"({"by_depth": [0.5, 0.9], "dense_first": true})"));
  CHECK(entry["augmentations"] == 64);
  CHECK(entry["seed"] == 1);
  CHECK(entry["model"] == "net.pt");
  CHECK(entry["command"] == "spade-explain net.pt fox.png");
  CHECK(entry["fingerprint"].get<std::string>().size() == 16);
  CHECK(entry["versions"]["spade"].get<std::string>().find('.') != std::string::npos);
  CHECK(entry["versions"]["libtorch"].get<std::string>().find('.') != std::string::npos);
}

std::int64_t detached = 0; ///< tensors, by aten::detach

/// Tensors that writing two explanations of one network detaches, or of two networks: a fingerprint detaches
/// each parameter.
template <class Write> std::int64_t detached_by(bool one_network, const Write& write) {
  const auto first = toy_explanation({.seed = 1});
  auto second = toy_explanation({.seed = 2});
  if (one_network) {
    second.trace =
        Trace(first.trace.graph(), second.trace.layers, second.trace.fidelity, second.trace.provenance);
  }
  const tests::TemporaryFolder folder;
  const auto handle = at::addThreadLocalCallback(at::RecordFunctionCallback(
      [](const at::RecordFunction& function) -> std::unique_ptr<at::ObserverContext> {
        if (std::string_view(function.name()) == "aten::detach") ++detached;
        return nullptr;
      }));
  detached = 0;
  write(folder / "report", std::vector<Explanation>{first, second}, ReportOptions{});
  at::removeCallback(handle);
  return detached;
}

TEST_CASE("a network's weights are read once, however many explanations it has", "[report]") {
  CHECK(detached_by(true, write_json) == 3);
  CHECK(detached_by(false, write_json) == 6);
  CHECK(detached_by(false, write_report) - detached_by(true, write_report) == 3);
}

TEST_CASE("where a picture was read stands after its name", "[report]") {
  ReportOptions options;
  options.captions = {{"fox.png", {}, PictureSource{"kit/fox.png", "kit/fox_mask.png", 224}}};
  const auto read = written({toy_explanation()}, options)["explanations"][0];
  CHECK(read["picture_file"] == "kit/fox.png");
  CHECK(read["mask_file"] == "kit/fox_mask.png");
  CHECK(read["size"] == 224);
  options.captions = {{"fox.png", {}, PictureSource{"kit/fox.png", {}}}};
  const auto bare = written({toy_explanation()}, options)["explanations"][0];
  CHECK(bare["mask_file"].is_null());
  CHECK(bare["size"].is_null());
  CHECK_FALSE(written({toy_explanation()})["explanations"][0].contains("picture_file"));
}

TEST_CASE("the overall sparsity weighs layers by their size", "[report]") {
  // Layers of 36, 72 and 108 weights; the sparsity of layer i > 0 is 0.5 + 0.4 i / 3.
  const double zeros = 72 * (0.5 + 0.4 / 3) + 108 * (0.5 + 0.8 / 3);
  CHECK(written({toy_explanation()})["explanations"][0]["sparsity"].get<double>() == Approx(zeros / 216));
}

TEST_CASE("without a mask there is no AUC", "[report]") {
  const auto json = written({toy_explanation()});
  CHECK_FALSE(json["explanations"][0].contains("auc"));
  CHECK_FALSE(json["means"]["saliency"].contains("auc"));
  CHECK(json["explanations"][0]["picture"] == "picture 1");
}

TEST_CASE("means are over the pictures of each interpreter", "[report]") {
  std::vector<Explanation> explanations;
  ReportOptions options;
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    for (const auto* interpreter : {"saliency", "lrp_epsilon_plus"}) {
      Toy toy;
      toy.seed = seed;
      toy.interpreter = interpreter;
      toy.kept = seed != 2;
      explanations.push_back(toy_explanation(toy));
      options.captions.push_back({fmt::format("p{}", seed), toy_mask(16, 4, 4)});
    }
  }
  const auto json = written(explanations, options);
  double dense = 0;
  for (const auto& entry : json["explanations"]) {
    if (entry["interpreter"] == "lrp_epsilon_plus") dense += entry["auc"]["dense"].get<double>() / 3;
  }
  CHECK(json["means"].size() == 2);
  CHECK(json["means"]["lrp_epsilon_plus"]["pictures"] == 3);
  CHECK(json["means"]["lrp_epsilon_plus"]["classes_kept"] == 2);
  CHECK(json["means"]["lrp_epsilon_plus"]["auc"]["dense"].get<double>() == Approx(dense));
  // LRP's maps are read by the positive part of the sum over channels.
  const auto heat = explanations[1].attribution.sum(1)[0].clamp_min(0);
  CHECK(json["explanations"][1]["auc"]["trace"] == metrics::roc_auc(heat, toy_mask(16, 4, 4)));
  const auto means = mean_scores(explanations, options);
  REQUIRE(means.size() == 2);
  CHECK(means[0].interpreter == "saliency");
  CHECK(means[0].auc->dense == json["means"]["saliency"]["auc"]["dense"]);
  CHECK(means[0].kl == Approx(0.0123));
}

TEST_CASE("the library's own name of LRP is read by its positive part too", "[report]") {
  Toy toy;
  toy.interpreter = "LRP epsilon-plus";
  const auto explanation = toy_explanation(toy);
  ReportOptions options;
  options.captions = {{"fox.png", toy_mask(16, 4, 4)}};
  CHECK(written({explanation}, options)["explanations"][0]["auc"]["dense"] ==
        metrics::roc_auc(explanation.dense_attribution.sum(1)[0].clamp_min(0), toy_mask(16, 4, 4)));
}

TEST_CASE("means of several pruners stand apart", "[report]") {
  Toy magnitude;
  magnitude.pruner = "magnitude";
  const auto json = written({toy_explanation(), toy_explanation(magnitude)});
  CHECK(json["means"]["fast"]["saliency"]["pictures"] == 1);
  CHECK(json["means"]["magnitude"]["saliency"]["pictures"] == 1);
}

TEST_CASE("what is no text or no number does not break the JSON", "[report]") {
  auto explanation = toy_explanation();
  explanation.trace.fidelity.kl = std::nan("");
  ReportOptions options;
  options.captions = {{"\xff\"\\\n.png", {}}};
  const auto json = written({explanation}, options);
  CHECK(json["explanations"][0]["picture"] == "\xEF\xBF\xBD\"\\\n.png");
  CHECK(json["explanations"][0]["fidelity"]["kl"].is_null());
}

} // namespace
