// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "size_condition.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <spade/core/error.hpp>

#include "operators.hpp"

namespace spade::graph::exported {
namespace {

using c10::IValue;
using Value = SizeCondition::Value;

/// A binary operator of Python, and the function that computes it.
struct InfixOperator {
  std::string_view sign;
  const char* target;
};

using Signs = std::vector<InfixOperator>;

/// Loosest first; of two signs that begin alike, the longer first. "not" stands between `and` and comparisons.
const std::array<Signs, 5>& levels() {
  static const std::array<Signs, 5> signs{Signs{{"or", "_operator.or_"}}, Signs{{"and", "_operator.and_"}},
                                          Signs{{"==", "_operator.eq"},
                                                {"!=", "_operator.ne"},
                                                {"<=", "_operator.le"},
                                                {">=", "_operator.ge"},
                                                {"<", "_operator.lt"},
                                                {">", "_operator.gt"}},
                                          Signs{{"+", "_operator.add"}, {"-", "_operator.sub"}},
                                          Signs{{"**", nullptr},
                                                {"*", "_operator.mul"},
                                                {"//", "_operator.floordiv"},
                                                {"/", "_operator.truediv"},
                                                {"%", "_operator.mod"}}};
  return signs;
}

Value call(const char* target, std::vector<Value> operands) {
  return [run = find_arithmetic(target), operands = std::move(operands)](c10::IntArrayRef sizes) {
    std::vector<IValue> stack;
    for (const auto& operand : operands)
      stack.push_back(operand(sizes));
    run(stack);
    return stack.front();
  };
}

/// By recursive descent; the file may be hostile, so length and nesting are bounded.
class Parser {
public:
  explicit Parser(const std::string& text) : text_(text), rest_(text) {
    constexpr std::size_t longest = 4000;
    if (text.size() > longest) fail();
  }

  Value whole() {
    auto value = level(0);
    if (!take_spaces().empty()) fail();
    return value;
  }

private:
  [[noreturn]] void fail() const {
    throw UnsupportedOperator(message("it was exported for inputs where ", text_.substr(0, 300),
                                      ", and that is not understood here; export it again with a forward ",
                                      "pass that asks less of its input's sizes, or with fixed ones"));
  }

  /// Counts what stands within something else.
  struct Deeper {
    explicit Deeper(Parser& of) : parser(of) {
      constexpr int deepest = 100;
      if (++parser.depth_ > deepest) parser.fail();
    }
    Deeper(const Deeper&) = delete;
    Deeper& operator=(const Deeper&) = delete;
    ~Deeper() { --parser.depth_; }
    Parser& parser;
  };

  std::string_view take_spaces() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(' '), rest_.size()));
    return rest_;
  }

  bool take(std::string_view token) {
    if (!take_spaces().starts_with(token)) return false;
    rest_.remove_prefix(token.size());
    return true;
  }
  void expect(std::string_view token) {
    if (!take(token)) fail();
  }

  std::optional<std::int64_t> take_number() {
    std::int64_t number = 0;
    const auto text = take_spaces();
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || text.front() == '-') return std::nullopt;
    rest_.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return number;
  }

  Value level(std::size_t depth) {
    if (depth == levels().size()) return factor();
    constexpr std::size_t comparisons = 2;
    if (depth == comparisons && take("not ")) {
      const Deeper deeper(*this);
      return call("torch.sym_not", {level(depth)});
    }
    auto value = level(depth + 1);
    for (bool more = true; more;) {
      more = false;
      for (const auto& [sign, target] : levels()[depth]) {
        if (!take(sign)) continue;
        if (target == nullptr) fail();
        value = call(target, {std::move(value), level(depth + 1)});
        more = depth != comparisons; // a < b < c means another thing in Python
        break;
      }
    }
    return value;
  }

  Value factor() {
    const Deeper deeper(*this);
    if (take("-")) return call("_operator.neg", {factor()});
    if (take("(")) {
      auto value = level(0);
      expect(")");
      return value;
    }
    for (const auto& [name, target] : {std::pair{"Max(", "torch.sym_max"}, {"Min(", "torch.sym_min"}}) {
      if (!take(name)) continue;
      auto value = level(0);
      while (take(","))
        value = call(target, {std::move(value), level(0)});
      expect(")");
      return value;
    }
    if (const auto number = take_number())
      return [number = *number](c10::IntArrayRef) { return IValue(number); };
    return size();
  }

  /// L['x'].size()[2], L['args'][0].size()[2]: there is one input, whatever it is called.
  Value size() {
    expect("L[");
    const auto end = rest_.find("].size()[");
    if (end == std::string_view::npos) fail();
    for (const char c : rest_.substr(0, end)) {
      const bool name = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
      if (!name && c != '_' && c != '\'' && c != '[' && c != ']') fail();
    }
    rest_.remove_prefix(end);
    expect("].size()[");
    const auto dimension = take_number();
    expect("]");
    if (!dimension) fail();
    return [d = static_cast<std::size_t>(*dimension)](c10::IntArrayRef sizes) {
      if (d >= sizes.size())
        throw FileError(message("the graph is damaged: it asks for dimension ", d,
                                " of its input, which has ", sizes.size()));
      return IValue(sizes[d]);
    };
  }

  const std::string& text_;
  std::string_view rest_;
  int depth_ = 0;
};

} // namespace

SizeCondition::SizeCondition(std::string text) : text_(std::move(text)), value_(Parser(text_).whole()) {}

bool SizeCondition::holds(c10::IntArrayRef sizes) const {
  const auto value = value_(sizes);
  return value.isBool() ? value.toBool() : value.toScalar().toDouble() != 0;
}

} // namespace spade::graph::exported
