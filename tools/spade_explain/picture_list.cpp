// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "picture_list.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include <ATen/ATen.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <spade/core/error.hpp>
#include <spade/io/image.hpp>

namespace spade::explain_tool {
namespace {

using Json = nlohmann::json;

constexpr std::uintmax_t largest_text = std::uintmax_t{64} << 20;
constexpr std::int64_t shortest_edge = 8;
constexpr std::int64_t imagenet_size = 224;
constexpr std::int64_t most_pixels = std::int64_t{1} << 26;

std::string read_text(const std::string& path, const char* what) {
  std::error_code failure;
  const auto size = std::filesystem::file_size(path, failure);
  if (failure) throw FileError(fmt::format("{}: cannot read the {} ({})", path, what, failure.message()));
  if (size > largest_text)
    throw FileError(fmt::format("{}: {} bytes are too many for the {}", path, size, what));
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file) throw FileError(fmt::format("{}: cannot read the {}", path, what));
  return text;
}

std::string text_field(const Json& entry, const char* key, const std::string& where) {
  if (!entry.contains(key)) return {};
  if (!entry[key].is_string())
    throw InvalidArgument(
        fmt::format("{}: \"{}\" is {}, where a text is expected", where, key, entry[key].dump()));
  return entry[key].get<std::string>();
}

PictureEntry entry_of(const Json& json, const std::filesystem::path& folder, const std::string& where) {
  if (!json.is_object()) throw InvalidArgument(fmt::format("{} is no object", where));
  const auto id = text_field(json, "id", where);
  const auto picture = text_field(json, "picture", where);
  const auto mask = text_field(json, "mask", where);
  if (id.empty() && picture.empty())
    throw InvalidArgument(fmt::format("{} has neither \"id\" nor \"picture\"", where));
  PictureEntry entry;
  entry.path =
      picture.empty() ? (folder / "pictures" / (id + "_trojan.png")).string() : (folder / picture).string();
  if (!mask.empty()) {
    entry.mask = (folder / mask).string();
  } else if (picture.empty()) {
    // The kit's form: a mask that is not there is not asked for.
    const auto beside = folder / "pictures" / (id + "_mask.png");
    if (std::filesystem::exists(beside)) entry.mask = beside.string();
  }
  if (json.contains("target")) {
    if (!json["target"].is_number_integer() || json["target"].get<std::int64_t>() < 0) {
      throw InvalidArgument(fmt::format("{}: \"target\" is {}, where a class number is expected", where,
                                        json["target"].dump()));
    }
    entry.target = json["target"].get<std::int64_t>();
    entry.target_name = text_field(json, "target_name", where);
  }
  return entry;
}

std::vector<PictureEntry> read_index(const std::string& path) {
  Json json;
  const auto text = read_text(path, "list of pictures");
  try {
    json = Json::parse(text);
  } catch (const Json::exception& error) {
    throw InvalidArgument(fmt::format("{}: not JSON ({})", path, error.what()));
  }
  if (!json.is_array() || json.empty()) {
    throw InvalidArgument(fmt::format("{}: a list of pictures is a JSON list with at least one entry such as "
                                      "{{\"id\": \"000\", \"target\": 4}}",
                                      path));
  }
  const auto folder = std::filesystem::path(path).parent_path();
  std::vector<PictureEntry> entries;
  for (std::size_t i = 0; i < json.size(); ++i)
    entries.push_back(entry_of(json[i], folder, fmt::format("{}: entry {}", path, i)));
  return entries;
}

// A long and narrow picture grows by as much as its shorter edge does.
void check_resized(const at::Tensor& picture, std::int64_t size, const std::string& path) {
  const std::int64_t shorter = std::min(picture.size(1), picture.size(2));
  if (size == 0 && shorter <= imagenet_size) return;
  const auto edge = static_cast<double>(size > 0 ? size : imagenet_size) * 256 / 224;
  const double scale = edge / static_cast<double>(shorter);
  if (static_cast<double>(picture.size(1) * picture.size(2)) * scale * scale <= most_pixels) return;
  throw InvalidArgument(fmt::format("{}: {} x {} pixels are too many once the shorter edge has {:.0f}; at "
                                    "most {} are resized to, a smaller --size makes fewer",
                                    path, picture.size(2), picture.size(1), edge, most_pixels));
}

// Bytes that are no text would end up as names in a report.
void check_text(const std::string& line, const std::string& where) {
  const bool control = std::ranges::any_of(line, [](char c) { return c >= 0 && c < ' ' && c != '\t'; });
  try {
    if (!control) (void)Json(line).dump();
  } catch (const Json::type_error&) {
    throw FileError(fmt::format("{} is not UTF-8; class names are text, one a line", where));
  }
  if (control) throw FileError(fmt::format("{} has control characters; class names are text", where));
}

std::map<std::int64_t, std::string> read_class_names(const std::string& path) {
  std::map<std::int64_t, std::string> names;
  const auto text = read_text(path, "class names");
  for (std::size_t begin = 0; begin < text.size();) {
    const auto end = std::min(text.find('\n', begin), text.size());
    auto line = text.substr(begin, end - begin);
    if (!line.empty() && line.back() == '\r') line.pop_back();
    const auto number = static_cast<std::int64_t>(names.size());
    check_text(line, fmt::format("{}: line {}", path, number + 1));
    names.emplace(number, std::move(line));
    begin = end + 1;
  }
  if (names.empty()) throw FileError(fmt::format("{}: no class names in it", path));
  return names;
}

Preprocess preprocess_for(const at::Tensor& picture, std::int64_t size) {
  if (size > 0) return Preprocess::imagenet(size);
  return std::min(picture.size(1), picture.size(2)) > imagenet_size ? Preprocess::imagenet(imagenet_size)
                                                                    : Preprocess::imagenet_normalisation();
}

} // namespace

