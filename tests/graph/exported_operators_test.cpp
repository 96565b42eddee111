// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <catch2/catch.hpp>

#include <spade/core/error.hpp>

#include "graph/exported/operators.hpp"
#include "graph/exported/substitutes.hpp"
#include "graph/exported/wrapped_number.hpp"
#include "graph/scripted.hpp"

using namespace spade;
using c10::IValue;
using graph::exported::find_arithmetic;
using graph::exported::find_operator;
using graph::exported::find_substitute;
using testing::numbers;

namespace {

constexpr auto largest = std::numeric_limits<std::int64_t>::max();
constexpr auto least = std::numeric_limits<std::int64_t>::min();

IValue compute(const std::string& target, std::vector<IValue> stack) {
  find_arithmetic(target)(stack);
  REQUIRE(stack.size() == 1);
  return stack.front();
}

/// The operator of this LibTorch and the substitute for an older one, on the same arguments.
void same_as_operator(const std::string& target, const std::string& name, const std::string& overload,
                      const std::vector<IValue>& arguments, double tolerance) {
  auto ours = arguments;
  auto theirs = arguments;
  const auto substitute = find_substitute(name, overload);
  REQUIRE(substitute);
  substitute->run(ours);
  const auto op = find_operator(target);
  REQUIRE(op.schema);
  CHECK(op.schema->arguments().size() == substitute->schema->arguments().size());
  for (std::size_t i = 0; i < op.schema->arguments().size(); ++i)
    CHECK(op.schema->arguments()[i].name() == substitute->schema->arguments()[i].name());
  op.run(theirs);
  REQUIRE(ours.size() == theirs.size());
  CHECK(at::allclose(ours[0].toTensor(), theirs[0].toTensor(), tolerance, tolerance));
  CHECK(ours[0].toTensor().strides() == theirs[0].toTensor().strides());
}

} // namespace

TEST_CASE("sizes are computed as Python computes them", "[graph][exported]") {
  const auto [target, a, b, expected] = GENERATE(table<std::string, std::int64_t, std::int64_t, std::int64_t>(
      {{"_operator.add", 7, -9, -2},
       {"_operator.sub", 7, 9, -2},
       {"_operator.mul", -7, 9, -63},
       {"_operator.floordiv", 7, 2, 3},
       {"_operator.floordiv", -7, 2, -4},
       {"_operator.floordiv", 7, -2, -4},
       {"_operator.floordiv", -7, -2, 3},
       {"_operator.floordiv", -8, 2, -4},
       {"_operator.floordiv", 5, -1, -5},
       {"_operator.mod", 7, 3, 1},
       {"_operator.mod", -7, 3, 2},
       {"_operator.mod", 7, -3, -2},
       {"_operator.mod", -7, -3, -1},
       {"_operator.mod", least, -1, 0},
       {"_operator.pow", 3, 4, 81},
       {"_operator.pow", 2, 62, std::int64_t{1} << 62},
       {"_operator.pow", 5, 0, 1},
       {"torch.sym_max", 3, -4, 3},
       {"torch.sym_min", 3, -4, -4}}));
  INFO(target << ' ' << a << ' ' << b);
  CHECK(compute(target, {a, b}).toInt() == expected);
}

TEST_CASE("numbers other than integers are computed as Python computes them", "[graph][exported]") {
  CHECK(compute("_operator.truediv", {7, 2}).toDouble() == 3.5);
  CHECK(compute("_operator.mul", {7, 0.5}).toDouble() == 3.5);
  CHECK(compute("_operator.pow", {2, -1}).toDouble() == 0.5);
  CHECK(compute("_operator.floordiv", {-3.5, 2}).toDouble() == -2);
  CHECK(compute("_operator.mod", {-3.5, 2.0}).toDouble() == 0.5);
  CHECK(compute("math.trunc", {-2.7}).toInt() == -2);
  CHECK(compute("math.floor", {-2.7}).toInt() == -3);
  CHECK(compute("math.ceil", {-2.7}).toInt() == -2);
  CHECK(compute("builtins.round", {2.5}).toInt() == 2);
  CHECK(compute("torch.sym_int", {2.9}).toInt() == 2);
  CHECK(compute("torch.sym_float", {3}).toDouble() == 3);
  CHECK(compute("torch.sym_sqrt", {9}).toDouble() == 3);
  CHECK(compute("_operator.neg", {3}).toInt() == -3);
  CHECK(compute("torch.sym_not", {true}).toBool() == false);
  CHECK(compute("_operator.lt", {1, 1.5}).toBool());
  CHECK(!compute("_operator.ge", {1, 2}).toBool());
  CHECK(compute("_operator.eq", {largest, largest}).toBool());
  CHECK(compute("_operator.ne", {largest, largest - 1}).toBool()); // equal as doubles
  CHECK(compute("_operator.and_", {true, 1}).toBool());
  CHECK(compute("torch.sym_ite", {false, 1, 2}).toInt() == 2);
}

