// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/core/tensor_view.hpp>

#include <spade/core/error.hpp>

namespace spade {
namespace {

std::int64_t product(std::span<const std::int64_t> extents) {
  std::int64_t result = 1;
  for (const auto extent : extents)
    result *= extent;
  return result;
}

std::vector<std::int64_t> row_major_strides(std::span<const std::int64_t> extents) {
  std::vector<std::int64_t> strides(extents.size());
  std::int64_t stride = 1;
  for (std::size_t d = extents.size(); d-- > 0;) {
    strides[d] = stride;
    stride *= extents[d];
  }
  return strides;
}

template <class T> TensorView view_of_vector(std::vector<T> elements, std::span<const std::int64_t> extents) {
  if (static_cast<std::int64_t>(elements.size()) != product(extents)) {
    throw ShapeMismatch(message("TensorView: ", elements.size(), " elements do not fill an array of shape ",
                                shape_text(extents)));
  }
  auto owner = std::make_shared<const std::vector<T>>(std::move(elements));
  return {owner->data(), extents, row_major_strides(extents), owner};
}

template <class T, class Source>
void copy_elements(const Source* source, std::span<const std::int64_t> extents,
                   std::span<const std::int64_t> strides, T*& destination) {
  if (extents.empty()) {
    *destination++ = static_cast<T>(*source);
    return;
  }
  for (std::int64_t i = 0; i < extents[0]; ++i) {
    copy_elements(source + i * strides[0], extents.subspan(1), strides.subspan(1), destination);
  }
}

} // namespace

std::string to_string(ScalarType type) {
  return type == ScalarType::Float32 ? "float32" : "float64";
}

std::string shape_text(std::span<const std::int64_t> extents) {
  std::string text = "[";
  for (std::size_t d = 0; d < extents.size(); ++d)
    text += (d ? ", " : "") + std::to_string(extents[d]);
  return text + "]";
}

TensorView::TensorView(const void* data, ScalarType type, std::span<const std::int64_t> extents,
                       std::span<const std::int64_t> strides, std::shared_ptr<const void> owner,
                       Device device)
    : data_(data), scalar_type_(type), rank_(extents.size()), device_(device), owner_(std::move(owner)) {
  if (extents.size() > max_rank) {
    throw InvalidArgument(message("TensorView: rank ", extents.size(), " of shape ", shape_text(extents),
                                  " is over ", max_rank));
  }
  if (strides.size() != extents.size()) {
    throw ShapeMismatch(message("TensorView: shape ", shape_text(extents), " has ", extents.size(),
                                " dimensions, strides ", shape_text(strides), " have ", strides.size()));
  }
  for (std::size_t d = 0; d < rank_; ++d) {
    if (extents[d] < 0)
      throw InvalidArgument(message("TensorView: negative extent in shape ", shape_text(extents)));
    extents_[d] = extents[d];
    strides_[d] = strides[d];
  }
  if (data == nullptr && product(extents) > 0) {
    throw InvalidArgument(message("TensorView: null address for an array of shape ", shape_text(extents)));
  }
}

TensorView::TensorView(const float* data, std::span<const std::int64_t> extents,
                       std::span<const std::int64_t> strides, std::shared_ptr<const void> owner,
                       Device device)
    : TensorView(data, ScalarType::Float32, extents, strides, std::move(owner), device) {}

TensorView::TensorView(const double* data, std::span<const std::int64_t> extents,
                       std::span<const std::int64_t> strides, std::shared_ptr<const void> owner,
                       Device device)
    : TensorView(data, ScalarType::Float64, extents, strides, std::move(owner), device) {}

TensorView TensorView::owning(std::vector<float> elements, std::span<const std::int64_t> extents) {
  return view_of_vector(std::move(elements), extents);
}

TensorView TensorView::owning(std::vector<double> elements, std::span<const std::int64_t> extents) {
  return view_of_vector(std::move(elements), extents);
}

std::int64_t TensorView::size() const {
  return data_ == nullptr ? 0 : product(extents());
}

std::int64_t TensorView::extent(std::size_t dimension) const {
  if (dimension >= rank_) {
    throw InvalidArgument(
        message("TensorView: no dimension ", dimension, " in shape ", shape_text(extents())));
  }
  return extents_[dimension];
}

bool TensorView::contiguous() const {
  const auto expected = row_major_strides(extents());
  for (std::size_t d = 0; d < rank_; ++d) {
    if (extents_[d] != 1 && strides_[d] != expected[d]) return size() == 0;
  }
  return true;
}

template <class T> const T* TensorView::data() const {
  constexpr auto wanted = sizeof(T) == sizeof(float) ? ScalarType::Float32 : ScalarType::Float64;
  if (scalar_type_ != wanted) {
    throw InvalidArgument(message("TensorView: elements of shape ", shape_text(extents()), " are ",
                                  to_string(scalar_type_), ", asked for as ", to_string(wanted)));
  }
  if (device_ != Device{}) {
    throw InvalidArgument(message("TensorView: elements of shape ", shape_text(extents()), " lie on ",
                                  to_string(device_), "; move them to the CPU first"));
  }
  return static_cast<const T*>(data_);
}

TensorView TensorView::operator[](std::int64_t index) const {
  if (rank_ == 0 || index < 0 || index >= extents_[0]) {
    throw InvalidArgument(message("TensorView: index ", index, " is outside shape ", shape_text(extents())));
  }
  const std::size_t element = scalar_type_ == ScalarType::Float32 ? sizeof(float) : sizeof(double);
  const auto* address =
      static_cast<const char*>(data_) + index * strides_[0] * static_cast<std::int64_t>(element);
  return {address, scalar_type_, extents().subspan(1), strides().subspan(1), owner_, device_};
}

template <class T> std::vector<T> TensorView::to_vector() const {
  std::vector<T> result(static_cast<std::size_t>(size()));
  if (result.empty()) return result;
  T* destination = result.data();
  if (scalar_type_ == ScalarType::Float32) {
    copy_elements(data<float>(), extents(), strides(), destination);
  } else {
    copy_elements(data<double>(), extents(), strides(), destination);
  }
  return result;
}

template const float* TensorView::data<float>() const;
template const double* TensorView::data<double>() const;
template std::vector<float> TensorView::to_vector<float>() const;
template std::vector<double> TensorView::to_vector<double>() const;

} // namespace spade
