// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <exception>
#include <new>
#include <string>

#include <fmt/format.h>

#include <spade/core/error.hpp>
#include <spade/report/write_report.hpp>

#include "arguments.hpp"
#include "interruption.hpp"
#include "session.hpp"

namespace {

using namespace spade::explain_tool;

// What other libraries throw goes on for pages; its first line says what is wrong.
std::string first_line(const char* text) {
  const std::string all = text;
  return all.substr(0, all.find('\n'));
}

int run(const Arguments& arguments, Interruption& interruption) {
  const auto results = explain_all(arguments, interruption);
  const auto summary = summary_text(results);
  interruption.begin_writing();
  if (!arguments.report.empty()) spade::write_report(arguments.report, results.explanations, results.options);
  if (!arguments.json.empty()) spade::write_json(arguments.json, results.explanations, results.options);
  fmt::print("{}", summary);
  for (const auto& path : {arguments.report, arguments.json}) {
    if (!path.empty()) fmt::print("wrote {}\n", path);
  }
  return std::fflush(stdout) == 0 ? 0 : 1;
}

} // namespace

int main(int count, char** values) {
  Interruption interruption;
  const auto parsed = parse_arguments(count, values);
  if (parsed.answer) {
    fmt::print(parsed.answer->exit_code == 0 ? stdout : stderr, "{}", parsed.answer->text);
    return parsed.answer->exit_code;
  }
  try {
    return run(parsed.arguments, interruption);
  } catch (const spade::Interrupted&) {
    fmt::print(stderr, "spade-explain: interrupted; no file was written\n");
    return interruption.exit_code();
  } catch (const spade::Error& error) {
    fmt::print(stderr, "spade-explain: {}\n", first_line(error.what()));
  } catch (const std::bad_alloc&) {
    fmt::print(stderr, "spade-explain: out of memory; smaller pictures (--size) take less\n");
  } catch (const std::exception& error) {
    fmt::print(stderr, "spade-explain: {}\n", first_line(error.what()));
  }
  return 1;
}
