// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// What it costs to check a model file's bytes.
#include <vector>

#include <benchmark/benchmark.h>

#include "core/crc32.hpp"

namespace {

void checksum(benchmark::State& state) {
  std::vector<std::byte> bytes(static_cast<std::size_t>(state.range(0)));
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<std::byte>(i * 131 >> 3);
  for (auto _ : state)
    benchmark::DoNotOptimize(spade::crc32(bytes));
  state.SetBytesProcessed(state.iterations() * state.range(0));
}

} // namespace

BENCHMARK(checksum)->Name("crc32")->Arg(1 << 12)->Arg(1 << 26);
