// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "element.hpp"

#include <limits>

#include <spade/core/error.hpp>

namespace spade::graph::exported {
namespace {

// A network of a thousand operators takes a megabyte, and nests some fifteen deep.
constexpr std::size_t longest_text = std::size_t{256} << 20;
constexpr int deepest = 100;

/// How deep brackets nest outside strings.
bool nests_too_deep(std::string_view text) {
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c == '\\') ++i;
      if (c == '"') quoted = false;
    } else if (c == '"') {
      quoted = true;
    } else if (c == '[' || c == '{') {
      if (++depth > deepest) return true;
    } else if (c == ']' || c == '}') {
      --depth;
    }
  }
  return false;
}

} // namespace

nlohmann::json parse_json(std::span<const std::byte> bytes, const std::string& where) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (text.size() > longest_text)
    throw FileError(
        message(where, " has ", text.size(), " bytes of JSON; at most ", longest_text, " are read"));
  if (nests_too_deep(text)) throw FileError(message(where, " nests brackets over ", deepest, " deep"));
  auto document = nlohmann::json::parse(text.begin(), text.end(), nullptr, /*allow_exceptions=*/false);
  if (document.is_discarded()) throw FileError(message(where, " is damaged: it is no JSON"));
  return document;
}

void Element::fail(std::string_view why) const {
  throw FileError(message(*where_, " is damaged, or of a version that is not known: ", key_, " ", why));
}

Element Element::operator[](const char* key) const {
  if (!value_->is_object()) fail("is no object");
  const auto found = value_->find(key);
  if (found == value_->end()) fail(message("has no member \"", key, "\""));
  return {*found, *where_, key};
}

std::optional<Element> Element::find(const char* key) const {
  if (!value_->is_object()) fail("is no object");
  const auto found = value_->find(key);
  if (found == value_->end() || found->is_null()) return std::nullopt;
  return Element(*found, *where_, key);
}

std::vector<Element> Element::elements() const {
  if (!value_->is_array()) fail("is no list");
  std::vector<Element> result;
  result.reserve(value_->size());
  for (const auto& element : *value_)
    result.push_back(Element(element, *where_, key_));
  return result;
}

std::vector<std::pair<std::string, Element>> Element::members() const {
  if (!value_->is_object()) fail("is no object");
  std::vector<std::pair<std::string, Element>> result;
  for (const auto& [key, member] : value_->items())
    result.emplace_back(key, Element(member, *where_, key_));
  return result;
}

std::pair<std::string, Element> Element::choice() const {
  if (!value_->is_object() || value_->size() != 1) fail("is no object with one member");
  const auto member = value_->begin();
  return {member.key(), Element(*member, *where_, key_)};
}

std::int64_t Element::integer() const {
  const bool too_large =
      value_->is_number_unsigned() &&
      value_->get<std::uint64_t>() > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (!value_->is_number_integer() || too_large) fail("is no integer of 64 bits");
  return value_->get<std::int64_t>();
}

double Element::number() const {
  if (value_->is_number()) return value_->get<double>();
  if (value_->is_string()) {
    const auto& word = value_->get_ref<const std::string&>();
    if (word == "Infinity") return std::numeric_limits<double>::infinity();
    if (word == "-Infinity") return -std::numeric_limits<double>::infinity();
    if (word == "NaN") return std::numeric_limits<double>::quiet_NaN();
  }
  fail("is no number");
}

bool Element::boolean() const {
  if (!value_->is_boolean()) fail("is neither true nor false");
  return value_->get<bool>();
}

std::string Element::text() const {
  if (!value_->is_string()) fail("is no text");
  return value_->get<std::string>();
}

} // namespace spade::graph::exported
