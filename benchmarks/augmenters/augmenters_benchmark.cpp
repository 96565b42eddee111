// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// Augmented batches: each step alone and the reference, for a small picture and for a photograph.
// Time is wall-clock, CPU that of all threads together.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <benchmark/benchmark.h>

#include <spade/augmenters.hpp>

namespace {

using namespace spade::augmenters;
using spade::Preprocess;
using spade::Sample;

// Smooth, coloured, with some noise: neither the best nor the worst case for branches and caches.
at::Tensor photograph(std::int64_t height, std::int64_t width) {
  at::manual_seed(1);
  return (resize(at::rand({3, 9, 9}), height, width) * 0.9 + at::rand({3, height, width}) * 0.1).clamp(0, 1);
}

Sample small() {
  return {photograph(64, 64), Preprocess::imagenet_normalisation()};
}
Sample large() {
  return {photograph(400, 500), Preprocess::imagenet(224)};
}

template <class A>
void draw(benchmark::State& state, const Sample& sample, std::int64_t count, const A& augmenter) {
  for (auto _ : state) {
    spade::Rng rng(7);
    benchmark::DoNotOptimize(augmenter(sample, count, rng));
  }
  state.counters["copies/s"] =
      benchmark::Counter(static_cast<double>(count * state.iterations()), benchmark::Counter::kIsRate);
}

// One resize of a photograph, ours and LibTorch's own, on one thread: copies are what runs side by side.
void resize_ours(benchmark::State& state) {
  const auto picture = photograph(310, 387);
  for (auto _ : state)
    benchmark::DoNotOptimize(resize(picture, 224, 224));
}

void resize_libtorch(benchmark::State& state) {
  const int threads = at::get_num_threads();
  at::set_num_threads(1);
  const auto picture = photograph(310, 387).unsqueeze(0);
  const std::vector<std::int64_t> size{224, 224};
  for (auto _ : state)
    benchmark::DoNotOptimize(at::_upsample_bilinear2d_aa(picture, at::IntArrayRef(size), false));
  at::set_num_threads(threads);
}

BENCHMARK(resize_ours)->Unit(benchmark::kMicrosecond);
BENCHMARK(resize_libtorch)->Unit(benchmark::kMicrosecond);

template <class A> bool add(const std::string& name, const A& augmenter) {
  for (const bool is_large : {false, true}) {
    const std::string size = is_large ? "/1024 copies of 224 x 224 from 400 x 500" : "/768 copies of 64 x 64";
    benchmark::RegisterBenchmark((name + size).c_str(),
                                 [=](benchmark::State& state) {
                                   draw(state, is_large ? large() : small(), is_large ? 1024 : 768,
                                        augmenter);
                                 })
        ->Unit(benchmark::kMillisecond)
        ->MeasureProcessCPUTime()
        ->UseRealTime();
  }
  return true;
}

[[maybe_unused]] const bool registered =
    add("reference", reference().augmenter) && add("crop_and_jitter", crop_and_jitter().augmenter) &&
    add("RandomResizedCrop", RandomResizedCrop{}) && add("HorizontalFlip", HorizontalFlip{}) &&
    add("ColorJitter", ColorJitter{}) && add("RandomErasing", RandomErasing{}) &&
    add("RandomRemove", RandomRemove{}) && add("GaussianNoise", GaussianNoise{}) &&
    add("Identity", Identity{});

} // namespace
