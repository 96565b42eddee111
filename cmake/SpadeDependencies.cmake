# SPDX-FileCopyrightText: 2026 The spade authors
# SPDX-License-Identifier: Apache-2.0
# Finds what spade is built from. cmake/setup.sh installs what is missing.

# A project around this one links what spade is linked with.
set(CMAKE_FIND_PACKAGE_TARGETS_GLOBAL ON)
find_package(Threads REQUIRED)
if(SPADE_BUILD_TESTS OR SPADE_BUILD_EXAMPLES OR SPADE_BUILD_BENCHMARKS)
  find_package(Eigen3 3.4 REQUIRED NO_MODULE)  # the library itself needs none
endif()

if(SPADE_WITH_TORCH)
  include(SpadeTorch)
  if(SPADE_TORCH_PROBLEM)
    message(FATAL_ERROR "${SPADE_TORCH_PROBLEM}")
  endif()
  if(NOT SPADE_TORCH_HAS_CUDA)
    message(STATUS "LibTorch ${SPADE_TORCH_VERSION}, for the CPU: ${SPADE_TORCH_LIBRARY}")
  elseif(SPADE_NVCC)
    message(STATUS "LibTorch ${SPADE_TORCH_VERSION}, with CUDA (${SPADE_NVCC}): ${SPADE_TORCH_LIBRARY}")
  else()
    message(STATUS "LibTorch ${SPADE_TORCH_VERSION}, with CUDA, but no nvcc here: ${SPADE_TORCH_LIBRARY}")
  endif()
  if(SPADE_REQUIRE_CUDA AND NOT (SPADE_TORCH_HAS_CUDA AND SPADE_NVCC))
    message(FATAL_ERROR "SPADE_REQUIRE_CUDA is on, but this LibTorch has no CUDA, or there is no nvcc.")
  endif()
  find_package(fmt REQUIRED)
  find_package(nlohmann_json 3.11 REQUIRED)
  find_path(SPADE_MUSTACHE_INCLUDE_DIR kainjow/mustache.hpp REQUIRED)  # one header, without a package of its own
  mark_as_advanced(SPADE_MUSTACHE_INCLUDE_DIR)
endif()
