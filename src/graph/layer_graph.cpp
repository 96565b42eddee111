// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/layer_graph.hpp>

#include <algorithm>

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <spade/core/error.hpp>
#include <spade/core/nearest_names.hpp>

#include "executor.hpp"

namespace spade {
namespace {

at::Tensor tensor_of(const TensorView& view) {
  const auto type = view.scalar_type() == ScalarType::Float32 ? at::kFloat : at::kDouble;
  const auto extents = view.extents();
  const auto strides = view.strides();
  if (view.device().kind == Device::Kind::Cpu) {
    const bool negative = std::any_of(strides.begin(), strides.end(), [](auto stride) { return stride < 0; });
    if (negative) {
      return at::tensor(view.to_vector<double>(), at::kDouble)
          .reshape(at::IntArrayRef(extents.data(), extents.size()));
    }
    const void* data =
        type == at::kFloat ? static_cast<const void*>(view.data<float>()) : view.data<double>();
    return at::from_blob(const_cast<void*>(data), at::IntArrayRef(extents.data(), extents.size()),
                         at::IntArrayRef(strides.data(), strides.size()), at::TensorOptions(type));
  }
  throw DeviceError(message("with_weights: a weight lies on ", to_string(view.device()),
                            ", but replaced weights are read on the CPU; copy it there first"));
}

/// A fresh leaf with the values of `source` and everything else of `like`: the kernels that LibTorch picks,
/// and so the bits of the result, depend on strides and even on requires_grad.
at::Tensor leaf_like(const at::Tensor& like, const at::Tensor& source) {
  const c10::AutoGradMode no_grad(false);
  auto leaf = like.is_non_overlapping_and_dense()
                  ? at::empty_strided(like.sizes(), like.strides(), like.options())
                  : at::empty(like.sizes(), like.options());
  leaf.copy_(source.detach());
  return leaf.set_requires_grad(like.requires_grad());
}

/// A parameter as the solvers see its layer's weight, [G, R, C].
TensorView weight_view(const at::Tensor& parameter, const Layer& layer, bool transposed) {
  const auto tensor = parameter.detach();
  if (layer.window.empty()) return LayerGraph::view((transposed ? tensor.t() : tensor).unsqueeze(0));
  const auto extents = layer.weight.extents();
  return LayerGraph::view(tensor.reshape(at::IntArrayRef(extents.data(), extents.size())));
}

} // namespace

LayerGraph::LayerGraph(std::shared_ptr<const graph::Program> program) : program_(std::move(program)) {
  auto tensors = std::make_shared<std::vector<at::Tensor>>();
  for (const auto& parameter : program_->parameters)
    tensors->push_back(parameter.tensor);
  tensors_ = std::move(tensors);
  layers_ = std::shared_ptr<const std::vector<Layer>>(program_, &program_->layers);
}

TensorView LayerGraph::view(const at::Tensor& tensor) {
  if (!tensor.defined()) throw InvalidArgument("LayerGraph::view: the tensor is undefined");
  if (tensor.layout() != at::kStrided) {
    throw InvalidArgument(
        message("LayerGraph::view: the tensor is sparse or packed, not strided; call to_dense() first"));
  }
  Device device;
  if (tensor.is_cuda()) device = {Device::Kind::Cuda, static_cast<int>(tensor.get_device())};
  if (!tensor.is_cuda() && !tensor.is_cpu()) {
    throw DeviceError(
        message("LayerGraph::view: a tensor on ", tensor.device().str(), "; only cpu and cuda are known"));
  }
  auto owner = std::make_shared<const at::Tensor>(tensor);
  const auto type = tensor.scalar_type();
  if (type == at::kFloat) return {tensor.data_ptr<float>(), tensor.sizes(), tensor.strides(), owner, device};
  if (type == at::kDouble)
    return {tensor.data_ptr<double>(), tensor.sizes(), tensor.strides(), owner, device};
  throw InvalidArgument(message("LayerGraph::view: a tensor of type ", c10::toString(type), " and shape ",
                                shape_text(tensor.sizes()),
                                "; the solvers work in float32 and float64, so convert the "
                                "network (or this tensor) with .to(torch.float32)"));
}

const std::vector<graph::UnsupportedLayer>& LayerGraph::unsupported_layers() const {
  return program_->unsupported_layers;
}

std::size_t LayerGraph::layer_index(const std::string& name) const {
  const auto& all = layers();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const Layer& layer) { return layer.name == name; });
  if (found != all.end()) return static_cast<std::size_t>(found - all.begin());
  for (const auto& layer : program_->unsupported_layers) {
    if (layer.name == name) {
      throw InvalidArgument(
          message(program_->source, ": layer \"", name, "\" is not prunable: ", layer.reason));
    }
  }
  std::vector<std::string> names;
  for (const auto& layer : all)
    names.push_back(layer.name);
  throw InvalidArgument(message(program_->source, ": no prunable layer is called \"", name, "\" (",
                                all.size(), " layers; the nearest names: ", nearest_names(name, names), ")"));
}

