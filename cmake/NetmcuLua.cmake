# The Lua module net, the Lua files beside it, and the runner, which contains all of them.

find_package(PkgConfig QUIET)
if(PKG_CONFIG_FOUND)
  pkg_search_module(NETMCU_LUA54 QUIET IMPORTED_TARGET lua5.4 lua-5.4 lua54)
  if(NOT NETMCU_LUA54_FOUND)
    pkg_check_modules(NETMCU_LUA54 QUIET IMPORTED_TARGET "lua>=5.4" "lua<5.5")
  endif()
endif()
if(TARGET PkgConfig::NETMCU_LUA54)
  set(lua_headers ${NETMCU_LUA54_INCLUDE_DIRS})
  set(lua_library PkgConfig::NETMCU_LUA54)
  set(lua_files ${NETMCU_LUA54_LINK_LIBRARIES})
else()
  find_package(Lua 5.4 QUIET)
  if(NOT LUA_FOUND OR NOT LUA_VERSION_STRING MATCHES "^5\\.4")
    message(FATAL_ERROR "netmcu needs Lua 5.4, with headers. Install\n"
      "  Debian, Ubuntu   apt install liblua5.4-dev\n"
      "  Fedora           dnf install lua-devel\n"
      "  Alpine           apk add lua5.4-dev\n"
      "  macOS            brew install lua@5.4\n"
      "and configure again, or leave Lua out with -DNETMCU_LUA=OFF -DNETMCU_RUNNER=OFF.")
  endif()
  set(lua_headers ${LUA_INCLUDE_DIR})
  set(lua_library ${LUA_LIBRARIES} ${CMAKE_DL_LIBS})
  set(lua_files ${LUA_LIBRARIES})
endif()

include(device)
include(prompt)

# The folders, the lowest first: each depends only on those before it. .ci/rooms reads this list.
set(module_folders lua/shim lua/net lua/parts lua/device lua/desktop lua/page)
netmcu_sources_of(shim_sources ${module_folders})
netmcu_sources_of(runner_sources lua/runner)

# These objects are compiled once, for the module, the runner and the tests. They see only the
# public headers.
add_library(netmcu_shim OBJECT ${shim_sources})
netmcu_own_target(netmcu_shim)
target_include_directories(netmcu_shim PRIVATE lua)
target_include_directories(netmcu_shim SYSTEM PUBLIC ${lua_headers} PRIVATE ${NETMCU_DEVICE_INCLUDES})
target_compile_definitions(netmcu_shim PRIVATE ${NETMCU_DEVICE_DEFINITIONS})
if(NOT TARGET netmcu::mbedtls)
  target_compile_definitions(netmcu_shim PRIVATE NETMCU_NO_TLS)
endif()
target_link_libraries(netmcu_shim PUBLIC netmcu)
set_target_properties(netmcu_shim PROPERTIES POSITION_INDEPENDENT_CODE ON)

