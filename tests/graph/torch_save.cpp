// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "graph/torch_save.hpp"

#include <ATen/ATen.h>

#include <spade/core/error.hpp>

#include "graph/zip_writer.hpp"

namespace spade::testing {
namespace pickle {

std::string text(const std::string& value) {
  return message('X', little_endian(value.size(), 4), value);
}

std::string integer(std::int64_t value) {
  return message("\x8a\x08", little_endian(static_cast<std::uint64_t>(value), 8));
}

std::string boolean(bool value) {
  return std::string(1, value ? '\x88' : '\x89');
}

std::string tuple(std::initializer_list<std::string> items) {
  std::string result = "(";
  for (const auto& item : items)
    result += item;
  return result + "t";
}

std::string integers(at::IntArrayRef values) {
  std::string result = "(";
  for (const auto value : values)
    result += integer(value);
  return result + "t";
}

std::string empty_dict() {
  return "ccollections\nOrderedDict\n)R";
}

std::string storage(const std::string& type, const std::string& key, std::int64_t count) {
  return tuple({text("storage"), message("ctorch\n", type, '\n'), text(key), text("cpu"), integer(count)}) +
         "Q";
}

std::string tensor(const std::string& storage, const std::string& offset, const std::string& sizes,
                   const std::string& strides) {
  return std::string("ctorch._utils\n_rebuild_tensor_v2\n") +
         tuple({storage, offset, sizes, strides, boolean(false), empty_dict()}) + "R";
}

std::string parameter(const std::string& tensor) {
  return std::string("ctorch._utils\n_rebuild_parameter\n") + tuple({tensor, boolean(true), empty_dict()}) +
         "R";
}

} // namespace pickle

std::string torch_save(const std::vector<std::pair<std::string, at::Tensor>>& tensors) {
  std::vector<ZipFile> files(2);
  files[1].name = "archive/byteorder";
  files[1].content = "little";
  auto program = std::string("\x80\x02") + pickle::empty_dict() + "(";
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const auto& [name, tensor] = tensors[i];
    const auto plain = tensor.detach().contiguous();
    const auto key = std::to_string(i);
    const auto stored = pickle::tensor(pickle::storage("FloatStorage", key), pickle::integer(0),
                                       pickle::integers(plain.sizes()), pickle::integers(plain.strides()));
    program += pickle::text(name) + (tensor.requires_grad() ? pickle::parameter(stored) : stored);
    files.emplace_back();
    files.back().name = std::string("archive/data/").append(key);
    files.back().content = {static_cast<const char*>(plain.data_ptr()),
                            4 * static_cast<std::size_t>(plain.numel())};
  }
  files[0].name = "archive/data.pkl";
  files[0].content = program + "u.";
  return zip(files);
}

} // namespace spade::testing
