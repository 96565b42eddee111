// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// Reference values of public implementations: one case per entry of parity/MANIFEST.json.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>
#include <nlohmann/json.hpp>

namespace spade::parity {

/// What became of one case; `detail` says how close, or why not.
struct Outcome {
  enum class Status { Passed, Failed, Skipped };
  Status status = Status::Failed;
  std::string detail;
};

[[nodiscard]] inline Outcome passed(std::string detail) {
  return {Outcome::Status::Passed, std::move(detail)};
}
[[nodiscard]] inline Outcome failed(std::string detail) {
  return {Outcome::Status::Failed, std::move(detail)};
}
[[nodiscard]] inline Outcome skipped(std::string why) {
  return {Outcome::Status::Skipped, std::move(why)};
}

/// One entry of the manifest, and the folder it is relative to.
struct Case {
  nlohmann::json entry;
  std::filesystem::path folder;
  const std::vector<nlohmann::json>& manifest; ///< all entries, for cases that refer to another file

  [[nodiscard]] std::string file() const { return entry.at("file").get<std::string>(); }
};

/// The named tensors of a TorchScript container, by the names the manifest gives.
[[nodiscard]] std::map<std::string, at::Tensor> read_container(const std::filesystem::path& folder,
                                                               const nlohmann::json& entry);

/// ||a - b|| / ||b|| in double.
[[nodiscard]] double relative_l2(const at::Tensor& a, const at::Tensor& b);

} // namespace spade::parity
