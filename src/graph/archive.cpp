// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "archive.hpp"

#include <algorithm>

#include <spade/core/error.hpp>

#include "mapped_file.hpp"
#include "zip.hpp"

namespace spade::graph {

bool Archive::has(const std::string& name) const {
  return std::any_of(entries.begin(), entries.end(),
                     [&](const std::string& entry) { return entry == name || entry.ends_with("/" + name); });
}

bool Archive::has_folder(const std::string& name) const {
  return std::any_of(entries.begin(), entries.end(), [&](const std::string& entry) {
    return entry.starts_with(name + "/") || entry.find("/" + name + "/") != std::string::npos;
  });
}

Archive read_archive(const std::string& path) {
  const MappedFile file(path);
  Archive archive;
  for (auto& entry : read_zip(file.bytes(), message("model file \"", path, "\"")))
    archive.entries.push_back(std::move(entry.name));
  return archive;
}

} // namespace spade::graph
