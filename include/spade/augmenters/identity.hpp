// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <spade/augmenters/step.hpp>

namespace spade::augmenters {

/// Copies that are the sample itself, bit for bit. Works on inputs of any shape. It draws and copies nothing.
class Identity : public StepAugmenter<Identity> {
public:
  using StepAugmenter::operator();
  [[nodiscard]] at::Tensor operator()(const at::Tensor& copy, RandomStream&, const InputSpace&) const {
    return copy;
  }

  [[nodiscard]] std::string name() const { return "identity"; }
};

} // namespace spade::augmenters
