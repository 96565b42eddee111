# SPDX-FileCopyrightText: 2026 The spade authors
# SPDX-License-Identifier: Apache-2.0
# Finds LibTorch, headers and libraries from one installation. Used by spade's build and by the installed package.
#
# Result: the target `torch`; SPADE_TORCH_VERSION, SPADE_TORCH_LIBRARY (libtorch.so), SPADE_TORCH_HAS_CUDA; or, where
# something is wrong, SPADE_TORCH_PROBLEM, a text.
#
# TorchConfig.cmake looks for its own libraries by name on the system's paths before it looks beside itself, so a
# LibTorch in a folder of its own can end up with the headers of one version and the libraries of another. Here its
# folder goes first on the search path, what an earlier run cached for another LibTorch is forgotten, and the result
# is checked.

set(SPADE_TORCH_PROBLEM "")

# With Torch_DIR known, its prefix is: <prefix>/share/cmake/Torch (wheels, zip files), <prefix>/lib/<arch>/cmake/Torch.
find_path(Torch_DIR NAMES TorchConfig.cmake DOC "Folder of LibTorch's TorchConfig.cmake" PATHS ENV Torch_DIR
          PATH_SUFFIXES share/cmake/Torch Torch lib/cmake/Torch lib/${CMAKE_LIBRARY_ARCHITECTURE}/cmake/Torch)
if(NOT Torch_DIR)
  string(CONCAT SPADE_TORCH_PROBLEM
         "spade needs LibTorch, and there is no TorchConfig.cmake on CMake's search path. Run cmake/setup.sh, or give "
         "-DCMAKE_PREFIX_PATH=<folder of libtorch>; for Python's torch that is <site-packages>/torch.")
  return()
endif()
get_filename_component(_spade_torch_prefix "${Torch_DIR}/../../.." REALPATH)
if(NOT IS_DIRECTORY "${_spade_torch_prefix}/include/ATen")
  get_filename_component(_spade_torch_prefix "${Torch_DIR}/../../../.." REALPATH)
endif()

if(NOT "${SPADE_TORCH_PREFIX}" STREQUAL "${_spade_torch_prefix}")
  foreach(_spade_library IN ITEMS TORCH_LIBRARY c10_LIBRARY kineto_LIBRARY Caffe2_DIR)
    unset(${_spade_library} CACHE)
  endforeach()
endif()
set(SPADE_TORCH_PREFIX "${_spade_torch_prefix}" CACHE INTERNAL "Folder of the chosen LibTorch")

set(SPADE_TORCH_HAS_CUDA OFF)
if(EXISTS "${SPADE_TORCH_PREFIX}/lib/libtorch_cuda.so")
  set(SPADE_TORCH_HAS_CUDA ON)
  find_program(SPADE_NVCC nvcc HINTS ENV CUDA_HOME ENV CUDA_PATH PATHS /usr/local/cuda PATH_SUFFIXES bin)
  mark_as_advanced(SPADE_NVCC)
endif()

if(TARGET torch)
  # The surrounding project has found it already.
elseif(SPADE_TORCH_HAS_CUDA)
  # TorchConfig.cmake of a CUDA build stops where it finds no CUDA toolkit, or another version than its own. Neither
  # linking nor running such a build needs one.
  file(GLOB _spade_cuda_folders "${SPADE_TORCH_PREFIX}/../nvidia/*/lib" "${SPADE_TORCH_PREFIX}/../cusparselt/lib")
  list(PREPEND _spade_cuda_folders "${SPADE_TORCH_PREFIX}/lib")
  list(TRANSFORM _spade_cuda_folders PREPEND "-Wl,-rpath-link,")
  foreach(_spade_library IN ITEMS c10 torch_cpu torch)
    add_library(${_spade_library} SHARED IMPORTED GLOBAL)
    set_target_properties(${_spade_library} PROPERTIES
      IMPORTED_LOCATION "${SPADE_TORCH_PREFIX}/lib/lib${_spade_library}.so"
      INTERFACE_INCLUDE_DIRECTORIES "${SPADE_TORCH_PREFIX}/include;${SPADE_TORCH_PREFIX}/include/torch/csrc/api/include")
  endforeach()
  # The kernels register themselves when their library is loaded, though nothing refers to it by name.
  set_target_properties(torch PROPERTIES
    INTERFACE_LINK_LIBRARIES
    "torch_cpu;c10;-Wl,--push-state,--no-as-needed,${SPADE_TORCH_PREFIX}/lib/libtorch_cpu.so,${SPADE_TORCH_PREFIX}/lib/libtorch_cuda.so,--pop-state"
    INTERFACE_LINK_OPTIONS "-Wl,--allow-shlib-undefined;${_spade_cuda_folders}")
