// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "pickled_tensors.hpp"

#include <map>
#include <string_view>

#include <spade/core/error.hpp>

#include "../pickle/stored_tensor.hpp"
#include "../zip.hpp"

namespace spade::graph::exported {
namespace {

using pickle::Item;

/// Types of plain numbers.
bool is_read(at::ScalarType type) {
  switch (type) {
  case at::kFloat:
  case at::kDouble:
  case at::kHalf:
  case at::kBFloat16:
  case at::kLong:
  case at::kInt:
  case at::kShort:
  case at::kChar:
  case at::kByte:
  case at::kBool:
    return true;
  default:
    return false;
  }
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
           global == "torch._utils _rebuild_parameter" ||
           is_read(pickle::storage_type(global).value_or(at::ScalarType::Undefined));
  }

  void call(const std::string& global, const Item& argument, Item& result) override {
    const auto& arguments = expect_tuple(argument, 0);
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

  void persistent(const std::vector<Item*>& id, Item& result) override {
    const auto stored = pickle::read_storage(*this, id);
    auto storage = storages_.find(stored.key);
    if (storage == storages_.end()) {
      const auto entry = entries_.find(root_ + "data/" + stored.key);
      if (entry == entries_.end())
        fail(message("is damaged: its entry \"", root_, "data/", stored.key, "\" is missing"));
      storage = storages_.emplace(stored.key, storage_of({content(entry->second, where_), owner_})).first;
    }
    result.kind = Item::Kind::Storage;
    result.storage = storage->second;
    result.type = stored.type;
  }

private:
  /// (storage, offset, sizes, strides, requires_grad, hooks)
  void rebuild_tensor(const std::vector<Item*>& arguments, Item& result) const {
    const auto geometry = pickle::read_geometry(*this, arguments);
    result.kind = Item::Kind::Tensor;
    result.tensor =
        tensor_in(arguments[0]->storage, geometry, expect(arguments[4], Item::Kind::Bool).number != 0,
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
