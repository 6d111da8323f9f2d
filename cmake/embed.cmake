# Writes OUTPUT, a C file that contains Lua modules as byte arrays. MODULES is a list of name=path.

file(WRITE ${OUTPUT} "/* Made by cmake/embed.cmake. */\n#include \"runner/embedded.h\"\n\n")
set(entries "")
set(number 0)
foreach(module IN LISTS MODULES)
  if(NOT module MATCHES "^([^=]+)=(.+)$")
    message(FATAL_ERROR "not name=path: ${module}")
  endif()
  set(name ${CMAKE_MATCH_1})
  file(READ ${CMAKE_MATCH_2} bytes HEX)
  string(REGEX REPLACE "(..)" "0x\\1," bytes "${bytes}")
  # The final 0 does not count in the size; it allows for an empty module.
  file(APPEND ${OUTPUT} "/* ${name} */\nstatic const unsigned char source_${number}[] = {\n  ${bytes}0};\n\n")
  string(APPEND entries "  {\"${name}\", source_${number}, sizeof source_${number} - 1},\n")
  math(EXPR number "${number} + 1")
endforeach()

file(APPEND ${OUTPUT}
  "const struct netmcu_embedded netmcu_embedded[] = {\n${entries}  {NULL, NULL, 0},\n};\n")
