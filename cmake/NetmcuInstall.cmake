# cmake --install: library, header, CMake package, netmcu.pc, runner, Lua modules, man page. All
# relocatable.

include(CMakePackageConfigHelpers)

set(NETMCU_INSTALL_CMODULES lib/lua/5.4 CACHE STRING "Where Lua 5.4 looks for C modules")
set(NETMCU_INSTALL_MODULES share/lua/5.4 CACHE STRING "Where Lua 5.4 looks for Lua modules")
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/netmcu)

# A program finds a shared libnetmcu relative to itself, so the prefix can be moved.
function(netmcu_find_library_from target directory)
  if(NOT BUILD_SHARED_LIBS OR WIN32)
    return()
  endif()
  set(from /prefix/${directory})
  set(to /prefix/${CMAKE_INSTALL_LIBDIR})
  cmake_path(RELATIVE_PATH to BASE_DIRECTORY ${from} OUTPUT_VARIABLE relative)
  if(APPLE)
    set_target_properties(${target} PROPERTIES INSTALL_RPATH "@loader_path/${relative}")
  else()
    set_target_properties(${target} PROPERTIES INSTALL_RPATH "$ORIGIN/${relative}")
  endif()
endfunction()

install(TARGETS netmcu EXPORT netmcuTargets
  RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT library
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT library NAMELINK_COMPONENT development
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT development)
if(TARGET netmcu_static)
  install(TARGETS netmcu_static EXPORT netmcuTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT development)
endif()
if(TARGET netmcu_embed)
  install(TARGETS netmcu_embed EXPORT netmcuTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT development)
endif()
file(GLOB headers CONFIGURE_DEPENDS include/*.h)
if(NOT TARGET netmcu_embed)
  list(FILTER headers EXCLUDE REGEX "/netmcu_lua\\.h$")
endif()
install(FILES ${headers} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT development)

install(EXPORT netmcuTargets NAMESPACE netmcu:: DESTINATION ${package_dir} COMPONENT development)
configure_package_config_file(cmake/netmcuConfig.cmake.in netmcuConfig.cmake INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(netmcuConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(
  FILES ${PROJECT_BINARY_DIR}/netmcuConfig.cmake ${PROJECT_BINARY_DIR}/netmcuConfigVersion.cmake
        cmake/NetmcuDependencies.cmake
  DESTINATION ${package_dir} COMPONENT development)

# What a program links besides -lnetmcu: always with a static library, and with a shared one only if
# the program is linked with --static. A library that pkg-config does not know is given by its name.
if(netmcu_uv_by_pkg_config)
  set(pc_requires libuv)
  set(pc_libs "")
else()
  set(pc_requires "")
  set(pc_libs -luv)
endif()
if(BUILD_SHARED_LIBS)
  set(pc_private ".private")
else()
  set(pc_private "")
endif()
set(pc_definitions "")
if(NOT NETMCU_PING)
  string(APPEND pc_definitions " -DNETMCU_NO_PING")
endif()
if(BUILD_SHARED_LIBS)
  string(APPEND pc_definitions " -DNETMCU_SHARED")
endif()
set(pc_directory /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig)
set(pc_root /prefix)
cmake_path(RELATIVE_PATH pc_root BASE_DIRECTORY ${pc_directory} OUTPUT_VARIABLE pc_prefix)
configure_file(cmake/netmcu.pc.in netmcu.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/netmcu.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT development)
if(TARGET netmcu_embed)
  set(pc_embed_libs "")
  if(netmcu_uv_by_pkg_config)
    list(APPEND netmcu_embed_requires libuv)
  else()
    set(pc_embed_libs " -luv")
  endif()
  list(JOIN netmcu_embed_requires " " pc_embed_requires)
  configure_file(cmake/netmcu-lua.pc.in netmcu-lua.pc @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/netmcu-lua.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT development)
endif()

if(TARGET netmcu_lua)
  netmcu_find_library_from(netmcu_lua ${NETMCU_INSTALL_CMODULES})
  install(TARGETS netmcu_lua
    LIBRARY DESTINATION ${NETMCU_INSTALL_CMODULES} COMPONENT lua
    RUNTIME DESTINATION ${NETMCU_INSTALL_CMODULES} COMPONENT lua)
  foreach(source ${lua_sources})
    if(source MATCHES "/(netmcu|tmr)\\.lua$")
      set(folder "")
    else()
      cmake_path(GET source PARENT_PATH folder)
      string(PREPEND folder /netmcu/)
    endif()
    install(FILES lua/${source} DESTINATION ${NETMCU_INSTALL_MODULES}${folder} COMPONENT lua)
  endforeach()
endif()

# For editors; the scripts need not run on this machine.
if(TARGET netmcu_lua OR TARGET netmcu_runner)
  install(DIRECTORY docs/luals DESTINATION ${CMAKE_INSTALL_DATADIR}/netmcu COMPONENT runner)
endif()

if(TARGET netmcu_runner)
  netmcu_find_library_from(netmcu_runner ${CMAKE_INSTALL_BINDIR})
  install(TARGETS netmcu_runner RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT runner)
  if(EXISTS ${PROJECT_SOURCE_DIR}/docs/netmcu.1)
    set(man_page docs/netmcu.1)
    if(NETMCU_PACKAGE)
      # gzip -n omits the time, so that the same source always makes the same package.
      set(man_page ${PROJECT_BINARY_DIR}/netmcu.1.gz)
      add_custom_command(OUTPUT ${man_page} COMMAND gzip -9nc ${PROJECT_SOURCE_DIR}/docs/netmcu.1 >${man_page}
        DEPENDS docs/netmcu.1 COMMENT "Compressing the man page")
      add_custom_target(netmcu_man_page ALL DEPENDS ${man_page})
    endif()
    install(FILES ${man_page} DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT runner)
  endif()
endif()
