// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace spade::report::templates {

/// The files *.mustache and style.css of this folder, taken in when the build is configured.
extern const char* const opening;
extern const char* const section;
extern const char* const closing;
extern const char* const style;

} // namespace spade::report::templates
