// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "input_contract.hpp"

#include <algorithm>
#include <utility>

#include <spade/core/error.hpp>
#include <spade/core/tensor_view.hpp>

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
      conditions_(conditions.begin(), conditions.end()) {}

bool InputContract::fits(const Extent& extent, std::int64_t size) const {
  if (extent.number) return *extent.number == size;
  const auto range = ranges_.find(extent.symbol);
  if (range == ranges_.end()) return true;
  return size >= least(range->second) && (!range->second.most || size <= *range->second.most);
}

const SizeCondition* InputContract::broken(c10::IntArrayRef sizes) const {
  const auto found = std::ranges::find_if(
      conditions_, [&](const SizeCondition& condition) { return !condition.holds(sizes); });
  return found == conditions_.end() ? nullptr : &*found;
}

bool InputContract::takes_batch(const at::Tensor& input, std::int64_t samples) const {
  auto sizes = input.sizes().vec();
  if (meta_.sizes.empty() || sizes.empty() || !fits(meta_.sizes.front(), samples)) return false;
  sizes.front() = samples;
  return broken(sizes) == nullptr;
}

SymbolSizes InputContract::check(const at::Tensor& input) const {
  const auto refuse = [&](const std::string& why) {
    throw ShapeMismatch(message("the network's input \"", name_, "\" is ", shape_text(input.sizes()),
                                ", and it was exported for ", text(), ": ", why));
  };
  if (static_cast<std::size_t>(input.dim()) != meta_.sizes.size()) refuse("give as many dimensions");
  SymbolSizes symbols;
  for (std::size_t d = 0; d < meta_.sizes.size(); ++d) {
    const auto& extent = meta_.sizes[d];
    const auto size = input.size(static_cast<std::int64_t>(d));
    if (!fits(extent, size) && d == 0 && extent.number) {
      refuse(message("its batch is fixed; export it again with dynamic_shapes={\"", name_,
                     "\": {0: torch.export.Dim(\"batch\")}} to run other numbers of samples"));
    }
    if (!fits(extent, size)) {
      refuse(message("dimension ", d,
                     " does not fit; give an input of that size, or export the network with "
                     "this dimension dynamic"));
    }
    if (extent.symbol.empty()) continue;
    const auto [known, added] = symbols.emplace(extent.symbol, size);
    if (!added && known->second != size) refuse(message("dimensions called ", extent.symbol, " differ"));
  }
  if (const auto* condition = broken(input.sizes())) {
    refuse(message("its forward pass took another way than for this input where ", condition->text(),
                   "; give an input of which that is true, or export the network with one like this"));
  }
  return symbols;
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
    const auto range = ranges_.find(extent.symbol);
    if (range == ranges_.end()) {
      text += "any";
    } else {
      text += std::to_string(std::max<std::int64_t>(least(range->second), 1)) + " to " +
              (range->second.most ? std::to_string(*range->second.most) : "any");
    }
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
    const auto& [number, symbol] = meta.sizes[d];
    expected += (d > 0 ? ", " : "") + (number ? std::to_string(*number) : symbol.empty() ? "?" : symbol);
  }
  return message("is ", shape_text(tensor.sizes()), " of type ", c10::toString(tensor.scalar_type()),
                 ", and the archive says ", expected, "] of type ", c10::toString(meta.type));
}

} // namespace spade::graph::exported
