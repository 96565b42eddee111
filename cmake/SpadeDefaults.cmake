# SPDX-FileCopyrightText: 2026 The spade authors
# SPDX-License-Identifier: Apache-2.0
# Language level, build type, output folders, warnings, sanitizers and the compiler cache.

if(PROJECT_IS_TOP_LEVEL)
  if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
    set(CMAKE_BUILD_TYPE Release CACHE STRING "Debug, Release, RelWithDebInfo or MinSizeRel" FORCE)
  endif()
  set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
  find_program(SPADE_CCACHE ccache)
  mark_as_advanced(SPADE_CCACHE)
  if(SPADE_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    # A precompiled header is cached only when told that its time stamp does not matter.
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
        CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${SPADE_CCACHE})
  endif()
endif()
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_INSTALL_RPATH_USE_LINK_PATH ON)  # an installed tool finds the LibTorch it was built on

# Compile options of every target of ours; users of the library inherit none of them.
add_library(spade_build_options INTERFACE)
target_compile_features(spade_build_options INTERFACE cxx_std_20)
# -fPIC for programs too: all share one precompiled header.
target_compile_options(spade_build_options INTERFACE
  -fPIC -Wall -Wextra -Wpedantic -Wconversion -fpch-preprocess $<$<BOOL:${SPADE_WERROR}>:-Werror>)
# Several sources in one translation unit: what is local to one of them is as if it came from a header.
if(CMAKE_UNITY_BUILD AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(spade_build_options INTERFACE -Wno-subobject-linkage)
endif()
if(SPADE_SANITIZE)
  target_compile_options(spade_build_options INTERFACE -fsanitize=${SPADE_SANITIZE} -fno-omit-frame-pointer)
  target_link_options(spade_build_options INTERFACE -fsanitize=${SPADE_SANITIZE})
endif()