# The Lua files. lua/desktop/netmcu.lua, lua/net/tmr.lua and lua/runner/sim.lua are the modules
# `netmcu`, `tmr` and `netmcu.sim`. Any other FOLDER/NAME.lua is the module netmcu.FOLDER.NAME.
set(lua_dir ${PROJECT_BINARY_DIR}/lua)
file(GLOB lua_sources CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR}/lua lua/*/*.lua)
set(lua_copies "")
set(embed_list "")
foreach(source ${lua_sources})
  if(source MATCHES "/(netmcu|tmr)\\.lua$")
    cmake_path(GET source FILENAME copy)
  elseif(source STREQUAL "runner/sim.lua")
    set(copy netmcu/sim.lua)
  else()
    set(copy netmcu/${source})
  endif()
  add_custom_command(OUTPUT ${lua_dir}/${copy}
    COMMAND ${CMAKE_COMMAND} -E copy ${PROJECT_SOURCE_DIR}/lua/${source} ${lua_dir}/${copy}
    DEPENDS lua/${source} COMMENT "Copying ${copy}" VERBATIM)
  list(APPEND lua_copies ${lua_dir}/${copy})
  string(REGEX REPLACE "\\.lua$" "" module ${copy})
  string(REPLACE "/" "." module ${module})
  list(APPEND embed_list "${module}=${PROJECT_SOURCE_DIR}/lua/${source}")
endforeach()
add_custom_target(netmcu_lua_files ALL DEPENDS ${lua_copies})

# The page of --page, which is only in the program.
file(GLOB page_files CONFIGURE_DEPENDS lua/page/*.html lua/page/*.css lua/page/*.js)
foreach(source ${page_files})
  cmake_path(GET source FILENAME name)
  list(APPEND embed_list "${name}=${source}")
endforeach()

# A module that was deleted from lua/ must also disappear from the build directory.
file(GLOB_RECURSE old_copies ${lua_dir}/*.lua)
list(REMOVE_ITEM old_copies ${lua_copies} "")
if(old_copies)
  file(REMOVE ${old_copies})
endif()

if(NETMCU_LUA)
  add_library(netmcu_lua MODULE $<TARGET_OBJECTS:netmcu_shim>)
  add_dependencies(netmcu_lua netmcu_lua_files)
  target_link_libraries(netmcu_lua PRIVATE netmcu ${NETMCU_DEVICE_LIBS})
  set_target_properties(netmcu_lua PROPERTIES
    PREFIX "" OUTPUT_NAME net LINKER_LANGUAGE C LIBRARY_OUTPUT_DIRECTORY ${lua_dir})

  # The Lua functions come from the program that loads the module. A second copy of Lua inside the
  # module would crash both.
  if(WIN32)
    target_link_libraries(netmcu_lua PRIVATE ${lua_library})
  elseif(APPLE)
    set_target_properties(netmcu_lua PROPERTIES SUFFIX ".so")
    target_link_options(netmcu_lua PRIVATE -undefined dynamic_lookup "LINKER:-exported_symbol,_luaopen_*")
  else()
    set(exports ${PROJECT_SOURCE_DIR}/cmake/module.map)
    target_link_options(netmcu_lua PRIVATE "LINKER:--version-script=${exports}")
    set_property(TARGET netmcu_lua APPEND PROPERTY LINK_DEPENDS ${exports})
  endif()
endif()

# For programs that embed Lua: an archive with one object. The object exports only what netmcu_lua.h
# declares, so no other name in it can collide with a name of the program.
if(NETMCU_LUA AND (NETMCU_INSTALL OR NETMCU_EXAMPLES))
  if(UNIX AND NOT APPLE AND CMAKE_OBJCOPY)
    separate_arguments(c_flags NATIVE_COMMAND "${CMAKE_C_FLAGS}")
    set(one_object ${PROJECT_BINARY_DIR}/netmcu_lua.o)
    add_custom_command(OUTPUT ${one_object}
      COMMAND ${CMAKE_C_COMPILER} ${c_flags} -nostdlib -r -o ${one_object} $<TARGET_OBJECTS:netmcu_shim>
      # Other objects share the thunks of 32-bit x86, so these must remain visible.
      COMMAND ${CMAKE_OBJCOPY} --wildcard -G "netmcu_lua_*" -G luaopen_net -G "__x86.get_pc_thunk.*" ${one_object}
      DEPENDS netmcu_shim $<TARGET_OBJECTS:netmcu_shim> COMMAND_EXPAND_LISTS VERBATIM
      COMMENT "Joining the objects of libnetmcu-lua")
    add_library(netmcu_embed STATIC ${one_object})
    set_source_files_properties(${one_object} PROPERTIES EXTERNAL_OBJECT ON GENERATED ON)
  else()
    add_library(netmcu_embed STATIC $<TARGET_OBJECTS:netmcu_shim>)
  endif()
  add_library(netmcu::lua ALIAS netmcu_embed)
  set(names "")
  foreach(library nettle json-c)
    string(MAKE_C_IDENTIFIER ${library} identifier)
    string(TOUPPER HAVE_${identifier} definition)
    if(definition IN_LIST NETMCU_DEVICE_DEFINITIONS)
      list(APPEND names ${library})
    endif()
  endforeach()
  target_link_libraries(netmcu_embed
    PUBLIC netmcu PRIVATE "$<BUILD_INTERFACE:${NETMCU_DEVICE_LIBS}>" "$<INSTALL_INTERFACE:${names}>")
  set_target_properties(netmcu_embed PROPERTIES
    OUTPUT_NAME netmcu-lua EXPORT_NAME lua LINKER_LANGUAGE C ARCHIVE_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR})
  set(netmcu_embed_requires netmcu ${names})
endif()

if(NETMCU_RUNNER)
  set(embedded ${PROJECT_BINARY_DIR}/generated/embedded.c)
  list(TRANSFORM lua_sources PREPEND ${PROJECT_SOURCE_DIR}/lua/ OUTPUT_VARIABLE embed_files)
  # The command line contains the list, so the file is generated again when a module is added or
  # removed.
  add_custom_command(OUTPUT ${embedded}
    COMMAND ${CMAKE_COMMAND} -DOUTPUT=${embedded} "-DMODULES=${embed_list}" -P ${PROJECT_SOURCE_DIR}/cmake/embed.cmake
    DEPENDS ${embed_files} ${page_files} ${PROJECT_SOURCE_DIR}/cmake/embed.cmake
    COMMENT "Embedding the Lua modules" VERBATIM)

  # Modules that every start needs are also included as bytecode, if the build can run its own
  # compiler.
  file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/generated)
  set(compiled ${PROJECT_BINARY_DIR}/generated/compiled.c)
  if(CMAKE_CROSSCOMPILING)
    file(CONFIGURE OUTPUT ${compiled} CONTENT "#include \"runner/embedded.h\"
const char netmcu_compiled_by[] = \"\";
const unsigned char netmcu_compiled_bytes[] = {0};
const struct netmcu_embedded netmcu_compiled[] = {{\"\", 0, 0}};
")
  else()
    add_executable(netmcu_compile cmake/compile.c)
    netmcu_own_target(netmcu_compile)
    target_include_directories(netmcu_compile SYSTEM PRIVATE ${lua_headers})
    target_link_libraries(netmcu_compile PRIVATE ${lua_library})
    if(UNIX)
      target_link_libraries(netmcu_compile PRIVATE m ${CMAKE_DL_LIBS})
    endif()
    set(compile_list "")
    foreach(name init compat)
      list(APPEND compile_list netmcu.device.${name}=${PROJECT_SOURCE_DIR}/lua/device/${name}.lua)
    endforeach()
    add_custom_command(OUTPUT ${compiled}
      COMMAND netmcu_compile ${compiled} ${compile_list}
      DEPENDS netmcu_compile lua/device/init.lua lua/device/compat.lua
      COMMENT "Compiling the Lua modules of every start" VERBATIM)
  endif()

  add_executable(netmcu_runner ${runner_sources} $<TARGET_OBJECTS:netmcu_shim> ${embedded} ${compiled})
  netmcu_own_target(netmcu_runner)
  target_include_directories(netmcu_runner PRIVATE lua)
  target_include_directories(netmcu_runner SYSTEM PRIVATE ${NETMCU_PROMPT_INCLUDES})
  target_compile_definitions(netmcu_runner PRIVATE ${NETMCU_PROMPT_DEFINITIONS})
  # Looking up the symbols of shared libraries takes a fifth of a start. A shared libnetmcu needs
  # the shared libraries itself.
  set(runner_archives "")
  if(NETMCU_DEVICE_STATIC AND CMAKE_SYSTEM_NAME STREQUAL "Linux" AND NOT BUILD_SHARED_LIBS)
    find_library(NETMCU_UV_ARCHIVE NAMES libuv_a.a libuv.a HINTS ${NETMCU_uv_LIBRARY_DIRS} ${NETMCU_uv_LIBDIR})
    mark_as_advanced(NETMCU_UV_ARCHIVE)
    if(NETMCU_UV_ARCHIVE)
      find_package(Threads REQUIRED)
      set(runner_archives ${NETMCU_UV_ARCHIVE} Threads::Threads)
      if(TARGET netmcu::mbedtls)
        foreach(name mbedtls mbedx509 mbedcrypto)
          find_library(NETMCU_${name}_ARCHIVE NAMES lib${name}.a HINTS ${NETMCU_mbedtls_LIBDIR})
          mark_as_advanced(NETMCU_${name}_ARCHIVE)
          if(NETMCU_${name}_ARCHIVE)
            list(APPEND runner_archives ${NETMCU_${name}_ARCHIVE})
          endif()
        endforeach()
      endif()
      target_link_options(netmcu_runner PRIVATE "LINKER:--as-needed")
    endif()
  endif()
  target_link_libraries(netmcu_runner PRIVATE
    netmcu ${runner_archives} ${NETMCU_DEVICE_LIBS} ${NETMCU_PROMPT_LIBS} ${lua_library})
  if(UNIX)
    target_link_libraries(netmcu_runner PRIVATE m ${CMAKE_DL_LIBS})
  elseif(WIN32)
    enable_language(RC)
    target_sources(netmcu_runner PRIVATE lua/runner/netmcu.rc)
  endif()
  set_target_properties(netmcu_runner PROPERTIES
    OUTPUT_NAME netmcu RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR})
  # C modules that a script requires look for the Lua functions in the program, which contains them
  # if Lua is static.
  if(NOT WIN32 AND lua_files MATCHES "\\.a($|;)")
    set_target_properties(netmcu_runner PROPERTIES ENABLE_EXPORTS ON)
  endif()
endif()
