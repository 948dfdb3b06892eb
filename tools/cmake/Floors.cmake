# host_floor(NAME DEPENDS ...): the static library `host_NAME` of one floor of host/, made of every
# .cpp in the current folder. Dependencies run one way; tests/layers_test.sh checks the includes.
function(host_floor name)
    cmake_parse_arguments(ARG "" "" "DEPENDS" ${ARGN})
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
    if(NOT sources)
        add_library(host_${name} INTERFACE)
        target_link_libraries(host_${name} INTERFACE ${ARG_DEPENDS})
        return()
    endif()
    add_library(host_${name} STATIC ${sources})
    target_include_directories(host_${name} PUBLIC ${CMAKE_SOURCE_DIR}/host)
    target_link_libraries(host_${name} PUBLIC ${ARG_DEPENDS})
    target_precompile_headers(host_${name} REUSE_FROM host_pch)
endfunction()

# host_test(NAME LIBRARIES ... [SOURCES ...] [SERIAL]): the test executable `test_NAME` of every .cpp
# in the current folder (or of SOURCES), each gtest case one ctest entry. SERIAL: nothing runs beside.
function(host_test name)
    cmake_parse_arguments(ARG "SERIAL" "TIMEOUT" "LIBRARIES;SOURCES;LABELS" ${ARGN})
    if(NOT ARG_SOURCES)
        file(GLOB ARG_SOURCES CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
    endif()
    if(NOT ARG_SOURCES)
        return()
    endif()
    if(NOT ARG_TIMEOUT)
        set(ARG_TIMEOUT 60)
    endif()
    add_executable(test_${name} ${ARG_SOURCES})
    target_include_directories(test_${name} PRIVATE ${CMAKE_SOURCE_DIR}/host ${CMAKE_SOURCE_DIR}/tests)
    target_link_libraries(test_${name} PRIVATE ${ARG_LIBRARIES} GTest::gmock GTest::gtest_main)
    target_precompile_headers(test_${name} REUSE_FROM test_pch)
    target_compile_definitions(test_${name} PRIVATE
        IPL_TEST_DATA="${CMAKE_SOURCE_DIR}/tests/data"
        IPL_SOURCE_DIR="${CMAKE_SOURCE_DIR}"
        IPL_BIN_DIR="${CMAKE_RUNTIME_OUTPUT_DIRECTORY}"
        IPL_PLUGIN_DIR="${IPL_PLUGIN_OUTPUT_DIRECTORY}")
    include(GoogleTest)
    set(properties TIMEOUT ${ARG_TIMEOUT} RUN_SERIAL ${ARG_SERIAL})
    if(ARG_LABELS)
        list(APPEND properties LABELS "${ARG_LABELS}")
    endif()
    gtest_discover_tests(test_${name} DISCOVERY_MODE PRE_TEST PROPERTIES ${properties})
endfunction()
