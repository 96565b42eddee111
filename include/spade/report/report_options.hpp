// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

namespace spade {

/// Where a picture was read, to read it again.
struct PictureSource {
  std::string picture;   ///< a file
  std::string mask;      ///< a file, or empty
  std::int64_t size = 0; ///< what Preprocess::imagenet was given; 0: nothing
};

/// What a report says about one explanation's picture, beyond what the explanation holds.
struct Caption {
  std::string picture; ///< a file's name, or any short name; empty: "picture 1" and so on
  std::optional<at::Tensor>
      mask; ///< [H, W] of the input, inside where over 0.5: where the decision comes from
  std::optional<PictureSource> source{}; ///< where the picture was read from files
};

/// What a report tells besides the explanations.
struct ReportOptions {
  std::string title;                    ///< empty: made from the explanations
  std::vector<Caption> captions;        ///< one per explanation, or none at all
  std::vector<std::string> class_names; ///< name of class k at [k]; classes beyond the end have numbers only
  std::string model;                    ///< where the network came from: a file's name
  std::string command;                  ///< the command line that makes the same report again
  std::int64_t top_classes = 5;         ///< how many classes of each network are listed

  /// Checks what can be checked without the explanations.
  /// @throws InvalidArgument where `captions` are neither none nor `explanations` in number, or top_classes
  /// is under 1
  void check(std::size_t explanations) const;
};

} // namespace spade
