// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

namespace spade::graph::exported {

/// Parses JSON text of a file that may be hostile: its size and how deep it nests are limited, so memory and
/// stack are.
/// @param where  the file and entry, for messages
/// @throws FileError where the text is no JSON
[[nodiscard]] nlohmann::json parse_json(std::span<const std::byte> text, const std::string& where);

/// A value of a JSON document, read defensively: what is missing or of another type is a FileError that names
/// the member and `where`.
class Element {
public:
  /// Borrows both.
  Element(const nlohmann::json& value, const std::string& where) : value_(&value), where_(&where) {}

  /// The member of an object.
  [[nodiscard]] Element operator[](const char* key) const;
  /// The member of an object; nothing where it is absent or null.
  [[nodiscard]] std::optional<Element> find(const char* key) const;
  [[nodiscard]] std::vector<Element> elements() const;
  [[nodiscard]] std::vector<std::pair<std::string, Element>> members() const;
  /// The one member of an object that stands for a choice: {"as_int": 3}.
  [[nodiscard]] std::pair<std::string, Element> choice() const;

  [[nodiscard]] bool is_null() const { return value_->is_null(); }
  [[nodiscard]] std::int64_t integer() const;
  /// A number, or one of the words "Infinity", "-Infinity" and "NaN".
  [[nodiscard]] double number() const;
  [[nodiscard]] bool boolean() const;
  [[nodiscard]] std::string text() const;

  [[noreturn]] void fail(std::string_view why) const;

private:
  Element(const nlohmann::json& value, const std::string& where, const char* key)
      : value_(&value), where_(&where), key_(key) {}

  const nlohmann::json* value_;
  const std::string* where_;
  const char* key_ = "the document";
};

} // namespace spade::graph::exported
