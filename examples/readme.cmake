# SPDX-FileCopyrightText: 2026 The spade authors
# SPDX-License-Identifier: Apache-2.0
cmake_minimum_required(VERSION 3.25)
# README.md contains the example as it is compiled.
file(READ ${ROOT}/examples/readme.cpp example)
string(REGEX REPLACE "^(//[^\n]*\n)+\n" "" example "${example}")
file(READ ${ROOT}/README.md readme)
string(FIND "${readme}" "```cpp\n${example}```\n" position)
if(position EQUAL -1)
  message(FATAL_ERROR "README.md does not show examples/readme.cpp, which is\n${example}")
endif()
