// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "methods.hpp"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <spade/augmenters.hpp>
#include <spade/core/error.hpp>
#include <spade/interpreters/deconvolution.hpp>
#include <spade/interpreters/guided_backprop.hpp>
#include <spade/interpreters/input_x_gradient.hpp>
#include <spade/interpreters/integrated_gradients.hpp>
#include <spade/interpreters/lrp.hpp>
#include <spade/interpreters/occlusion.hpp>
#include <spade/interpreters/saliency.hpp>
#include <spade/pruners/exact.hpp>
#include <spade/pruners/fast.hpp>
#include <spade/pruners/forward_backward.hpp>
#include <spade/pruners/magnitude.hpp>
#include <spade/pruners/random.hpp>
#include <spade/pruners/wanda.hpp>

namespace spade::explain_tool {
namespace {

template <class I> AnyInterpreter::Attribute attribute_by(I interpreter) {
  return [interpreter](const LayerGraph& graph, const at::Tensor& input, const Target& target) {
    return interpreter.attribute(graph, input, target);
  };
}

template <class I> AnyInterpreter any(const char* name, I interpreter) {
  return {name, attribute_by(interpreter), attribute_by(interpreter)};
}

// Many passes of a kind that one of the trial's interpreter stands for.
template <class I, class T> AnyInterpreter any(const char* name, I interpreter, T trial) {
  return {name, attribute_by(interpreter), attribute_by(trial)};
}

// Looks at nothing but a network's outputs.
struct Outputs {
  [[nodiscard]] at::Tensor attribute(const LayerGraph& graph, const at::Tensor& input, const Target&) const {
    return graph.forward(input);
  }
};

// In the order in which `all` runs and lists them.
const std::vector<AnyInterpreter>& known_interpreters() {
  static const std::vector<AnyInterpreter> known{
      any("saliency", interpreters::Saliency{}),
      any("input_x_gradient", interpreters::InputXGradient{}),
      any("integrated_gradients", interpreters::IntegratedGradients{}, interpreters::InputXGradient{}),
      any("guided_backprop", interpreters::GuidedBackprop{}),
      any("deconvolution", interpreters::Deconvolution{}),
      any("occlusion", interpreters::Occlusion{}, Outputs{}),
      any("lrp_epsilon", interpreters::Lrp{lrp::epsilon()}),
      any("lrp_epsilon_plus", interpreters::Lrp{lrp::epsilon_plus()}),
      any("lrp_epsilon_alpha2_beta1", interpreters::Lrp{lrp::epsilon_alpha2_beta1()}),
  };
  return known;
}

// "IntegratedGradients", "integrated-gradients" and "integrated_gradients" are one name.
std::string folded(const std::string& name) {
  std::string text;
  for (const char c : name) {
    if (c != '_' && c != '-' && c != ' ')
      text += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return text;
}

[[noreturn]] void unknown(const char* what, const std::string& name, const std::vector<std::string>& known) {
  throw InvalidArgument(fmt::format("unknown {} \"{}\"; known are {}", what, name, fmt::join(known, ", ")));
}

template <Augmenter<Sample> A> AnyAugmenter any_augmenter(const std::string& name, const A& augmenter) {
  return {fmt::format("{} ({})", name, augmenter.name()), augmenter};
}

} // namespace

std::vector<std::string> interpreter_names() {
  std::vector<std::string> names;
  for (const auto& interpreter : known_interpreters())
    names.push_back(interpreter.name());
  return names;
}

// Those that explain any network that can be differentiated: no rules for its operators are needed.
std::vector<std::string> default_interpreters() {
  return {"saliency", "input_x_gradient", "integrated_gradients", "occlusion"};
}

std::vector<std::string> pruner_names() {
  return {"fast",  "fast_refit", "exact", "forward_backward", "forward_backward_swaps",
          "wanda", "magnitude",  "random"};
}

std::vector<std::string> augmenter_names() {
  return {"reference", "crop_and_jitter", "random_remove", "noise", "identity"};
}

std::vector<AnyInterpreter> interpreters_named(const std::vector<std::string>& names) {
  std::vector<AnyInterpreter> chosen;
  const auto add = [&](const AnyInterpreter& interpreter) {
    const bool there =
        std::ranges::any_of(chosen, [&](const auto& other) { return other.name() == interpreter.name(); });
    if (!there) chosen.push_back(interpreter);
  };
  for (const auto& name : names.empty() ? default_interpreters() : names) {
    const auto wanted = folded(name) == "lrp" ? folded("lrp_epsilon_plus") : folded(name);
    bool found = false;
    for (const auto& interpreter : known_interpreters()) {
      if (wanted != "all" && wanted != folded(interpreter.name())) continue;
      add(interpreter);
      found = true;
    }
    if (!found) unknown("interpreter", name, interpreter_names());
  }
  return chosen;
}

AnyPruner pruner_named(const std::string& name, std::uint64_t seed) {
  const auto wanted = folded(name);
  if (wanted == "fast") return {"fast", pruners::Fast{}};
  if (wanted == "fastrefit") return {"fast_refit", pruners::Fast{{.refit = true}}};
  if (wanted == "exact") return {"exact", pruners::Exact{}};
  if (wanted == "forwardbackward") return {"forward_backward", pruners::ForwardBackward{}};
  if (wanted == "forwardbackwardswaps") {
    pruners::ForwardBackward::Options options;
    options.swaps = true;
    return {"forward_backward_swaps", pruners::ForwardBackward{options}};
  }
  if (wanted == "wanda") return {"wanda", pruners::Wanda{}};
  if (wanted == "magnitude") return {"magnitude", pruners::Magnitude{}};
  if (wanted == "random") return {"random", pruners::Random{{.seed = seed}}};
  unknown("pruner", name, pruner_names());
}

AnyAugmenter augmenter_named(const std::string& name) {
  const auto wanted = folded(name);
  if (wanted == "reference") return any_augmenter("reference", augmenters::reference().augmenter);
  if (wanted == "cropandjitter")
    return any_augmenter("crop_and_jitter", augmenters::crop_and_jitter().augmenter);
  if (wanted == "randomremove") return any_augmenter("random_remove", augmenters::random_remove().augmenter);
  if (wanted == "noise") return any_augmenter("noise", augmenters::noise().augmenter);
  if (wanted == "identity") return any_augmenter("identity", augmenters::Identity{});
  unknown("augmenter", name, augmenter_names());
}

} // namespace spade::explain_tool
