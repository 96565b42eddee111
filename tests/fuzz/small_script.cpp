// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "fuzz/small_script.hpp"

#include <stdexcept>
#include <utility>

#include <torch/script.h>

#include <spade/core/error.hpp>
#include <spade/graph/importer.hpp>

#include "graph/scripted.hpp"
#include "graph/torchscript/code_check.hpp"
#include "io/temporary_folder.hpp"

namespace spade::testing {
namespace {

namespace jit = torch::jit;

jit::Module child(const std::string& name, std::int64_t inputs, std::int64_t outputs) {
  jit::Module module(name);
  module.register_parameter("weight", numbers({outputs, inputs}), false);
  module.register_parameter("bias", numbers({outputs}), false);
  module.define("def forward(self, x):\n    return torch.relu(torch.linear(x, self.weight, self.bias))\n");
  return module;
}

/// Reads of the attributes become constants, as a frozen module has them.
void make_constant(jit::Block& block, const jit::Module& module) {
  for (auto* node : block.nodes()) {
    for (auto* inner : node->blocks())
      make_constant(*inner, module);
    if (node->kind() != c10::prim::GetAttr || !node->s(c10::attr::name).starts_with("fixed")) continue;
    const jit::WithInsertPoint here(node);
    node->output()->replaceAllUsesWith(
        node->owningGraph()->insertConstant(module.attr(node->s(c10::attr::name))));
  }
}

ZipFile plain(std::string name, std::string content) {
  ZipFile file;
  file.name = std::move(name);
  file.content = std::move(content);
  return file;
}

std::string& content_of(std::vector<ZipFile>& archive, const std::string& name) {
  for (auto& file : archive) {
    if (file.name.ends_with(name)) return file.content;
  }
  throw std::logic_error("the archive has no " + name);
}

} // namespace

std::vector<ZipFile> small_script(const std::string& source) {
  jit::Module module("Network");
  module.register_parameter("weight", numbers({4, 4}), false);
  module.register_parameter("bias", numbers({4}), false);
  module.register_buffer("mean", numbers({4}));
  module.register_attribute("fixed_scale", c10::TensorType::get(), numbers({4}));
  module.register_attribute("fixed_shift", c10::TensorType::get(), numbers({2, 4}));
  module.register_attribute("count", c10::IntType::get(), std::int64_t{3});
  module.register_attribute("slope", c10::FloatType::get(), 0.5);
  module.register_attribute("mode", c10::StringType::get(), std::string("relu"));
  module.register_attribute("sizes", c10::ListType::ofInts(), std::vector<std::int64_t>{1, 2, 2});
  c10::Dict<std::string, at::Tensor> table;
  table.insert("a", numbers({4}));
  table.insert("b", numbers({1, 4}));
  module.register_attribute("table", c10::DictType::create(c10::StringType::get(), c10::TensorType::get()),
                            table);
  module.register_module("first", child("Network_first", 4, 4));
  module.register_module("second", child("Network_second", 4, 3));
  module.define(source);
  make_constant(*module.get_method("forward").graph()->block(), module);
  const tests::TemporaryFolder folder;
  const auto path = (folder / "template.pt").string();
  module.save(path);
  auto files = unzip(path);
  const auto code = graph::torchscript::read_code(path);
  std::erase_if(files,
                [](const ZipFile& file) { return file.name.ends_with(".debug_pkl"); }); // of the code's lines
  for (auto& file : files) { // LibTorch compresses what is long
    if (file.name.ends_with("code/__torch__.py")) file = plain(file.name, code.at(0).text);
  }
  return files;
}

std::string& code_of(std::vector<ZipFile>& archive) {
  return content_of(archive, "code/__torch__.py");
}

std::string& pickle_of(std::vector<ZipFile>& archive) {
  return content_of(archive, "/data.pkl");
}

void load_with(std::string& (*part)(std::vector<ZipFile>&), const std::uint8_t* data, std::size_t size) {
  static const tests::TemporaryFolder folder;
  static const auto path = (folder / "input.pt").string();
  static const auto example = at::linspace(-1, 1, 4).view({1, 4});
  static auto archive = [] {
    c10::WarningUtils::set_warnAlways(false);
    return small_script(script_seeds().front());
  }();
  part(archive).assign(reinterpret_cast<const char*>(data), size);
  tests::write_file(path, zip(archive));
  try {
    (void)load_graph(path, example);
  } catch (const Error&) {
  }
}

std::vector<std::string> script_seeds() {
  return {
      R"(
def forward(self, x):
    y = torch.linear(x * self.fixed_scale, self.weight, self.bias) + self.fixed_shift[0]
    return self.second.forward(self.first.forward(y - self.mean))
)",
      R"(
def forward(self, x):
    if self.mode == "relu":
        x = torch.relu(x)
    elif x.size(0) > 2 and self.count != 3:
        x = torch.sigmoid(x)
    else:
        x = x * self.slope if x.dim() == 2 else -x
    return x.flatten(1)
)",
      R"(
def forward(self, x):
    kept = [x]
    for i in range(self.count):
        if i == 2:
            continue
        kept.append(kept[-1] + float(i))
    i = 0
    while i < len(kept) and i < 4:
        x = x + kept[i]
        i += 1
    parts = x.chunk(2, 1)
    a, b = x.split([1, 3], 1)
    return torch.cat([parts[0], parts[1], a, b] + kept[0:2:1], 1)
)",
      R"(
