// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/report/write_report.hpp>

#include <string>

#include <spade/core/error.hpp>
#include <spade/io/atomic_file.hpp>

#include "digest.hpp"
#include "page_data.hpp"
#include "templates.hpp"

namespace spade {
namespace {

std::string rendered(const char* text, const kainjow::mustache::data& data) {
  kainjow::mustache::mustache page{text};
  if (!page.is_valid())
    throw Error(message("report: a template of the page is broken: ", page.error_message()));
  return page.render(data);
}

} // namespace

void write_report(const std::filesystem::path& path, const std::vector<Explanation>& explanations,
                  const ReportOptions& options) {
  const auto digest = report::digest(explanations, options);
  std::string page = rendered(report::templates::opening, report::opening_data(digest, options));
  // One section at a time: only the page itself grows with the number of pictures.
  for (std::size_t i = 0; i < digest.sections.size(); ++i) {
    page += rendered(report::templates::section, report::section_data(digest.sections[i], i + 1, options));
  }
  page += rendered(report::templates::closing, report::closing_data(digest, options));
  write_atomically(path, page);
}

} // namespace spade
