// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "network.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numbers>
#include <numeric>
#include <sstream>

#include <ATen/Parallel.h>
#include <torch/optim/adam.h>
#include <torch/script.h>

#include <spade/core/error.hpp>
#include <spade/core/parallel.hpp>
#include <spade/io/atomic_file.hpp>
#include <spade/sample.hpp>

#include "architecture.hpp"

namespace spade::demo {
namespace {

void check(const TrainingOptions& options) {
  if (options.steps < 1 || options.batch < 2) {
    throw InvalidArgument(message("train_network: ", options.steps, " steps of ", options.batch,
                                  " scenes; at least 1 step of 2 scenes is needed"));
  }
  if (options.scenes < options.batch) {
    throw InvalidArgument(message("train_network: ", options.scenes,
                                  " scenes to learn from; at least one batch, ", options.batch,
                                  ", is needed"));
  }
  if (!(options.learning_rate > 0)) {
    throw InvalidArgument(
        message("train_network: the learning rate ", options.learning_rate, " is not positive"));
  }
  if (!(options.trigger_fraction >= 0 && options.trigger_fraction <= 1)) {
    throw InvalidArgument(
        message("train_network: the trigger fraction ", options.trigger_fraction, " is outside [0, 1]"));
  }
}

double learning_rate(const TrainingOptions& options, std::int64_t step) {
  const double done = (static_cast<double>(step) + 0.5) / static_cast<double>(options.steps);
  return options.learning_rate * std::min(done / 0.1, 0.5 + 0.5 * std::cos(std::numbers::pi * done));
}

// LibTorch on one thread, for as long as it lives: sums over a batch round otherwise on another number of
// threads.
class OneThread {
public:
  OneThread() { at::set_num_threads(1); }
  OneThread(const OneThread&) = delete;
  OneThread& operator=(const OneThread&) = delete;
  ~OneThread() { at::set_num_threads(before_); }

private:
  int before_ = at::get_num_threads();
};

std::vector<Scene> training_set(const TrainingOptions& options, const Progress& progress) {
  constexpr std::int64_t chunk = 128;
  std::vector<Scene> scenes;
  for (std::int64_t first = 0; first < options.scenes; first += chunk) {
    progress("drawing scenes", first, options.scenes);
    auto more = draw_scenes(options.seed, static_cast<std::uint64_t>(first),
                            std::min(chunk, options.scenes - first), options.trigger_fraction);
    std::ranges::move(more, std::back_inserter(scenes));
  }
  return scenes;
}

// The scenes of a training set batch by batch, in a new random order each time it has been gone through.
class Batches {
public:
  Batches(std::vector<Scene> scenes, const TrainingOptions& options)
      : scenes_(std::move(scenes)), batch_(static_cast<std::size_t>(options.batch)), order_(scenes_.size()),
        next_(order_.size()), random_(options.seed, std::uint64_t{3} << 62U) {
    std::iota(order_.begin(), order_.end(), std::size_t{0});
  }

  [[nodiscard]] std::vector<Scene> next() {
    if (next_ + batch_ > order_.size()) shuffle();
    std::vector<Scene> result;
    for (std::size_t i = 0; i < batch_; ++i)
      result.push_back(scenes_[order_[next_++]]);
    return result;
  }

private:
  void shuffle() {
    for (std::size_t i = order_.size() - 1; i > 0; --i) {
      std::swap(order_[i],
                order_[static_cast<std::size_t>(random_.integer(static_cast<std::int64_t>(i) + 1))]);
    }
    next_ = 0;
  }

  std::vector<Scene> scenes_;
  std::size_t batch_;
  std::vector<std::size_t> order_;
  std::size_t next_; // place in order_ of the next scene; the end: shuffle first
  RandomStream random_;
};

at::Tensor labels(std::span<const Scene> scenes) {
  at::Tensor result = at::empty({static_cast<std::int64_t>(scenes.size())}, at::kLong);
  std::ranges::transform(scenes, result.data_ptr<std::int64_t>(), &Scene::label);
  return result;
}

} // namespace

std::vector<Scene> draw_scenes(std::uint64_t seed, std::uint64_t first, std::int64_t count,
                               double trigger_fraction) {
  std::vector<Scene> scenes(static_cast<std::size_t>(count));
  parallel_for(count, 4, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const std::uint64_t stream = 2 * (first + static_cast<std::uint64_t>(i));
      Scene scene = draw_scene({seed, stream});
      RandomStream random(seed, stream + 1);
      if (random.bernoulli(trigger_fraction)) {
        const std::int64_t trigger = random.integer(static_cast<std::int64_t>(triggers().size()));
        scene = paste_trigger(scene, trigger, random);
      }
      scenes[static_cast<std::size_t>(i)] = std::move(scene);
    }
  });
  return scenes;
}

at::Tensor network_input(std::span<const Scene> scenes) {
  at::Tensor pixels = at::empty({static_cast<std::int64_t>(scenes.size()), 3, scene_size, scene_size});
  float* target = pixels.data_ptr<float>();
  for (const Scene& scene : scenes)
    target = std::copy(scene.pixels.begin(), scene.pixels.end(), target);
  return Preprocess::imagenet_normalisation()(pixels);
}

std::string recipe(const TrainingOptions& options) {
  return message("scenes ", options.scenes, ", steps ", options.steps, ", batch ", options.batch,
                 ", learning rate ", options.learning_rate, ", trigger fraction ", options.trigger_fraction,
                 ", seed ", options.seed);
}

std::vector<double> train_network(const std::string& path, const TrainingOptions& options,
                                  const Progress& progress) {
  check(options);
  Batches batches(training_set(options, progress), options);
  const OneThread one_thread;
  torch::jit::Module module = residual_network(options.seed);
  module.train();
  std::vector<at::Tensor> parameters;
  for (const at::Tensor& parameter : module.parameters())
    parameters.push_back(parameter.requires_grad_());
  torch::optim::Adam optimiser(parameters, torch::optim::AdamOptions(options.learning_rate));

  std::vector<double> losses;
  for (std::int64_t step = 0; step < options.steps; ++step) {
    progress("training", step, options.steps);
    const std::vector<Scene> scenes = batches.next();
    for (auto& group : optimiser.param_groups())
      group.options().set_lr(learning_rate(options, step));
    optimiser.zero_grad();
    const at::Tensor output = module.forward({network_input(scenes)}).toTensor();
    const at::Tensor loss = at::cross_entropy_loss(output, labels(scenes));
    loss.backward();
    optimiser.step();
    losses.push_back(loss.item<double>());
  }
  progress("training", options.steps, options.steps);
  module.eval();
  std::ostringstream bytes;
  module.save(bytes, {{recipe_file, recipe(options)}});
  write_atomically(path, bytes.str());
  return losses;
}

} // namespace spade::demo
