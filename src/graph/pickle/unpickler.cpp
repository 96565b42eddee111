// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "unpickler.hpp"

#include <algorithm>
#include <bit>

#include <spade/core/error.hpp>

#include "../printable.hpp"

namespace spade::graph::pickle {

const Item& Vocabulary::expect(const Item* item, Item::Kind kind) const {
  if (item->kind != kind) fail("is damaged: its pickle has a value of another kind than expected");
  return *item;
}

const std::vector<Item*>& Vocabulary::expect_tuple(const Item& item, std::size_t least) const {
  const auto& items = expect(&item, Item::Kind::Tuple).items;
  if (items.size() < least) fail("is damaged: its pickle calls a function with too few arguments");
  return items;
}

const Item& Unpickler::run(std::span<const std::byte> program) {
  constexpr std::size_t most_values = 4'000'000;
  rest_ = program;
  size_ = program.size();
  while (step()) {
    if (items_.size() > most_values || stack_.size() + marks_.size() > most_values)
      vocabulary_.fail(message("has a pickle of over ", most_values, " values"));
  }
  return pop();
}

bool Unpickler::step() {
  const auto opcode = static_cast<unsigned char>(take(1).front());
  if (opcode == '.') return false; // STOP
  if (constant(opcode) || container(opcode)) return true;
  switch (opcode) {
  case 0x80: // PROTO
    (void)take(1);
    break;
  case 0x95: // FRAME
    (void)take(8);
    break;
  case 'c': { // GLOBAL
    auto module = line();
    global(std::move(module), line());
    break;
  }
  case 0x93: { // STACK_GLOBAL
    const auto& name = pop();
    global(pop().text, name.text);
    break;
  }
  case 'q': // BINPUT
    keep(unsigned_number(1));
    break;
  case 'r': // LONG_BINPUT
    keep(unsigned_number(4));
    break;
  case 0x94: // MEMOIZE
    memo_.emplace(memo_.size(), &top());
    break;
  case 'h':   // BINGET
  case 'j': { // LONG_BINGET
    const auto found = memo_.find(unsigned_number(opcode == 'h' ? 1 : 4));
    if (found == memo_.end()) vocabulary_.fail("is damaged: its pickle reads what it has not written");
    stack_.push_back(found->second);
    break;
  }
  case 'R': { // REDUCE
    auto& argument = pop();
    call(pop(), argument);
    break;
  }
  case 0x81: // NEWOBJ: the class stands for its object until the state is there
    (void)pop();
    if (top().kind != Item::Kind::Global) vocabulary_.fail("is damaged: its pickle makes what is no object");
    break;
  case 'Q': { // BINPERSID
    const auto& id = pop();
    if (id.kind != Item::Kind::Tuple) vocabulary_.fail("is damaged: a storage without its description");
    vocabulary_.persistent(id.items, push(Item::Kind::None));
    break;
  }
  case 'b': { // BUILD
    auto& state = pop();
    if (top().kind == Item::Kind::Dict) break; // its own attributes, which nothing here needs
    if (top().kind != Item::Kind::Global) vocabulary_.fail("wants to restore an object that is not read");
    call(pop(), state);
    break;
  }
  default:
    vocabulary_.fail(
        message("is damaged, or holds something else than tensors: its pickle has the instruction ",
                static_cast<int>(opcode), ", which is not read"));
  }
  return true;
}

bool Unpickler::constant(unsigned char opcode) {
  switch (opcode) {
  case 'N':
    push(Item::Kind::None);
    return true;
  case 0x88: // NEWTRUE
  case 0x89: // NEWFALSE
    push(Item::Kind::Bool).number = opcode == 0x88 ? 1 : 0;
    return true;
  case 'J': // BININT
    push(Item::Kind::Integer).number = static_cast<std::int32_t>(unsigned_number(4));
    return true;
  case 'K': // BININT1
    push(Item::Kind::Integer).number = static_cast<std::int64_t>(unsigned_number(1));
    return true;
  case 'M': // BININT2
    push(Item::Kind::Integer).number = static_cast<std::int64_t>(unsigned_number(2));
    return true;
  case 0x8a: { // LONG1, two's complement
    const auto bytes = unsigned_number(1);
    if (bytes > 8) vocabulary_.fail("is damaged: its pickle has an integer of over 64 bits");
    auto value = bytes == 0 ? 0 : unsigned_number(bytes);
    if (bytes > 0 && bytes < 8 && (value >> (8 * bytes - 1) & 1) != 0)
      value |= ~std::uint64_t{0} << (8 * bytes);
    push(Item::Kind::Integer).number = static_cast<std::int64_t>(value);
    return true;
  }
  case 'G': { // BINFLOAT, big-endian
    std::uint64_t bits = 0;
    for (const auto byte : take(8))
      bits = bits << 8 | static_cast<std::uint64_t>(byte);
    push(Item::Kind::Real).real = std::bit_cast<double>(bits);
    return true;
  }
  case 'X':    // BINUNICODE
  case 0x8c:   // SHORT_BINUNICODE
  case 0x8d: { // BINUNICODE8
    auto value = text(unsigned_number(opcode == 'X' ? 4 : opcode == 0x8c ? 1 : 8));
    push(Item::Kind::Text).text = std::move(value);
    return true;
  }
  default:
    return false;
  }
}

bool Unpickler::container(unsigned char opcode) {
  switch (opcode) {
  case '(': // MARK
    marks_.push_back(stack_.size());
    return true;
  case ')': // EMPTY_TUPLE
    tuple({});
    return true;
  case 't': // TUPLE
    tuple(pop_to_mark());
    return true;
  case 0x85: // TUPLE1, TUPLE2, TUPLE3
  case 0x86:
  case 0x87: {
    std::vector<Item*> items(static_cast<std::size_t>(opcode - 0x84));
    for (auto item = items.rbegin(); item != items.rend(); ++item)
      *item = &pop();
    tuple(std::move(items));
    return true;
  }
  case ']': // EMPTY_LIST
    push(Item::Kind::List);
    return true;
  case '}': // EMPTY_DICT
    push(Item::Kind::Dict);
    return true;
  case 'a': { // APPEND
    auto& value = pop();
    append(Item::Kind::List, {&value});
    return true;
  }
  case 'e': // APPENDS
    append(Item::Kind::List, pop_to_mark());
    return true;
  case 's': { // SETITEM
    auto& value = pop();
    auto& key = pop();
    append(Item::Kind::Dict, {&key, &value});
    return true;
  }
  case 'u': // SETITEMS
    append(Item::Kind::Dict, pop_to_mark());
    return true;
  case 'l':   // LIST
  case 'd': { // DICT
    const auto kind = opcode == 'l' ? Item::Kind::List : Item::Kind::Dict;
    const auto items = pop_to_mark();
    push(kind);
    append(kind, items);
    return true;
  }
  default:
    return false;
  }
}

std::span<const std::byte> Unpickler::take(std::uint64_t count) {
  if (count > rest_.size()) vocabulary_.fail("is damaged: its pickle ends too early");
  const auto taken = rest_.first(count);
  rest_ = rest_.subspan(count);
  return taken;
}

std::uint64_t Unpickler::unsigned_number(std::size_t bytes) {
  const auto taken = take(bytes);
  std::uint64_t value = 0;
  for (std::size_t i = bytes; i-- > 0;)
    value = value << 8 | static_cast<std::uint64_t>(taken[i]);
  return value;
}

std::string Unpickler::text(std::uint64_t length) {
  const auto taken = take(length);
  return {reinterpret_cast<const char*>(taken.data()), taken.size()};
}

std::string Unpickler::line() {
  const auto end = std::find(rest_.begin(), rest_.end(), std::byte{'\n'});
  auto result = text(static_cast<std::uint64_t>(end - rest_.begin()));
  (void)take(1);
  return result;
}

Item& Unpickler::push(Item::Kind kind) {
  auto& item = items_.emplace_back();
  item.kind = kind;
  stack_.push_back(&item);
  return item;
}

Item& Unpickler::top() {
  if (stack_.size() <= (marks_.empty() ? 0 : marks_.back()))
    vocabulary_.fail("is damaged: its pickle takes more values than it makes");
  return *stack_.back();
}

Item& Unpickler::pop() {
  auto& item = top();
  stack_.pop_back();
  return item;
}

std::vector<Item*> Unpickler::pop_to_mark() {
  if (marks_.empty()) vocabulary_.fail("is damaged: its pickle closes a list that it has not opened");
  const auto begin = stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
  std::vector<Item*> items(begin, stack_.end());
  stack_.erase(begin, stack_.end());
  marks_.pop_back();
  return items;
}

void Unpickler::global(std::string module, const std::string& name) {
  const auto full = std::move(module) + " " + name;
  if (!vocabulary_.knows(full)) {
    vocabulary_.fail(
        message("wants to call \"", printable(full), "\", which a file of tensors has no need of"));
  }
  push(Item::Kind::Global).text = full;
}

/// Whoever writes pickles counts; LibTorch makes room for all numbers up to this one.
void Unpickler::keep(std::uint64_t number) {
  if (number > size_) vocabulary_.fail(message("is damaged: its pickle keeps a value under number ", number));
  memo_[number] = &top();
}

void Unpickler::call(const Item& function, Item& argument) {
  if (function.kind != Item::Kind::Global)
    vocabulary_.fail("is damaged: its pickle calls what is no function");
  auto& result = push(Item::Kind::None);
  hold(result, argument);
  vocabulary_.call(function.text, argument, result);
}

/// What is held does not grow any more, so depths stay true and nothing comes to hold itself.
void Unpickler::hold(Item& holder, Item& held) {
  constexpr int deepest = 1000;
  held.held = true;
  holder.depth = std::max(holder.depth, held.depth + 1);
  if (holder.depth > deepest)
    vocabulary_.fail(message("has a pickle whose values nest over ", deepest, " deep"));
}

void Unpickler::tuple(std::vector<Item*> items) {
  auto& target = push(Item::Kind::Tuple);
  for (auto* item : items)
    hold(target, *item);
  target.items = std::move(items);
}

void Unpickler::append(Item::Kind kind, const std::vector<Item*>& items) {
  auto& target = top();
  if (target.kind != kind || (kind == Item::Kind::Dict && items.size() % 2 != 0))
    vocabulary_.fail("is damaged: its pickle fills something else than it made");
  for (auto* item : items)
    hold(target, *item);
  if (target.held)
    vocabulary_.fail("is damaged: its pickle fills a list or dictionary that something else holds already");
  target.items.insert(target.items.end(), items.begin(), items.end());
}

} // namespace spade::graph::pickle
