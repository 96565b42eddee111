# SPDX-FileCopyrightText: 2026 The spade authors
# SPDX-License-Identifier: Apache-2.0
# cmake -DNM=... -DOBJECTS=a.o;b.o;... -P: each object of src/linalg/levels must define one symbol that others can see,
# its table. A second one, weak or not, could be merged with another instruction set's by the linker.
set(seen 0)
foreach(object IN LISTS OBJECTS)
  if(NOT object MATCHES "linalg/levels/([a-z0-9_]+)\\.cpp")
    continue()
  endif()
  set(level ${CMAKE_MATCH_1})
  math(EXPR seen "${seen} + 1")
  execute_process(COMMAND ${NM} --demangle --defined-only --extern-only ${object}
                  OUTPUT_VARIABLE symbols OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  if(NOT symbols MATCHES "^[0-9a-f]+ [A-Z] spade::linalg::kernels_${level}$")
    message(FATAL_ERROR "${object} shows more than its table:\n${symbols}")
  endif()
endforeach()
if(seen EQUAL 0)
  message(FATAL_ERROR "no object of src/linalg/levels among: ${OBJECTS}")
endif()
message(STATUS "${seen} levels, one symbol each")
