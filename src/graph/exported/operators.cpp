// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "operators.hpp"

#include <algorithm>
#include <string_view>

#include <ATen/ATen.h>
#include <ATen/core/dispatch/Dispatcher.h>

#include <spade/core/error.hpp>

#include "../outside_effect.hpp"
#include "substitutes.hpp"

namespace spade::graph::exported {
namespace {

struct Name {
  std::string space;
  std::string base;
  std::string overload;
};

/// "torch.ops.aten.conv2d.padding" -> aten, conv2d, padding; nothing where it is none.
std::optional<Name> parse(std::string_view target) {
  constexpr std::string_view prefix = "torch.ops.";
  if (!target.starts_with(prefix)) return std::nullopt;
  target.remove_prefix(prefix.size());
  const auto first = target.find('.');
  const auto last = target.rfind('.');
  if (first == std::string_view::npos || last == first) return std::nullopt;
  Name name{std::string(target.substr(0, first)), std::string(target.substr(first + 1, last - first - 1)),
            std::string(target.substr(last + 1))};
  if (name.overload == "default") name.overload.clear();
  return name;
}

/// aten::copy as LibTorch computes it, by copy_, which has a derivative.
void copy(std::vector<c10::IValue>& stack) {
  const auto target = stack.at(0).toTensor();
  const auto strides = target.strides();
  const bool expanded =
      std::find(strides.begin(), strides.end(), 0) != strides.end(); // elements share memory
  const auto result = expanded ? at::empty(target.sizes(), target.options())
                               : at::empty_strided(target.sizes(), strides, target.options());
  stack = {result.copy_(stack.at(1).toTensor(), stack.at(2).toBool())};
}

} // namespace

Operator find_operator(const std::string& target) {
  if (auto run = find_arithmetic(target)) return {target, std::nullopt, std::move(run)};
  const auto name = parse(target);
  if (!name) throw UnsupportedOperator(message("no operator is called ", target));
  const auto qualified = name->space + "::" + name->base;
  if (const auto* effect = outside_effect(qualified)) {
    throw UnsupportedOperator(
        message(target, " ", effect->what, ", and is not run; export the network without it"));
  }
  const auto found = c10::Dispatcher::singleton().findSchema({qualified, name->overload});
  if (!found) {
    if (auto substitute = find_substitute(qualified, name->overload)) return std::move(*substitute);
    throw UnsupportedOperator(message(
        "this LibTorch has no operator ", qualified, name->overload.empty() ? "" : "." + name->overload,
        name->space == "aten" ? "; use the LibTorch that the network was exported with, or a later one"
                              : "; load the library that defines it first, or export without it"));
  }
  if (qualified == "aten::copy" && name->overload.empty()) return {qualified, found->schema(), &copy};
  return {qualified, found->schema(),
          [handle = *found](std::vector<c10::IValue>& stack) { handle.callBoxed(&stack); }};
}

} // namespace spade::graph::exported
