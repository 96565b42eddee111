// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// The JSON that torch/_export/serde writes. Members that later minor versions added are passed over.
#include "document.hpp"

#include <algorithm>
#include <string_view>

#include <spade/core/error.hpp>

#include "element.hpp"

namespace spade::graph::exported {
namespace {

constexpr std::int64_t known_major = 8;

/// Numbers of the exporter's own enumerations, which are not LibTorch's.
at::ScalarType scalar_type(const Element& element) {
  switch (element.integer()) {
  case 1:
    return at::kByte;
  case 2:
    return at::kChar;
  case 3:
    return at::kShort;
  case 4:
    return at::kInt;
  case 5:
    return at::kLong;
  case 6:
    return at::kHalf;
  case 7:
    return at::kFloat;
  case 8:
    return at::kDouble;
  case 12:
    return at::kBool;
  case 13:
    return at::kBFloat16;
  default:
    break;
  }
  throw UnsupportedOperator(message("tensors of the exporter's type ", element.integer(),
                                    " (complex, quantised or eight-bit float) are not read; convert the "
                                    "network to float32 before export"));
}

std::int64_t layout(const Element& element) {
  constexpr std::int64_t strided = 7;
  if (element.integer() == strided) return static_cast<std::int64_t>(at::kStrided);
  throw UnsupportedOperator(message("tensors of the exporter's layout ", element.integer(),
                                    " (sparse or packed) are not read; export a network of dense tensors"));
}

std::int64_t memory_format(const Element& element) {
  switch (element.integer()) {
  case 1:
    return static_cast<std::int64_t>(at::MemoryFormat::Contiguous);
  case 2:
    return static_cast<std::int64_t>(at::MemoryFormat::ChannelsLast);
  case 3:
    return static_cast<std::int64_t>(at::MemoryFormat::ChannelsLast3d);
  case 4:
    return static_cast<std::int64_t>(at::MemoryFormat::Preserve);
  default:
    element.fail("is no memory format");
  }
}

/// Graphs run on the CPU, wherever they were exported.
c10::Device device(const Element& element) {
  const auto type = element["type"].text();
  if (type != "cpu" && type != "cuda")
    throw UnsupportedOperator(
        message("a tensor on the device \"", type, "\"; export the network on the CPU"));
  return c10::Device(at::kCPU);
}

/// "Symbol('s77', positive=True, integer=True)" -> "s77"; torch 2.6 writes "s0" itself.
std::string symbol_of(const std::string& expression) {
  constexpr std::string_view begin = "Symbol('";
  auto name = expression;
  if (name.starts_with(begin)) {
    const auto end = name.find('\'', begin.size());
    if (end == std::string::npos || name.find("Symbol(", end) != std::string::npos || name.back() != ')')
      return {};
    name = name.substr(begin.size(), end - begin.size());
  }
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  return std::all_of(name.begin(), name.end(), plain) ? name : std::string();
}

Extent extent(const Element& element) {
  const auto [kind, value] = element.choice();
  Extent result;
  if (kind == "as_int") {
    result.number = value.integer();
  } else if (kind == "as_expr") {
    const auto text = value["expr_str"].text();
    result.symbol = symbol_of(text);
    if (result.symbol.empty()) result.expression = text;
  } else {
    element.fail(message("has an extent of the unknown kind \"", kind, "\""));
  }
  return result;
}

std::vector<Extent> extents(const Element& element) {
  std::vector<Extent> result;
  for (const auto& item : element.elements())
    result.push_back(extent(item));
  return result;
}

Operand constant(c10::IValue value) {
  Operand operand;
  operand.kind = Operand::Kind::Constant;
  operand.constant = std::move(value);
  return operand;
}

Operand named(const Element& element) {
  Operand operand;
  operand.kind = Operand::Kind::Name;
  operand.name = element.text();
  return operand;
}

template <class Read> Operand list_of(const Element& element, const Read& read) {
  Operand operand;
  operand.kind = Operand::Kind::List;
  for (const auto& item : element.elements())
    operand.elements.push_back(read(item));
  return operand;
}

Operand tensor(const Element& element) {
  return named(element["name"]);
}
Operand integer(const Element& element) {
  return constant(element.integer());
}
Operand number(const Element& element) {
  return constant(element.number());
}
Operand boolean(const Element& element) {
  return constant(element.boolean());
}

/// A number that is computed from sizes: a name, or a plain number after all.
Operand symbolic(const Element& element) {
  const auto [kind, value] = element.choice();
  if (kind == "as_name") {
    auto result = named(value);
    result.numeric = true;
    return result;
  }
  if (kind == "as_int") return integer(value);
  if (kind == "as_float") return number(value);
  if (kind == "as_bool") return boolean(value);
  element.fail(message("has a number of the unknown kind \"", kind, "\""));
}

Operand optional_tensor(const Element& element) {
  const auto [kind, value] = element.choice();
  if (kind == "as_none") return {};
  if (kind == "as_tensor") return tensor(value);
  element.fail(message("has a tensor of the unknown kind \"", kind, "\""));
}

Operand operand(const Element& element, const std::string& whose) {
  const auto [kind, value] = element.choice();
  if (kind == "as_none") return {};
  if (kind == "as_tensor") return tensor(value);
  if (kind == "as_tensors") return list_of(value, tensor);
  if (kind == "as_optional_tensor") return optional_tensor(value);
  if (kind == "as_optional_tensors") return list_of(value, optional_tensor);
  if (kind == "as_int") return integer(value);
  if (kind == "as_ints") return list_of(value, integer);
  if (kind == "as_float") return number(value);
  if (kind == "as_floats") return list_of(value, number);
  if (kind == "as_bool") return boolean(value);
  if (kind == "as_bools") return list_of(value, boolean);
  if (kind == "as_string") return constant(value.text());
  if (kind == "as_strings") return list_of(value, [](const Element& item) { return constant(item.text()); });
  if (kind == "as_sym_int" || kind == "as_sym_bool" || kind == "as_sym_float") return symbolic(value);
  if (kind == "as_sym_ints" || kind == "as_sym_bools" || kind == "as_sym_floats")
    return list_of(value, symbolic);
  if (kind == "as_scalar_type") return constant(static_cast<std::int64_t>(scalar_type(value)));
  if (kind == "as_memory_format") return constant(memory_format(value));
  if (kind == "as_layout") return constant(layout(value));
  if (kind == "as_device") return constant(device(value));
  throw UnsupportedOperator(
      message(whose, " has an argument of the kind \"", kind,
              "\", which is not read; only tensors, numbers, texts and lists of them are"));
}

Result result(const Element& element, const std::string& whose) {
  const auto [kind, value] = element.choice();
  Result result;
  if (kind == "as_tensor") {
    result.name = value["name"].text();
  } else if (kind == "as_sym_int" || kind == "as_sym_bool" || kind == "as_sym_float") {
    result.name = value["as_name"].text();
  } else if (kind == "as_tensors") {
    result.list = true;
    for (const auto& item : value.elements())
      result.names.push_back(item["name"].text());
  } else if (kind == "as_optional_tensor") {
    result.name = optional_tensor(value).name;
  } else if (kind != "as_none") {
    throw UnsupportedOperator(message(whose, " has a result of the kind \"", kind, "\", which is not read"));
  }
  return result;
}

/// "L['self'].layers[0]", as the strict exporter of torch 2.6 writes it -> "layers.0".
std::string plain_path(const std::string& path) {
  constexpr std::string_view root = "L['";
  if (!path.starts_with(root)) return path;
  const auto end = path.find("']");
  if (end == std::string::npos) return path;
  std::string plain;
  for (auto i = end + 2; i < path.size(); ++i) {
    if (path[i] == '[') {
      plain += '.';
    } else if (path[i] != ']' && path[i] != '\'') {
      plain += path[i];
    }
  }
  return plain.starts_with('.') ? plain.substr(1) : plain;
}

/// The innermost module of "key,path,class;key,path,class".
std::string module_of(const Element& node) {
  const auto metadata = node.find("metadata");
  const auto stack = metadata ? metadata->find("nn_module_stack") : std::nullopt;
  if (!stack) return {};
  const auto text = stack->text();
  const auto last = text.substr(text.rfind(';') == std::string::npos ? 0 : text.rfind(';') + 1);
  const auto begin = last.find(',');
  const auto end = last.rfind(',');
  if (begin == std::string::npos || begin == end) return {};
  const auto path = last.substr(begin + 1, end - begin - 1);
  return path.starts_with("_empty_nn_module_stack") ? std::string() : plain_path(path);
}

NodeRecord node(const Element& element) {
  NodeRecord record;
  record.target = element["target"].text();
  record.module = module_of(element);
  constexpr std::string_view higher_order = "torch.ops.higher_order.";
  if (record.target.starts_with(higher_order)) {
    throw UnsupportedOperator(message(record.target,
                                      record.module.empty() ? "" : " in module " + record.module,
                                      " runs a graph of its own (control flow on data, or a region under "
                                      "no_grad or autocast), which is not "
                                      "read; write the forward pass without it and export again"));
  }
  for (const auto& input : element["inputs"].elements())
    record.inputs.emplace_back(input["name"].text(), operand(input["arg"], record.target));
  for (const auto& output : element["outputs"].elements())
    record.outputs.push_back(result(output, record.target));
  return record;
}

InputSpec input_spec(const Element& element) {
  const auto [kind, value] = element.choice();
  InputSpec spec;
  if (kind == "parameter") {
    spec = {InputSpec::Kind::Parameter, value["arg"]["name"].text(), value["parameter_name"].text(), {}};
  } else if (kind == "buffer") {
    spec = {InputSpec::Kind::Buffer, value["arg"]["name"].text(), value["buffer_name"].text(), {}};
  } else if (kind == "tensor_constant") {
    spec = {InputSpec::Kind::TensorConstant,
            value["arg"]["name"].text(),
            value["tensor_constant_name"].text(),
            {}};
  } else if (kind == "user_input") {
    const auto argument = operand(value["arg"], "the network's input");
    if (argument.kind == Operand::Kind::Name) {
      spec.value = argument.name;
    } else { // older versions write numbers and None this way
      spec = {InputSpec::Kind::ConstantInput, "", "", argument};
    }
  } else if (kind == "constant_input") {
    spec = {InputSpec::Kind::ConstantInput, value["name"].text(), "",
            operand(value["value"], "the network's input")};
  } else {
    throw UnsupportedOperator(message("the network takes an input of the kind \"", kind,
                                      "\", which is not read; only tensors and constants are"));
  }
  return spec;
}

OutputSpec output_spec(const Element& element) {
  const auto [kind, value] = element.choice();
  OutputSpec spec;
  spec.user = kind == "user_output";
  if (spec.user) {
    spec.value = operand(value["arg"], "the network's output");
    return spec;
  }
  spec.effect = kind;
  for (const auto* name : {"buffer_name", "parameter_name", "user_input_name"}) {
    if (const auto target = value.find(name)) spec.effect += " of \"" + target->text() + "\"";
  }
  return spec;
}

std::optional<std::int64_t> bound(const Element& range, const char* key) {
  const auto value = range.find(key);
  return value ? std::optional(value->integer()) : std::nullopt;
}

void check_version(const Element& program) {
  const auto version = program["schema_version"];
  const auto major = version["major"].integer();
  if (major != known_major) {
    throw UnsupportedOperator(message("its graph is of schema version ", major, ".",
                                      version["minor"].integer(), ", and version ", known_major,
                                      " is read (torch 2.6 to 2.13); export it again with one of these"));
  }
}

} // namespace

TensorMeta read_tensor_meta(const Element& element) {
  TensorMeta meta;
  meta.type = scalar_type(element["dtype"]);
  meta.sizes = extents(element["sizes"]);
  meta.strides = extents(element["strides"]);
  meta.offset = extent(element["storage_offset"]);
  meta.requires_grad = element["requires_grad"].boolean();
  (void)layout(element["layout"]);
  return meta;
}

Document read_document(std::span<const std::byte> text, const std::string& where) {
  const auto json = parse_json(text, where);
  const Element program(json, where);
  Document document;
  try {
    check_version(program);
    const auto module = program["graph_module"];
    const auto graph = module["graph"];
    for (const auto& element : graph["nodes"].elements())
      document.nodes.push_back(node(element));
    for (const auto& spec : module["signature"]["input_specs"].elements())
      document.inputs.push_back(input_spec(spec));
    for (const auto& spec : module["signature"]["output_specs"].elements())
      document.outputs.push_back(output_spec(spec));
    for (const auto& [name, meta] : graph["tensor_values"].members())
      document.tensors.emplace(name, read_tensor_meta(meta));
    for (const auto& [symbol, range] : program["range_constraints"].members())
      document.ranges[symbol] = {bound(range, "min_val"), bound(range, "max_val")};
    if (const auto conditions = program.find("guards_code")) { // since torch 2.9
      for (const auto& condition : conditions->elements())
        document.conditions.push_back(condition.text());
    }
  } catch (const UnsupportedOperator& error) {
    throw UnsupportedOperator(message(where, ": ", error.what()));
  }
  return document;
}

} // namespace spade::graph::exported
