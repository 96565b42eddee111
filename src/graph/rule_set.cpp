// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <string_view>

#include <spade/core/error.hpp>
#include <spade/graph/tape.hpp>

namespace spade::graph {
namespace {

Rule checked(Rule rule, const std::string& whose) {
  if (!rule) throw InvalidArgument(message("RuleSet: the rule for ", whose, " is empty"));
  return rule;
}

} // namespace

bool module_matches(std::string_view pattern, std::string_view path) {
  // On a mismatch the last star takes one more character: no recursion, at most |pattern| * |path| steps.
  std::size_t p = 0, t = 0, star = std::string_view::npos, resume = 0;
  while (t < path.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == path[t])) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*')
    ++p;
  return p == pattern.size();
}

RuleSet::RuleSet()
    : RuleSet([](const NodeContext& context, const std::vector<at::Tensor>& incoming) {
        return context.vjp(incoming);
      }) {}

RuleSet::RuleSet(Rule fallback) : fallback_(checked(std::move(fallback), "all other nodes")) {}

RuleSet& RuleSet::node(std::size_t id, Rule rule) {
  by_node_[id] = checked(std::move(rule), message("node ", id));
  return *this;
}

RuleSet& RuleSet::module(std::string pattern, Rule rule) {
  auto accepted = checked(std::move(rule), "modules " + pattern);
  by_module_.emplace_back(std::move(pattern), std::move(accepted));
  return *this;
}

RuleSet& RuleSet::kind(OpKind kind, Rule rule) {
  by_kind_[kind] = checked(std::move(rule), "kind " + to_string(kind));
  return *this;
}

const Rule& RuleSet::find(const Node& node) const {
  if (const auto found = by_node_.find(node.id); found != by_node_.end()) return found->second;
  for (const auto& [pattern, rule] : by_module_) {
    if (module_matches(pattern, node.module)) return rule;
  }
  if (const auto found = by_kind_.find(node.kind); found != by_kind_.end()) return found->second;
  return fallback_;
}

} // namespace spade::graph
