// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include <spade/report/report_options.hpp>
#include <spade/sample.hpp>

#include "arguments.hpp"

namespace spade::explain_tool {

/// One picture to explain.
struct PictureEntry {
  std::string path;
  std::string mask;                   ///< a file, or empty
  std::optional<std::int64_t> target; ///< empty: the dense network's top class
  std::string target_name;            ///< as the list has it, or empty
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
  std::optional<PictureSource> source{}; ///< where it was read from files
};

/// The pictures that the arguments name.
/// @throws FileError where the index cannot be read; InvalidArgument where it is no such list (the text says
/// where)
[[nodiscard]] std::vector<PictureEntry> pictures_of(const Arguments& arguments);

/// Reads a picture and its mask. @throws FileError, InvalidArgument, ShapeMismatch, with the file's name
[[nodiscard]] ReadPicture read(const PictureEntry& entry, std::int64_t size);

/// Names of classes by their numbers: the lines of the file that the arguments name, or else what the list of
/// pictures calls its targets.
/// @throws FileError where the file cannot be read or is no text in UTF-8; InvalidArgument where the list has
/// two names for one class
[[nodiscard]] std::map<std::int64_t, std::string> class_names_of(const Arguments& arguments);

} // namespace spade::explain_tool
