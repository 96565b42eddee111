// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "stored_tensor.hpp"

#include <map>

namespace spade::graph::pickle {

std::optional<at::ScalarType> storage_type(const std::string& global) {
#define SPADE_STORAGE(type, name) {"torch " #name "Storage", at::ScalarType::name},
  static const std::map<std::string, at::ScalarType> types{
      AT_FORALL_SCALAR_TYPES_WITH_COMPLEX_AND_QINTS(SPADE_STORAGE)};
#undef SPADE_STORAGE
  const auto found = types.find(global);
  return found == types.end() ? std::nullopt : std::optional(found->second);
}

StoredStorage read_storage(const Vocabulary& vocabulary, const std::vector<Item*>& id) {
  using Kind = Item::Kind;
  if (id.size() != 5 || vocabulary.expect(id[0], Kind::Text).text != "storage")
    vocabulary.fail("is damaged: a storage of a kind that is not known");
  const auto& global = vocabulary.expect(id[1], Kind::Global).text;
  const auto type = storage_type(global);
  if (!type) vocabulary.fail("has a storage of type " + global + ", which is not read");
  (void)vocabulary.expect(id[3], Kind::Text);
  return {*type, vocabulary.expect(id[2], Kind::Text).text, vocabulary.expect(id[4], Kind::Integer).number};
}

std::vector<std::int64_t> read_integers(const Vocabulary& vocabulary, const Item& tuple) {
  std::vector<std::int64_t> result;
  for (const auto* item : vocabulary.expect(&tuple, Item::Kind::Tuple).items)
    result.push_back(vocabulary.expect(item, Item::Kind::Integer).number);
  return result;
}

Geometry read_geometry(const Vocabulary& vocabulary, const std::vector<Item*>& arguments) {
  if (arguments.size() < 5) vocabulary.fail("is damaged: a tensor without its shape");
  return {vocabulary.expect(arguments[0], Item::Kind::Storage).type, read_integers(vocabulary, *arguments[2]),
          read_integers(vocabulary, *arguments[3]),
          vocabulary.expect(arguments[1], Item::Kind::Integer).number};
}

} // namespace spade::graph::pickle
