// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "pickle_check.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <set>
#include <string_view>
#include <unordered_map>
#include <utility>

#include <ATen/ATen.h>
#include <caffe2/serialize/inline_container.h>

#include <spade/core/error.hpp>
#include <spade/core/tensor_view.hpp>

#include "../pickle/stored_tensor.hpp"
#include "../printable.hpp"
#include "code_check.hpp"

namespace spade::graph::torchscript {
namespace {

using pickle::Item;

/// The archive's entries, found as LibTorch finds them: without regard to the case of their names.
class Records {
public:
  Records(const std::string& path, std::span<const std::byte> file, const std::vector<ZipEntry>& entries)
      : reader_(path), most_(most_read(file.size())) {
    for (const auto& entry : entries)
      entries_.emplace(static_cast<std::uint64_t>(entry.stored.data() - file.data()), &entry);
  }

  [[nodiscard]] bool has(const std::string& name) { return reader_.hasRecord(name); }

  /// Of its content; nothing where there is no such entry.
  [[nodiscard]] std::optional<std::uint64_t> size(const std::string& name) {
    if (!has(name)) return std::nullopt;
    const auto entry = entries_.find(reader_.getRecordOffset(name));
    return entry == entries_.end() ? std::nullopt : std::optional(entry->second->size);
  }

  struct Content {
    at::DataPtr owner;
    std::span<const std::byte> bytes;
  };
  [[nodiscard]] Content content(const std::string& name) {
    auto record = reader_.getRecord(name);
    const auto* begin = static_cast<const std::byte*>(std::get<0>(record).get());
    return {std::move(std::get<0>(record)), {begin, std::get<1>(record)}};
  }

  /// The pickles of the code's lines, which LibTorch reads for its messages.
  [[nodiscard]] std::vector<std::string> line_pickles() {
    auto names = reader_.getAllRecords();
    std::erase_if(names, [](std::string name) {
      std::ranges::transform(name, name.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; });
      return !name.ends_with(".debug_pkl");
    });
    return names;
  }

  /// Counts what LibTorch reads: a storage once for each time that a pickle describes it. False where it
  /// amounts to more than a network does.
  [[nodiscard]] bool take(std::uint64_t bytes) {
    taken_ += std::min(bytes, most_);
    return taken_ <= most_;
  }

private:
  caffe2::serialize::PyTorchStreamReader reader_;
  std::unordered_map<std::uint64_t, const ZipEntry*> entries_; // by where their content begins
  std::uint64_t most_;
  std::uint64_t taken_ = 0;
};

constexpr std::string_view rebuild_tensor = "torch._utils _rebuild_tensor_v2";
constexpr std::string_view rebuild_quantised = "torch._utils _rebuild_qtensor";
constexpr std::string_view rebuild_sparse = "torch._utils _rebuild_sparse_tensor";
constexpr std::string_view restore_type = "torch.jit._pickle restore_type_tag";

/// What else torch.jit.save calls; none of it makes a tensor.
constexpr std::array plain_functions{std::string_view("torch.jit._pickle build_intlist"),
                                     std::string_view("torch.jit._pickle build_boollist"),
                                     std::string_view("torch.jit._pickle build_doublelist"),
                                     std::string_view("torch.jit._pickle build_tensorlist"),
                                     std::string_view("collections OrderedDict"),
                                     std::string_view("builtins complex"),
                                     std::string_view("torch device"),
                                     std::string_view("__main__ IntList")};

constexpr std::array quantisation_schemes{std::string_view("torch per_tensor_affine"),
                                          std::string_view("torch per_channel_affine"),
                                          std::string_view("torch per_channel_affine_float_qparams")};

template <std::size_t n>
bool contains(const std::array<std::string_view, n>& names, const std::string& name) {
  return std::ranges::find(names, std::string_view(name)) != names.end();
}

/// Any other global is a class of the archive, by whatever name.
bool is_class(const std::string& global) {
  return !global.starts_with("torch ") && !global.starts_with("torch.") && !contains(plain_functions, global);
}

/// Walks one pickle. A storage is its key and bytes; a tensor is its arguments, once they are checked.
class Walk : public pickle::Vocabulary {
public:
  /// @param folder  of the storages; empty where there are none
  Walk(Records& records, std::string name, std::string folder, const std::string& what)
      : records_(records), name_(std::move(name)), folder_(std::move(folder)), what_(what) {}

  void run() {
    const auto content = records_.content(name_);
    pickle::Unpickler unpickler(*this);
    (void)unpickler.run(content.bytes);
    for (const auto& type : types_)
      check_nesting({"the name of a type in " + name_, type}, what_);
  }

  [[noreturn]] void fail(const std::string& why) const override {
    throw FileError(message(what_, ": its ", printable(name_), " ", why, "; save the network again"));
  }

  [[nodiscard]] bool knows(const std::string& global) const override {
    return is_class(global) || global == rebuild_tensor || global == rebuild_quantised ||
           global == rebuild_sparse || global == restore_type || contains(plain_functions, global) ||
           contains(quantisation_schemes, global) || pickle::storage_type(global);
  }

  void call(const std::string& global, const Item& argument, Item& result) override {
    result.kind = Item::Kind::Other;
    if (global == rebuild_tensor) {
      check_tensor(argument, result);
    } else if (global == rebuild_quantised) {
      check_tensor(argument, result);
      check_quantisation(argument);
    } else if (global == rebuild_sparse) {
      check_sparse(argument);
    } else if (global == restore_type) {
      types_.insert(expect(expect_tuple(argument, 2)[1], Item::Kind::Text).text);
    } else if (is_class(global)) {
      auto type = global;
      std::ranges::replace(type, ' ', '.');
      types_.insert(std::move(type));
    } else if (!contains(plain_functions, global)) {
      fail(message("is damaged: it calls ", global));
    }
  }

