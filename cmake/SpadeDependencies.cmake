# SPDX-FileCopyrightText: 2026 The spade authors
# SPDX-License-Identifier: Apache-2.0
# Finds what spade is built from. cmake/setup.sh installs what is missing.

find_package(Threads REQUIRED)
find_package(Eigen3 3.4 REQUIRED NO_MODULE)

if(SPADE_WITH_TORCH)
  find_package(Torch REQUIRED)
  find_package(fmt REQUIRED)
  find_package(nlohmann_json 3.11 REQUIRED)
  message(STATUS "LibTorch ${Torch_VERSION}: ${TORCH_LIBRARY}")
endif()
