# cpack -G DEB: the Debian packages libnetmcu0.2, libnetmcu-dev, lua-netmcu and netmcu. The preset
# `package` lays out their files. They depend on what dpkg-shlibdeps finds, and on each other.

if(NOT BUILD_SHARED_LIBS OR NOT NETMCU_LUA OR NOT NETMCU_RUNNER)
  return()
endif()

set(soname ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
set(library_package libnetmcu${soname})
set(release 1)

# The project has no e-mail address. If you give packages to others, set your name here, or in the
# variables of Debian's tools.
set(contact "netmcu packages that nobody maintains <nobody@netmcu.invalid>")
if(NOT "$ENV{DEBEMAIL}" STREQUAL "")
  string(STRIP "$ENV{DEBFULLNAME} <$ENV{DEBEMAIL}>" contact)
endif()
set(NETMCU_PACKAGE_CONTACT "${contact}" CACHE STRING "Maintainer named in the packages: \"NAME <ADDRESS>\"")

# Writes docs/CHANGELOG.md in the format of a Debian package. The packages' own release number is
# not a change of the program.
function(netmcu_write_debian_changelog path)
  file(STRINGS docs/CHANGELOG.md lines ENCODING UTF-8)
  set(text "")
  set(end "")
  foreach(line IN LISTS lines)
    if(line MATCHES "^## ([0-9.]+), ([0-9-]+)$")
      string(APPEND text "${end}netmcu (${CMAKE_MATCH_1}-${release}) unstable; urgency=medium\n\n")
      list(APPEND versions ${CMAKE_MATCH_1})
      execute_process(COMMAND date --utc --rfc-email "--date=${CMAKE_MATCH_2}" OUTPUT_VARIABLE date
        OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
      set(end "\n -- ${NETMCU_PACKAGE_CONTACT}  ${date}\n\n")
    elseif(end AND line MATCHES "^- (.*)$")
      string(APPEND text "  * ${CMAKE_MATCH_1}\n")
    elseif(end AND line MATCHES "^  (.*)$")
      string(APPEND text "    ${CMAKE_MATCH_1}\n")
    endif()
  endforeach()
  list(GET versions 0 newest)
  if(NOT newest STREQUAL PROJECT_VERSION)
    message(FATAL_ERROR "docs/CHANGELOG.md begins with version ${newest}, the header says ${PROJECT_VERSION}")
  endif()
  file(WRITE ${path} "${text}${end}")
  # gzip -n omits the time, so that the same source always makes the same package.
  execute_process(COMMAND gzip -9nf ${path} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

# Every package includes its licence and its changes.
set(package_names library ${library_package} development libnetmcu-dev lua lua-netmcu runner netmcu)
if(NETMCU_PACKAGE)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS docs/CHANGELOG.md)
  netmcu_write_debian_changelog(${PROJECT_BINARY_DIR}/package/changelog.Debian)
  # CPack writes the maintainer scripts itself. They call ldconfig, in addition to the trigger.
  file(WRITE ${PROJECT_BINARY_DIR}/package/overrides "${library_package}: maintscript-calls-ldconfig\n")
  install(FILES ${PROJECT_BINARY_DIR}/package/overrides DESTINATION share/lintian/overrides RENAME ${library_package}
    COMPONENT library)
  while(package_names)
    list(POP_FRONT package_names component name)
    install(FILES LICENSE DESTINATION share/doc/${name} RENAME copyright COMPONENT ${component})
    install(FILES ${PROJECT_BINARY_DIR}/package/changelog.Debian.gz DESTINATION share/doc/${name} COMPONENT ${component})
  endwhile()
endif()

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME netmcu)
set(CPACK_PACKAGE_VENDOR "netmcu")
set(CPACK_PACKAGE_CONTACT "${NETMCU_PACKAGE_CONTACT}")
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_COMPONENTS_ALL library development lua runner)

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE ${release})
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${PROJECT_BINARY_DIR})
set(same_library "${library_package} (= ${PROJECT_VERSION}-${release})")

# This file writes the dependency; CPack would take the Lua module for a library without a name.
file(WRITE ${PROJECT_BINARY_DIR}/package/shlibs "libnetmcu ${soname} ${library_package} (>= ${PROJECT_VERSION})\n")
file(WRITE ${PROJECT_BINARY_DIR}/package/triggers "activate-noawait ldconfig\n")

set(about "The network objects of a NodeMCU device (ESP8266 with Lua firmware),\non a desktop: TCP, UDP, multicast, DNS, ping")

set(CPACK_DEBIAN_LIBRARY_PACKAGE_NAME ${library_package})
set(CPACK_DEBIAN_LIBRARY_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_LIBRARY_PACKAGE_CONTROL_EXTRA ${PROJECT_BINARY_DIR}/package/shlibs ${PROJECT_BINARY_DIR}/package/triggers)
set(CPACK_COMPONENT_LIBRARY_DESCRIPTION "network objects of a NodeMCU device, shared library\n${about}.")

set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libnetmcu-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SHLIBDEPS OFF)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS "${same_library}, libuv1-dev (>= 1.38), libmbedtls-dev (>= 2.28)")
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SUGGESTS
  "pkg-config | cmake, liblua5.4-dev, nettle-dev, libjson-c-dev")
set(CPACK_COMPONENT_DEVELOPMENT_DESCRIPTION
  "network objects of a NodeMCU device, for programs in C\n${about}.\nHeader, static library, pkg-config file and CMake package.")

set(CPACK_DEBIAN_LUA_PACKAGE_NAME lua-netmcu)
set(CPACK_DEBIAN_LUA_PACKAGE_SECTION interpreters)
set(CPACK_DEBIAN_LUA_PACKAGE_DEPENDS "${same_library}")
set(CPACK_DEBIAN_LUA_PACKAGE_RECOMMENDS lua5.4)
set(CPACK_COMPONENT_LUA_DESCRIPTION
  "network objects of a NodeMCU device, for Lua 5.4\n${about}.\nThe modules net, tmr and netmcu for a stock Lua 5.4.")

set(CPACK_DEBIAN_RUNNER_PACKAGE_NAME netmcu)
set(CPACK_DEBIAN_RUNNER_PACKAGE_SECTION devel)
set(CPACK_DEBIAN_RUNNER_PACKAGE_DEPENDS "${same_library}")
set(CPACK_COMPONENT_RUNNER_DESCRIPTION
  "runs scripts of NodeMCU devices, unchanged\n${about}.\nThe program netmcu, which runs a device's script.")

include(CPack)
