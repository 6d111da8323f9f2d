# cpack, in a build for Windows: the zip with the program, the Lua module, documentation and
# examples. It runs where it is unpacked. The libraries are linked statically, except for Lua: the
# modules of a script must share the program's.

if(NOT NETMCU_LUA OR NOT NETMCU_RUNNER OR BUILD_SHARED_LIBS)
  return()
endif()

set(NETMCU_LICENSES "" CACHE PATH "Folder with the licences of the linked libraries, for the zip")
find_file(NETMCU_LUA_DLL NAMES lua54.dll liblua54.dll HINTS ${NETMCU_LUA54_PREFIX}/bin)
mark_as_advanced(NETMCU_LUA_DLL)
if(NOT NETMCU_LUA_DLL)
  message(STATUS "lua54.dll not found: cpack would make no zip")
  return()
endif()

set(in_zip COMPONENT zip EXCLUDE_FROM_ALL)
install(TARGETS netmcu_runner RUNTIME DESTINATION . ${in_zip})
install(TARGETS netmcu_lua LIBRARY DESTINATION lua ${in_zip})
install(FILES ${NETMCU_LUA_DLL} README.md LICENSE DESTINATION . ${in_zip})
install(DIRECTORY ${lua_dir}/ DESTINATION lua ${in_zip} FILES_MATCHING PATTERN "*.lua")
install(DIRECTORY docs examples DESTINATION . ${in_zip}
  PATTERN "Doxyfile" EXCLUDE PATTERN "doxygen.awk" EXCLUDE PATTERN "netmcu.1" EXCLUDE)
install(FILES bench/README.md DESTINATION bench ${in_zip})
install(DIRECTORY include DESTINATION . ${in_zip}) # the documentation refers to the headers
if(NETMCU_LICENSES)
  install(DIRECTORY ${NETMCU_LICENSES}/ DESTINATION licences ${in_zip})
endif()

set(CPACK_GENERATOR ZIP)
set(CPACK_COMPONENTS_ALL zip)
set(CPACK_ARCHIVE_COMPONENT_INSTALL ON)
set(CPACK_COMPONENT_INCLUDE_TOPLEVEL_DIRECTORY ON)
set(CPACK_PACKAGE_NAME netmcu)
set(CPACK_PACKAGE_FILE_NAME netmcu-${PROJECT_VERSION}-windows-x86_64)
set(CPACK_ARCHIVE_ZIP_FILE_NAME ${CPACK_PACKAGE_FILE_NAME})
set(CPACK_STRIP_FILES ON)
include(CPack)
