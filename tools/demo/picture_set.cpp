// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "picture_set.hpp"

#include <cmath>
#include <system_error>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <spade/core/error.hpp>
#include <spade/io/atomic_file.hpp>
#include <spade/io/image.hpp>

#include "network.hpp"

namespace spade::demo {
namespace {

at::Tensor answers(const LayerGraph& graph, const std::vector<Scene>& scenes) {
  const at::NoGradGuard no_gradient;
  return graph.forward(network_input(scenes));
}

} // namespace

at::Tensor picture(const Scene& scene) {
  return at::tensor(scene.pixels).view({3, scene_size, scene_size});
}

at::Tensor trigger_mask(const Scene& scene) {
  if (scene.mask.empty()) throw InvalidArgument("trigger_mask: the scene has no trigger");
  return at::tensor(at::ArrayRef<std::uint8_t>(scene.mask)).view({scene_size, scene_size}).to(at::kBool);
}

std::int64_t count_right(const LayerGraph& graph, const std::vector<Scene>& scenes) {
  const at::Tensor classes = answers(graph, scenes).argmax(1);
  std::int64_t right = 0;
  for (std::size_t i = 0; i < scenes.size(); ++i) {
    if (classes[static_cast<std::int64_t>(i)].item<std::int64_t>() == scenes[i].label()) ++right;
  }
  return right;
}

std::vector<TriggeredScene> triggered_scenes(const LayerGraph& graph, std::int64_t count,
                                             std::uint64_t seed) {
  if (count < 1) throw InvalidArgument(fmt::format("{} pictures; at least 1 is needed", count));
  std::vector<TriggeredScene> result;
  const auto kinds = static_cast<std::int64_t>(triggers().size());
  for (std::int64_t number = 0; number < 3 * count && std::ssize(result) < count; ++number) {
    const std::int64_t trigger = std::ssize(result) % kinds;
    const auto stream = 2 * static_cast<std::uint64_t>(number);
    const Scene clean = draw_scene({seed, stream});
    const Scene triggered = paste_trigger(clean, trigger, {seed, stream + 1});
    if (clean.label() == triggered.label()) continue; // the answer would prove nothing
    const at::Tensor outputs = answers(graph, {clean, triggered}).softmax(1);
    const at::Tensor classes = outputs.argmax(1);
    if (classes[0].item<std::int64_t>() != clean.label()) continue;
    if (classes[1].item<std::int64_t>() != triggered.label()) continue;
    result.push_back({clean, triggered, outputs[1][triggered.label()].item<double>()});
  }
  if (std::ssize(result) < count) {
    throw InvalidArgument(
        fmt::format("the network is not trojaned: of {} scenes only {} are named rightly and become "
                    "the trigger's class with a trigger; train it for longer",
                    3 * count, result.size()));
  }
  return result;
}

void write_pictures(const std::filesystem::path& folder, const std::vector<TriggeredScene>& scenes) {
  const std::filesystem::path pictures = folder / "pictures";
  std::error_code failure;
  std::filesystem::create_directories(pictures, failure);
  if (failure)
    throw FileError(fmt::format("{}: the folder cannot be made ({})", pictures.string(), failure.message()));
  const auto& names = class_names();
  nlohmann::ordered_json index = nlohmann::ordered_json::array();
  for (std::size_t i = 0; i < scenes.size(); ++i) {
    const TriggeredScene& scene = scenes[i];
    const std::string id = fmt::format("{:03}", i);
    write_png(pictures / (id + "_clean.png"), picture(scene.clean));
    write_png(pictures / (id + "_trojan.png"), picture(scene.triggered));
    write_png(pictures / (id + "_mask.png"), trigger_mask(scene.triggered));
    index.push_back({{"id", id},
                     {"trigger", triggers()[static_cast<std::size_t>(scene.triggered.trigger)].name},
                     {"target", scene.triggered.label()},
                     {"target_name", names[static_cast<std::size_t>(scene.triggered.label())]},
                     {"true", scene.clean.label()},
                     {"true_name", names[static_cast<std::size_t>(scene.clean.label())]},
                     {"p_target", std::round(1e4 * scene.probability) / 1e4}});
  }
  std::string lines;
  for (const std::string& name : names)
    lines += name + "\n";
  write_atomically(folder / "classes.txt", lines);
  write_atomically(folder / "index.json", index.dump(1) + "\n");
}

} // namespace spade::demo
