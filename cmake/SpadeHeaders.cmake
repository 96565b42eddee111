# SPDX-FileCopyrightText: 2026 The spade authors
# SPDX-License-Identifier: Apache-2.0

# spade_headers_that_include(<result> <regex>)
# The public headers, as paths like spade/pruner.hpp, that include a header whose name matches <regex>, directly or
# through another header of ours.
function(spade_headers_that_include result regex)
  set(root ${PROJECT_SOURCE_DIR}/include)
  file(GLOB_RECURSE rest CONFIGURE_DEPENDS RELATIVE ${root} ${root}/spade/*.hpp)
  set(found)
  set(names "<${regex}")
  while(names)
    set(next)
    foreach(header IN LISTS rest)
      file(STRINGS ${root}/${header} includes REGEX "^#include <")
      if("${includes}" MATCHES "${names}")
        list(REMOVE_ITEM rest ${header})
        list(APPEND found ${header})
        list(APPEND next "<${header}>")
      endif()
    endforeach()
    list(JOIN next "|" names)
    string(REPLACE "." "[.]" names "${names}")
  endwhile()
  set(${result} ${found} PARENT_SCOPE)
endfunction()

# spade_public_headers(<torch_free> <with_torch>)
# Sorts the public headers by whether they include a header of LibTorch.
function(spade_public_headers torch_free with_torch)
  set(root ${PROJECT_SOURCE_DIR}/include)
  file(GLOB_RECURSE all CONFIGURE_DEPENDS RELATIVE ${root} ${root}/spade/*.hpp)
  spade_headers_that_include(torch "(ATen|c10|torch)/")
  list(REMOVE_ITEM all ${torch})
  set(${torch_free} ${all} PARENT_SCOPE)
  set(${with_torch} ${torch} PARENT_SCOPE)
endfunction()
