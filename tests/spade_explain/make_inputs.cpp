// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// make_inputs FOLDER: writes the models, pictures, plans and lists that the tests of spade-explain give it,
// good and bad.
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <stdexcept>
#include <string>

#include <sys/stat.h>
#include <torch/script.h>
#include <torch/serialize.h>

#include <spade/core/rng.hpp>
#include <spade/io/image.hpp>

#include "io/png_writer.hpp"

namespace {

namespace fs = std::filesystem;
using spade::tests::PngFile;

constexpr std::int64_t edge = 32;

void write(const fs::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

std::string bytes_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

at::Tensor weights(at::IntArrayRef shape, std::uint64_t seed) {
  auto tensor = at::empty(shape);
  spade::RandomStream stream(seed, 0);
  const double scale = 1.5 / std::sqrt(static_cast<double>(tensor.numel() / shape[0]));
  for (std::int64_t i = 0; i < tensor.numel(); ++i)
    tensor.data_ptr<float>()[i] = static_cast<float>(scale * stream.normal());
  return tensor;
}

torch::jit::Module layer(const std::string& name, at::IntArrayRef shape, std::uint64_t seed) {
  torch::jit::Module module(name);
  module.register_parameter("weight", weights(shape, seed), false);
  return module;
}

// Two convolutions, the second depthwise, and a linear layer: colours and edges to five classes.
torch::jit::Module network(const std::string& body) {
  torch::jit::Module module("network");
  module.register_module("conv1", layer("conv1", {8, 3, 3, 3}, 1));
  module.register_module("conv2", layer("conv2", {8, 1, 3, 3}, 2));
  module.register_module("conv3", layer("conv3", {16, 8, 1, 1}, 3));
  module.register_module("fc", layer("fc", {5, 16}, 4));
  module.define(body);
  module.eval();
  return module;
}

constexpr const char* classifier = R"(
def forward(self, x):
    x = torch.relu(torch.conv2d(x, self.conv1.weight, None, [1, 1], [1, 1]))
    x = torch.relu(torch.conv2d(x, self.conv2.weight, None, [2, 2], [1, 1], [1, 1], 8))
    x = torch.relu(torch.conv2d(x, self.conv3.weight))
    x = torch.mean(x, [2, 3])
    return torch.linear(x, self.fc.weight)
)";

constexpr const char* without_head = R"(
def forward(self, x):
    return torch.relu(torch.conv2d(x, self.conv1.weight, None, [1, 1], [1, 1]))
)";

// LRP has no rule for the last operator.
constexpr const char* probabilities = R"(
def forward(self, x):
    x = torch.relu(torch.conv2d(x, self.conv1.weight, None, [2, 2], [1, 1]))
    return torch.softmax(torch.mean(x, [2, 3]), 1)
)";

constexpr const char* without_weights = R"(
def forward(self, x):
    return torch.mean(torch.relu(x), [2, 3])
)";

// Programs that would write the file "written" where they run.
constexpr const char* saves = R"(
def forward(self, x):
    torch.save(x, "written")
    return torch.linear(torch.mean(x, [2, 3]), self.fc.weight)
)";

constexpr const char* opens = R"(
def forward(self, x):
    x = x + torch.from_file("written", True, 32)
    return torch.linear(torch.mean(x, [2, 3]), self.fc.weight)
)";

constexpr const char* saves_when_loaded = R"(
def forward(self, x):
    return torch.linear(torch.mean(x, [2, 3]), self.weight)
def __getstate__(self) -> Tensor:
    return self.weight
def __setstate__(self, state: Tensor) -> None:
    torch.save(state, "written")
    self.weight = state
)";

void write_hostile_models(const fs::path& folder) {
  network(saves).save((folder / "saves.pt").string());
  network(opens).save((folder / "opens.pt").string());
  auto child = layer("child", {5, 3}, 5);
  child.define(saves_when_loaded);
  torch::jit::Module parent("parent");
  parent.register_module("child", child);
  parent.define("def forward(self, x):\n    return self.child.forward(x)\n");
  parent.save((folder / "saves_when_loaded.pt").string());
}

void write_models(const fs::path& folder) {
  network(classifier).save((folder / "net.pt").string());
  network(without_head).save((folder / "headless.pt").string());
  network(probabilities).save((folder / "softmax.pt").string());
  network(without_weights).save((folder / "no_weights.pt").string());
  auto broken = network(classifier);
  broken.attr("conv3").toModule().attr("weight").toTensor()[3][2][0][0] =
      std::numeric_limits<float>::quiet_NaN();
  broken.save((folder / "nan.pt").string());

  const auto good = bytes_of(folder / "net.pt");
  write(folder / "truncated.pt", good.substr(0, good.size() / 2));
  write(folder / "empty.pt", "");
  write(folder / "text.pt", "this is no model\n");
  // A Python pickle that runs a command where it is taken for a list of objects to be made.
  write(folder / "hostile.pt", "cos\nsystem\n(S'touch owned'\ntR.");
  torch::save(at::ones({2, 3}), (folder / "tensor.pt").string());
  auto zeroed = good;
  std::fill(zeroed.begin() + static_cast<std::ptrdiff_t>(good.size() / 4),
            zeroed.begin() + static_cast<std::ptrdiff_t>(good.size() / 2), '\0');
  write(folder / "zeroed.pt", zeroed);
}

