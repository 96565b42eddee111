// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <spade/core/device.hpp>

namespace spade {

/// Element types that the solvers work in.
enum class ScalarType { Float32, Float64 };

[[nodiscard]] std::string to_string(ScalarType type);

/// "[64, 3, 7, 7]".
[[nodiscard]] std::string shape_text(std::span<const std::int64_t> extents);

/// A read-only strided array of any framework: address, extents, strides, device, and an owner.
///
/// Extents and strides count elements, the last dimension is the innermost in print, strides may be zero or
/// negative. The owner (a framework's tensor, a vector) lives as long as any copy of the view; a view without
/// one borrows, and the caller keeps the memory. Copying a view costs no copy of elements.
class TensorView {
public:
  static constexpr std::size_t max_rank = 6;

  /// The empty view: rank 0, no elements, `operator bool` false.
  TensorView() = default;

  /// Views memory with the given strides.
  /// @throws InvalidArgument on rank over `max_rank`, a negative extent, or a null address with elements
  /// @throws ShapeMismatch where the number of strides is not the number of extents
  TensorView(const float* data, std::span<const std::int64_t> extents, std::span<const std::int64_t> strides,
             std::shared_ptr<const void> owner = nullptr, Device device = {});
  TensorView(const double* data, std::span<const std::int64_t> extents, std::span<const std::int64_t> strides,
             std::shared_ptr<const void> owner = nullptr, Device device = {});

  /// Takes the elements, in row-major order, and owns them.
  /// @throws ShapeMismatch where their number is not the product of the extents
  [[nodiscard]] static TensorView owning(std::vector<float> elements, std::span<const std::int64_t> extents);
  [[nodiscard]] static TensorView owning(std::vector<double> elements, std::span<const std::int64_t> extents);

  [[nodiscard]] explicit operator bool() const { return data_ != nullptr; }
  [[nodiscard]] std::size_t rank() const { return rank_; }
  [[nodiscard]] std::int64_t size() const; ///< number of elements
  [[nodiscard]] std::span<const std::int64_t> extents() const { return {extents_.data(), rank_}; }
  [[nodiscard]] std::span<const std::int64_t> strides() const { return {strides_.data(), rank_}; }
  /// @throws InvalidArgument where there is no such dimension
  [[nodiscard]] std::int64_t extent(std::size_t dimension) const;
  [[nodiscard]] ScalarType scalar_type() const { return scalar_type_; }
  [[nodiscard]] const Device& device() const { return device_; }
  [[nodiscard]] bool contiguous() const; ///< row-major without gaps

  /// The address as T.
  /// @throws InvalidArgument where T is not the element type, or the memory is not the CPU's
  template <class T> [[nodiscard]] const T* data() const;

  /// The view at one index of the first dimension, one rank lower.
  /// @throws InvalidArgument where there is no such index
  [[nodiscard]] TensorView operator[](std::int64_t index) const;

  /// A row-major copy of the elements, converted to T. @throws InvalidArgument where the memory is not the
  /// CPU's
  template <class T> [[nodiscard]] std::vector<T> to_vector() const;

private:
  TensorView(const void* data, ScalarType type, std::span<const std::int64_t> extents,
             std::span<const std::int64_t> strides, std::shared_ptr<const void> owner, Device device);

  const void* data_ = nullptr;
  ScalarType scalar_type_ = ScalarType::Float32;
  std::size_t rank_ = 0;
  std::array<std::int64_t, max_rank> extents_{};
  std::array<std::int64_t, max_rank> strides_{};
  Device device_;
  std::shared_ptr<const void> owner_;
};

extern template const float* TensorView::data<float>() const;
extern template const double* TensorView::data<double>() const;
extern template std::vector<float> TensorView::to_vector<float>() const;
extern template std::vector<double> TensorView::to_vector<double>() const;

} // namespace spade
