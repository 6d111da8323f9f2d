# CMake finds every test by its place: tests/test_NAME.c (cmocka), tests/lua/test_NAME.lua (run by
# the runner), tests/NAME.sh (run by sh or bash, as its first line says). Their ctest names are
# test_NAME, lua/test_NAME and NAME; their labels are c, lua and sh.
#
# Tests find in the environment: NETMCU (the runner), NETMCU_SOURCE, NETMCU_BUILD, NETMCU_SANITIZE
# (the instrumentation of the build, or nothing) and NETMCU_PRELOAD (see below). The exit status 77
# means skipped.
#
# The tests in sh start first, because they take longest. The last tests are then short.
#
# A test that needs other ctest properties sets them in its own comment, one in each line:
#   ctest: TIMEOUT 300
#   ctest: RUN_SERIAL TRUE

set(NETMCU_TEST_WRAPPER "" CACHE STRING "Command, as a list, that runs the cmocka and Lua tests (valgrind, qemu)")

# Instrumented code is slower, and no test measures speed.
set(patience 1)
if(NETMCU_SANITIZE OR NETMCU_COVERAGE OR NETMCU_TEST_WRAPPER)
  set(patience 5)
endif()

# A stock Lua must load the sanitizer before the sanitized module: LD_PRELOAD=$NETMCU_PRELOAD lua5.4
# …
set(preload "")
if(NETMCU_SANITIZE MATCHES "address" AND NOT APPLE)
  set(runtime libasan.so)
  if(CMAKE_C_COMPILER_ID MATCHES "Clang")
    set(runtime libclang_rt.asan-${CMAKE_SYSTEM_PROCESSOR}.so)
  endif()
  execute_process(COMMAND ${CMAKE_C_COMPILER} -print-file-name=${runtime}
    OUTPUT_VARIABLE preload OUTPUT_STRIP_TRAILING_WHITESPACE)
endif()

function(netmcu_add_test name source label seconds)
  # Each test has its own working directory, so tests that write files can run side by side.
  set(directory ${PROJECT_BINARY_DIR}/tests/work/${name})
  file(MAKE_DIRECTORY ${directory})
  add_test(NAME ${name} COMMAND ${ARGN} WORKING_DIRECTORY ${directory})

  file(STRINGS ${source} lines REGEX "ctest: [A-Z_]+ ")
  set(properties "")
  foreach(line ${lines})
    if(line MATCHES "ctest: (TIMEOUT) ([0-9]+)")
      set(seconds ${CMAKE_MATCH_2})
    elseif(line MATCHES "ctest: ([A-Z_]+) ([^ ]+)")
      list(APPEND properties ${CMAKE_MATCH_1} ${CMAKE_MATCH_2})
    endif()
  endforeach()
  if(lines)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${source})
  endif()

  set(cost 0)
  if(label STREQUAL "sh")
    set(cost 10)
  endif()
  math(EXPR seconds "${seconds} * ${patience}")
  set(environment
    NETMCU=${PROJECT_BINARY_DIR}/netmcu${CMAKE_EXECUTABLE_SUFFIX}
    NETMCU_SOURCE=${PROJECT_SOURCE_DIR}
    NETMCU_BUILD=${PROJECT_BINARY_DIR}
    NETMCU_SANITIZE=${NETMCU_SANITIZE}
    NETMCU_PRELOAD=${preload}
    "LUA_PATH=${PROJECT_SOURCE_DIR}/tests/lua/?.lua\\;\\;")
  set_tests_properties(${name} PROPERTIES
    TIMEOUT ${seconds} SKIP_RETURN_CODE 77 COST ${cost} LABELS ${label} ENVIRONMENT "${environment}" ${properties})
endfunction()

