# SPDX-FileCopyrightText: 2026 The spade authors
# SPDX-License-Identifier: Apache-2.0

# spade_public_headers(<torch_free> <with_torch>)
# Sorts the public headers, as paths like spade/pruner.hpp, by whether they include a header of LibTorch, directly or
# through another header of ours.
function(spade_public_headers torch_free with_torch)
  set(root ${PROJECT_SOURCE_DIR}/include)
  file(GLOB_RECURSE headers CONFIGURE_DEPENDS RELATIVE ${root} ${root}/spade/*.hpp)
  set(free ${headers})
  set(tainted "<(ATen|c10|torch)/")
  while(tainted)
    set(next)
    foreach(header IN LISTS free)
      file(STRINGS ${root}/${header} includes REGEX "^#include <")
      if("${includes}" MATCHES "${tainted}")
        list(REMOVE_ITEM free ${header})
        list(APPEND next "<${header}>")
      endif()
    endforeach()
    list(JOIN next "|" tainted)
    string(REPLACE "." "[.]" tainted "${tainted}")
  endwhile()
  list(REMOVE_ITEM headers ${free})
  set(${torch_free} ${free} PARENT_SCOPE)
  set(${with_torch} ${headers} PARENT_SCOPE)
endfunction()
