// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "graph/exported_network.hpp"

#include <ATen/ATen.h>

#include "graph/scripted.hpp"
#include "graph/torch_save.hpp"

namespace spade::testing {
namespace {

using nlohmann::json;

int dtype(const at::Tensor& tensor) {
  static const std::map<at::ScalarType, int> numbers{{at::kByte, 1},  {at::kInt, 4},      {at::kLong, 5},
                                                     {at::kHalf, 6},  {at::kFloat, 7},    {at::kDouble, 8},
                                                     {at::kBool, 12}, {at::kBFloat16, 13}};
  return numbers.at(tensor.scalar_type());
}

json integers(at::IntArrayRef numbers) {
  auto list = json::array();
  for (const auto number : numbers)
    list.push_back({{"as_int", number}});
  return list;
}

json meta(int type, json sizes, json strides, bool requires_grad, std::int64_t offset = 0) {
  return {{"dtype", type},
          {"sizes", std::move(sizes)},
          {"requires_grad", requires_grad},
          {"device", {{"type", "cpu"}, {"index", nullptr}}},
          {"strides", std::move(strides)},
          {"storage_offset", {{"as_int", offset}}},
          {"layout", 7}};
}

std::string bytes_of(const at::Tensor& tensor) {
  const auto plain = tensor.detach().contiguous();
  return {static_cast<const char*>(plain.data_ptr()),
          static_cast<std::size_t>(plain.numel()) * plain.element_size()};
}

std::vector<ZipFile> entries(const std::vector<std::pair<std::string, std::string>>& files,
                             const std::string& folder) {
  std::vector<ZipFile> result;
  for (const auto& [name, content] : files) {
    result.emplace_back();
    result.back().name = folder + name;
    result.back().content = content;
  }
  return result;
}

} // namespace

json value(const std::string& name) {
  return {{"as_tensor", {{"name", name}}}};
}

json values(const std::vector<std::string>& names) {
  auto list = json::array();
  for (const auto& name : names)
    list.push_back({{"name", name}});
  return {{"as_tensors", list}};
}

json size(const std::string& name) {
  return {{"as_sym_int", {{"as_name", name}}}};
}

ExportedNetwork::ExportedNetwork(const std::vector<json>& input_shape) {
  program = {{"graph_module",
              {{"graph",
                {{"inputs", json::array()},
                 {"outputs", json::array()},
                 {"nodes", json::array()},
                 {"tensor_values", json::object()}}},
               {"signature", {{"input_specs", json::array()}, {"output_specs", json::array()}}}}},
             {"schema_version", {{"major", 8}, {"minor", 20}}},
             {"range_constraints", json::object()}};
  config = {{"config", json::object()}};
  auto sizes = json::array();
  for (const auto& extent : input_shape) {
    if (extent.is_string()) {
      auto text = extent.get<std::string>();
      if (text.find_first_of("(*+- ") == std::string::npos)
        text = "Symbol('" + text + "', positive=True, integer=True)";
      sizes.push_back({{"as_expr", {{"expr_str", text}, {"hint", {{"as_int", 2}}}}}});
    } else {
      sizes.push_back({{"as_int", extent}});
    }
  }
  graph()["tensor_values"]["x"] = meta(7, sizes, sizes, false);
  signature()["input_specs"].push_back({{"user_input", {{"arg", value("x")}}}});
}

void ExportedNetwork::store(const std::string& name, const at::Tensor& tensor, bool is_parameter) {
  const auto file = "weight_" + std::to_string(weights.size());
  weights[file] = bytes_of(tensor);
  tensors_.emplace_back(
      name, tensor.detach().clone().set_requires_grad(is_parameter && tensor.is_floating_point()));
  const auto about =
      meta(dtype(tensor), integers(tensor.sizes()), integers(tensor.contiguous().strides()), is_parameter);
  config["config"][name] = {
      {"path_name", file}, {"is_param", is_parameter}, {"use_pickle", false}, {"tensor_meta", about}};
  graph()["tensor_values"]["p_" + name] = about;
}

ExportedNetwork& ExportedNetwork::parameter(const std::string& name, const at::Tensor& tensor) {
  store(name, tensor, true);
  signature()["input_specs"].push_back(
      {{"parameter", {{"arg", {{"name", "p_" + name}}}, {"parameter_name", name}}}});
  return *this;
}

ExportedNetwork& ExportedNetwork::buffer(const std::string& name, const at::Tensor& tensor) {
  store(name, tensor, false);
  signature()["input_specs"].push_back(
      {{"buffer", {{"arg", {{"name", "p_" + name}}}, {"buffer_name", name}, {"persistent", true}}}});
  return *this;
}

ExportedNetwork& ExportedNetwork::node(const std::string& target,
                                       const std::vector<std::pair<std::string, json>>& arguments,
                                       const std::string& result, const std::string& module) {
  auto inputs = json::array();
  for (const auto& [name, argument] : arguments)
    inputs.push_back({{"name", name}, {"arg", argument}, {"kind", 1}});
  const bool number = target.starts_with("_operator") || target.starts_with("torch.sym") ||
                      target.starts_with("math") || target == "torch.ops.aten.sym_size.int";
  auto outputs = json::array();
  if (!result.empty()) outputs.push_back(number ? size(result) : value(result));
  graph()["nodes"].push_back(
      {{"target", target},
       {"inputs", inputs},
       {"outputs", outputs},
       {"metadata", {{"nn_module_stack", "L__self__,,Net;L__self__m," + module + ",Module"}}}});
  return *this;
}

ExportedNetwork& ExportedNetwork::output(const std::string& name) {
  signature()["output_specs"].push_back({{"user_output", {{"arg", value(name)}}}});
  return *this;
}

ExportedNetwork& ExportedNetwork::range(const std::string& symbol, const json& least, const json& most) {
  program["range_constraints"][symbol] = {{"min_val", least}, {"max_val", most}};
  return *this;
}

std::vector<ZipFile> ExportedNetwork::files() const {
  auto result = entries({{"data/weights/model_weights_config.json", config.dump()},
                         {"data/constants/model_constants_config.json", R"({"config": {}})"},
                         {"models/model.json", program.dump()},
                         {"archive_format", "pt2"},
                         {"byteorder", "little"}},
                        "network/");
  for (const auto& [name, content] : weights)
    result.insert(result.begin(), entries({{"data/weights/" + name, content}}, "network/").front());
  return result;
}

std::vector<ZipFile> ExportedNetwork::pickled_files() const {
  return entries({{"models/model.json", program.dump()},
                  {"data/weights/model.pt", torch_save(tensors_)},
                  {"data/constants/model.pt", torch_save({})},
                  {"archive_format", "pt2"},
                  {"byteorder", "little"}},
                 "network/");
}

std::vector<ZipFile> ExportedNetwork::plain_files() const {
  return entries({{"serialized_exported_program.json", program.dump()},
                  {"serialized_state_dict.pt", torch_save(tensors_)},
                  {"serialized_constants.pt", torch_save({})},
                  {"version", "8.2"}},
                 "");
}

ExportedNetwork small_exported() {
  ExportedNetwork network({"s0", 3, 6, 6});
  network.parameter("conv.weight", numbers({5, 3, 3, 3}))
      .parameter("bn.weight", numbers({5}, 2))
      .parameter("bn.bias", numbers({5}, 0.5))
      .parameter("fc.weight", numbers({4, 5}))
      .buffer("bn.running_mean", numbers({5}, 0.1))
      .buffer("bn.running_var", numbers({5}, 0.2).add(1))
      .range("s0", 1, 64)
      .node("torch.ops.aten.conv2d.default",
            {{"input", value("x")},
             {"weight", value("p_conv.weight")},
             {"bias", {{"as_none", true}}},
             {"stride", {{"as_ints", {1, 1}}}},
             {"padding", {{"as_ints", {1, 1}}}}},
            "conv", "conv")
      .node("torch.ops.aten.batch_norm.default",
            {{"input", value("conv")},
             {"weight", value("p_bn.weight")},
             {"bias", value("p_bn.bias")},
             {"running_mean", value("p_bn.running_mean")},
             {"running_var", value("p_bn.running_var")},
             {"training", {{"as_bool", false}}},
             {"momentum", {{"as_float", 0.1}}},
             {"eps", {{"as_float", 1e-5}}},
             {"cudnn_enabled", {{"as_bool", false}}}},
            "bn", "bn")
      .node("torch.ops.aten.relu_.default", {{"self", value("bn")}}, "relu_", "relu")
      .node("torch.ops.aten.adaptive_avg_pool2d.default",
            {{"self", value("relu_")}, {"output_size", {{"as_ints", {1, 1}}}}}, "pool")
      .node("torch.ops.aten.flatten.using_ints", {{"self", value("pool")}, {"start_dim", {{"as_int", 1}}}},
            "flat")
      .node("torch.ops.aten.linear.default", {{"input", value("flat")}, {"weight", value("p_fc.weight")}},
            "fc", "fc")
      .output("fc");
  return network;
}

} // namespace spade::testing
