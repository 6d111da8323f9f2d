-- The modules net, tmr and netmcu and the program netmcu, of a checkout:  luarocks --lua-version 5.4 make
rockspec_format = "3.0"
package = "netmcu"
version = "dev-1"
source = {
  url = "file://.", -- `luarocks make` takes what is beside this file
}
description = {
  summary = "Runs NodeMCU device scripts, unchanged, over a real network",
  detailed = [[
    The network objects of NodeMCU's Lua firmware for the ESP8266 (TCP, UDP, multicast, DNS, ping) for Lua programs
    on a desktop, and a program that runs a device's scripts as they are.]],
  license = "MIT",
  labels = {"network", "nodemcu", "esp8266", "libuv"},
}
supported_platforms = {"unix"}
dependencies = {"lua ~> 5.4"}
external_dependencies = {
  UV = {header = "uv.h"},
}
build = {
  type = "cmake",
  variables = {
    CMAKE_BUILD_TYPE = "Release",
    CMAKE_INSTALL_PREFIX = "$(PREFIX)",
    CMAKE_INSTALL_BINDIR = "$(BINDIR)",
    -- The C library stays in the rock's folder: what is in lib, Lua would take for modules.
    CMAKE_INSTALL_LIBDIR = "c",
    NETMCU_INSTALL_CMODULES = "$(LIBDIR)",
    NETMCU_INSTALL_MODULES = "$(LUADIR)",
    BUILD_SHARED_LIBS = "OFF",
    NETMCU_TESTS = "OFF",
    NETMCU_EXAMPLES = "OFF",
  },
}
deploy = {
  wrap_bin_scripts = false,
}