at::Tensor LayerGraph::forward(const at::Tensor& input) const {
  return graph::execute(*program_, *tensors_, input, nullptr);
}

at::Tensor LayerGraph::forward(const at::Tensor& input, const LayerObserver& observer) const {
  graph::Walker walker(*program_, *tensors_, input);
  while (const auto stop = walker.advance(*tensors_)) {
    if (observer) observer(stop->layer, stop->input);
  }
  return walker.output();
}

at::Tensor LayerGraph::forward(const at::Tensor& input, const NodeObserver& observer) const {
  return graph::execute(*program_, *tensors_, input, observer ? &observer : nullptr);
}

struct LayerGraph::Walk::State {
  std::shared_ptr<const graph::Program> program; ///< the walker borrows it
  graph::Walker walker;
};

LayerGraph::Walk::Walk(std::unique_ptr<State> state) : state_(std::move(state)) {}
LayerGraph::Walk::Walk(Walk&&) noexcept = default;
LayerGraph::Walk& LayerGraph::Walk::operator=(Walk&&) noexcept = default;
LayerGraph::Walk::~Walk() = default;

LayerGraph::Walk LayerGraph::begin(const at::Tensor& input) const {
  return Walk(std::make_unique<Walk::State>(Walk::State{program_, {*program_, *tensors_, input}}));
}

std::optional<LayerStop> LayerGraph::advance(Walk& walk) const {
  if (!walk.state_ || walk.state_->program != program_) {
    throw InvalidArgument(message(program_->source, ": advance: the walk was begun on another network, or ",
                                  "moved away; begin it on this graph, or one it came from by with_weights"));
  }
  return walk.state_->walker.advance(*tensors_);
}

LayerGraph LayerGraph::with_weights(std::span<const LayerWeight> weights) const {
  graph::WeightSet set;
  for (const auto& [index, weight] : weights) {
    if (index >= layers().size()) {
      throw InvalidArgument(message(program_->source, ": with_weights names layer ", index,
                                    ", but there are ", layers().size(), " prunable layers"));
    }
    const auto& layer = layers()[index];
    const auto expected = layer.weight.extents();
    if (!weight ||
        !std::equal(expected.begin(), expected.end(), weight.extents().begin(), weight.extents().end())) {
      throw ShapeMismatch(message(program_->source, ": the new weight of layer \"", layer.name, "\" is ",
                                  shape_text(weight.extents()), ", the layer's is ", shape_text(expected),
                                  " [groups, rows, columns]"));
    }
    const auto id = program_->layer_parameters[index];
    const auto& parameter = program_->parameters[id].tensor;
    auto tensor = tensor_of(weight);
    if (!at::isfinite(tensor).all().item<bool>()) {
      throw NumericalError(message(program_->source, ": the new weight of layer \"", layer.name,
                                   "\" contains NaN or infinity"));
    }
    if (layer.window.empty()) tensor = program_->layer_transposed[index] ? tensor[0].t() : tensor[0];
    if (!set.emplace(id, leaf_like(parameter, tensor.reshape(parameter.sizes()))).second) {
      throw InvalidArgument(
          message(program_->source, ": with_weights names layer \"", layer.name, "\" twice"));
    }
  }
  return with_weights(set);
}

LayerGraph LayerGraph::with_weights(const graph::WeightSet& weights) const {
  auto tensors = std::make_shared<std::vector<at::Tensor>>(*tensors_);
  for (const auto& [id, tensor] : weights) {
    if (id >= tensors->size()) {
      throw InvalidArgument(message(program_->source, ": with_weights names parameter ", id,
                                    ", but there are ", tensors->size()));
    }
    const auto& [name, dense] = program_->parameters[id];
    if (!tensor.defined() || tensor.sizes() != dense.sizes() || tensor.scalar_type() != dense.scalar_type()) {
      throw ShapeMismatch(message(
          program_->source, ": the tensor for parameter \"", name, "\" is ",
          tensor.defined() ? message(shape_text(tensor.sizes()), " ", c10::toString(tensor.scalar_type()))
                           : "undefined",
          ", the parameter is ", shape_text(dense.sizes()), " ", c10::toString(dense.scalar_type())));
    }
    (*tensors)[id] = tensor;
  }
  auto layers = std::make_shared<std::vector<Layer>>(*layers_);
  for (std::size_t i = 0; i < layers->size(); ++i) {
    const auto replaced = weights.find(program_->layer_parameters[i]);
    if (replaced == weights.end()) continue;
    auto& layer = (*layers)[i];
    layer.weight = weight_view(replaced->second, layer, program_->layer_transposed[i]);
  }
  LayerGraph result(*this);
  result.tensors_ = std::move(tensors);
  result.layers_ = std::move(layers);
  return result;
}

const std::vector<graph::Node>& LayerGraph::nodes() const {
  return program_->nodes;
}

const at::Tensor& LayerGraph::parameter(graph::ParameterId id) const {
  if (id >= tensors_->size()) {
    throw InvalidArgument(message(program_->source, ": no parameter ", id, "; there are ", tensors_->size()));
  }
  return (*tensors_)[id];
}

} // namespace spade
