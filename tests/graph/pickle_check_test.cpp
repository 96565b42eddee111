// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// Pickles of TorchScript archives, as LibTorch writes them and as nobody should.
#include <functional>

#include <ATen/ATen.h>
#include <catch2/catch.hpp>
#include <torch/script.h>

#include <spade/core/error.hpp>
#include <spade/graph/importer.hpp>

#include "graph/mapped_file.hpp"
#include "graph/scripted.hpp"
#include "graph/torch_save.hpp"
#include "graph/torchscript/pickle_check.hpp"
#include "graph/zip_writer.hpp"

using Catch::Matchers::Contains;
using namespace spade;
using namespace testing::pickle;
using testing::little_endian;
using testing::numbers;

namespace {

void check(const std::string& path) {
  const graph::MappedFile file(path);
  graph::torchscript::check_pickles(path, file.bytes(), graph::read_zip(file.bytes(), "the file"),
                                    "the file");
}

testing::ZipFile& entry(std::vector<testing::ZipFile>& files, const std::string& name) {
  for (auto& file : files) {
    if (file.name.ends_with(name)) return file;
  }
  throw std::logic_error("no entry " + name);
}

/// A network with a weight [2, 3] of float32; its archive is changed before it is loaded.
void refuses(const std::function<void(std::vector<testing::ZipFile>&)>& change, const std::string& reason) {
  const testing::Scratch scratch;
  auto files = testing::unzip(scratch.save({"def forward(self, x):\n  return torch.linear(x, self.weight)\n",
                                            {{"weight", numbers({2, 3})}},
                                            {},
                                            {}}));
  change(files);
  const auto path = scratch.write("changed.pt", testing::zip(files));
  INFO(reason);
  REQUIRE_THROWS_AS(load_graph(path, at::zeros({1, 3})), FileError);
  REQUIRE_THROWS_WITH(load_graph(path, at::zeros({1, 3})), Contains(reason) && Contains(path));
}

/// The same, with other instructions in data.pkl.
void refuses(const std::string& instructions, const std::string& changed, const std::string& reason) {
  refuses(
      [&](auto& files) {
        auto& pickle = entry(files, "/data.pkl").content;
        const auto at = pickle.find(instructions);
        REQUIRE(at != std::string::npos);
        pickle.replace(at, instructions.size(), changed);
      },
      reason);
}

/// The same, with that value and a storage of 12 float32 among the constants.
void refuses_constant(const std::string& value, const std::string& reason) {
  refuses(
      [&](auto& files) {
        auto& pickle = entry(files, "/constants.pkl");
        const auto folder = pickle.name.substr(0, pickle.name.size() - 4);
        pickle.content = "\x80\x02" + value + "\x85.";
        files.emplace_back();
        files.back().name = folder + "/0";
        files.back().content = std::string(48, '\0');
      },
      reason);
}

const std::string weight_count("K\x06tQ", 4);
const std::string weight_shape("(K\x02K\x03t(K\x03K\x01t", 12);

std::string floats() {
  return storage("FloatStorage", "0", 12);
}

std::string longs(std::int64_t size) {
  return tensor(storage("LongStorage", "0", 6), integer(0), integers({size}), integers({1}));
}

std::string call(const std::string& function, std::initializer_list<std::string> arguments) {
  return 'c' + function + '\n' + tuple(arguments) + 'R';
}

} // namespace

TEST_CASE("storages that claim more than their entry has are refused", "[graph][pickle]") {
  const std::string tail = "elements of type Float, 4 bytes each, and its entry \"data/0\" has 24 bytes: the "
                           "file is damaged; save "
                           "the network again";
  refuses(weight_count, "J\xff\xff\xff\x7ftQ", "its data.pkl has a storage \"0\" of 2147483647 " + tail);
  refuses(weight_count, "K\x07tQ", "of 7 " + tail);
  refuses(weight_count, "J\xff\xff\xff\xfftQ", "of -1 " + tail);
  refuses(weight_count, "\x8a\x08" + little_endian(std::uint64_t{1} << 62, 8) + "tQ",
          "of 4611686018427387904 ");
  refuses("FloatStorage", "DoubleStorage", "of 6 elements of type Double, 8 bytes each");
  refuses(text("0"), text("7"), "the entry \"data/7\" of its storage is missing");
  refuses(text("0"), text("../0\n"), "the entry \"data/../0?\" of its storage is missing");
}

TEST_CASE("tensors without numbers are refused", "[graph][pickle]") {
  refuses(text("cpu"), text("meta"), "the device \"meta\"");
}

