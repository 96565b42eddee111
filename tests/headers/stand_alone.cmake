# SPDX-FileCopyrightText: 2026 The spade authors
# SPDX-License-Identifier: Apache-2.0
# Compiles each of HEADERS (below ROOT) in a source of its own, included twice, with only ROOT and SYSTEM_INCLUDES on
# the include path. PRECOMPILED, if given, is a header of SYSTEM_INCLUDES that each of them includes.
cmake_minimum_required(VERSION 3.25)

string(REPLACE "," ";" headers "${HEADERS}")
string(REPLACE "," ";" system_includes "${SYSTEM_INCLUDES}")
list(TRANSFORM system_includes PREPEND "-isystem")
if(NOT headers)
  message(FATAL_ERROR "No headers to compile.")
endif()

set(compile ${COMPILER} -std=c++20 -Wall -Wextra -Wpedantic -Winvalid-pch -Werror -I${ROOT} ${system_includes})
set(before)
if(PRECOMPILED)
  set(before ${FOLDER}/precompiled.hpp)
  file(WRITE ${before} "#include <${PRECOMPILED}>\n")
  execute_process(COMMAND ${compile} -x c++-header ${before} -o ${before}.gch COMMAND_ERROR_IS_FATAL ANY)
  list(PREPEND before -include)
endif()

set(broken)
foreach(header IN LISTS headers)
  set(source ${FOLDER}/${header}.cpp)
  file(WRITE ${source} "#include <${header}>\n#include <${header}>\n")
  execute_process(
    COMMAND ${compile} -fsyntax-only ${before} ${source}
    RESULT_VARIABLE result ERROR_VARIABLE errors)
  if(NOT result EQUAL 0)
    list(APPEND broken ${header})
    message("${header} does not compile by itself:\n${errors}")
  endif()
endforeach()
list(LENGTH headers count)
if(broken)
  message(FATAL_ERROR "These headers do not stand alone: ${broken}")
endif()
message("${count} headers stand alone.")
