// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace spade::explain_tool {

/// Makes sure that no stream or limit ends the program without a word. Comes first in main().
///
/// A stream that the caller closed is opened on /dev/null: otherwise the next file opened would take its
/// place, and be printed into. A pipe without a reader and a file over the size limit become errors of the
/// write (SIGPIPE and SIGXFSZ are ignored).
/// @returns whether standard output was open
[[nodiscard]] bool prepare_standard_streams();

/// Prints to standard output, at once. @throws FileError where that fails (the text has the system's reason)
void print_result(const std::string& text);

/// Prints to standard error; where that fails there is nowhere left to say so.
void print_error(const std::string& text) noexcept;

} // namespace spade::explain_tool
