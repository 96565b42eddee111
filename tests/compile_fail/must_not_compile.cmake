# SPDX-FileCopyrightText: 2026 The spade authors
# SPDX-License-Identifier: Apache-2.0
# Compiles SOURCE twice. As it stands it must fail with a message that matches its line "// expected: REGEX"; with
# SPADE_CORRECTED, which puts the one wrong thing right, it must compile: so it fails for that reason and no other.
cmake_minimum_required(VERSION 3.25)
file(STRINGS ${SOURCE} expected REGEX "^// expected: ")
string(REPLACE "// expected: " "" expected "${expected}")
if(NOT expected)
  message(FATAL_ERROR "${SOURCE} does not say what to expect.")
endif()
set(compile ${COMPILER} -std=c++20 -fsyntax-only -I${ROOT}/include -I${ROOT}/tests)

execute_process(COMMAND ${compile} -DSPADE_CORRECTED ${SOURCE} RESULT_VARIABLE status ERROR_VARIABLE text)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "The corrected program does not compile:\n${text}")
endif()
execute_process(COMMAND ${compile} ${SOURCE} RESULT_VARIABLE status ERROR_VARIABLE text)
if(status EQUAL 0)
  message(FATAL_ERROR "The wrong program compiles.")
endif()
if(NOT text MATCHES "${expected}")
  message(FATAL_ERROR "The compiler does not say \"${expected}\":\n${text}")
endif()
