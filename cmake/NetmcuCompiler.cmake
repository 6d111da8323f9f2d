# How netmcu's own code is compiled. These settings do not reach the code of a program that uses
# netmcu.

set(netmcu_warnings
  -Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes
  -Wpointer-arith -Wcast-qual -Wformat=2 -Wundef -Wvla)

function(netmcu_own_target target)
  # gnu11, not c11: with c11, the system headers hide what <uv.h> needs.
  set_target_properties(${target} PROPERTIES C_STANDARD 11 C_STANDARD_REQUIRED ON C_EXTENSIONS ON)
  if(CMAKE_C_COMPILER_ID MATCHES "GNU|Clang")
    set(options ${netmcu_warnings} $<$<BOOL:${NETMCU_WERROR}>:-Werror>)
    target_compile_options(${target} PRIVATE "$<$<COMPILE_LANGUAGE:C>:${options}>")
  endif()
  if(MINGW) # the printf of its older library does not know %zu
    target_compile_definitions(${target} PRIVATE __USE_MINGW_ANSI_STDIO=1)
  endif()
endfunction()

if(NETMCU_SANITIZE)
  set(sanitize -fsanitize=${NETMCU_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_compile_options(${sanitize})
  add_link_options(${sanitize})
endif()

if(NETMCU_COVERAGE)
  add_compile_options(--coverage)
  add_link_options(--coverage)
endif()
