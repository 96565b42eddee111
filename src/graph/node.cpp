// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/graph/node.hpp>

#include <array>
#include <string_view>
#include <unordered_map>

#include <spade/core/error.hpp>

namespace spade::graph {

std::string to_string(OpKind kind) {
  static constexpr std::array names{"convolution",
                                    "linear",
                                    "matmul",
                                    "batch_norm",
                                    "layer_norm",
                                    "relu",
                                    "hardtanh",
                                    "gelu",
                                    "silu",
                                    "sigmoid",
                                    "tanh",
                                    "softmax",
                                    "add",
                                    "subtract",
                                    "multiply",
                                    "divide",
                                    "max_pool",
                                    "average_pool",
                                    "adaptive_average_pool",
                                    "mean",
                                    "concatenate",
                                    "reshape",
                                    "select",
                                    "dropout",
                                    "embedding",
                                    "attention",
                                    "other"};
  return names.at(static_cast<std::size_t>(kind));
}

OpKind kind_of(const std::string& op) {
  using enum OpKind;
  static const std::unordered_map<std::string_view, OpKind> kinds{
      {"_convolution", Convolution},
      {"convolution", Convolution},
      {"_convolution_mode", Convolution},
      {"conv1d", Convolution},
      {"conv2d", Convolution},
      {"conv3d", Convolution},
      {"mkldnn_convolution", Convolution},
      {"linear", Linear},
      {"addmm", Linear},
      {"matmul", MatMul},
      {"mm", MatMul},
      {"bmm", MatMul},
      {"baddbmm", MatMul},
      {"batch_norm", BatchNorm},
      {"native_batch_norm", BatchNorm},
      {"_native_batch_norm_legit_no_training", BatchNorm},
      {"layer_norm", LayerNorm},
      {"native_layer_norm", LayerNorm},
      {"relu", Relu},
      {"hardtanh", HardTanh},
      {"relu6", HardTanh},
      {"clamp", HardTanh},
      {"gelu", Gelu},
      {"silu", Silu},
      {"sigmoid", Sigmoid},
      {"tanh", Tanh},
      {"softmax", Softmax},
      {"_softmax", Softmax},
      {"add", Add},
      {"sub", Subtract},
      {"mul", Multiply},
      {"div", Divide},
      {"max_pool1d", MaxPool},
      {"max_pool2d", MaxPool},
      {"max_pool3d", MaxPool},
      {"max_pool2d_with_indices", MaxPool},
      {"avg_pool1d", AveragePool},
      {"avg_pool2d", AveragePool},
      {"avg_pool3d", AveragePool},
      {"adaptive_avg_pool1d", AdaptiveAveragePool},
      {"adaptive_avg_pool2d", AdaptiveAveragePool},
      {"adaptive_avg_pool3d", AdaptiveAveragePool},
      {"_adaptive_avg_pool2d", AdaptiveAveragePool},
      {"mean", Mean},
      {"cat", Concatenate},
      {"concat", Concatenate},
      {"flatten", Reshape},
      {"reshape", Reshape},
      {"view", Reshape},
      {"_unsafe_view", Reshape},
      {"reshape_as", Reshape},
      {"view_as", Reshape},
      {"permute", Reshape},
      {"transpose", Reshape},
      {"t", Reshape},
      {"squeeze", Reshape},
      {"unsqueeze", Reshape},
      {"contiguous", Reshape},
      {"unflatten", Reshape},
      {"expand", Reshape},
      {"expand_as", Reshape},
      {"clone", Reshape},
      {"select", Select},
      {"slice", Select},
      {"narrow", Select},
      {"chunk", Select},
      {"split", Select},
      {"split_with_sizes", Select},
      {"unbind", Select},
      {"dropout", Dropout},
      {"feature_dropout", Dropout},
      {"alpha_dropout", Dropout},
      {"embedding", Embedding},
      {"scaled_dot_product_attention", Attention}};
  std::string_view name = op;
  if (name.substr(0, 6) != "aten::") return Other;
  name.remove_prefix(6);
  if (name.size() > 1 && name.back() == '_' && name[name.size() - 2] != '_') name.remove_suffix(1);
  const auto found = kinds.find(name);
  return found == kinds.end() ? Other : found->second;
}

const Argument* Node::argument(const std::string& name) const {
  for (std::size_t i = 0; i < argument_names.size(); ++i) {
    if (argument_names[i] == name) return &arguments[i];
  }
  return nullptr;
}

std::string Node::where() const {
  return message(op, " (node ", id, module.empty() ? "" : ", module ", module, ")");
}

} // namespace spade::graph
