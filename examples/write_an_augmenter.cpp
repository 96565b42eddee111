// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// An augmentation step of one's own: a random shift, with the edge repeated. See
// docs/how_to/write_an_augmenter.md.
#include <algorithm>
#include <cstdint>
#include <iostream>
#include <string>

#include <ATen/ATen.h>

#include <spade/augmenters.hpp>
#include <spade/core/error.hpp>

// One change of one copy: it reads `copy`, draws from `stream`, and returns a new tensor.
class Shift {
public:
  explicit Shift(std::int64_t most) : most_(most) {
    if (most < 0) throw spade::InvalidArgument(spade::message("Shift: ", most, " pixels are under 0"));
  }

  at::Tensor operator()(const at::Tensor& copy, spade::RandomStream& stream,
                        const spade::augmenters::InputSpace& space) const {
    if (space.shape.size() != 3) throw spade::ShapeMismatch("Shift needs a picture, an input [1, C, H, W]");
    const auto down = stream.integer(2 * most_ + 1) - most_;
    const auto right = stream.integer(2 * most_ + 1) - most_;
    const auto from = [](std::int64_t extent, std::int64_t shift) {
      return (at::arange(extent) - shift).clamp(0, extent - 1);
    };
    return copy.index_select(1, from(copy.size(1), down)).index_select(2, from(copy.size(2), right));
  }

  std::string name() const { return spade::message("shift (", most_, ")"); }

private:
  std::int64_t most_;
};

// The contract, checked here rather than deep inside a template.
static_assert(spade::augmenters::AugmentationStep<Shift>);

int main() {
  using namespace spade::augmenters;

  // A picture of one white pixel, and a network that sees it as it is.
  auto picture = at::zeros({1, 5, 5});
  picture[0][2][2] = 1;
  const spade::Sample sample(picture, spade::Preprocess::none());

  // `|` makes an Augmenter of any steps.
  const auto augmenter = Shift(1) | HorizontalFlip(0.5);
  std::cout << augmenter.name() << '\n';

  spade::Rng rng(7);
  const auto copies = augmenter(sample, 3, rng);
  for (int k = 0; k < 3; ++k) {
    const auto where = copies[k][0].nonzero()[0];
    std::cout << "copy " << k << ": the white pixel is at (" << where[0].item<std::int64_t>() << ", "
              << where[1].item<std::int64_t>() << ")\n";
  }

  // Streams make the draws independent of how the batch is cut: 1 and then 2 copies are the same three.
  spade::Rng again(7);
  const auto first = augmenter(sample, 1, again);
  const bool same = at::equal(copies, at::cat({first, augmenter(sample, 2, again)}));
  std::cout << "drawn as 1 + 2: " << (same ? "the same" : "different") << '\n';
}
