// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "input_contract.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include <spade/core/error.hpp>
#include <spade/core/tensor_view.hpp>

#include "../geometry.hpp"

namespace spade::graph::exported {
namespace {

/// The exporter writes 2 for "any": it does not tell 0 and 1 from larger sizes.
std::int64_t least(const Range& range) {
  const auto value = range.least.value_or(0);
  return value <= 2 ? 0 : value;
}

} // namespace

InputContract::InputContract(std::string name, TensorMeta meta, std::map<std::string, Range> ranges,
                             const std::vector<std::string>& conditions)
    : name_(std::move(name)), meta_(std::move(meta)), ranges_(std::move(ranges)),
      conditions_(conditions.begin(), conditions.end()) {
  order_derived();
}

void InputContract::order_derived() {
  if (meta_.sizes.size() > most_dimensions)
    throw FileError(
        message("it is damaged: its input \"", name_, "\" has ", meta_.sizes.size(), " dimensions"));
  std::vector<Derived> left;
  std::set<std::string> known;
  for (std::size_t d = 0; d < meta_.sizes.size(); ++d) {
    const auto& extent = meta_.sizes[d];
    if (!extent.symbol.empty()) known.insert(extent.symbol);
    if (!extent.expression.empty()) left.push_back({d, SizeExpression(extent.expression), false});
  }
  while (!left.empty()) {
    const auto follows = [&](const Derived& derived) {
      return std::ranges::all_of(derived.size.symbols(),
                                 [&](const auto& symbol) { return known.contains(symbol); });
    };
    auto next = std::ranges::find_if(left, follows);
    if (next == left.end()) {
      next = std::ranges::find_if(left, [](const Derived& derived) { return derived.size.is_linear(); });
      if (next == left.end()) {
        throw UnsupportedOperator(
            message("dimension ", left.front().dimension, " of its input \"", name_, "\" has the size ",
                    left.front().size.text(),
                    ", and that is not understood here; export it again with sizes that are ",
                    "numbers, dimensions of their own, or multiples of one"));
      }
      next->tells = true;
      known.insert(next->size.symbols().front());
    }
    derived_.push_back(std::move(*next));
    left.erase(next);
  }
}

bool InputContract::fits(const std::string& symbol, std::int64_t size) const {
  const auto range = ranges_.find(symbol);
  if (range == ranges_.end()) return true;
  return size >= least(range->second) && (!range->second.most || size <= *range->second.most);
}

std::string InputContract::range(const std::string& symbol) const {
  const auto range = ranges_.find(symbol);
  if (range == ranges_.end()) return "any";
  return std::to_string(std::max<std::int64_t>(least(range->second), 1)) + " to " +
         (range->second.most ? std::to_string(*range->second.most) : "any");
}

const SizeCondition* InputContract::broken(c10::IntArrayRef sizes) const {
  const auto found = std::ranges::find_if(
      conditions_, [&](const SizeCondition& condition) { return !condition.holds(sizes); });
  return found == conditions_.end() ? nullptr : &*found;
}

std::string InputContract::mismatch(const Derived& derived, std::int64_t size, SymbolSizes& symbols) const {
  const auto must_have = [&](const auto&... what) {
    return message("dimension ", derived.dimension, " has the size ", size, ", and must have ",
                   derived.size.text(), what...);
  };
  if (!derived.tells) {
    const auto expected = derived.size.value(symbols);
    if (expected == size) return {};
    return must_have(", which is ", expected, " for this input; give one whose sizes agree");
  }
  const auto& symbol = derived.size.symbols().front();
  const auto number = derived.size.solve(size);
  if (!number || !fits(symbol, *number)) {
    return must_have(" for a whole number ", symbol, " (", range(symbol),
                     "); give an input of such a size, or export the network with this dimension of its own");
  }
  symbols.emplace(symbol, *number);
  return {};
}

std::string InputContract::mismatch(c10::IntArrayRef sizes, SymbolSizes& symbols) const {
  for (std::size_t d = 0; d < meta_.sizes.size(); ++d) {
    const auto& extent = meta_.sizes[d];
    const bool fitting = extent.number ? *extent.number == sizes[d] : fits(extent.symbol, sizes[d]);
    if (!fitting && d == 0 && extent.number) {
      return message("its batch is fixed; export it again with dynamic_shapes={\"", name_,
                     "\": {0: torch.export.Dim(\"batch\")}} to run other numbers of samples");
    }
    if (!fitting) {
      return message("dimension ", d,
                     " does not fit; give an input of that size, or export the network with "
                     "this dimension dynamic");
    }
    if (extent.symbol.empty()) continue;
    const auto [known, added] = symbols.emplace(extent.symbol, sizes[d]);
    if (!added && known->second != sizes[d]) return message("dimensions called ", extent.symbol, " differ");
  }
  for (const auto& derived : derived_) {
    if (auto reason = mismatch(derived, sizes[derived.dimension], symbols); !reason.empty()) return reason;
  }
  if (const auto* condition = broken(sizes)) {
    return message("its forward pass took another way than for this input where ", condition->text(),
                   "; give an input of which that is true, or export the network with one like this");
  }
  return {};
}

bool InputContract::takes_batch(const at::Tensor& input, std::int64_t samples) const {
  auto sizes = input.sizes().vec();
  if (sizes.empty() || sizes.size() != meta_.sizes.size()) return false;
  sizes.front() = samples;
  SymbolSizes symbols;
  return mismatch(sizes, symbols).empty();
}

SymbolSizes InputContract::check(const at::Tensor& input) const {
  SymbolSizes symbols;
  const auto reason = static_cast<std::size_t>(input.dim()) != meta_.sizes.size()
                          ? "give as many dimensions"
                          : mismatch(input.sizes(), symbols);
  if (reason.empty()) return symbols;
  throw ShapeMismatch(message("the network's input \"", name_, "\" is ", shape_text(input.sizes()),
                              ", and it was exported for ", text(), ": ", reason));
}

void InputContract::check_type(const at::Tensor& input) const {
  if (input.scalar_type() == meta_.type) return;
  throw InvalidArgument(message("the network's input \"", name_, "\" is of type ",
                                c10::toString(input.scalar_type()), ", and it was exported for ",
                                c10::toString(meta_.type)));
}

std::string InputContract::text() const {
  std::string text = "[";
  for (std::size_t d = 0; d < meta_.sizes.size(); ++d) {
    const auto& extent = meta_.sizes[d];
    if (d > 0) text += ", ";
    if (extent.number) {
      text += std::to_string(*extent.number);
      continue;
    }
    if (!extent.expression.empty()) {
      text += std::ranges::find(derived_, d, &Derived::dimension)->size.text();
      continue;
    }
    text += range(extent.symbol);
  }
  return text + "]";
}

std::string differs(const TensorMeta& meta, const at::Tensor& tensor, const SymbolSizes& symbols) {
  bool same =
      tensor.scalar_type() == meta.type && static_cast<std::size_t>(tensor.dim()) == meta.sizes.size();
  for (std::size_t d = 0; same && d < meta.sizes.size(); ++d) {
    const auto size = tensor.size(static_cast<std::int64_t>(d));
    const auto symbol = symbols.find(meta.sizes[d].symbol);
    if (meta.sizes[d].number) same = *meta.sizes[d].number == size;
    if (symbol != symbols.end()) same = symbol->second == size;
  }
  if (same) return {};
  std::string expected = "[";
  for (std::size_t d = 0; d < meta.sizes.size(); ++d) {
    const auto& extent = meta.sizes[d];
    expected += d > 0 ? ", " : "";
    expected += extent.number ? std::to_string(*extent.number) : extent.symbol.empty() ? "?" : extent.symbol;
  }
  return message("is ", shape_text(tensor.sizes()), " of type ", c10::toString(tensor.scalar_type()),
                 ", and the archive says ", expected, "] of type ", c10::toString(meta.type));
}

} // namespace spade::graph::exported
