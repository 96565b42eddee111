// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/io/plan_file.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <system_error>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <spade/core/error.hpp>

namespace spade {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::uintmax_t largest_plan = std::uintmax_t{1} << 20;

// nlohmann keeps the last of repeated keys and says nothing; a plan with a key twice is a mistake.
Json parse_without_repetition(std::string_view text, const std::string& source) {
  std::vector<std::set<std::string>> keys;
  const auto check = [&](int, Json::parse_event_t event, Json& parsed) {
    if (event == Json::parse_event_t::object_start) keys.emplace_back();
    if (event == Json::parse_event_t::object_end) keys.pop_back();
    if (event == Json::parse_event_t::key && !keys.back().insert(parsed.get<std::string>()).second) {
      throw InvalidArgument(
          fmt::format("{}: the key \"{}\" is there twice", source, parsed.get<std::string>()));
    }
    return true;
  };
  try {
    return Json::parse(text, check);
  } catch (const Json::exception& error) {
    const std::string what = error.what();
    throw InvalidArgument(fmt::format("{}: not JSON ({})", source, what.substr(0, what.find('\n'))));
  }
}

double sparsity_value(const Json& value, const std::string& key, const std::string& source) {
  if (!value.is_number()) {
    throw InvalidArgument(
        fmt::format("{}: \"{}\" is {}, where a number in [0, 1] is expected", source, key, value.dump()));
  }
  const auto sparsity = value.get<double>();
  if (!(sparsity >= 0.0 && sparsity <= 1.0)) {
    throw InvalidArgument(fmt::format("{}: \"{}\" is {}, outside [0, 1]; a sparsity is the fraction of zeros",
                                      source, key, value.dump()));
  }
  return sparsity;
}

std::vector<double> sparsity_list(const Json& list, const std::string& source) {
  if (!list.is_array() || list.empty()) {
    throw InvalidArgument(fmt::format("{}: \"by_depth\" is {}, where a list of numbers in [0, 1] is expected",
                                      source, list.dump()));
  }
  std::vector<double> values;
  for (const auto& value : list)
    values.push_back(sparsity_value(value, "by_depth", source));
  return values;
}

} // namespace

SparsityPlan parse_plan(std::string_view text, const std::string& source) {
  const auto json = parse_without_repetition(text, source);
  if (!json.is_object()) {
    throw InvalidArgument(fmt::format("{}: a plan is a JSON object such as {{\"uniform\": 0.95}}", source));
  }
  static const std::set<std::string> known{"uniform",   "by_depth",    "layers",
                                           "depthwise", "dense_first", "comment"};
  for (const auto& [key, value] : json.items()) {
    if (!known.contains(key)) {
      throw InvalidArgument(
          fmt::format("{}: unknown key \"{}\"; a plan has uniform or by_depth, and may have layers, "
                      "depthwise, dense_first, comment",
                      source, key));
    }
  }
  if (json.contains("uniform") == json.contains("by_depth")) {
    throw InvalidArgument(fmt::format("{}: a plan has either \"uniform\" or \"by_depth\", {}", source,
                                      json.contains("uniform") ? "not both" : "and this one has neither"));
  }
  auto plan = json.contains("uniform")
                  ? SparsityPlan::uniform(sparsity_value(json["uniform"], "uniform", source))
                  : SparsityPlan::by_depth(sparsity_list(json["by_depth"], source));
  if (json.contains("depthwise"))
    plan = plan.depthwise(sparsity_value(json["depthwise"], "depthwise", source));
  if (json.contains("dense_first")) {
    const auto& value = json["dense_first"];
    if (!value.is_boolean()) {
      throw InvalidArgument(
          fmt::format("{}: \"dense_first\" is {}, where true or false is expected", source, value.dump()));
    }
    if (value.get<bool>()) plan = plan.dense_first();
  }
  if (json.contains("layers")) {
    const auto& rules = json["layers"];
    if (!rules.is_object()) {
      throw InvalidArgument(
          fmt::format("{}: \"layers\" is {}, where an object of patterns and sparsities is expected", source,
                      rules.dump()));
    }
    for (const auto& [pattern, value] : rules.items()) {
      if (pattern.empty()) throw InvalidArgument(fmt::format("{}: \"layers\" has an empty pattern", source));
      plan = plan.layer(pattern, sparsity_value(value, pattern, source));
    }
  }
  return plan;
}

SparsityPlan read_plan(const std::string& path) {
  std::error_code failure;
  const auto size = std::filesystem::file_size(path, failure);
  if (failure) throw FileError(fmt::format("{}: cannot read the plan ({})", path, failure.message()));
  if (size > largest_plan) throw FileError(fmt::format("{}: {} bytes are too many for a plan", path, size));
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file) throw FileError(fmt::format("{}: cannot read the plan", path));
  return parse_plan(text, path);
}

std::string plan_text(const SparsityPlan& plan) {
  Json json = Json::object();
  if (plan.depth_values().size() == 1) {
    json["uniform"] = plan.depth_values().front();
  } else {
    json["by_depth"] = plan.depth_values();
  }
  if (plan.depthwise_sparsity()) json["depthwise"] = *plan.depthwise_sparsity();
  if (plan.first_is_dense()) json["dense_first"] = true;
  for (const auto& rule : plan.rules()) {
    // Repeated patterns: the later one wins, and stands where it was written.
    if (json.contains("layers")) json["layers"].erase(rule.pattern);
    json["layers"][rule.pattern] = rule.sparsity;
  }
  return json.dump();
}

} // namespace spade
