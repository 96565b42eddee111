// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "outside_effect.hpp"

#include <algorithm>
#include <array>

namespace spade::graph {
namespace {

using Reach = OutsideEffect::Reach;

// From the operators that LibTorch 2.13 registers; operators of loaded libraries are the caller's.
constexpr std::array effects{
    OutsideEffect{"aten::save", "writes a file", Reach::Machine},
    OutsideEffect{"aten::from_file", "opens a file, and may create it", Reach::Machine},
    OutsideEffect{"debugprims::load_tensor", "reads a file", Reach::Machine},
    OutsideEffect{"prim::rpc_async", "calls another process", Reach::Machine},
    OutsideEffect{"prim::rpc_sync", "calls another process", Reach::Machine},
    OutsideEffect{"prim::rpc_remote", "calls another process", Reach::Machine},
    OutsideEffect{"c10d::", "talks to other processes", Reach::Machine},
    OutsideEffect{"dist_c10d::", "talks to other processes", Reach::Machine},
    OutsideEffect{"_c10d_functional::", "talks to other processes", Reach::Machine},
    OutsideEffect{"_c10d_functional_autograd::", "talks to other processes", Reach::Machine},
    OutsideEffect{"_dtensor::", "talks to other processes", Reach::Machine},
    OutsideEffect{"symm_mem::", "talks to other processes", Reach::Machine},
    OutsideEffect{"inductor::", "reads memory without looking where it ends", Reach::Machine},
    OutsideEffect{"static_runtime::", "reads memory without looking where it ends", Reach::Machine},
    OutsideEffect{"prim::Print", "prints to standard output", Reach::Program},
    OutsideEffect{"print", "prints to standard output", Reach::Program},
    OutsideEffect{"aten::_print", "prints to standard output", Reach::Program},
    OutsideEffect{"aten::manual_seed", "sets the random numbers of the whole program", Reach::Program},
    OutsideEffect{"aten::set_grad_enabled", "turns gradients on or off for its caller", Reach::Program},
    OutsideEffect{"aten::record_stream", "changes when memory is used again", Reach::Program},
    OutsideEffect{"aten::_cufft_set_plan_cache_max_size", "changes a cache of the program", Reach::Program},
    OutsideEffect{"aten::_cufft_clear_plan_cache", "changes a cache of the program", Reach::Program},
    OutsideEffect{"prim::AddStatValue", "changes statistics of the program", Reach::Program},
};

constexpr std::string_view separator = "::";

bool is_namespace(std::string_view name) {
  return name.ends_with(separator);
}

std::string_view word_of(std::string_view name) {
  if (is_namespace(name)) return name.substr(0, name.size() - separator.size());
  const auto at = name.find(separator);
  return at == std::string_view::npos ? name : name.substr(at + separator.size());
}

template <class Matches> const OutsideEffect* find(const Matches& matches) {
  const auto* found = std::ranges::find_if(effects, [&](const auto& effect) { return matches(effect.name); });
  return found == effects.end() ? nullptr : found;
}

} // namespace

const OutsideEffect* outside_effect(std::string_view op) {
  return find([&](std::string_view name) { return is_namespace(name) ? op.starts_with(name) : op == name; });
}

const OutsideEffect* outside_effect_named(std::string_view word) {
  return find([&](std::string_view name) { return word_of(name) == word; });
}

} // namespace spade::graph
