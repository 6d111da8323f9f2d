#!/bin/sh
# A program that was compiled with the header of 0.2.0 works with a library whose structs have one
# field more, and a program that knows one field more works with this library as long as the field is
# 0. tests/headers/0.2.0 is a copy of the headers of that version.
. "$NETMCU_SOURCE/tests/support/shell.sh"
need cc pkg-config
[ -z "${NETMCU_SANITIZE-}" ] || skip "the library is compiled here, without sanitizers"
uv=$(pkg-config --libs libuv) && uv_flags=$(pkg-config --cflags libuv) || skip "pkg-config does not know libuv"
library=$NETMCU_BUILD/libnetmcu.a
[ -f "$library" ] || skip "there is no archive of the library"

first=$NETMCU_SOURCE/tests/headers/0.2.0
mkdir "$work/grown" "$work/objects"
cp "$NETMCU_SOURCE"/include/*.h "$work/grown"

# The structs get a field at their end, and the initialisers a 0.
sed -i.orig -E 's/^\} netmcu_(options|statistics|interface);/  uint64_t future;\n&/
  s/^(#define NETMCU_(OPTIONS|STATISTICS)_INIT .*)\}$/\1, 0}/' "$work/grown/netmcu.h" "$work/grown/netmcu_device.h"
same "structs that grow" 3 "$(cat "$work"/grown/*.h | grep -c 'uint64_t future;')"

cat >"$work/program.c" <<'C'
#include <netmcu_device.h>
#include <stdio.h>
#include <string.h>

#define CHECK(condition) \
  if (!(condition)) return printf("line %d: %s\n", __LINE__, #condition), 1

/* A byte behind each struct shows whether the library writes beyond it. */
static struct { netmcu_options it; unsigned char behind; } options = {NETMCU_OPTIONS_INIT, 77};
static struct { netmcu_statistics it; unsigned char behind; } statistics = {NETMCU_STATISTICS_INIT, 77};
static struct { netmcu_interface it; unsigned char behind; } interface_info = {.it = {.size = sizeof(netmcu_interface)}, .behind = 77};

int main(void)
{
  options.it.linger_timeout = 1234;
  netmcu_t *ctx = netmcu_new(NULL, &options.it);
  CHECK(ctx);
#ifdef NEWER
  memset(&options.it.future, 255, sizeof(options.it.future));
#endif
  CHECK(netmcu_get_options(ctx, &options.it) == 0 && options.it.size == sizeof(options.it));
  CHECK(options.it.linger_timeout == 1234 && options.behind == 77);
  options.it.linger_timeout = 5;
  CHECK(netmcu_set_options(ctx, &options.it) == 0);
  CHECK(netmcu_get_options(ctx, &options.it) == 0 && options.it.linger_timeout == 5);
  CHECK(netmcu_get_statistics(ctx, &statistics.it) == 0 && statistics.behind == 77);
  CHECK(statistics.it.size == sizeof(statistics.it) && statistics.it.memory > 0);
  CHECK(netmcu_get_interface(ctx, 0, &interface_info.it) == 0 && interface_info.behind == 77);
  CHECK(interface_info.it.name[0] && interface_info.it.size == sizeof(interface_info.it));
#ifdef NEWER
  CHECK(options.it.future == 0 && statistics.it.future == 0 && interface_info.it.future == 0);
  options.it.future = 1;
  CHECK(netmcu_set_options(ctx, &options.it) == NETMCU_EVALUE && netmcu_new(NULL, &options.it) == NULL);
#endif
  options.it.size = offsetof(netmcu_options, allocator);
  CHECK(netmcu_get_options(ctx, &options.it) == NETMCU_EVALUE && netmcu_set_options(ctx, &options.it) == NETMCU_EVALUE);
  return netmcu_close(ctx, NULL, NULL);
}
C

# Only these files know the size of the structs. The rest of the library comes from the build.
cd "$NETMCU_SOURCE" || exit 1
for source in src/base/*.c src/interface/*.c; do
  # shellcheck disable=SC2086 # the flags are words
  cc -O0 -w -std=gnu11 -DNETMCU_BUILDING -I"$work/grown" -Isrc $uv_flags -c "$source" -o "$work/objects/$(echo "$source" | tr / _).o" ||
    fail "the library with larger structs does not compile"
done

# shellcheck disable=SC2086
cc -Wall -Wextra -Werror -Wno-missing-field-initializers -I"$first" "$work/program.c" "$work"/objects/*.o "$library" $uv -lpthread -o "$work/older" || fail "the older program does not link"
"$work/older" >"$work/older.log" || fail "the older program fails with the newer library"
# shellcheck disable=SC2086
cc -Wall -Wextra -Werror -DNEWER -I"$work/grown" "$work/program.c" "$library" $uv -lpthread -o "$work/newer" || fail "the newer program does not link"
"$work/newer" >"$work/newer.log" || fail "the newer program fails with the older library"
