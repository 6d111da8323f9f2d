# cpack -G DEB: the Debian packages libnetmcu0, libnetmcu-dev, lua-netmcu and netmcu. The preset `package` lays the tree
# out for them; dependencies are what dpkg-shlibdeps finds, and those on each other.

if(NOT BUILD_SHARED_LIBS OR NOT NETMCU_LUA OR NOT NETMCU_RUNNER)
  return()
endif()

set(library_package libnetmcu${PROJECT_VERSION_MAJOR})
set(release 1)

# Every package says its licence.
set(package_names library ${library_package} development libnetmcu-dev lua lua-netmcu runner netmcu)
if(NETMCU_PACKAGE)
  while(package_names)
    list(POP_FRONT package_names component name)
    install(FILES LICENSE DESTINATION share/doc/${name} RENAME copyright COMPONENT ${component})
  endwhile()
endif()

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME netmcu)
set(CPACK_PACKAGE_VENDOR "netmcu")
set(CPACK_PACKAGE_CONTACT "netmcu maintainers <netmcu@localhost>" CACHE STRING "Maintainer named in the packages")
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_GROUPING ONE_PER_COMPONENT)
set(CPACK_COMPONENTS_ALL library development lua runner)

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE ${release})
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${PROJECT_BINARY_DIR})
set(same_library "${library_package} (= ${PROJECT_VERSION}-${release})")

# Written here and not by CPack, which takes the Lua module for a library without a name.
file(WRITE ${PROJECT_BINARY_DIR}/package/shlibs "libnetmcu ${PROJECT_VERSION_MAJOR} ${library_package} (>= ${PROJECT_VERSION})\n")
file(WRITE ${PROJECT_BINARY_DIR}/package/triggers "activate-noawait ldconfig\n")

set(about "The network objects of a NodeMCU device (ESP8266 with Lua firmware),\non a desktop: TCP, UDP, multicast, DNS, ping")

set(CPACK_DEBIAN_LIBRARY_PACKAGE_NAME ${library_package})
set(CPACK_DEBIAN_LIBRARY_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_LIBRARY_PACKAGE_CONTROL_EXTRA ${PROJECT_BINARY_DIR}/package/shlibs ${PROJECT_BINARY_DIR}/package/triggers)
set(CPACK_COMPONENT_LIBRARY_DESCRIPTION "network objects of a NodeMCU device, shared library\n${about}.")

set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libnetmcu-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SHLIBDEPS OFF)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS "${same_library}, libuv1-dev (>= 1.38), libc-ares-dev (>= 1.16)")
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