def forward(self, x):
    named = {"x": x, "y": x * 2}
    named["z"] = self.table["a"]
    names: List[str] = []
    for key in named.keys():
        names.append(key)
    t = (x, [named["y"], self.table["b"]], self.sizes)
    u, v, w = t
    n = 1
    for s in w[1:]:
        n = n * s
    if "z" in named:
        v.pop()
        v.insert(0, u)
    return u.reshape([-1, n]) + v[0] + named["z"]
)",
      R"(
def scaled(self, x, by: Optional[float] = None) -> Tensor:
    if by is not None:
        return x * by
    return x

def forward(self, x):
    y = x.clone()
    y[:, 0] = 0
    y.view(-1, 2, 2).transpose(1, 2).add_(1.0)
    torch.relu_(y)
    z = y.unsqueeze(1).expand(-1, 2, 4).permute(0, 2, 1).contiguous()
    z.select(2, 1).mul_(self.slope)
    assert z.size(1) == 4, "four"
    return self.scaled(z.flatten(1), 0.25) + self.scaled(x.repeat(1, 2))
)",
      R"(
def forward(self, x):
    q = torch.linear(x, self.weight).view(x.size(0), 2, 2)
    k = self.first.forward(x).view(x.size(0), 2, 2)
    scores = torch.matmul(q, k.transpose(-2, -1)) / (float(q.size(-1)) ** 0.5)
    mask = torch.tril(torch.ones([2, 2])) == 0
    weights = torch.softmax(scores.masked_fill(mask, -1e9), -1)
    fused = torch.scaled_dot_product_attention(q.unsqueeze(1), k.unsqueeze(1), k.unsqueeze(1))
    return (torch.bmm(weights, k) + fused.squeeze(1)).mean([1])
)",
      R"(
def forward(self, x):
    held: List[Any] = [1, "a"]
    named: Dict[str, Any] = {"held": held}
    held.append([x])
    first = held[0]
    if isinstance(first, int):
        x = x + first
    return x + len("{} {}".format(held[0:2], len(named)))
)",
      R"(
def forward(self, x):
    y = x.view(-1, 1, 2, 2)
    y = torch.conv2d(y, self.weight.view(4, 1, 2, 2), self.bias, [1, 1], [1, 1], [1, 1], 1)
    y = torch.max_pool2d(torch.batch_norm(y, self.bias, self.bias, self.mean, self.mean * self.mean, False, 0.1, 1e-5, True), [2, 2])
    return torch.adaptive_avg_pool2d(torch.dropout(y, 0.5, False), [1, 1]).flatten(1, -1), y
)"};
}

} // namespace spade::testing