file(GLOB c_tests CONFIGURE_DEPENDS tests/test_*.c)
netmcu_leave_out_other_systems(c_tests)
file(GLOB lua_tests CONFIGURE_DEPENDS tests/lua/test_*.lua)
file(GLOB sh_tests CONFIGURE_DEPENDS tests/*.sh)
if(NOT NETMCU_PING)
  list(FILTER c_tests EXCLUDE REGEX "/test_(lua_)?ping[^/]*$")
  list(FILTER lua_tests EXCLUDE REGEX "/test_(net_)?ping[^/]*$")
  list(FILTER sh_tests EXCLUDE REGEX "/ping[^/]*$")
endif()
if(NOT NETMCU_SIM) # those that name it
  foreach(source ${c_tests} ${lua_tests} ${sh_tests})
    file(STRINGS ${source} lines REGEX "--sim|--seeds|\"simulated\"|need_program simulated|netmcu_sim\\.h|\"world\\.h\"")
    if(lines AND NOT source MATCHES "/test_no_sim\\.sh$")
      list(REMOVE_ITEM c_tests ${source})
      list(REMOVE_ITEM lua_tests ${source})
      list(REMOVE_ITEM sh_tests ${source})
    endif()
  endforeach()
endif()
if(WIN32) # these test what only other systems have: signals, users, namespaces, a shell with openssl
  list(FILTER c_tests EXCLUDE REGEX "/test_(adopt|many_connections|send_then_close_bulk|too_many_open_files|ping_hosts|ipv6_groups|unix_socket|tls[a-z_]*)\\.c$")
  set(sh_tests "")
endif()
if(NOT TARGET netmcu::mbedtls)
  list(FILTER c_tests EXCLUDE REGEX "/test_tls[^/]*$")
endif()
if(NOT TARGET netmcu_shim)
  list(FILTER c_tests EXCLUDE REGEX "/test_lua_[^/]*$")
endif()
if(NOT TARGET netmcu_runner)
  set(lua_tests "")
  set(sh_tests "")
endif()

if(c_tests)
  find_package(PkgConfig QUIET)
  if(PKG_CONFIG_FOUND)
    pkg_check_modules(NETMCU_CMOCKA QUIET IMPORTED_TARGET cmocka)
  endif()
  if(TARGET PkgConfig::NETMCU_CMOCKA)
    set(cmocka PkgConfig::NETMCU_CMOCKA)
  else()
    find_package(cmocka CONFIG QUIET)
    if(NOT TARGET cmocka::cmocka)
      message(FATAL_ERROR "the tests need cmocka. Install\n"
        "  Debian, Ubuntu   apt install libcmocka-dev\n"
        "  Fedora           dnf install libcmocka-devel\n"
        "  Alpine           apk add cmocka-dev\n"
        "  macOS            brew install cmocka\n"
        "and configure again, or leave the tests out with -DNETMCU_TESTS=OFF.")
    endif()
    set(cmocka cmocka::cmocka)
  endif()
endif()

file(GLOB support_sources CONFIGURE_DEPENDS tests/support/*.c)
if(WIN32) # no fork, no process limits, no shell
  list(FILTER support_sources EXCLUDE REGEX "/(crowd|tls)\\.c$")
  list(APPEND support_sources tests/support/windows/posix.c)
endif()
if(NOT TARGET netmcu::mbedtls)
  list(FILTER support_sources EXCLUDE REGEX "/tls\\.c$")
endif()
if(c_tests AND support_sources)
  add_library(netmcu_test_support STATIC ${support_sources})
  netmcu_own_target(netmcu_test_support)
  target_include_directories(netmcu_test_support PUBLIC tests/support src include)
  if(WIN32)
    target_include_directories(netmcu_test_support BEFORE PUBLIC tests/support/windows)
  endif()
  target_link_libraries(netmcu_test_support PUBLIC ${cmocka} ${core_libraries})
endif()

foreach(source ${c_tests})
  cmake_path(GET source STEM name)
  add_executable(${name} ${source} $<TARGET_OBJECTS:netmcu_core>)
  netmcu_own_target(${name})
  target_include_directories(${name} PRIVATE tests/support src include)
  if(TARGET netmcu_test_support)
    target_link_libraries(${name} PRIVATE netmcu_test_support)
  endif()
  target_link_libraries(${name} PRIVATE ${cmocka} ${core_libraries})
  if(name MATCHES "^test_lua_")
    target_sources(${name} PRIVATE $<TARGET_OBJECTS:netmcu_shim>)
    target_include_directories(${name} PRIVATE lua)
    target_link_libraries(${name} PRIVATE ${NETMCU_DEVICE_LIBS} ${lua_library})
  endif()
  if(NOT NETMCU_PING)
    target_compile_definitions(${name} PRIVATE NETMCU_NO_PING)
  endif()
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
  netmcu_add_test(${name} ${source} c 300 ${NETMCU_TEST_WRAPPER} $<TARGET_FILE:${name}>)
endforeach()

foreach(source ${lua_tests})
  cmake_path(GET source STEM name)
  # A flash of its own: a test that writes files changes neither the sources nor another run.
  file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/tests/work/lua/${name}/flash)
  netmcu_add_test(lua/${name} ${source} lua 300
    ${NETMCU_TEST_WRAPPER} $<TARGET_FILE:netmcu_runner> --root flash ${source})
endforeach()

foreach(source ${sh_tests})
  cmake_path(GET source STEM name)
  file(STRINGS ${source} first_line LIMIT_COUNT 1)
  if(first_line MATCHES "bash")
    set(shell bash)
  else()
    set(shell sh)
  endif()
  netmcu_add_test(${name} ${source} sh 300 ${shell} ${source})
endforeach()
