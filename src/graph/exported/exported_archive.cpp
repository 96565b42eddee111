// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "exported_archive.hpp"

#include <string_view>
#include <unordered_map>

#include <spade/core/error.hpp>

#include "../mapped_file.hpp"
#include "../zip.hpp"
#include "pickled_tensors.hpp"
#include "raw_tensors.hpp"

namespace spade::graph::exported {
namespace {

constexpr std::string_view plain_graph = "serialized_exported_program.json";
constexpr std::string_view graph = "models/model.json";

class Entries {
public:
  explicit Entries(const std::string& path)
      : what_(message("model file \"", path, "\"")), file_(std::make_shared<MappedFile>(path)) {
    for (auto& entry : read_zip(file_->bytes(), what_)) {
      if (entry.name == graph || entry.name.ends_with(message('/', graph)))
        root_ = entry.name.substr(0, entry.name.size() - graph.size());
      entries_.emplace(entry.name, std::move(entry));
    }
  }

  /// Names below the archive's root folder.
  [[nodiscard]] bool has(std::string_view name) const { return entries_.contains(root_ + std::string(name)); }

  [[nodiscard]] MappedBytes bytes(std::string_view name) const {
    const auto found = entries_.find(root_ + std::string(name));
    if (found == entries_.end())
      throw FileError(message(what_, " is damaged: its entry \"", root_, name, "\" is missing"));
    return {content(found->second, what_), file_};
  }

  /// For messages.
  [[nodiscard]] std::string where(std::string_view name) const { return message(what_, ", ", name); }

private:
  std::string what_;
  std::shared_ptr<MappedFile> file_;
  std::unordered_map<std::string, ZipEntry> entries_;
  std::string root_;
};

NamedTensors pickled(const Entries& entries, const std::string& name) {
  return read_pickled_tensors(entries.bytes(name), entries.where(name));
}

NamedTensors raw(const Entries& entries, const std::string& folder, const std::string& config) {
  const auto find = [&](const std::string& name) { return entries.bytes(folder + name); };
  return read_raw_tensors(entries.bytes(folder + config).bytes, find, entries.where(folder + config));
}

void check_byte_order(const Entries& entries) {
  if (!entries.has("byteorder")) return;
  const auto order = entries.bytes("byteorder").bytes;
  const std::string_view text(reinterpret_cast<const char*>(order.data()), order.size());
  if (text != "little") {
    throw FileError(message(entries.where("byteorder"), ": its numbers are stored in the byte order \"",
                            text.substr(0, 20), "\"; save it again on a little-endian machine"));
  }
}

} // namespace

bool is_exported(const Archive& archive) {
  return archive.has(std::string(plain_graph)) || archive.has(std::string(graph)) ||
         archive.has("archive_format");
}

ExportedArchive read_exported(const std::string& path) {
  const Entries entries(path);
  const bool plain = entries.has(plain_graph);
  if (!plain && !entries.has(graph)) {
    throw FileError(message("model file \"", path, "\" is a torch.export archive without a graph: ", graph,
                            " is missing; a package compiled by AOTInductor has none, so save the exported "
                            "program with torch.export.save"));
  }
  check_byte_order(entries);
  const std::string name(plain ? plain_graph : graph);
  ExportedArchive archive{read_document(entries.bytes(name).bytes, entries.where(name)), {}, {}};
  if (plain) {
    archive.state = pickled(entries, "serialized_state_dict.pt");
    archive.constants = pickled(entries, "serialized_constants.pt");
    return archive;
  }
  const auto read = [&](const std::string& folder, const std::string& config) {
    return entries.has(folder + config) ? raw(entries, folder, config)
                                        : pickled(entries, folder + "model.pt");
  };
  archive.state = read("data/weights/", "model_weights_config.json");
  archive.constants = read("data/constants/", "model_constants_config.json");
  return archive;
}

} // namespace spade::graph::exported
