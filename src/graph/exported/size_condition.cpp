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
  /// @param subject  what the text says of inputs, in messages
  /// @param symbols  where the symbols that are met are noted; null where the text is about the input's dimensions
  Parser(const std::string& text, std::string_view subject, std::vector<std::string>* symbols)
      : text_(text), subject_(subject), symbols_(symbols), rest_(text) {
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
    throw UnsupportedOperator(message("it was exported for inputs ", subject_, ' ', text_.substr(0, 300),
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
    if (take("(") || take("Integer(")) {
      auto value = level(0);
      expect(")");
      return value;
    }
    static constexpr std::array functions{
        std::pair{"Max(", "torch.sym_max"},          std::pair{"Min(", "torch.sym_min"},
        std::pair{"Add(", "_operator.add"},          std::pair{"Mul(", "_operator.mul"},
        std::pair{"Mod(", "_operator.mod"},          std::pair{"PythonMod(", "_operator.mod"},
        std::pair{"FloorDiv(", "_operator.floordiv"}};
    for (const auto& [name, target] : functions) {
      if (!take(name)) continue;
      auto value = level(0);
      while (take(","))
        value = call(target, {std::move(value), level(0)});
      expect(")");
      return value;
    }
    if (const auto number = take_number())
      return [number = *number](c10::IntArrayRef) { return IValue(number); };
    return symbols_ == nullptr ? size() : symbol();
  }

  /// s85, or Symbol('s85', positive=True, integer=True)
  Value symbol() {
    const bool call = take("Symbol('");
    const auto end = std::find_if(rest_.begin(), rest_.end(), [](char c) { return !in_name(c); });
    const auto length = static_cast<std::size_t>(end - rest_.begin());
    if (length == 0) fail();
    const std::string name(rest_.substr(0, length));
    rest_.remove_prefix(length);
    if (call) {
      expect("'");
      rest_.remove_prefix(std::min(rest_.find_first_of("()"), rest_.size()));
      expect(")");
    }
    const auto known = std::ranges::find(*symbols_, name);
    const auto index = static_cast<std::size_t>(known - symbols_->begin());
    if (known == symbols_->end()) symbols_->push_back(name);
    return [index](c10::IntArrayRef sizes) { return IValue(sizes[index]); };
  }

  static bool in_name(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  }

  /// L['x'].size()[2], L['args'][0].size()[2]: there is one input, whatever it is called.
  Value size() {
    expect("L[");
    const auto end = rest_.find("].size()[");
    if (end == std::string_view::npos) fail();
    for (const char c : rest_.substr(0, end)) {
      if (!in_name(c) && c != '\'' && c != '[' && c != ']') fail();
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
  std::string_view subject_;
  std::vector<std::string>* symbols_;
  std::string_view rest_;
  int depth_ = 0;
};

} // namespace

SizeCondition::SizeCondition(std::string text)
    : text_(std::move(text)), value_(Parser(text_, "where", nullptr).whole()) {}

bool SizeCondition::holds(c10::IntArrayRef sizes) const {
  const auto value = value_(sizes);
  return value.isBool() ? value.toBool() : value.toScalar().toDouble() != 0;
}

SizeExpression::SizeExpression(const std::string& text)
    : text_(text.substr(0, 300)), value_(Parser(text, "with a size of", &symbols_).whole()) {
  if (symbols_.size() == 1) find_line();
}

std::int64_t SizeExpression::value(const SymbolSizes& sizes) const {
  std::vector<std::int64_t> given;
  for (const auto& symbol : symbols_)
    given.push_back(sizes.at(symbol));
  const auto value = value_(given);
  if (!value.isInt()) throw ShapeMismatch(message("the size ", text_, " is no integer"));
  return value.toInt();
}

/// From what the expression gives for some numbers; solve looks whether it is true for its result.
void SizeExpression::find_line() {
  const auto& symbol = symbols_.front();
  try {
    const auto begin = value({{symbol, 0}});
    const auto first = value({{symbol, 1}});
    std::int64_t slope = 0;
    if (__builtin_sub_overflow(first, begin, &slope) || slope <= 0) return;
    for (const std::int64_t number : {2, 3, 1009}) {
      std::int64_t expected = 0;
      if (__builtin_mul_overflow(slope, number, &expected) ||
          __builtin_add_overflow(expected, begin, &expected) || value({{symbol, number}}) != expected)
        return;
    }
    line_ = Line{slope, begin};
    text_ = slope == 1 ? symbol : message(slope, '*', symbol);
    if (begin != 0) text_ += begin > 0 ? message(" + ", begin) : message(" - ", -begin);
  } catch (const ShapeMismatch&) { // it leaves 64 bits, or is no integer
  }
}

std::optional<std::int64_t> SizeExpression::solve(std::int64_t size) const {
  std::int64_t rest = 0;
  if (!line_ || __builtin_sub_overflow(size, line_->begin, &rest) || rest < 0 || rest % line_->slope != 0)
    return std::nullopt;
  const auto number = rest / line_->slope;
  return value({{symbols_.front(), number}}) == size ? std::optional(number) : std::nullopt;
}

} // namespace spade::graph::exported
