// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "json_file.hpp"

#include <cerrno>
#include <cstdio>
#include <memory>
#include <system_error>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sys/mman.h>

#include <spade/core/error.hpp>
#include <spade/io/atomic_file.hpp>
#include <spade/report/write_report.hpp>

namespace spade::explain_tool {
namespace {

using Json = nlohmann::ordered_json;

// What write_json writes, by way of a file in memory.
Json figures(const Results& results) {
  const int descriptor = memfd_create("figures", MFD_CLOEXEC);
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(descriptor < 0 ? nullptr : fdopen(descriptor, "r+"),
                                                       std::fclose);
  if (!file) throw FileError(message("no file in memory: ", std::generic_category().message(errno)));
  write_json(fmt::format("/dev/fd/{}", descriptor), results.explanations, results.options);
  std::rewind(file.get());
  return Json::parse(file.get());
}

Json with_files(const Json& explanation, const PictureEntry& entry, std::int64_t size) {
  Json json = Json::object();
  for (const auto& [key, value] : explanation.items()) {
    json[key] = value;
    if (key != "picture") continue;
    json["picture_file"] = entry.path;
    json["mask_file"] = entry.mask.empty() ? Json(nullptr) : Json(entry.mask);
    json["size"] = size > 0 ? Json(size) : Json(nullptr);
  }
  return json;
}

} // namespace

void write_json_file(const std::string& path, const Arguments& arguments, const Results& results) {
  auto json = figures(results);
  auto& explanations = json["explanations"];
  const std::size_t interpreters = explanations.size() / results.entries.size();
  for (std::size_t i = 0; i < explanations.size(); ++i)
    explanations[i] = with_files(explanations[i], results.entries[i / interpreters], arguments.size);
  // A file's name need not be UTF-8.
  write_atomically(path, json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n");
}

} // namespace spade::explain_tool
