// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// A hash of a network: operators, how they are wired, constants, names and weights.
#include <cstring>
#include <string_view>

#include <spade/layer_graph.hpp>

namespace spade {
namespace {

/// FNV-1a over 64-bit words, with a final mix: eight times quicker than byte by byte, and good enough to tell
/// networks apart that differ by accident (it resists no adversary).
class Hash {
public:
  void word(std::uint64_t value) {
    state_ ^= value;
    state_ *= 0x100000001b3ULL;
    state_ ^= state_ >> 29;
  }

  void bytes(const void* data, std::size_t count) {
    word(count);
    const auto* at = static_cast<const unsigned char*>(data);
    for (; count >= sizeof(std::uint64_t); count -= sizeof(std::uint64_t), at += sizeof(std::uint64_t)) {
      std::uint64_t value = 0;
      std::memcpy(&value, at, sizeof(value));
      word(value);
    }
    std::uint64_t rest = 0;
    if (count > 0) std::memcpy(&rest, at, count);
    word(rest);
  }

  void text(std::string_view value) { bytes(value.data(), value.size()); }

  void tensor(const at::Tensor& value) {
    if (!value.defined()) return word(0);
    word(static_cast<std::uint64_t>(value.scalar_type()));
    word(static_cast<std::uint64_t>(value.dim()));
    for (const auto extent : value.sizes())
      word(static_cast<std::uint64_t>(extent));
    const auto plain = value.detach().to(at::kCPU).contiguous();
    bytes(plain.data_ptr(), static_cast<std::size_t>(plain.numel()) * plain.element_size());
  }

  void constant(const c10::IValue& value) {
    if (value.isTensor()) return tensor(value.toTensor());
    if (value.isInt()) return word(static_cast<std::uint64_t>(value.toInt()));
    if (value.isBool()) return word(value.toBool() ? 3 : 2);
    if (value.isString()) return text(value.toStringRef());
    if (value.isDouble()) {
      const double number = value.toDouble();
      return bytes(&number, sizeof(number));
    }
    if (value.isList()) {
      const auto elements = value.toListRef();
      word(elements.size());
      for (const auto& element : elements)
        constant(element);
      return;
    }
    text(value.tagKind());
  }

  void argument(const graph::Argument& value) {
    word(value.value.index());
    if (const auto* fixed = std::get_if<c10::IValue>(&value.value)) constant(*fixed);
    if (const auto* parameter = std::get_if<graph::ParameterRef>(&value.value)) word(parameter->id);
    if (const auto* slot = std::get_if<graph::SlotRef>(&value.value)) word(slot->id);
    if (const auto* list = std::get_if<std::vector<graph::Argument>>(&value.value)) {
      word(list->size());
      for (const auto& element : *list)
        argument(element);
    }
  }

  [[nodiscard]] std::uint64_t value() const { return state_; }

private:
  std::uint64_t state_ = 0xcbf29ce484222325ULL;
};

} // namespace

std::uint64_t LayerGraph::fingerprint() const {
  Hash hash;
  for (const auto& [name, tensor] : program_->parameters) {
    hash.text(name);
    hash.tensor(tensor);
  }
  for (const auto& node : program_->nodes) {
    hash.text(node.op);
    hash.text(node.module);
    for (const auto& argument : node.arguments)
      hash.argument(argument);
    hash.word(node.outputs.size());
    for (const auto output : node.outputs)
      hash.word(output);
  }
  hash.word(program_->output);
  return hash.value();
}

} // namespace spade
