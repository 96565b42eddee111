// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "raw_tensors.hpp"

#include <spade/core/error.hpp>

#include "document.hpp"
#include "element.hpp"

namespace spade::graph::exported {
namespace {

std::vector<std::int64_t> numbers(const std::vector<Extent>& extents, const Element& element) {
  std::vector<std::int64_t> result;
  for (const auto& extent : extents) {
    if (!extent.number) element.fail("has a stored tensor of symbolic shape");
    result.push_back(*extent.number);
  }
  return result;
}

} // namespace

NamedTensors read_raw_tensors(std::span<const std::byte> config, const FindBytes& find,
                              const std::string& where) {
  const auto json = parse_json(config, where);
  NamedTensors tensors;
  std::map<std::string, c10::Storage> storages; // tied weights and views name the same entry
  for (const auto& [name, entry] : Element(json, where)["config"].members()) {
    const auto file = entry["path_name"].text();
    if (entry["use_pickle"].boolean()) {
      throw UnsupportedOperator(message(where, ": \"", name,
                                        "\" is stored as a pickled object (a tensor subclass, or custom "
                                        "class), which is not read; convert it to a plain tensor and export "
                                        "again"));
    }
    const auto meta = read_tensor_meta(entry["tensor_meta"]);
    const Geometry geometry{meta.type, numbers(meta.sizes, entry), numbers(meta.strides, entry),
                            numbers({meta.offset}, entry).front()};
    auto storage = storages.find(file);
    if (storage == storages.end()) storage = storages.emplace(file, storage_of(find(file))).first;
    tensors[name] = tensor_in(storage->second, geometry, meta.requires_grad,
                              message(where, ": \"", name, "\" in ", file));
  }
  return tensors;
}

} // namespace spade::graph::exported
