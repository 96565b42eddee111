// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// Any text as the code of a TorchScript archive that is otherwise sound. An Error is an answer; anything else,
// a crash, or memory without bound, is a finding. Tensors that LibTorch is asked for are small or refused.
#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/small_script.hpp"

namespace {

using namespace spade::testing;

constexpr std::array vocabulary{"if ",
                                "else:",
                                "while ",
                                "for ",
                                " in ",
                                "range(",
                                "return ",
                                "break",
                                "continue",
                                "not ",
                                " and ",
                                " or ",
                                " is ",
                                "None",
                                "True",
                                "False",
                                "pass",
                                "del ",
                                "assert ",
                                "annotate(",
                                "unchecked_cast(",
                                "uninitialized(",
                                "List[Any]",
                                "List[int]",
                                "List[Tensor]",
                                "Dict[str, Any]",
                                "Optional[Tensor]",
                                "Tuple[Tensor, Tensor]",
                                "Any",
                                "isinstance(",
                                "getattr(",
                                "ops.prim.",
                                "ops.aten.",
                                "torch.",
                                "self.first",
                                "self.second",
                                "self.table",
                                "self.sizes",
                                "CONSTANTS.c0",
                                "CONSTANTS.c1",
                                "append",
                                "insert",
                                "pop",
                                "extend",
                                "reverse",
                                "clear",
                                "copy",
                                "keys",
                                "values",
                                "items",
                                "get",
                                "update",
                                "setdefault",
                                "len",
                                "size",
                                "dim",
                                "numel",
                                "item",
                                "tolist",
                                "stack",
                                "cat",
                                "chunk",
                                "split",
                                "unbind",
                                "view",
                                "reshape",
                                "expand",
                                "as_strided",
                                "narrow",
                                "slice",
                                "select",
                                "index",
                                "index_put_",
                                "copy_",
                                "add_",
                                "mul_",
                                "zero_",
                                "fill_",
                                "t",
                                "transpose",
                                "permute",
                                "squeeze",
                                "unsqueeze",
                                "diagonal",
                                "detach",
                                "to",
                                "float",
                                "int",
                                "bool",
                                "str",
                                "format",
                                "join",
                                "zeros",
                                "ones",
                                "arange",
                                "rand",
                                "where",
                                "topk",
                                "sort",
                                "max",
                                "einsum",
                                "softmax",
                                "layer_norm",
                                "embedding",
                                "lstm",
                                "dropout",
                                "warn",
                                "raise ",
                                "__getitem__",
                                "__setitem__",
                                "__contains__",
                                "_set_item",
                                "is_grad_enabled",
                                "fork",
                                "wait",
                                "0",
                                "1",
                                "-1",
                                "2",
                                "7",
                                "1000000",
                                "-9223372036854775808",
                                "9223372036854775807",
                                "1e308",
                                "inf",
                                "nan",
                                "\"a\"",
                                "[]",
                                "{}",
                                "()",
                                "[x]",
                                "(x,)",
                                "{\"a\": x}",
                                "self",
                                "x"};

bool in_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.';
}

/// Words, spaces and lines, and single other characters.
std::vector<std::string> pieces_of(std::string_view text) {
  std::vector<std::string> pieces;
  for (std::size_t i = 0; i < text.size();) {
    auto end = i + 1;
    while (in_word(text[i]) && end < text.size() && in_word(text[end]))
      ++end;
    pieces.emplace_back(text.substr(i, end - i));
    i = end;
  }
  return pieces;
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size() - 1) + 1;
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return lines;
}

/// A part goes, comes twice, or takes the place of another.
void rearrange(std::vector<std::string>& parts, std::mt19937& random) {
  const auto any = [&] { return random() % parts.size(); };
  const auto from = any();
  const auto to = any();
  switch (random() % 4) {
  case 0:
    parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(from));
    break;
  case 1:
    parts.insert(parts.begin() + static_cast<std::ptrdiff_t>(to), std::string(parts[from]));
    break;
  case 2:
    parts[to] = parts[from];
    break;
  default:
    std::swap(parts[to], parts[from]);
  }
}

} // namespace

extern "C" const char* __asan_default_options() {
  return "allocator_may_return_null=1:max_allocation_size_mb=64:detect_leaks=0";
}

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t most);

/// Bytes alone seldom give code that is parsed.
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t most,
                                               unsigned seed) {
  std::mt19937 random(seed);
  if (size == 0 || random() % 8 == 0) return LLVMFuzzerMutate(data, size, most);
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const bool by_lines = random() % 4 == 0;
  auto parts = by_lines ? lines_of(text) : pieces_of(text);
  for (auto times = 1 + random() % 3; times > 0 && !parts.empty(); --times) {
    if (by_lines || random() % 2 == 0) {
      rearrange(parts, random);
      continue;
    }
    const auto at = random() % parts.size();
    const std::string word = vocabulary[random() % vocabulary.size()];
    if (random() % 3 == 0) {
      parts.insert(parts.begin() + static_cast<std::ptrdiff_t>(at), word);
    } else {
      parts[at] = word;
    }
  }
  std::string changed;
  for (const auto& part : parts)
    changed += part;
  changed.resize(std::min(changed.size(), most));
  std::memcpy(data, changed.data(), changed.size());
  return changed.size();
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  load_with(code_of, data, size);
  return 0;
}
