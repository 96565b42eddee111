// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include <ATen/core/Tensor.h>
#include <c10/core/Storage.h>

namespace spade::graph::pickle {

/// A value of a pickle. Items point to each other and belong to the unpickler, so a file cannot make them
/// nest too deep to be freed.
struct Item {
  enum class Kind { None, Bool, Integer, Real, Text, Tuple, List, Dict, Global, Storage, Tensor, Other };
  Kind kind = Kind::None;
  at::ScalarType type = at::kFloat; ///< Storage: of its elements
  bool held = false;                ///< something else holds it, so it may not grow any more
  int depth = 1;                    ///< how deep values nest in it, itself included
  std::int64_t number = 0;          ///< Bool, Integer
  double real = 0;                  ///< Real
  std::string text;                 ///< Text; Global: "module name"
  std::vector<Item*> items;         ///< Tuple, List; Dict: keys and values in turn
  at::Tensor tensor;
  c10::Storage storage;
};

/// What a pickle may call, and what its persistent ids mean.
class Vocabulary {
public:
  virtual ~Vocabulary() = default;
  /// Whether a global ("collections OrderedDict") may be named.
  [[nodiscard]] virtual bool knows(const std::string& global) const = 0;
  /// @param argument  of a function: the tuple of its arguments; of a class: the state of the new object
  virtual void call(const std::string& global, const Item& argument, Item& result) = 0;
  virtual void persistent(const std::vector<Item*>& id, Item& result) = 0;
  [[noreturn]] virtual void fail(const std::string& why) const = 0;

  /// The item, which must be of that kind.
  const Item& expect(const Item* item, Item::Kind kind) const;
  /// A tuple's items, of which there must be so many or more.
  const std::vector<Item*>& expect_tuple(const Item& item, std::size_t least) const;
};

/// Runs the part of pickle's instructions that torch.save and torch.jit.save write (protocols 2 to 4).
///
/// Cost and memory: linear in the length of the pickle, and at most four million values. Values may nest 1000
/// deep, and none holds itself.
/// Source: Python, Lib/pickletools.py.
class Unpickler {
public:
  explicit Unpickler(Vocabulary& vocabulary) : vocabulary_(vocabulary) {}

  /// The value that is left; it lives as long as the unpickler. Call once.
  [[nodiscard]] const Item& run(std::span<const std::byte> program);

private:
  bool step(); // false at the end
  bool constant(unsigned char opcode);
  bool container(unsigned char opcode);

  [[nodiscard]] std::span<const std::byte> take(std::uint64_t count);
  [[nodiscard]] std::uint64_t unsigned_number(std::size_t bytes);
  [[nodiscard]] std::string text(std::uint64_t length);
  [[nodiscard]] std::string line();

  Item& push(Item::Kind kind);
  [[nodiscard]] Item& top();
  Item& pop();
  [[nodiscard]] std::vector<Item*> pop_to_mark();
  void keep(std::uint64_t number);
  void call(const Item& function, Item& argument);
  void hold(Item& holder, Item& held);
  void global(std::string module, const std::string& name);
  void tuple(std::vector<Item*> items);
  void append(Item::Kind kind, const std::vector<Item*>& items);

  Vocabulary& vocabulary_;
  std::size_t size_ = 0;
  std::span<const std::byte> rest_;
  std::deque<Item> items_;
  std::vector<Item*> stack_;
  std::vector<std::size_t> marks_;
  std::unordered_map<std::uint64_t, Item*> memo_;
};

} // namespace spade::graph::pickle
