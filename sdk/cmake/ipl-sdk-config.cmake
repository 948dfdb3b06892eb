# find_package(ipl-sdk): the targets ipl::sdk and ipl::validate, the function ipl_add_plugin.
include(${CMAKE_CURRENT_LIST_DIR}/ipl-sdk-targets.cmake)
include(${CMAKE_CURRENT_LIST_DIR}/IplAddPlugin.cmake)
