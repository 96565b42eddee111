// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// Files as torch.save writes them, and the instructions of their pickles.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include <ATen/core/Tensor.h>

namespace spade::testing {

namespace pickle {

/// Instructions that leave one value each.
[[nodiscard]] std::string text(const std::string& value);
[[nodiscard]] std::string integer(std::int64_t value);
[[nodiscard]] std::string boolean(bool value);
[[nodiscard]] std::string tuple(std::initializer_list<std::string> items);
[[nodiscard]] std::string integers(at::IntArrayRef values);
[[nodiscard]] std::string empty_dict();
/// The entry data/`key`, as a storage of that type ("FloatStorage") and so many elements. What torch.save wrote is
/// read by the entry's own size.
[[nodiscard]] std::string storage(const std::string& type, const std::string& key, std::int64_t count = 0);
[[nodiscard]] std::string tensor(const std::string& storage, const std::string& offset,
                                 const std::string& sizes, const std::string& strides);
[[nodiscard]] std::string parameter(const std::string& tensor);

} // namespace pickle

/// A dictionary of float32 tensors; those that require gradients are parameters.
[[nodiscard]] std::string torch_save(const std::vector<std::pair<std::string, at::Tensor>>& tensors);

} // namespace spade::testing
