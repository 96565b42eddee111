# SPDX-FileCopyrightText: 2026 The spade authors
# SPDX-License-Identifier: Apache-2.0
# What `cmake --install` puts where, and the package that find_package(spade) finds.

include(CMakePackageConfigHelpers)
include(SpadeHeaders)

set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/spade)

spade_public_headers(headers torch_headers)
if(SPADE_WITH_TORCH)
  list(APPEND headers ${torch_headers})
endif()
foreach(header IN LISTS headers)
  get_filename_component(folder ${header} DIRECTORY)
  install(FILES ${PROJECT_SOURCE_DIR}/include/${header} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/${folder})
endforeach()

# One export set a component, so that the solvers are found without LibTorch.
install(TARGETS spade_solvers EXPORT spadeSolversTargets)
install(EXPORT spadeSolversTargets NAMESPACE spade:: DESTINATION ${package_folder})
if(SPADE_WITH_TORCH)
  install(TARGETS spade_spade EXPORT spadeTargets)
  install(EXPORT spadeTargets NAMESPACE spade:: DESTINATION ${package_folder})
  install(FILES cmake/SpadeTorch.cmake DESTINATION ${package_folder})
endif()
if(TARGET spade_explain)
  install(TARGETS spade_explain)
endif()
if(TARGET spade_demo)
  install(TARGETS spade_demo)
  install(DIRECTORY tools/demo/data/ DESTINATION ${CMAKE_INSTALL_DATADIR}/spade/demo)
endif()

configure_package_config_file(cmake/SpadeConfig.cmake.in spadeConfig.cmake INSTALL_DESTINATION ${package_folder}
                              NO_SET_AND_CHECK_MACRO)
# Before 1.0 a new minor number may change an interface.
write_basic_package_version_file(spadeConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/spadeConfig.cmake ${PROJECT_BINARY_DIR}/spadeConfigVersion.cmake
        DESTINATION ${package_folder})
