# SPDX-FileCopyrightText: 2026 The spade authors
# SPDX-License-Identifier: Apache-2.0
cmake_minimum_required(VERSION 3.25)
# A test case's name travels through CMake lists on its way to CTest: a semicolon, or a bracket without its partner,
# would quietly join it with its neighbours.
set(problems)
file(GLOB_RECURSE sources ${ROOT}/tests/*.cpp)
foreach(source IN LISTS sources)
  file(READ ${source} text)
  string(REGEX REPLACE "[;]" "<semicolon>" text "${text}")
  string(REPLACE "[" "<open>" text "${text}")
  string(REPLACE "]" "<close>" text "${text}")
  string(REGEX MATCHALL "TEST_CASE\\(\"[^\"]*\"" names "${text}")
  foreach(name IN LISTS names)
    string(REGEX REPLACE "<open>[^<]*<close>" "" rest "${name}")
    if("${rest}" MATCHES "<semicolon>|<open>|<close>")
      list(APPEND problems "${source}: ${name}")
    endif()
  endforeach()
endforeach()
if(problems)
  list(JOIN problems "\n  " text)
  message(FATAL_ERROR "Test names with a semicolon or an unpaired bracket:\n  ${text}")
endif()
