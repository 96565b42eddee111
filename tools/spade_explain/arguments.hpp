// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <spade/trace/options.hpp>

namespace spade::explain_tool {

/// What the command line asks for. Empty strings and vectors: not given.
struct Arguments {
  std::string model;
  std::string picture; ///< one picture,
  std::string index;   ///< or many of them
  std::string mask;
  std::optional<std::int64_t> limit;
  std::optional<std::int64_t> target;
  std::vector<std::string> interpreters; ///< as typed
  std::string pruner = "fast_refit";
  std::optional<double> sparsity;
  std::string plan;
  std::string augmenter = "reference";
  std::int64_t augmentations = 256;
  std::uint64_t seed = 0;
  std::int64_t size = 0; ///< 0: by the picture
  std::int64_t positions_per_column = TraceOptions{}.positions_per_column;
  bool sequential = false;
  std::int64_t threads = 0; ///< 0: as many as processors may be used
  std::string classes;
  std::string title;
  std::string report;
  std::string json;
  std::string command; ///< the command line itself, quoted for a shell
};

/// A command line that asks for no work: text to print, and the exit code.
struct Answer {
  std::string text;
  int exit_code = 0; ///< 0: help or version, to standard output; else a mistake, to standard error
};

/// What a command line says.
struct Parsed {
  Arguments arguments;
  std::optional<Answer> answer; ///< where set, print it and stop
};

[[nodiscard]] Parsed parse_arguments(int count, const char* const* values);

} // namespace spade::explain_tool
