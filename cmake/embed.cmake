# Writes OUTPUT, a C file that contains Lua modules as bytes, and a table of them. MODULES is a list of
# name=path.

file(WRITE ${OUTPUT} "/* Made by cmake/embed.cmake. */\n#include \"runner/embedded.h\"\n\n"
  "const unsigned char netmcu_embedded_bytes[] = {\n")
set(entries "")
set(start 0)
foreach(module IN LISTS MODULES)
  if(NOT module MATCHES "^([^=]+)=(.+)$")
    message(FATAL_ERROR "not name=path: ${module}")
  endif()
  set(name ${CMAKE_MATCH_1})
  file(READ ${CMAKE_MATCH_2} bytes HEX)
  string(LENGTH "${bytes}" digits)
  math(EXPR size "${digits} / 2")
  string(REGEX REPLACE "(..)" "0x\\1," bytes "${bytes}")
  file(APPEND ${OUTPUT} "/* ${name} */\n${bytes}\n")
  string(APPEND entries "  {\"${name}\", ${start}, ${size}},\n")
  math(EXPR start "${start} + ${size}")
endforeach()

file(APPEND ${OUTPUT} "};\n\nconst struct netmcu_embedded netmcu_embedded[] = {\n${entries}  {\"\", 0, 0},\n};\n")
