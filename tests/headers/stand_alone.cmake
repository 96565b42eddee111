# SPDX-FileCopyrightText: 2026 The spade authors
# SPDX-License-Identifier: Apache-2.0
# Compiles each of HEADERS (below ROOT) in a source of its own, included twice, with only ROOT and SYSTEM_INCLUDES on
# the include path.
cmake_minimum_required(VERSION 3.25)

string(REPLACE "," ";" headers "${HEADERS}")
string(REPLACE "," ";" system_includes "${SYSTEM_INCLUDES}")
list(TRANSFORM system_includes PREPEND "-isystem")
if(NOT headers)
  message(FATAL_ERROR "No headers to compile.")
endif()

set(broken)
foreach(header IN LISTS headers)
  set(source ${FOLDER}/${header}.cpp)
  file(WRITE ${source} "#include <${header}>\n#include <${header}>\n")
  execute_process(
    COMMAND ${COMPILER} -std=c++20 -fsyntax-only -Wall -Wextra -Wpedantic -Werror -I${ROOT} ${system_includes} ${source}
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
