# SPDX-FileCopyrightText: 2026 The spade authors
# SPDX-License-Identifier: Apache-2.0
# Reads the includes of every header and source below ROOT and checks that each part includes only the parts that
# docs/architecture.md lets it know, and that the umbrella header has everything.
cmake_minimum_required(VERSION 3.25)

# A part is a contract (pruner.hpp) or a folder (pruners/). <part>:<the parts it may include besides itself>
set(allowed
    "core:"
    "layer:core"
    "traceable_graph:core,layer"
    "differentiable_graph:core,layer,traceable_graph"
    "operator_graph:core,layer,traceable_graph,differentiable_graph,graph"
    "layer_graph:core,layer,traceable_graph,graph"
    "graph:core,layer,traceable_graph,layer_graph"
    "linalg:core"
    "pruner:core"
    "pruners:core,linalg,pruner"
    "sparsity_plan:core,layer"
    "plan:core,layer,sparsity_plan"
    "augmenter:core"
    "sample:core"
    "augmenters:core,augmenter,sample"
    "statistics:core,layer,linalg,pruner,traceable_graph"
    "interpreter:core"
    "interpreters:core,layer,traceable_graph,differentiable_graph,layer_graph,graph,interpreter"
    "metric:core"
    "metrics:core,layer,traceable_graph,layer_graph,graph,interpreter,interpreters,metric"
    "trace:core,layer,traceable_graph,pruner,sparsity_plan"
    "sparse_trace:core,layer,traceable_graph,pruner,augmenter,interpreter,sparsity_plan,statistics,trace"
    "io:core,layer,traceable_graph,layer_graph,graph,sample,augmenters,sparsity_plan"
    "report:core,layer,traceable_graph,layer_graph,graph,sample,interpreter,interpreters,metric,metrics,sparsity_plan,io,trace"
    "recipes:*"
    "spade:*")
# Parts that stand below LibTorch, and the contracts that graphs of other frameworks are written against.
set(torch_free core layer traceable_graph linalg pruner pruners sparsity_plan plan augmenter interpreter statistics trace
    sparse_trace)

# "spade/pruners/fast.hpp" -> pruners, "spade/pruner.hpp" -> pruner, "pruners/fast.cpp" -> pruners
function(part_of path result)
  string(REGEX REPLACE "^spade/" "" path "${path}")
  string(REGEX REPLACE "[/.].*$" "" part "${path}")
  set(${result} ${part} PARENT_SCOPE)
endfunction()

set(problems)
file(GLOB_RECURSE headers RELATIVE ${ROOT}/include ${ROOT}/include/spade/*.hpp)
file(GLOB_RECURSE sources RELATIVE ${ROOT}/src ${ROOT}/src/*.hpp ${ROOT}/src/*.cpp)
list(LENGTH headers count)
if(count LESS 20)
  message(FATAL_ERROR "Only ${count} headers below ${ROOT}/include: this check reads nothing.")
endif()
list(TRANSFORM headers PREPEND include/)
list(TRANSFORM sources PREPEND src/)
foreach(file IN LISTS headers sources)
  string(REGEX REPLACE "^(include|src)/" "" path ${file})
  part_of("${path}" part)
  set(may)
  foreach(entry IN LISTS allowed)
    if("${entry}" MATCHES "^${part}:(.*)$")
      string(REPLACE "," ";" may "${CMAKE_MATCH_1},${part}")
    endif()
  endforeach()
  if(NOT may)
    list(APPEND problems "${file}: ${part} is no part of docs/architecture.md")
    continue()
  endif()
  file(STRINGS ${ROOT}/${file} includes REGEX "^#include [<\"]")
  foreach(line IN LISTS includes)
    string(REGEX REPLACE "^#include [<\"]([^>\"]*)[>\"].*" "\\1" included "${line}")
    if("${included}" MATCHES "^(ATen|c10|torch)/" AND part IN_LIST torch_free)
      list(APPEND problems "${file}: ${part} knows no LibTorch, but includes ${included}")
    endif()
    if("${file}" MATCHES "^include" AND "${included}" MATCHES "^fmt/")
      list(APPEND problems "${file}: a public header includes ${included} (LibTorch ships another fmt)")
    endif()
    if("${included}" MATCHES "^spade/" OR EXISTS "${ROOT}/src/${included}")
      part_of("${included}" target)
      # A source may always include the header that it implements.
      get_filename_component(stem ${file} NAME_WE)
      if(NOT target IN_LIST may AND NOT "*" IN_LIST may AND NOT "${included}" STREQUAL "spade/${stem}.hpp")
        list(APPEND problems "${file}: ${part} may not include ${included}")
      endif()
    endif()
  endforeach()
endforeach()

# The umbrella reaches every public header.
set(reached include/spade/spade.hpp)
set(queue ${reached})
while(queue)
  list(POP_FRONT queue file)
  if(NOT EXISTS ${ROOT}/${file})
    list(APPEND problems "${file}: is included, but not there")
    continue()
  endif()
  file(STRINGS ${ROOT}/${file} includes REGEX "^#include <spade/")
  foreach(line IN LISTS includes)
    string(REGEX REPLACE "^#include <([^>]*)>.*" "include/\\1" included "${line}")
    if(NOT included IN_LIST reached)
      list(APPEND reached ${included})
      list(APPEND queue ${included})
    endif()
  endforeach()
endwhile()
foreach(header IN LISTS headers)
  if(NOT header IN_LIST reached)
    list(APPEND problems "${header}: include/spade/spade.hpp does not include it, directly or through another; please add it there")
  endif()
endforeach()

if(problems)
  list(JOIN problems "\n  " text)
  message(FATAL_ERROR "Includes against the architecture:\n  ${text}")
endif()
message("${count} headers keep to the architecture.")
