// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "pickled_tensors.hpp"

#include <map>
#include <string_view>

#include <spade/core/error.hpp>

#include "../zip.hpp"
#include "unpickler.hpp"

namespace spade::graph::exported {
namespace {

using pickle::Item;

const std::map<std::string_view, at::ScalarType>& storage_types() {
  static const std::map<std::string_view, at::ScalarType> types{
      {"torch FloatStorage", at::kFloat}, {"torch DoubleStorage", at::kDouble},
      {"torch HalfStorage", at::kHalf},   {"torch BFloat16Storage", at::kBFloat16},
      {"torch LongStorage", at::kLong},   {"torch IntStorage", at::kInt},
      {"torch ShortStorage", at::kShort}, {"torch CharStorage", at::kChar},
      {"torch ByteStorage", at::kByte},   {"torch BoolStorage", at::kBool}};
  return types;
}

/// Tensors and their storages, as the pickle asks for them.
class Builder : public pickle::Vocabulary {
public:
  Builder(const MappedBytes& archive, const std::string& where) : where_(where), owner_(archive.owner) {
    for (auto& entry : read_zip(archive.bytes, where)) {
      constexpr std::string_view pickle = "/data.pkl";
      if (entry.name.ends_with(pickle)) root_ = entry.name.substr(0, entry.name.size() - pickle.size() + 1);
      entries_.emplace(entry.name, std::move(entry));
    }
    if (root_.empty()) fail("has no data.pkl, so it is none that torch.save wrote");
    if (const auto order = entries_.find(root_ + "byteorder"); order != entries_.end()) {
      const auto bytes = content(order->second, where_);
      if (std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()) != "little")
        fail("stores numbers in another byte order than this machine's");
    }
  }

  [[nodiscard]] std::span<std::byte> program() const {
    return content(entries_.at(root_ + "data.pkl"), where_);
  }

  [[noreturn]] void fail(const std::string& why) const override {
    throw FileError(message(where_, " ", why));
  }

  [[nodiscard]] bool knows(const std::string& global) const override {
    return global == "collections OrderedDict" || global == "torch._utils _rebuild_tensor_v2" ||
           global == "torch._utils _rebuild_parameter" || storage_types().contains(global);
  }

  void call(const std::string& global, const std::vector<Item*>& arguments, Item& result) override {
    if (global == "collections OrderedDict") {
      if (!arguments.empty()) fail("is damaged: an OrderedDict of a kind that is not known");
      result.kind = Item::Kind::Dict;
    } else if (global == "torch._utils _rebuild_tensor_v2") {
      rebuild_tensor(arguments, result);
    } else if (global == "torch._utils _rebuild_parameter") {
      if (arguments.size() < 2) fail("is damaged: a parameter without its tensor");
      const auto tensor = expect(arguments[0], Item::Kind::Tensor).tensor;
      result.kind = Item::Kind::Tensor;
      result.tensor = tensor.detach().set_requires_grad(expect(arguments[1], Item::Kind::Bool).number != 0 &&
                                                        tensor.is_floating_point());
    } else {
      fail("is damaged: it calls " + global);
    }
  }

  /// ('storage', type, key, device, count)
  void persistent(const std::vector<Item*>& id, Item& result) override {
    if (id.size() != 5 || expect(id[0], Item::Kind::Text).text != "storage")
      fail("is damaged: a storage of a kind that is not known");
    const auto type = storage_types().find(expect(id[1], Item::Kind::Global).text);
    if (type == storage_types().end()) fail("has a storage of type " + id[1]->text + ", which is not read");
    const auto& key = expect(id[2], Item::Kind::Text).text;
    auto storage = storages_.find(key);
    if (storage == storages_.end()) {
      const auto entry = entries_.find(root_ + "data/" + key);
      if (entry == entries_.end())
        fail(message("is damaged: its entry \"", root_, "data/", key, "\" is missing"));
      storage = storages_.emplace(key, storage_of({content(entry->second, where_), owner_})).first;
    }
    result.kind = Item::Kind::Storage;
    result.storage = storage->second;
    result.type = type->second;
  }

private:
  [[nodiscard]] const Item& expect(const Item* item, Item::Kind kind) const {
    if (item->kind != kind) fail("is damaged: its pickle has a value of another kind than expected");
    return *item;
  }

  [[nodiscard]] std::vector<std::int64_t> numbers(const Item* tuple) const {
    std::vector<std::int64_t> result;
    for (const auto* item : expect(tuple, Item::Kind::Tuple).items)
      result.push_back(expect(item, Item::Kind::Integer).number);
    return result;
  }

  /// (storage, offset, sizes, strides, requires_grad, hooks)
  void rebuild_tensor(const std::vector<Item*>& arguments, Item& result) const {
    if (arguments.size() < 5) fail("is damaged: a tensor without its shape");
    const auto& storage = expect(arguments[0], Item::Kind::Storage);
    const Geometry geometry{storage.type, numbers(arguments[2]), numbers(arguments[3]),
                            expect(arguments[1], Item::Kind::Integer).number};
    result.kind = Item::Kind::Tensor;
    result.tensor = tensor_in(storage.storage, geometry, expect(arguments[4], Item::Kind::Bool).number != 0,
                              message(where_, ": a tensor"));
  }

  std::string where_;
  std::shared_ptr<const void> owner_;
  std::string root_;
  std::map<std::string, ZipEntry> entries_;
  std::map<std::string, c10::Storage> storages_;
};

} // namespace

NamedTensors read_pickled_tensors(const MappedBytes& archive, const std::string& where) {
  Builder builder(archive, where);
  pickle::Unpickler unpickler(builder);
  const Item& root = unpickler.run(builder.program());
  if (root.kind != Item::Kind::Dict) builder.fail("holds no dictionary of tensors");
  NamedTensors tensors;
  for (std::size_t i = 0; i + 1 < root.items.size(); i += 2) {
    const auto* name = root.items[i];
    const auto* value = root.items[i + 1];
    if (name->kind != Item::Kind::Text || value->kind != Item::Kind::Tensor)
      builder.fail("holds something else than named tensors");
    tensors[name->text] = value->tensor;
  }
  return tensors;
}

} // namespace spade::graph::exported
