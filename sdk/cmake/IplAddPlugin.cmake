# ipl_add_plugin(NAME SOURCE... [NO_INSTALL] [NO_TEST] [SETTINGS JSON])
#
# The plugin NAME.so, a module that exports ipl_entry_v1 and nothing else. It goes to
# IPL_PLUGIN_OUTPUT_DIRECTORY when that is set, and is installed in IPL_PLUGIN_INSTALL_DIR. Where
# testing is on it gets a test `validate.NAME` that runs ipl-validate on it, with the defaults of its
# settings schema or with SETTINGS. Link what else it needs with target_link_libraries.
set(IPL_PLUGIN_INSTALL_DIR "lib/image-pipeline/plugins" CACHE STRING "Where plugins are installed")

function(ipl_add_plugin name)
    cmake_parse_arguments(PARSE_ARGV 1 ARG "NO_INSTALL;NO_TEST" "SETTINGS" "")
    add_library(${name} MODULE ${ARG_UNPARSED_ARGUMENTS})
    target_link_libraries(${name} PRIVATE ipl::sdk)
    if(CMAKE_CXX_COMPILER_LOADED)
        target_compile_features(${name} PRIVATE cxx_std_20)  # what plugin.hpp needs
    endif()
    set_target_properties(${name} PROPERTIES
        PREFIX ""
        C_VISIBILITY_PRESET hidden
        CXX_VISIBILITY_PRESET hidden
        VISIBILITY_INLINES_HIDDEN ON
        POSITION_INDEPENDENT_CODE ON
        LINK_DEPENDS ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/plugin.map)
    if(IPL_PLUGIN_OUTPUT_DIRECTORY)
        set_target_properties(${name} PROPERTIES
            LIBRARY_OUTPUT_DIRECTORY ${IPL_PLUGIN_OUTPUT_DIRECTORY})
    endif()
    # A GNU unique symbol would pin the library in memory and share its state with namesakes.
    target_compile_options(${name} PRIVATE $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-fno-gnu-unique>)
    target_link_options(${name} PRIVATE -Wl,--version-script=${CMAKE_CURRENT_FUNCTION_LIST_DIR}/plugin.map)
    # A missing symbol shall end the link, not the host. Sanitizers leave theirs to the executable.
    string(CONCAT flags "${IPL_SANITIZE} ${CMAKE_C_FLAGS} ${CMAKE_CXX_FLAGS} "
        "${CMAKE_MODULE_LINKER_FLAGS}")
    if(NOT IPL_SANITIZE AND NOT flags MATCHES "-fsanitize")
        target_link_options(${name} PRIVATE -Wl,-z,defs)
    endif()
    if(NOT ARG_NO_INSTALL)
        install(TARGETS ${name} LIBRARY DESTINATION ${IPL_PLUGIN_INSTALL_DIR} COMPONENT plugins)
    endif()
    if(CMAKE_TESTING_ENABLED AND NOT ARG_NO_TEST)
        set(settings)
        if(ARG_SETTINGS)
            set(settings --settings ${ARG_SETTINGS})
        endif()
        add_test(NAME validate.${name}
            COMMAND $<TARGET_FILE:ipl::validate> ${settings} $<TARGET_FILE:${name}>)
        set_tests_properties(validate.${name} PROPERTIES TIMEOUT 120)
    endif()
endfunction()