TEST_CASE("tensors that do not lie in their storage are refused", "[graph][pickle]") {
  const std::string where = "in its data.pkl a tensor of storage \"0\", ";
  const auto refuses_shape = [&](at::IntArrayRef sizes, at::IntArrayRef strides, const std::string& reason) {
    refuses(weight_shape, integers(sizes) + integers(strides), reason);
  };
  refuses_shape({40000, 50000}, {50000, 1}, where + "[40000, 50000] of type Float with strides [50000, 1]");
  refuses_shape({2, 4}, {3, 1},
                "does not lie inside its stored 24 bytes; the file is damaged, so save it again");
  refuses_shape({-2, -3}, {3, 1}, "negative");
  refuses_shape({2, 3}, {-3, 1}, "negative");
  refuses_shape({2, 3}, {3}, "a stride for each dimension");
  refuses("K" + std::string(1, '\0') + weight_shape, "K\x01" + weight_shape, "from element 1, does not lie");
  refuses(weight_count, "K\x05tQ", "does not lie inside its stored 20 bytes");
}

TEST_CASE("pickles that LibTorch would read as another program are refused", "[graph][pickle]") {
  refuses("ctorch._utils\n_rebuild_tensor_v2\n", "K" + std::string(1, '\0'), "calls what is no function");
  refuses("ctorch\nFloatStorage\n", "K\x06", "another kind");
  refuses_constant("ctorch\nFloatStorage\n)R", "calls torch FloatStorage");
  refuses_constant("Nr\xff\xff\xff\x7f", "keeps a value under number 2147483647");
  refuses_constant("X\xff\xff\xff\xff", "ends too early");
  refuses_constant("ctorch\nFloatStorage", "ends too early");
  refuses_constant("(Nt(", "takes more values than it makes");
  refuses_constant("}(Nu", "fills something else");
  refuses_constant("(Nd", "fills something else");
  refuses_constant("]q\x01h\x01"
                   "a",
                   "something else holds already");
  refuses_constant("]q\x01)\x86h\x01Na0", "something else holds already");
}

TEST_CASE("pickles of TorchScript that call what makes no network are refused by name", "[graph][pickle]") {
  refuses_constant(call("torch.distributed.rpc\nrref", {integer(0)}), "\"torch.distributed.rpc rref\"");
  refuses_constant(call("torch._tensor\n_rebuild_from_type_v2", {floats()}), "_rebuild_from_type_v2");
  refuses_constant(call("torch\nload", {text("x")}), "\"torch load\"");
}

