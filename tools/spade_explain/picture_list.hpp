// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include <spade/sample.hpp>

#include "arguments.hpp"

namespace spade::explain_tool {

/// One picture to explain.
struct PictureEntry {
  std::string path;
  std::string mask;                   ///< a file, or empty
  std::optional<std::int64_t> target; ///< empty: the dense network's top class
};

/// A picture, read: what the network sees, and the mask of the same size.
struct ReadPicture {
  Sample sample;
  std::optional<at::Tensor> mask; ///< [h, w] of the sample's input, bool
};

/// A picture that is read when its turn comes.
struct Picture {
  std::string name;                   ///< in messages; in reports without its folders
  std::optional<std::int64_t> target; ///< empty: the dense network's top class
  std::function<ReadPicture()> read;
};

/// The pictures that the arguments name.
/// @throws FileError where the index cannot be read; InvalidArgument where it is no such list (the text says
/// where)
[[nodiscard]] std::vector<PictureEntry> pictures_of(const Arguments& arguments);

/// Reads a picture and its mask. @throws FileError, InvalidArgument, ShapeMismatch, with the file's name
[[nodiscard]] ReadPicture read(const PictureEntry& entry, std::int64_t size);

/// The lines of a file of class names. @throws FileError
[[nodiscard]] std::vector<std::string> read_class_names(const std::string& path);

} // namespace spade::explain_tool
