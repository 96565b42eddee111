// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// Resizing, cropping and colours against torchvision's transforms; the tensor's name says which, and with
// what numbers.
#include <cmath>
#include <functional>
#include <regex>
#include <string>

#include <ATen/ATen.h>

#include <spade/augmenters/color.hpp>
#include <spade/augmenters/resample.hpp>
#include <spade/sample.hpp>

#include "parity/families.hpp"

namespace spade::parity {
namespace {

constexpr double tolerance = 2e-3;

using Numbers = std::vector<std::int64_t>;
using Transform = std::function<at::Tensor(const at::Tensor&, const Numbers&)>;

struct Named {
  std::regex pattern; // one group per number
  Transform transform;
};

const std::vector<Named>& transforms() {
  using namespace spade::augmenters;
  static const auto percent = [](const Numbers& n) { return static_cast<double>(n.at(0)) / 100; };
  static const std::vector<Named> table{
      {std::regex("brightness_(\\d+)"), [](auto& x, auto& n) { return adjust_brightness(x, percent(n)); }},
      {std::regex("contrast_(\\d+)"), [](auto& x, auto& n) { return adjust_contrast(x, percent(n)); }},
      {std::regex("saturation_(\\d+)"), [](auto& x, auto& n) { return adjust_saturation(x, percent(n)); }},
      {std::regex("hue_m(\\d+)"), [](auto& x, auto& n) { return adjust_hue(x, -percent(n)); }},
      {std::regex("hue_p(\\d+)"), [](auto& x, auto& n) { return adjust_hue(x, percent(n)); }},
      {std::regex("crop_(\\d+)_(\\d+)_(\\d+)_(\\d+)_to_(\\d+)"),
       [](auto& x, auto& n) {
         return resized_crop(x, {n[0], n[1], n[2], n[3]}, n[4], n[4]);
       }},
      {std::regex("resize_(\\d+)"),
       [](auto& x, auto& n) { return Preprocess{.resize = n[0]}(x).squeeze(0); }},
      {std::regex("center_crop_(\\d+)"),
       [](auto& x, auto& n) { return Preprocess{.crop = n[0]}(x).squeeze(0); }},
  };
  return table;
}

// Largest absolute difference, infinity where the shapes differ; nothing where no transform has that name.
std::optional<double> difference(const at::Tensor& image, const std::string& name,
                                 const at::Tensor& expected) {
  for (const auto& [pattern, transform] : transforms()) {
    std::smatch match;
    if (!std::regex_match(name, match, pattern)) continue;
    Numbers numbers;
    for (std::size_t i = 1; i < match.size(); ++i)
      numbers.push_back(std::stoll(match[i].str()));
    const auto result = transform(image, numbers);
    if (result.sizes() != expected.sizes()) return INFINITY;
    return (result.to(at::kDouble) - expected.to(at::kDouble)).abs().max().item<double>();
  }
  return std::nullopt;
}

} // namespace

Outcome augment(const Case& parity_case) {
  auto tensors = read_container(parity_case.folder, parity_case.entry);
  const auto image = tensors.at("image");
  tensors.erase("image");
  double worst = 0;
  std::string worst_name;
  std::string unknown;
  for (const auto& [name, expected] : tensors) {
    const auto error = difference(image, name, expected);
    if (!error) unknown += " " + name;
    if (error && !(*error <= worst)) {
      worst = *error;
      worst_name = name;
    }
  }
  const auto detail = "largest absolute error " + std::to_string(worst) + " (" + worst_name + ") over " +
                      std::to_string(tensors.size()) + " transforms";
  if (!(worst < tolerance)) return failed(detail);
  return unknown.empty() ? passed(detail) : skipped(detail + "; not known:" + unknown);
}

} // namespace spade::parity
