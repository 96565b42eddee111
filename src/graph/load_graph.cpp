// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <array>

#include <spade/core/error.hpp>
#include <spade/graph/importer.hpp>

#include "format.hpp"

namespace spade {

LayerGraph load_graph(const std::string& path, const at::Tensor& example) {
  if (!example.defined() || example.dim() == 0 || example.numel() == 0) {
    throw InvalidArgument(message("load_graph: the example for \"", path, "\" is ",
                                  example.defined() ? "of shape " + shape_text(example.sizes()) : "undefined",
                                  "; give one input with its batch dimension, [1, 3, 224, 224] for example"));
  }
  const auto archive = graph::read_archive(path);
  const std::array formats{graph::torchscript_format(), graph::exported_format()};
  for (const auto& format : formats) {
    if (format.recognises(archive)) return LayerGraph(format.import(path, example));
  }
  const bool state = archive.has("data.pkl");
  throw FileError(
      message("model file \"", path, "\" is a zip archive, but no model",
              state ? " with its code: torch.save "
                      "keeps the weights only"
                    : "",
              "; save the network with torch.export.save, or torch.jit.trace and torch.jit.save"));
}

} // namespace spade