TEST_CASE("values and types of a pickle that nest too deep are refused", "[graph][pickle]") {
  refuses_constant(")" + std::string(200'000, '\x85'), "nest over 1000 deep");
  std::string lists;
  for (int i = 0; i < 100'000; ++i)
    lists += ']';
  refuses_constant(lists + std::string(99'999, 'a'), "nest over 1000 deep");
  std::string type;
  for (int i = 0; i < 5'000; ++i)
    type += "List[";
  refuses_constant(call("torch.jit._pickle\nrestore_type_tag", {"]", text(type)}),
                   "in the name of a type in constants.pkl");
  refuses_constant("c__torch__\n" + std::string(5'000, '(') + "\n)\x81}b",
                   "in the name of a type in constants.pkl");
  refuses(
      [](auto& files) {
        auto& lines = entry(files, "code/__torch__.py.debug_pkl");
        const auto name = lines.name;
        lines = {};
        lines.name = name;
        lines.content = "\x80\x02)" + std::string(200'000, '\x85') + ".";
      },
      "__torch__.py.debug_pkl has a pickle whose values nest over 1000 deep");
}

TEST_CASE("storages that are described over and over are refused", "[graph][pickle]") {
  refuses(
      [](auto& files) {
        auto& pickle = entry(files, "/constants.pkl");
        const auto folder = pickle.name.substr(0, pickle.name.size() - 4);
        files.emplace_back();
        files.back().name = folder + "/0";
        files.back().content = std::string(8'000'000, '\0');
        std::string many = "\x80\x02(";
        for (int i = 0; i < 40; ++i)
          many += storage("FloatStorage", "0", 2'000'000);
        entry(files, "/constants.pkl").content = many + "t.";
      },
      "describes storages so often");
}

TEST_CASE("quantised and sparse tensors of a pickle are checked inside, too", "[graph][pickle]") {
  const auto quantised = [](const std::string& parameters) {
    return call("torch._utils\n_rebuild_qtensor",
                {storage("QInt8Storage", "0", 48), integer(0), integers({3, 4}), integers({4, 1}), parameters,
                 boolean(false), empty_dict()});
  };
  const auto per_channel = [&](const std::string& scales, std::int64_t axis) {
    return quantised(tuple({"ctorch\nper_channel_affine\n", scales, longs(3), integer(axis)}));
  };
  const auto scales = [](std::int64_t size) {
    return tensor(storage("DoubleStorage", "0", 6), integer(0), integers({size}), integers({1}));
  };
  refuses_constant(per_channel(scales(2), 0),
                   "[3, 4] is quantised along dimension 0 with scales or zero points [2]");
  refuses_constant(per_channel(scales(3), 1), "along dimension 1 with scales or zero points [3]");
  refuses_constant(per_channel(scales(3), 2), "along dimension 2");
  refuses_constant(per_channel(floats(), 0), "another kind");
  refuses_constant(quantised("N"), "another kind");

  const auto sparse = [](std::int64_t layout, at::IntArrayRef sizes) {
    const auto indices =
        tensor(storage("LongStorage", "0", 6), integer(0), integers({2, 3}), integers({3, 1}));
    const auto values = tensor(floats(), integer(0), integers({3}), integers({1}));
    return call("torch._utils\n_rebuild_sparse_tensor",
                {integer(layout), integers(sizes), boolean(false), indices, values, values});
  };
  refuses_constant(sparse(1, {0, 3}), "a sparse tensor [0, 3]");
  refuses_constant(sparse(1, {3}), "a sparse tensor [3]");
  refuses_constant(sparse(2, {3, 3}), "a sparse tensor [3, 3]");
  refuses_constant(sparse(4, {3, 3}), "the layout 4");
}

TEST_CASE("what torch.jit.save writes passes the check of its pickles", "[graph][pickle]") {
  namespace jit = torch::jit;
  const testing::Scratch scratch;
  jit::Module module("Network");
  const auto attribute = [&](const std::string& name, const c10::TypePtr& type, const c10::IValue& value) {
    module.register_attribute(name, type, value);
  };
  const auto base = numbers({4, 6});
  module.register_parameter("weight", base, false);
  module.register_buffer("view", base.t().slice(0, 1, 3));
  module.register_buffer("expanded", numbers({1, 3}).expand({5, 3}));
  module.register_buffer("empty", at::zeros({0, 3}));
  module.register_buffer("scalar", at::scalar_tensor(2.0));
  for (const auto type : {at::kHalf, at::kBFloat16, at::kDouble, at::kLong, at::kInt, at::kShort, at::kChar,
                          at::kByte, at::kBool, at::kComplexFloat, at::kComplexDouble})
    module.register_buffer(message("of_", c10::toString(type)), base.to(type));
  module.register_buffer("quantised", at::quantize_per_tensor(base, 0.1, 3, at::kQUInt8));
  module.register_buffer("by_channel",
                         at::quantize_per_channel(base, at::ones({4}), at::zeros({4}), 0, at::kQInt8));
  module.register_buffer("sparse", at::eye(5).to_sparse());
  module.register_buffer("rows", at::eye(5).to_sparse_csr());
  attribute("integer", c10::IntType::get(), std::int64_t{-1});
  attribute("large", c10::IntType::get(), std::int64_t{1} << 40);
  attribute("real", c10::FloatType::get(), 0.5);
  attribute("complex", c10::ComplexType::get(), c10::complex<double>(1, 2));
  attribute("text", c10::StringType::get(), std::string("a text"));
  attribute("device", c10::DeviceObjType::get(), c10::Device(at::kCPU));
  attribute("nothing", c10::OptionalType::create(c10::TensorType::get()), c10::IValue());
  attribute("integers", c10::ListType::ofInts(), std::vector<std::int64_t>{1, 2, 300, 70000});
  attribute("reals", c10::ListType::ofFloats(), std::vector<double>{1, 2});
  attribute("flags", c10::ListType::ofBools(), c10::List<bool>{true, false});
  attribute("tensors", c10::ListType::ofTensors(), std::vector<at::Tensor>{base, base[1]});
  attribute("texts", c10::ListType::ofStrings(), std::vector<std::string>{"a", "b"});
  attribute("none", c10::ListType::ofStrings(), std::vector<std::string>{});
  attribute("pair", c10::TupleType::create({c10::IntType::get(), c10::TensorType::get()}),
            c10::ivalue::Tuple::create({std::int64_t{1}, base}));
  c10::Dict<std::string, c10::List<std::int64_t>> table;
  for (int i = 0; i < 400; ++i)
    table.insert(std::to_string(i), c10::List<std::int64_t>{i, 2 * i});
  attribute("table", c10::DictType::create(c10::StringType::get(), c10::ListType::ofInts()), table);
  module.define("def forward(self, x):\n  return torch.linear(x, self.weight)\n");
  const auto path = scratch.path("all.pt");
  module.save(path);
  check(path);
  auto loaded = torch::jit::load(path);
  CHECK(loaded.attr("table").toGenericDict().size() == 400);
  CHECK(at::equal(loaded.attr("sparse").toTensor().to_dense(), at::eye(5)));
  const auto graph = load_graph(path, numbers({2, 6}));
  CHECK(at::equal(graph.forward(numbers({2, 6})), at::linear(numbers({2, 6}), base)));
}