std::vector<PictureEntry> pictures_of(const Arguments& arguments) {
  if (arguments.index.empty()) return {{arguments.picture, arguments.mask, arguments.target, {}}};
  auto entries = read_index(arguments.index);
  if (arguments.limit && static_cast<std::size_t>(*arguments.limit) < entries.size()) {
    entries.resize(static_cast<std::size_t>(*arguments.limit));
  }
  for (auto& entry : entries) {
    if (arguments.target) entry.target = arguments.target;
  }
  return entries;
}

ReadPicture read(const PictureEntry& entry, std::int64_t size) {
  const auto picture = read_picture(entry.path);
  if (size == 0 && std::min(picture.size(1), picture.size(2)) < shortest_edge) {
    throw InvalidArgument(fmt::format(
        "{}: {} x {} pixels are too few for a map of them (at least {} x {}); --size N enlarges them",
        entry.path, picture.size(2), picture.size(1), shortest_edge, shortest_edge));
  }
  check_resized(picture, size, entry.path);
  const auto preprocess = preprocess_for(picture, size);
  ReadPicture result{Sample(picture, preprocess), {}};
  if (entry.mask.empty()) return result;
  const auto mask = read_mask(entry.mask);
  if (mask.size(0) != picture.size(1) || mask.size(1) != picture.size(2)) {
    throw ShapeMismatch(fmt::format("{}: the mask has {} x {} pixels, {} has {} x {}", entry.mask,
                                    mask.size(1), mask.size(0), entry.path, picture.size(2),
                                    picture.size(1)));
  }
  result.mask = preprocess.resize_and_crop(mask.unsqueeze(0).to(at::kFloat))[0][0] > 0.5;
  const auto inside = result.mask->sum().item<std::int64_t>();
  if (inside == 0 || inside == result.mask->numel()) {
    throw InvalidArgument(
        fmt::format("{}: {} pixels are inside the mask; an AUC needs some inside and some outside",
                    entry.mask, inside == 0 ? "no" : "all"));
  }
  return result;
}

std::map<std::int64_t, std::string> class_names_of(const Arguments& arguments) {
  if (!arguments.classes.empty()) return read_class_names(arguments.classes);
  std::map<std::int64_t, std::string> names;
  if (arguments.index.empty()) return names;
  for (const auto& entry : read_index(arguments.index)) {
    if (!entry.target || entry.target_name.empty()) continue;
    const auto& name = names.emplace(*entry.target, entry.target_name).first->second;
    if (name != entry.target_name) {
      throw InvalidArgument(fmt::format("{}: class {} is \"{}\" in one entry and \"{}\" in another",
                                        arguments.index, *entry.target, name, entry.target_name));
    }
  }
  return names;
}

} // namespace spade::explain_tool
