// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "storage.hpp"

#include <cstring>

#include <ATen/ATen.h>

namespace spade::graph::exported {
namespace {

constexpr std::uintptr_t alignment = 64;

} // namespace

c10::Storage storage_of(const MappedBytes& mapped) {
  const auto options = at::TensorOptions(at::kByte);
  const auto size = static_cast<std::int64_t>(mapped.bytes.size());
  const auto address = reinterpret_cast<std::uintptr_t>(mapped.bytes.data());
  if (size == 0) return at::empty({0}, options).storage();
  if (address % alignment != 0) {
    const auto copy = at::empty({size}, options);
    std::memcpy(copy.data_ptr(), mapped.bytes.data(), mapped.bytes.size());
    return copy.storage();
  }
  return at::from_blob(
             mapped.bytes.data(), {size}, [owner = mapped.owner](void*) {}, options)
      .storage();
}

at::Tensor tensor_in(const c10::Storage& storage, const Geometry& geometry, bool requires_grad,
                     const std::string& where) {
  check_inside(geometry, static_cast<std::int64_t>(storage.nbytes()), where);
  // Not a view: LibTorch picks kernels by whether a weight is a leaf.
  auto tensor = at::empty({0}, at::TensorOptions(geometry.type));
  tensor.set_(storage, geometry.offset, geometry.sizes, geometry.strides);
  return tensor.set_requires_grad(requires_grad && at::isFloatingType(geometry.type));
}

} // namespace spade::graph::exported
