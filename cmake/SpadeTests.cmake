# SPDX-FileCopyrightText: 2026 The spade authors
# SPDX-License-Identifier: Apache-2.0

# spade_add_test_files(<program> <label>)
# One CTest entry for each of the program's sources <name>_test.cpp, which runs that file's cases: <label>.<name>.
# An entry for every case would start the program, and load LibTorch, some hundred times more.
function(spade_add_test_files program label)
  # The file's name as a tag; a program that then finds no case at all fails (Catch2 3 needs not be told).
  set(options -\#)
  if(Catch2_VERSION VERSION_LESS 3)
    list(APPEND options --warn NoTests)
  endif()
  get_target_property(sources ${program} SOURCES)
  list(FILTER sources INCLUDE REGEX "_test[.]cpp$")
  if(NOT sources)
    message(FATAL_ERROR "${program} has no sources named *_test.cpp.")
  endif()
  set(seen)
  foreach(source IN LISTS sources)
    get_filename_component(stem ${source} NAME_WE)
    if(stem IN_LIST seen)
      message(FATAL_ERROR "${program} has two sources named ${stem}.cpp: the tests of both would run twice.")
    endif()
    list(APPEND seen ${stem})
    string(REGEX REPLACE "_test$" "" name ${stem})
    add_test(NAME ${label}.${name} COMMAND ${program} ${options} "[#${stem}]")
    set_tests_properties(${label}.${name} PROPERTIES LABELS ${label} TIMEOUT 600)
  endforeach()
endfunction()
