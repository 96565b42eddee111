// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <vector>

#include <spade/layer_graph.hpp>
#include <spade/report/report_options.hpp>
#include <spade/trace.hpp>

namespace spade {

/// Writes explanations as one HTML page that needs no network: every picture, style and figure lies in the
/// file.
///
/// Explanations of one input through one trace that follow each other share a section. Each section shows the
/// picture (with the outline of its mask), both networks' top classes, and per interpreter the dense
/// network's map beside the trace's, both drawn alone and over the picture; then sparsity and error of every
/// layer and what reproduces it.
///
/// A map drawn alone is the sum over channels, blue and red where it or its neighbour has both signs. Over
/// the picture lies the heat map that the AUC is taken of (interpreters::heat_map; names that begin with
/// "lrp" or "LRP" are read by their positive sums). Every map has its own scale, whose end is the 99.5th
/// percentile of the absolute values; the colour bar has it.
///
/// @throws InvalidArgument where there is no explanation, or a mask is all inside or all outside, or as
///   ReportOptions::check
/// @throws ShapeMismatch where an attribution is not [1, C, H, W] like its input, or a mask not [H, W]
/// @throws NumericalError where an attribution or a mask is not finite
/// @throws FileError where the file cannot be written; then nothing is left of it
/// Cost: about three times the file's size in memory; some 15 bytes a pixel and map in the file; mean_scores,
/// and LayerGraph::fingerprint once for each network, whose traces share it.
void write_report(const std::filesystem::path& path, const std::vector<Explanation>& explanations,
                  const ReportOptions& options = {});

/// Writes the same as JSON: `explanations`, a list with one entry for each, and `means`, an object by
/// interpreter.
///
/// docs/report.md has the fields. Attributions themselves are not in it. Throws as write_report
/// (NumericalError only where there is a mask). Cost: mean_scores, and LayerGraph::fingerprint once for
/// each network.
void write_json(const std::filesystem::path& path, const std::vector<Explanation>& explanations,
                const ReportOptions& options = {});

} // namespace spade
