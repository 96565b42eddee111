// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <exception>
#include <new>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include <spade/core/error.hpp>

#include "arguments.hpp"
#include "interruption.hpp"
#include "session.hpp"
#include "standard_streams.hpp"

namespace {

using namespace spade::explain_tool;

// What other libraries throw goes on for pages; its first line says what is wrong.
std::string first_line(const char* text) {
  const std::string all = text;
  return all.substr(0, all.find('\n'));
}

// LibTorch's allocator has an error of its own, whose text goes on about its source file.
bool out_of_memory(const std::exception& error) {
  return dynamic_cast<const std::bad_alloc*>(&error) != nullptr ||
         std::string_view(error.what()).find("DefaultCPUAllocator") != std::string_view::npos;
}

int run(const Arguments& arguments, Interruption& interruption) {
  const auto results = explain_all(arguments, interruption);
  const auto text = summary_text(results);
  interruption.begin_writing();
  write_results(arguments.report, arguments.json, results);
  std::string written;
  for (const auto& path : {arguments.report, arguments.json}) {
    if (!path.empty()) written += fmt::format("wrote {}\n", path);
  }
  try {
    print_result(text + written);
  } catch (const spade::FileError& error) {
    if (written.empty()) throw;
    throw spade::FileError(fmt::format("{}; the files are written", error.what()));
  }
  return 0;
}

// Help, the version, or what is wrong with the command line.
int print(const Answer& answer) {
  if (answer.exit_code != 0) {
    print_error(answer.text);
  } else {
    print_result(answer.text);
  }
  return answer.exit_code;
}

} // namespace

int main(int count, char** values) {
  const bool output_open = prepare_standard_streams();
  Interruption interruption;
  const auto complain = [](const std::string& sentence) { print_error("spade-explain: " + sentence + "\n"); };
  try {
    if (!output_open) throw spade::FileError("standard output is closed; /dev/null takes what nobody reads");
    const auto parsed = parse_arguments(count, values);
    return parsed.answer ? print(*parsed.answer) : run(parsed.arguments, interruption);
  } catch (const spade::Interrupted&) {
    complain("interrupted; no file was written");
    return interruption.exit_code();
  } catch (const std::exception& error) {
    complain(out_of_memory(error) ? "out of memory; smaller pictures (--size) take less"
                                  : first_line(error.what()));
  }
  return 1;
}