else()
  set(_spade_prefix_path "${CMAKE_PREFIX_PATH}")
  set(_spade_log_level "${CMAKE_MESSAGE_LOG_LEVEL}")
  list(PREPEND CMAKE_PREFIX_PATH "${SPADE_TORCH_PREFIX}")
  set(CMAKE_MESSAGE_LOG_LEVEL ERROR)  # it warns of a profiler's library that no wheel has
  find_package(Torch REQUIRED)
  set(CMAKE_PREFIX_PATH "${_spade_prefix_path}")
  set(CMAKE_MESSAGE_LOG_LEVEL "${_spade_log_level}")
endif()

# The wheels' libraries bring parts of a newer libstdc++ along, std::filesystem among them, and show them to everybody: a
# program that has LibTorch before the system's libstdc++ runs them, and crashes in some (std::filesystem::remove_all of
# LibTorch 2.11 for CUDA).
if(CMAKE_SYSTEM_NAME STREQUAL "Linux" AND "stdc++" IN_LIST CMAKE_CXX_IMPLICIT_LINK_LIBRARIES)
  set(_spade_standard_library "-Wl,--push-state,--no-as-needed,-lstdc++,--pop-state")
  get_target_property(_spade_options torch INTERFACE_LINK_OPTIONS)
  if(NOT "${_spade_standard_library}" IN_LIST _spade_options)
    set_property(TARGET torch APPEND PROPERTY INTERFACE_LINK_OPTIONS "${_spade_standard_library}")
  endif()
endif()

# What is really compiled against and linked.
get_target_property(SPADE_TORCH_LIBRARY torch LOCATION)
get_target_property(_spade_torch_includes torch INTERFACE_INCLUDE_DIRECTORIES)
list(GET _spade_torch_includes 0 _spade_torch_include)
get_filename_component(_spade_torch_include "${_spade_torch_include}" REALPATH)
get_filename_component(_spade_torch_library "${SPADE_TORCH_LIBRARY}" REALPATH)
foreach(_spade_path IN ITEMS "${_spade_torch_include}" "${_spade_torch_library}")
  string(FIND "${_spade_path}/" "${SPADE_TORCH_PREFIX}/" _spade_position)
  if(NOT _spade_position EQUAL 0)
    string(CONCAT SPADE_TORCH_PROBLEM
           "Two LibTorch installations are mixed up: ${_spade_path} is not in ${SPADE_TORCH_PREFIX}, where "
           "TorchConfig.cmake is. Name one by -DTorch_DIR=<folder of TorchConfig.cmake>, with a new build folder.")
  endif()
endforeach()

set(SPADE_TORCH_VERSION "")
foreach(_spade_file IN ITEMS torch/headeronly/version.h torch/csrc/api/include/torch/version.h)
  if(NOT SPADE_TORCH_VERSION AND EXISTS "${_spade_torch_include}/${_spade_file}")
    file(STRINGS "${_spade_torch_include}/${_spade_file}" _spade_lines REGEX "^#define TORCH_VERSION_(MAJOR|MINOR|PATCH) [0-9]+$")
    list(TRANSFORM _spade_lines REPLACE ".* " "")
    list(JOIN _spade_lines "." SPADE_TORCH_VERSION)
  endif()
endforeach()
if(SPADE_TORCH_VERSION VERSION_LESS 1.13)
  set(SPADE_TORCH_PROBLEM
      "spade needs LibTorch 1.13 or newer; the one in ${SPADE_TORCH_PREFIX} is '${SPADE_TORCH_VERSION}'.")
endif()
if("${TORCH_CXX_FLAGS}" MATCHES "_GLIBCXX_USE_CXX11_ABI=0")
  string(CONCAT SPADE_TORCH_PROBLEM
         "The LibTorch in ${SPADE_TORCH_PREFIX} is built for the old C++ ABI (_GLIBCXX_USE_CXX11_ABI=0), in which it "
         "cannot be linked with the system's libraries. Take its cxx11-abi build, or 2.6 or newer.")
endif()
foreach(_spade_variable IN ITEMS prefix cuda_folders standard_library options prefix_path log_level torch_prefix torch_includes torch_include torch_library path
                                 position lines file library variable)
  unset(_spade_${_spade_variable})
endforeach()
