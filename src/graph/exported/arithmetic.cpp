// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// What an exported graph computes with sizes: Python's integers, floats and booleans, which Python's
// operators would have computed. Integers are of 64 bits here, and what leaves them is an error.
#include <cmath>
#include <map>

#include <spade/core/error.hpp>

#include "operators.hpp"

namespace spade::graph::exported {
namespace {

using c10::IValue;
using Binary = IValue (*)(const IValue&, const IValue&);
using Unary = IValue (*)(const IValue&);

bool integral(const IValue& value) {
  return value.isInt() || value.isBool();
}

std::int64_t integer_of(const IValue& value) {
  if (value.isBool()) return value.toBool() ? 1 : 0;
  if (value.isInt()) return value.toInt();
  throw UnsupportedOperator(message("a size is computed from ", value.tagKind(), ", not from an integer"));
}

double real(const IValue& value) {
  return value.isDouble() ? value.toDouble() : static_cast<double>(integer_of(value));
}

std::int64_t exact(bool overflow, std::int64_t value) {
  if (overflow) throw ShapeMismatch("a size that the network computes leaves 64 bits");
  return value;
}

std::int64_t nonzero(const IValue& value) {
  if (integer_of(value) == 0) throw ShapeMismatch("the network divides by a size that is 0");
  return integer_of(value);
}

IValue whole(double value) {
  constexpr double limit = 9223372036854774784.0; // the largest double below 2^63
  if (!(std::abs(value) <= limit)) throw ShapeMismatch("a size that the network computes leaves 64 bits");
  return static_cast<std::int64_t>(value);
}

IValue add(const IValue& a, const IValue& b) {
  if (!integral(a) || !integral(b)) return real(a) + real(b);
  std::int64_t sum = 0;
  const bool overflow = __builtin_add_overflow(integer_of(a), integer_of(b), &sum);
  return exact(overflow, sum);
}

IValue subtract(const IValue& a, const IValue& b) {
  if (!integral(a) || !integral(b)) return real(a) - real(b);
  std::int64_t difference = 0;
  const bool overflow = __builtin_sub_overflow(integer_of(a), integer_of(b), &difference);
  return exact(overflow, difference);
}

IValue multiply(const IValue& a, const IValue& b) {
  if (!integral(a) || !integral(b)) return real(a) * real(b);
  std::int64_t product = 0;
  const bool overflow = __builtin_mul_overflow(integer_of(a), integer_of(b), &product);
  return exact(overflow, product);
}

/// Rounds towards minus infinity, as Python does; the remainder has the divisor's sign.
IValue floor_divide(const IValue& a, const IValue& b) {
  if (!integral(a) || !integral(b)) return std::floor(real(a) / real(b));
  const auto divisor = nonzero(b);
  if (divisor == -1) return subtract(std::int64_t{0}, integer_of(a));
  const auto quotient = integer_of(a) / divisor;
  return integer_of(a) % divisor != 0 && (integer_of(a) < 0) != (divisor < 0) ? quotient - 1 : quotient;
}

IValue modulo(const IValue& a, const IValue& b) {
  if (!integral(a) || !integral(b)) return real(a) - std::floor(real(a) / real(b)) * real(b);
  const auto divisor = nonzero(b);
  if (divisor == -1) return std::int64_t{0};
  const auto remainder = integer_of(a) % divisor;
  return remainder != 0 && (remainder < 0) != (divisor < 0) ? remainder + divisor : remainder;
}

IValue divide(const IValue& a, const IValue& b) {
  if (real(b) == 0) throw ShapeMismatch("the network divides by a size that is 0");
  return real(a) / real(b);
}

IValue power(const IValue& a, const IValue& b) {
  if (!integral(a) || !integral(b) || integer_of(b) < 0) return std::pow(real(a), real(b));
  IValue result = std::int64_t{1};
  IValue base = integer_of(a);
  for (auto exponent = integer_of(b); exponent > 0; exponent >>= 1) {
    if ((exponent & 1) != 0) result = multiply(result, base);
    if (exponent > 1) base = multiply(base, base);
  }
  return result;
}

/// -1, 0 or 1.
int order(const IValue& a, const IValue& b) {
  if (integral(a) && integral(b)) return integer_of(a) < integer_of(b) ? -1 : integer_of(a) > integer_of(b);
  return real(a) < real(b) ? -1 : real(a) > real(b);
}

bool truth(const IValue& value) {
  return real(value) != 0;
}

const std::map<std::string, Binary>& binary() {
  static const std::map<std::string, Binary> functions{
      {"_operator.add", add},
      {"_operator.sub", subtract},
      {"_operator.mul", multiply},
      {"_operator.floordiv", floor_divide},
      {"_operator.mod", modulo},
      {"_operator.truediv", divide},
      {"_operator.pow", power},
      {"_operator.eq", [](const IValue& a, const IValue& b) { return IValue(order(a, b) == 0); }},
      {"_operator.ne", [](const IValue& a, const IValue& b) { return IValue(order(a, b) != 0); }},
      {"_operator.lt", [](const IValue& a, const IValue& b) { return IValue(order(a, b) < 0); }},
      {"_operator.le", [](const IValue& a, const IValue& b) { return IValue(order(a, b) <= 0); }},
      {"_operator.gt", [](const IValue& a, const IValue& b) { return IValue(order(a, b) > 0); }},
      {"_operator.ge", [](const IValue& a, const IValue& b) { return IValue(order(a, b) >= 0); }},
      {"_operator.and_", [](const IValue& a, const IValue& b) { return IValue(truth(a) && truth(b)); }},
      {"_operator.or_", [](const IValue& a, const IValue& b) { return IValue(truth(a) || truth(b)); }},
      {"torch.sym_max", [](const IValue& a, const IValue& b) { return order(a, b) < 0 ? b : a; }},
      {"torch.sym_min", [](const IValue& a, const IValue& b) { return order(a, b) > 0 ? b : a; }}};
  return functions;
}

const std::map<std::string, Unary>& unary() {
  static const std::map<std::string, Unary> functions{
      {"_operator.neg", [](const IValue& a) { return subtract(std::int64_t{0}, a); }},
      {"_operator.pos", [](const IValue& a) { return a; }},
      {"math.trunc", [](const IValue& a) { return a.isDouble() ? whole(std::trunc(a.toDouble())) : a; }},
      {"math.floor", [](const IValue& a) { return a.isDouble() ? whole(std::floor(a.toDouble())) : a; }},
      {"math.ceil", [](const IValue& a) { return a.isDouble() ? whole(std::ceil(a.toDouble())) : a; }},
      {"builtins.round",
       [](const IValue& a) { return a.isDouble() ? whole(std::nearbyint(a.toDouble())) : a; }},
      {"torch.sym_int", [](const IValue& a) { return a.isDouble() ? whole(std::trunc(a.toDouble())) : a; }},
      {"torch.sym_float", [](const IValue& a) { return IValue(real(a)); }},
      {"torch.sym_sqrt", [](const IValue& a) { return IValue(std::sqrt(real(a))); }},
      {"torch._sym_sqrt", [](const IValue& a) { return IValue(std::sqrt(real(a))); }},
      {"torch.sym_not", [](const IValue& a) { return IValue(!truth(a)); }}};
  return functions;
}

void need(const std::string& target, const std::vector<IValue>& stack, std::size_t count) {
  if (stack.size() != count)
    throw UnsupportedOperator(message(target, " takes ", count, " numbers, not ", stack.size()));
}

} // namespace

Node::Run find_arithmetic(const std::string& target) {
  if (const auto found = binary().find(target); found != binary().end()) {
    return [target, function = found->second](std::vector<IValue>& stack) {
      need(target, stack, 2);
      stack = {function(stack[0], stack[1])};
    };
  }
  if (const auto found = unary().find(target); found != unary().end()) {
    return [target, function = found->second](std::vector<IValue>& stack) {
      need(target, stack, 1);
      stack = {function(stack[0])};
    };
  }
  if (target == "torch.sym_ite") {
    return [target](std::vector<IValue>& stack) {
      need(target, stack, 3);
      stack = {truth(stack[0]) ? stack[1] : stack[2]};
    };
  }
  return {};
}

} // namespace spade::graph::exported