void write_pictures(const fs::path& folder) {
  auto picture = at::empty({3, edge, edge});
  spade::RandomStream stream(7, 0);
  for (std::int64_t i = 0; i < picture.numel(); ++i)
    picture.data_ptr<float>()[i] = static_cast<float>(stream.uniform());
  picture.slice(1, 8, 16).slice(2, 8, 16).fill_(0.9);
  auto mask = at::zeros({edge, edge});
  mask.slice(0, 8, 16).slice(1, 8, 16).fill_(1);

  spade::write_png(folder / "good.png", picture);
  spade::write_png(folder / "rgba.png", at::cat({picture, at::full({1, edge, edge}, 0.5)}));
  spade::write_png(folder / "grey.png", picture[0]);
  spade::write_png(folder / "one_pixel.png", at::full({3, 1, 1}, 0.5));
  spade::write_png(folder / "strip.png", at::full({3, edge / 4, 2 * edge}, 0.5));
  spade::write_png(folder / "mask.png", mask);
  spade::write_png(folder / "black_mask.png", at::zeros({edge, edge}));
  spade::write_png(folder / "small_mask.png", at::ones({edge / 2, edge}));

  std::string rows;
  for (std::int64_t y = 0; y < edge; ++y) {
    rows += '\0';
    for (std::int64_t x = 0; x < 2 * 3 * edge; ++x)
      rows += static_cast<char>(stream.integer(256));
  }
  write(folder / "sixteen_bit.png",
        PngFile{.width = edge, .height = edge, .depth = 16, .colour_type = 2, .rows = rows}.bytes());
  write(folder / "huge.png", PngFile{.width = 20000, .height = 20000, .rows = {"\0\1", 2}}.bytes());

  const auto good = bytes_of(folder / "good.png");
  write(folder / "truncated.png", good.substr(0, good.size() / 2));
  auto corrupt = good;
  corrupt[corrupt.size() / 2] = static_cast<char>(corrupt[corrupt.size() / 2] ^ 0x10);
  write(folder / "corrupt.png", corrupt);
  write(folder / "empty.png", "");
  write(folder / "text.png", "this is no picture\n");
}

// The kit's form: pictures/ID_trojan.png and pictures/ID_mask.png beside the list.
void write_lists(const fs::path& folder) {
  fs::copy_file(folder / "grey.png", folder / "a folder" / "good.png", fs::copy_options::overwrite_existing);
  fs::create_directories(folder / "pictures");
  for (const auto* id : {"000", "001", "002"}) {
    fs::copy_file(folder / (std::string(id) == "001" ? "sixteen_bit.png" : "good.png"),
                  folder / "pictures" / (std::string(id) + "_trojan.png"),
                  fs::copy_options::overwrite_existing);
    fs::copy_file(folder / "mask.png", folder / "pictures" / (std::string(id) + "_mask.png"),
                  fs::copy_options::overwrite_existing);
  }
  write(folder / "index.json",
        R"([{"id": "000", "target": 4, "more": [1]}, {"id": "001", "target": 2}, {"id": "002"}])");
  write(folder / "files.json",
        R"([{"picture": "good.png", "mask": "mask.png"}, {"picture": "grey.png", "target": 1}])");
  write(
      folder / "same_name.json",
      R"([{"picture": "good.png", "target": 1, "target_name": "goose"}, {"picture": "a folder/good.png", "mask": "mask.png"}])");
  write(
      folder / "two_names.json",
      R"([{"id": "000", "target": 4, "target_name": "goose"}, {"id": "001", "target": 4, "target_name": "fox"}])");
  write(folder / "number_as_name.json", R"([{"id": "000", "target": 4, "target_name": 4}])");
  write(folder / "missing_picture.json", R"([{"id": "000"}, {"id": "017"}])");
  write(folder / "bad_target.json", R"([{"id": "000", "target": 4}, {"id": "001", "target": 5}])");
  write(folder / "text_target.json", R"([{"id": "000", "target": "goose"}])");
  write(folder / "no_list.json", R"({"id": "000"})");
  write(folder / "no_id.json", R"([{"target": 1}])");
  write(folder / "broken.json", R"([{"id": "000")");
}

// Names that lead elsewhere: a link to the model, and a pipe that nobody reads.
void write_other_names(const fs::path& folder) {
  fs::remove(folder / "link.pt");
  fs::create_symlink("net.pt", folder / "link.pt");
  fs::remove(folder / "pipe");
  if (mkfifo((folder / "pipe").c_str(), 0600) != 0) throw std::runtime_error("no pipe can be made");
}

void write_plans(const fs::path& folder) {
  write(folder / "plan.json", R"({"by_depth": [0.25, 0.5], "layers": {"conv3": 0.75}})");
  write(folder / "unknown_layer.json", R"({"uniform": 0.5, "layers": {"conv9": 0.75}})");
  write(folder / "too_sparse.json", R"({"uniform": 0.5, "layers": {"conv1": 1.5}})");
  write(folder / "misspelt.json", R"({"unifrom": 0.5})");
  write(folder / "classes.txt", "cat\ndog\nfox\nowl\nelk\n");
}

} // namespace

int main(int count, char** values) {
  if (count != 2) return 2;
  const fs::path folder = values[1];
  fs::create_directories(folder / "a folder");
  write_models(folder);
  write_hostile_models(folder);
  write_pictures(folder);
  write_lists(folder);
  write_plans(folder);
  write_other_names(folder);
  return 0;
}
