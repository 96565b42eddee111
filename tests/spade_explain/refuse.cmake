# SPDX-FileCopyrightText: 2026 The spade authors
# SPDX-License-Identifier: Apache-2.0
# cmake -D PROGRAM=... -D INPUTS=FOLDER -D OUTPUTS=FOLDER -D EXPECTED=REGEX -D ARGUMENTS=LIST -P refuse.cmake
#
# Runs the program on the arguments, in the folder of inputs, and fails unless it says one sentence that matches, on
# standard error alone, ends with neither success nor a signal, leaves no file, and changes no input.
file(REMOVE_RECURSE ${OUTPUTS})
file(MAKE_DIRECTORY ${OUTPUTS})
file(GLOB inputs LIST_DIRECTORIES false ${INPUTS}/* ${INPUTS}/pictures/*)
list(FILTER inputs EXCLUDE REGEX "/pipe$")
foreach(input IN LISTS inputs)
  file(SHA256 ${input} hash)
  list(APPEND before ${hash})
endforeach()

string(REPLACE "@OUT@" "${OUTPUTS}" ARGUMENTS "${ARGUMENTS}")
execute_process(COMMAND ${PROGRAM} ${ARGUMENTS} WORKING_DIRECTORY ${INPUTS}
                OUTPUT_VARIABLE out ERROR_VARIABLE err RESULT_VARIABLE status)

if(NOT status MATCHES "^[12]$")
  message(FATAL_ERROR "ended with ${status}, after: ${out}${err}")
endif()
if(NOT out STREQUAL "")
  message(FATAL_ERROR "printed to standard output: ${out}")
endif()
if(NOT err MATCHES "^spade-explain: [^\n]*\n$")
  message(FATAL_ERROR "did not say one sentence, but: ${err}")
endif()
if(NOT err MATCHES "${EXPECTED}")
  message(FATAL_ERROR "said: ${err}where was expected: ${EXPECTED}")
endif()
file(GLOB left ${OUTPUTS}/* ${OUTPUTS}/.*)
list(FILTER left EXCLUDE REGEX "/\\.\\.?$")
if(left)
  message(FATAL_ERROR "left behind: ${left}")
endif()
file(GLOB inputs_after LIST_DIRECTORIES false ${INPUTS}/* ${INPUTS}/pictures/*)
list(FILTER inputs_after EXCLUDE REGEX "/pipe$")
if(NOT inputs_after STREQUAL inputs)
  message(FATAL_ERROR "made files among the inputs: ${inputs_after}")
endif()
foreach(input IN LISTS inputs)
  file(SHA256 ${input} hash)
  list(APPEND after ${hash})
endforeach()
if(NOT before STREQUAL after)
  message(FATAL_ERROR "changed an input")
endif()
