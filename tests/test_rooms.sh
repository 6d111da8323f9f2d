#!/bin/sh
# Each folder of src/ and lua/ depends only on those below it, and only src/stack uses the network
# and the clock of the system. .ci/rooms finds no fault in these sources, and finds each kind of
# fault in a small tree.
. "$NETMCU_SOURCE/tests/support/shell.sh"
not_sanitized
need nm cc bash
[ "$(uname)" = Linux ] || skip "symbols look different in this system's objects"
bash "$NETMCU_SOURCE/.ci/rooms" "$NETMCU_BUILD" >"$work/rooms.log" || fail "a dependency points upwards"

# A small tree for this test.
mkdir -p "$work/.ci" "$work/cmake" "$work/objects.dir"
cp "$NETMCU_SOURCE/.ci/rooms" "$work/.ci"
cd "$work" || exit 1
echo 'set(core_folders base stack tcp)' >CMakeLists.txt
echo 'set(module_folders lua/shim lua/device)' >cmake/NetmcuLua.cmake
mkdir -p src/base src/stack src/tcp lua/shim lua/device lua/runner

# file PATH TEXT: adds a file to the tree, and compiles it if it is in C
file() {
  printf '%s\n' "$2" >"$1"
  case $1 in
  *.c)
    mkdir -p "objects.dir/${1%/*}"
    cc -Isrc -Ilua -c -o "objects.dir/$1.o" "$1" || fail "$1 does not compile"
    ;;
  esac
}

# finds PATH TEXT COMPLAINT: adds a file about which the check must complain
: >expected
finds() {
  file "$1" "$2"
  say "$1$3" >>expected
}

file src/base/base.h 'void netmcu__base(void);'
file src/base/base.c 'void netmcu__base(void) {}'
file src/stack/clock.c 'unsigned long uv_hrtime(void); unsigned long netmcu__time(void) { return uv_hrtime(); }'
file src/tcp/tcp.h '#include "base/base.h"'
file src/tcp/tcp.c 'void netmcu__base(void); void netmcu__tcp(void) { netmcu__base(); }'
file lua/shim/shim.c 'int luaopen_netmcu_host(void) { return 0; }'
file lua/device/file.lua 'local host = require "netmcu.host"'
file lua/device/hash.c 'int luaopen_netmcu_hash(void) { return 0; }'
file lua/runner/watch.c 'void uv_timer_start(void); void watch(void) { uv_timer_start(); }'
bash .ci/rooms . || fail "a tree without a fault"

finds src/base/x.h '#include "tcp/tcp.h"' ':1: includes tcp/tcp.h: src/base -> src/tcp'
finds src/base/y.h '#include "y.h"' ':1: includes y.h, which is in no room'
finds src/stack/x.c 'void netmcu__tcp(void); void a(void) { netmcu__tcp(); }' ': uses netmcu__tcp: src/stack -> src/tcp'
finds src/tcp/x.c 'void uv_hrtime(void); void b(void) { uv_hrtime(); }' ': uses uv_hrtime, which only src/stack may'
finds src/tcp/y.c 'void recvmsg(void); void c(void) { recvmsg(); }' ': uses recvmsg, which only src/stack may'
finds lua/shim/x.c 'void uv_now(void); void d(void) { uv_now(); }' ': uses uv_now, which only src/stack may'
finds lua/shim/y.c 'void netmcu__base(void); void e(void) { netmcu__base(); }' \
  ': uses netmcu__base, which no public header declares'
finds lua/shim/z.c 'const char *x = "netmcu.device.";' ':1: names the modules netmcu.device.: lua/shim -> lua/device'
finds lua/shim/x.lua 'require "netmcu.hash"' ':1: names the module netmcu.hash: lua/shim -> lua/device'
finds lua/shim/y.lua 'require("netmcu.device.file")' ':1: names the module netmcu.device.file: lua/shim -> lua/device'
! bash .ci/rooms . >found || fail "no fault is found"
same "the complaints" "$(sort expected)" "$(sort found)"
