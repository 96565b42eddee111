// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

namespace spade::benchmarks {

/// A network in one format: NAME_traced.pt, NAME_scripted.pt or NAME.pt2, beside NAME.io.pt.
struct ModelFile {
  std::string network; ///< NAME
  std::string format;  ///< "traced", "scripted" or "pt2"
  std::filesystem::path path;

  /// The same network, traced.
  [[nodiscard]] std::filesystem::path traced() const;
  /// The samples that NAME.io.pt has as its buffer x, one after another until there are `size`.
  [[nodiscard]] at::Tensor batch(std::int64_t size) const;
};

/// The files of the folder that the environment variable SPADE_MODELS_DIR names, by network; none where it is not
/// set, or is no folder.
[[nodiscard]] std::vector<ModelFile> model_files();

} // namespace spade::benchmarks