  void persistent(const std::vector<Item*>& id, Item& result) override {
    if (folder_.empty()) fail("is damaged: it has a storage, and is about lines of code");
    const auto stored = pickle::read_storage(*this, id);
    if (id[3]->text.starts_with("meta"))
      fail("has a tensor on the device \"meta\", so its numbers are in no file: load them into the network "
           "first");
    const auto entry = folder_ + stored.key;
    const auto element = c10::elementSize(stored.type);
    const auto size = records_.size(entry);
    if (!size && stored.count != 0)
      fail(message("is damaged: the entry \"", printable(entry), "\" of its storage is missing"));
    const auto there = size.value_or(0);
    if (stored.count < 0 || static_cast<std::uint64_t>(stored.count) > there / element) {
      fail(message("has a storage \"", printable(stored.key), "\" of ", stored.count, " elements of type ",
                   c10::toString(stored.type), ", ", element, " bytes each, and its entry \"",
                   printable(entry), "\" has ", there, " bytes: the file is damaged"));
    }
    if (stored.count != 0 && !records_.take(there)) {
      fail(message("describes storages so often, \"", printable(stored.key),
                   "\" the last, that LibTorch would read over four times the file"));
    }
    result.kind = Item::Kind::Storage;
    result.type = stored.type;
    result.text = stored.key;
    result.number = static_cast<std::int64_t>(static_cast<std::uint64_t>(stored.count) * element);
  }

private:
  /// (storage, offset, sizes, strides, ..., requires_grad, hooks)
  void check_tensor(const Item& argument, Item& result) const {
    const auto& arguments = expect_tuple(argument, 6);
    const auto geometry = pickle::read_geometry(*this, arguments);
    check_inside(
        geometry, arguments[0]->number,
        message(what_, ": in its ", name_, " a tensor of storage \"", printable(arguments[0]->text), '"'));
    result.kind = Item::Kind::Tensor;
    result.items = arguments;
  }

  /// (scheme, scale, zero point) or (scheme, scales, zero points, axis)
  void check_quantisation(const Item& argument) const {
    const auto& parameters = expect_tuple(*expect_tuple(argument, 7)[4], 3);
    (void)expect(parameters[0], Item::Kind::Global);
    if (parameters.size() == 3) return;
    const auto sizes = pickle::read_integers(*this, *argument.items[2]);
    const auto axis = expect(parameters[3], Item::Kind::Integer).number;
    if (axis < 0 || axis >= static_cast<std::int64_t>(sizes.size()))
      fail(message("is damaged: a tensor ", shape_text(sizes), " is quantised along dimension ", axis));
    for (const auto* scales : {parameters[1], parameters[2]}) {
      const auto given = pickle::read_integers(*this, *expect(scales, Item::Kind::Tensor).items[2]);
      const auto channels = sizes[static_cast<std::size_t>(axis)];
      if (given.size() != 1 || given.front() != channels) {
        fail(message("is damaged: a tensor ", shape_text(sizes), " is quantised along dimension ", axis,
                     " with scales or zero points ", shape_text(given)));
      }
    }
  }

  /// (layout, sizes, requires_grad, indices, values) or (layout, sizes, requires_grad, row pointers, columns,
  /// values)
  void check_sparse(const Item& argument) {
    const auto& arguments = expect_tuple(argument, 5);
    const auto layout = expect(arguments[0], Item::Kind::Integer).number;
    const auto sizes = pickle::read_integers(*this, *arguments[1]);
    try {
      if (layout == static_cast<std::int64_t>(at::kSparse)) {
        at::_validate_sparse_coo_tensor_args(tensor(arguments[3]), tensor(arguments[4]), sizes);
      } else if (layout == static_cast<std::int64_t>(at::kSparseCsr)) {
        at::_validate_sparse_csr_tensor_args(tensor(arguments[3]), tensor(arguments[4]),
                                             tensor(expect_tuple(argument, 6)[5]), sizes);
      } else {
        fail(message("has a sparse tensor of the layout ", layout, ", which is not read"));
      }
    } catch (const c10::Error& error) {
      const std::string text = error.what_without_backtrace();
      fail(message("is damaged: a sparse tensor ", shape_text(sizes), ": ",
                   printable(text.substr(0, text.find('\n')))));
    }
  }

  /// A copy of a tensor that is checked.
  [[nodiscard]] at::Tensor tensor(const Item* item) {
    const auto& arguments = expect(item, Item::Kind::Tensor).items;
    const auto geometry = pickle::read_geometry(*this, arguments);
    if (arguments[0]->number == 0) return at::empty(geometry.sizes, geometry.type);
    const auto content = records_.content(folder_ + arguments[0]->text);
    const auto element = static_cast<std::int64_t>(c10::elementSize(geometry.type));
    auto storage = at::empty({arguments[0]->number / element}, geometry.type);
    std::copy_n(content.bytes.begin(), arguments[0]->number, static_cast<std::byte*>(storage.data_ptr()));
    return storage.as_strided(geometry.sizes, geometry.strides, geometry.offset);
  }

  Records& records_;
  std::string name_;
  std::string folder_;
  const std::string& what_;
  std::set<std::string> types_;
};

} // namespace

void check_pickles(const std::string& path, std::span<const std::byte> file,
                   const std::vector<ZipEntry>& entries, const std::string& what) {
  Records records(path, file, entries);
  for (const std::string archive : {"constants", "data"}) {
    if (records.has(archive + ".pkl")) Walk(records, archive + ".pkl", archive + "/", what).run();
  }
  for (const auto& name : records.line_pickles())
    Walk(records, name, "", what).run();
}

} // namespace spade::graph::torchscript
