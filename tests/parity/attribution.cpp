// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// Attributions against Captum's and zennit's, on every form in which the model is there.
#include <filesystem>
#include <functional>
#include <map>
#include <string>

#include <ATen/ATen.h>

#include <spade/core/error.hpp>
#include <spade/graph/importer.hpp>
#include <spade/interpreters/deconvolution.hpp>
#include <spade/interpreters/guided_backprop.hpp>
#include <spade/interpreters/input_x_gradient.hpp>
#include <spade/interpreters/integrated_gradients.hpp>
#include <spade/interpreters/lrp.hpp>
#include <spade/interpreters/occlusion.hpp>
#include <spade/interpreters/saliency.hpp>

#include "parity/forward.hpp"
#include "parity/parity.hpp"

namespace spade::parity {
namespace {

using namespace spade::interpreters;

using Tensors = std::map<std::string, at::Tensor>;
using Method = std::function<at::Tensor(const LayerGraph&, const nlohmann::json& entry, const at::Tensor& x,
                                        const Target&)>;

template <class I> Method plain(I interpreter) {
  return [interpreter](const LayerGraph& graph, const nlohmann::json&, const at::Tensor& x,
                       const Target& target) { return interpreter.attribute(graph, x, target); };
}

at::Tensor baseline_of(const nlohmann::json& entry, const at::Tensor& x) {
  return at::full_like(x, entry.value("baseline", 0.0));
}

at::Tensor integrated_gradients(const LayerGraph& graph, const nlohmann::json& entry, const at::Tensor& x,
                                const Target& target) {
  IntegratedGradients::Options options;
  options.steps = entry.value("n_steps", std::int64_t{50});
  options.baseline = baseline_of(entry, x);
  if (entry.value("rule", "gausslegendre") != "gausslegendre") {
    throw InvalidArgument("quadrature " + entry.at("rule").get<std::string>());
  }
  return IntegratedGradients(options).attribute(graph, x, target);
}

at::Tensor occlusion(const LayerGraph& graph, const nlohmann::json& entry, const at::Tensor& x,
                     const Target& target) {
  Occlusion::Options options;
  options.window = entry.at("window").get<std::vector<std::int64_t>>();
  options.stride = entry.at("strides").get<std::vector<std::int64_t>>();
  options.baseline = baseline_of(entry, x);
  return Occlusion(options).attribute(graph, x, target);
}

at::Tensor epsilon_gamma_box(const LayerGraph& graph, const nlohmann::json& entry, const at::Tensor& x,
                             const Target& target) {
  const lrp::ZBox box(entry.at("low").get<double>(), entry.at("high").get<double>());
  return Lrp(lrp::epsilon_gamma_box(box)).attribute(graph, x, target);
}

/// Captum starts with the score, and shares it by one tiny epsilon everywhere.
at::Tensor epsilon_captum(const LayerGraph& graph, const nlohmann::json& entry, const at::Tensor& x,
                          const Target& target) {
  return Lrp(lrp::epsilon(entry.at("epsilon").get<double>()), Lrp::Start::Score).attribute(graph, x, target);
}

const std::map<std::string, Method>& methods() {
  static const std::map<std::string, Method> table{
      {"saliency", plain(Saliency{})},
      {"input_x_gradient", plain(InputXGradient{})},
      {"integrated_gradients", integrated_gradients},
      {"guided_backprop", plain(GuidedBackprop{})},
      {"deconvolution", plain(Deconvolution{})},
      {"occlusion", occlusion},
      {"lrp_epsilon_plus", plain(Lrp{lrp::epsilon_plus()})},
      {"lrp_epsilon_alpha2_beta1", plain(Lrp{lrp::epsilon_alpha2_beta1()})},
      {"lrp_epsilon_gamma_box", epsilon_gamma_box},
      {"lrp_epsilon_captum", epsilon_captum},
  };
  return table;
}

const LayerGraph& graph_of(const std::filesystem::path& path, const at::Tensor& example) {
  static std::map<std::string, LayerGraph> loaded;
  const auto found = loaded.find(path.string());
  return found != loaded.end()
             ? found->second
             : loaded.emplace(path.string(), load_graph(path.string(), example)).first->second;
}

} // namespace

Outcome attribution(const Case& parity_case) {
  const auto method = parity_case.entry.at("method").get<std::string>();
  if (method == "forward") return forward(parity_case);
  const auto found = methods().find(method);
  if (found == methods().end()) return skipped("method " + method + " is not in the library yet");

  const auto tensors = read_container(parity_case.folder, parity_case.entry);
  const auto& expected = tensors.at("attribution");
  const auto indices = tensors.at("target").to(at::kLong).contiguous();
  const Target target(std::vector<std::int64_t>(indices.data_ptr<std::int64_t>(),
                                                indices.data_ptr<std::int64_t>() + indices.numel()));
  const double limit = method.starts_with("lrp") ? 1e-3 : 1e-4;

  std::string detail;
  bool close = true;
  for (const std::string form : {"_traced.pt", "_scripted.pt", ".pt2"}) {
    const auto path =
        parity_case.folder / "models" / (parity_case.entry.at("model").get<std::string>() + form);
    const auto& graph = graph_of(path, tensors.at("x"));
    const auto result = found->second(graph, parity_case.entry, tensors.at("x"), target);
    if (result.sizes() != expected.sizes()) {
      return failed(message(form, ": shape ", result.sizes(), " instead of ", expected.sizes()));
    }
    const auto error = relative_l2(result, expected);
    close = close && error < limit;
    detail += message(detail.empty() ? "" : ", ", form, " ", error);
  }
  detail += message(" (limit ", limit, ")");
  return close ? passed(detail) : failed(detail);
}

} // namespace spade::parity
