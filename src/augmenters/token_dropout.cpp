// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/augmenters/token_dropout.hpp>

#include "augmenters/picture_elements.hpp"
#include "augmenters/step_checks.hpp"

namespace spade::augmenters {
namespace {

/// [1, width] or [T, width] of our own, on the CPU; undefined where the option is.
at::Tensor baseline_rows(const at::Tensor& baseline) {
  if (!baseline.defined()) return {};
  if (!baseline.is_floating_point()) {
    throw InvalidArgument(message("TokenDropout: the baseline holds ", c10::toString(baseline.scalar_type()),
                                  "; give the network's embeddings"));
  }
  const bool sequence = baseline.dim() == 3 && baseline.size(0) == 1;
  if (baseline.numel() == 0 || (baseline.dim() != 1 && !sequence)) {
    throw ShapeMismatch(message("TokenDropout: the baseline is ", shape_text(baseline),
                                "; give [width] for every position, or [1, positions, width]"));
  }
  if (!at::isfinite(baseline).all().item<bool>())
    throw InvalidArgument("TokenDropout: the baseline has values that are not finite");
  const auto rows = sequence ? baseline[0] : baseline.unsqueeze(0);
  return rows.detach().to(at::kCPU).contiguous().clone();
}

} // namespace

TokenDropout::TokenDropout(const Options& options)
    : probability_(options.probability), baseline_(baseline_rows(options.baseline)) {
  check_probability(probability_, "TokenDropout");
}

at::Tensor TokenDropout::operator()(const at::Tensor& copy, RandomStream& stream, const InputSpace&) const {
  if (copy.dim() != 2) {
    throw ShapeMismatch(
        message("TokenDropout needs a sequence, an input [1, positions, width]; a copy of this "
                "sample is ",
                shape_text(copy)));
  }
  const auto positions = copy.size(0);
  if (baseline_.defined() &&
      (baseline_.size(1) != copy.size(1) || (baseline_.size(0) != 1 && baseline_.size(0) != positions))) {
    throw ShapeMismatch(message("TokenDropout: a baseline of [positions, width] ", shape_text(baseline_),
                                " for a sequence of ", shape_text(copy)));
  }
  const auto baseline =
      (baseline_.defined() ? baseline_.to(copy.scalar_type()) : at::zeros({}, copy.options()))
          .expand_as(copy);
  auto changed = copy.contiguous().clone();
  for (std::int64_t t = 0; t < positions; ++t) {
    if (stream.bernoulli(probability_)) changed[t].copy_(baseline[t]);
  }
  return changed;
}

std::string TokenDropout::name() const {
  return message("token dropout (", probability_, baseline_.defined() ? ", to a baseline)" : ")");
}

} // namespace spade::augmenters
