# SPDX-FileCopyrightText: 2026 The spade authors
# SPDX-License-Identifier: Apache-2.0
# Linking spade must not change how a user's own files are compiled: no warnings, no code generation options.
file(GENERATE OUTPUT inherited_options.cpp CONTENT
"constexpr const char* inherited = R\"( $<JOIN:$<TARGET_PROPERTY:consumer,COMPILE_OPTIONS>, >)\";
constexpr bool has_option(const char* text) {
  for (; *text; ++text)
    if (text[0] == ' ' && text[1] == '-' && text[2] != 'D') return true;
  return false;
}
static_assert(!has_option(inherited), \"spade hands compile options on to its users\");
" TARGET consumer)
target_sources(consumer PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/inherited_options.cpp)
if(TARGET spade_tests OR TARGET spade_solvers_tests OR TARGET spade_explain)
  message(FATAL_ERROR "spade builds its tests or tools inside somebody else's project.")
endif()
