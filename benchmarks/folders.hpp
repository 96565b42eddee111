// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdlib>
#include <filesystem>

namespace spade::benchmarks {

/// The folder with kit/, which does not come with the project: SPADE_SHARED_DIR in the environment, or `shared`
/// beside the project.
inline std::filesystem::path shared_folder() {
  const char* chosen = std::getenv("SPADE_SHARED_DIR");
  return chosen != nullptr ? chosen : SPADE_SHARED_DIR;
}

/// The folder with files of whole networks (docs/models.md, "Architectures"): SPADE_MODELS_DIR in the
/// environment; empty where that is not set.
inline std::filesystem::path models_folder() {
  const char* chosen = std::getenv("SPADE_MODELS_DIR");
  return chosen != nullptr ? chosen : "";
}

} // namespace spade::benchmarks
