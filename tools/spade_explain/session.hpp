// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include <spade/layer_graph.hpp>
#include <spade/report/report_options.hpp>
#include <spade/trace.hpp>

#include "arguments.hpp"
#include "interruption.hpp"
#include "picture_list.hpp"

namespace spade::explain_tool {

/// What a run computes, ready to be written.
struct Results {
  std::vector<Explanation> explanations; ///< of each picture by every interpreter, one picture after another
  ReportOptions options;
  std::vector<double> trace_seconds; ///< of each picture's trace
};

/// Explains every picture: one trace each, which serves all interpreters.
///
/// All that can be wrong with the input (names, plan, pictures, targets, folders of the results) is found out
/// before the first trace is computed. The explanations hold the dense graph in place of the sparse one: that
/// of every picture together would be the network's size times the number of pictures.
/// @throws Error of any kind; Interrupted on request
[[nodiscard]] Results explain_all(const Arguments& arguments, const Interruption& interruption);

/// The same for pictures of the caller's, at least one, in place of those that the arguments name.
[[nodiscard]] Results explain_all(const Arguments& arguments, const std::vector<Picture>& pictures,
                                  const Interruption& interruption);

/// Writes the results: both files, or where one cannot be written neither. A name that is empty is not asked
/// for. @throws as write_report and write_json; FileError
void write_results(const std::string& report, const std::string& json, const Results& results);

/// The table of the means, and of the classes kept, for a terminal.
[[nodiscard]] std::string summary_text(const Results& results);

} // namespace spade::explain_tool