TEST_CASE("sizes that leave 64 bits are errors", "[graph][exported]") {
  CHECK_THROWS_AS(compute("_operator.add", {largest, 1}), ShapeMismatch);
  CHECK_THROWS_AS(compute("_operator.sub", {least, 1}), ShapeMismatch);
  CHECK_THROWS_AS(compute("_operator.mul", {largest, 2}), ShapeMismatch);
  CHECK_THROWS_AS(compute("_operator.pow", {2, 63}), ShapeMismatch);
  CHECK_THROWS_AS(compute("_operator.neg", {least}), ShapeMismatch);
  CHECK_THROWS_AS(compute("_operator.floordiv", {least, -1}), ShapeMismatch);
  CHECK_THROWS_AS(compute("_operator.floordiv", {1, 0}), ShapeMismatch);
  CHECK_THROWS_AS(compute("_operator.mod", {1, 0}), ShapeMismatch);
  CHECK_THROWS_AS(compute("_operator.truediv", {1, 0}), ShapeMismatch);
  CHECK_THROWS_AS(compute("math.trunc", {1e300}), ShapeMismatch);
  CHECK_THROWS_AS(compute("math.trunc", {std::numeric_limits<double>::quiet_NaN()}), ShapeMismatch);
  CHECK_THROWS_AS(compute("_operator.add", {1}), UnsupportedOperator);
  CHECK_THROWS_AS(compute("_operator.add", {"a", 1}), UnsupportedOperator);
}

TEST_CASE("a wrapped number does not change a tensor's type", "[graph][exported]") {
  const auto half = at::ones({2}, at::kHalf);
  CHECK((half * graph::exported::wrapped_number(0.5)).scalar_type() == at::kHalf);
  CHECK((half * graph::exported::wrapped_number(3)).scalar_type() == at::kHalf);
  CHECK((at::ones({2}, at::kInt) * graph::exported::wrapped_number(0.5)).scalar_type() == at::kFloat);
  CHECK((at::ones({2}, at::kInt) * graph::exported::wrapped_number(true)).scalar_type() == at::kInt);
}

TEST_CASE("what an older LibTorch lacks is put together from what it has", "[graph][exported]") {
  const auto x = numbers({2, 4, 1, 3});
  same_as_operator("torch.ops.aten.squeeze.dims", "aten::squeeze", "dims",
                   {x, c10::List<std::int64_t>({-2, 0})}, 0);
  same_as_operator("torch.ops.aten._native_batch_norm_legit_no_training.default",
                   "aten::_native_batch_norm_legit_no_training", "",
                   {x, numbers({4}), IValue(), numbers({4}), numbers({4}).add(2), 0.1, 1e-5}, 0);
  same_as_operator("torch.ops.aten.rms_norm.default", "aten::rms_norm", "",
                   {x, c10::List<std::int64_t>({1, 3}), numbers({1, 3}), IValue()}, 1e-6);
  c10::impl::GenericList indices(c10::OptionalType::ofTensor());
  indices.push_back(IValue());
  indices.push_back(at::tensor({3, 0}, at::kLong));
  same_as_operator("torch.ops.aten._unsafe_index.Tensor", "aten::_unsafe_index", "Tensor", {x, indices}, 0);
}

TEST_CASE("a condition on sizes needs no newer LibTorch", "[graph][exported]") {
  const auto condition = find_substitute("aten::_assert_scalar", "");
  REQUIRE(condition);
  for (const IValue& held : {IValue(true), IValue(2), IValue(0.5)}) {
    std::vector<IValue> stack{held, "few"};
    condition->run(stack);
    CHECK(stack.empty());
  }
  for (const IValue& broken : {IValue(false), IValue(0), IValue(0.0)}) {
    std::vector<IValue> stack{broken, "few"};
    CHECK_THROWS_AS(condition->run(stack), ShapeMismatch);
  }
}

TEST_CASE("attention is put together as its definition says", "[graph][exported]") {
  // Heads inside positions, as after one projection; the same with the batch inside positions; as the sizes
  // say.
  const auto [sizes, order] = GENERATE(table<std::vector<std::int64_t>, std::vector<std::int64_t>>(
      {{{2, 5, 3, 4}, {0, 2, 1, 3}}, {{5, 2, 3, 4}, {1, 2, 0, 3}}, {{2, 3, 5, 4}, {0, 1, 2, 3}}}));
  const auto laid_out = [&](double scale) { return numbers(sizes, scale).permute(order); };
  const auto query = laid_out(1), key = laid_out(2), value = laid_out(3);
  const auto mask = numbers({5, 5});
  const IValue none;
  const std::vector<std::vector<IValue>> rest{{none, 0.0, false, none, false},
                                              {none, 0.0, true, none, false},
                                              {mask, 0.0, false, none, false},
                                              {mask.gt(-0.5), 0.0, false, none, false},
                                              {none, 0.0, false, 0.3, false}};
  for (const auto& options : rest) {
    std::vector<IValue> arguments{query, key, value};
    arguments.insert(arguments.end(), options.begin(), options.end());
    same_as_operator("torch.ops.aten.scaled_dot_product_attention.default",
                     "aten::scaled_dot_product_attention", "", arguments, 1e-5);
  }
  // What precedes a view must not depend on which of the two computed it.
  std::vector<IValue> plain{query, key, value, none, 0.0, false, none, false};
  find_substitute("aten::scaled_dot_product_attention", "")->run(plain);
  CHECK(plain[0].toTensor().strides() == query.strides());
  std::vector<IValue> random{query, key, value, none, 0.5, false, none, false};
  CHECK_THROWS_AS(find_substitute("aten::scaled_dot_product_attention", "")->run(random),
                  UnsupportedOperator);
}
