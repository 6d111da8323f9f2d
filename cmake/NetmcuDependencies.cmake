# Finds libuv as netmcu::uv and mbedTLS as netmcu::mbedtls: by pkg-config, else by their CMake
# packages, else by name. The installed CMake package includes this file, too, because a static
# libnetmcu needs them at link time.

# netmcu_find_library(name  pkg-config-modules  cmake-package  cmake-targets  header  library-names
#   [further-libraries])
function(netmcu_find_library name module package targets header libraries)
  if(TARGET netmcu::${name})
    return()
  endif()

  find_package(PkgConfig QUIET)
  if(PKG_CONFIG_FOUND)
    pkg_check_modules(NETMCU_${name} QUIET IMPORTED_TARGET GLOBAL ${module})
    if(TARGET PkgConfig::NETMCU_${name})
      add_library(netmcu::${name} INTERFACE IMPORTED GLOBAL)
      set_property(TARGET netmcu::${name} PROPERTY INTERFACE_LINK_LIBRARIES PkgConfig::NETMCU_${name})
      set(netmcu_${name}_by_pkg_config ON PARENT_SCOPE)
      return()
    endif()
  endif()

  find_package(${package} CONFIG QUIET)
  foreach(target ${targets})
    if(TARGET ${target})
      add_library(netmcu::${name} INTERFACE IMPORTED GLOBAL)
      set_property(TARGET netmcu::${name} PROPERTY INTERFACE_LINK_LIBRARIES ${target})
      return()
    endif()
  endforeach()

  find_path(NETMCU_${name}_INCLUDE_DIR ${header})
  find_library(NETMCU_${name}_LIBRARY NAMES ${libraries})
  mark_as_advanced(NETMCU_${name}_INCLUDE_DIR NETMCU_${name}_LIBRARY)
  if(NETMCU_${name}_INCLUDE_DIR AND NETMCU_${name}_LIBRARY)
    find_package(Threads REQUIRED)
    foreach(further ${ARGN})
      find_library(NETMCU_${further}_LIBRARY NAMES ${further} REQUIRED)
      mark_as_advanced(NETMCU_${further}_LIBRARY)
      list(APPEND NETMCU_${name}_LIBRARY ${NETMCU_${further}_LIBRARY})
    endforeach()
    add_library(netmcu::${name} INTERFACE IMPORTED GLOBAL)
    set_target_properties(netmcu::${name} PROPERTIES
      INTERFACE_INCLUDE_DIRECTORIES "${NETMCU_${name}_INCLUDE_DIR}"
      INTERFACE_LINK_LIBRARIES "${NETMCU_${name}_LIBRARY};Threads::Threads;${CMAKE_DL_LIBS}")
  endif()
endfunction()

netmcu_find_library(uv libuv>=1.38 libuv "uv;libuv::uv;uv_a;libuv::uv_a" uv.h "uv;uv_a;libuv")

if(NOT TARGET netmcu::uv)
  message(FATAL_ERROR "netmcu needs libuv 1.38 or later, with headers. Install\n"
    "  Debian, Ubuntu   apt install pkg-config libuv1-dev\n"
    "  Fedora           dnf install pkgconf-pkg-config libuv-devel\n"
    "  Alpine           apk add pkgconf libuv-dev\n"
    "  macOS            brew install pkgconf libuv\n"
    "and configure again.")
endif()

if(NETMCU_TLS)
  netmcu_find_library(mbedtls "mbedtls>=2.28;mbedx509;mbedcrypto" MbedTLS MbedTLS::mbedtls mbedtls/ssl.h mbedtls
    mbedx509 mbedcrypto)
  if(NOT TARGET netmcu::mbedtls)
    message(STATUS "mbedTLS 2.28 not found: the module tls will say what to install")
  endif()
endif()
