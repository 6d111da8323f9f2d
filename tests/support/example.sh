# For tests of the examples:  . "$NETMCU_SOURCE/tests/support/example.sh"
# shellcheck shell=sh disable=SC2154
. "$NETMCU_SOURCE/tests/support/shell.sh"

# start_script NAME [ARGUMENT...]: runs examples/lua/NAME.lua in the background; sets $process to
# its number
start_script() {
  script=$1
  shift
  start "$script" "$NETMCU" "$NETMCU_SOURCE/examples/lua/$script.lua" "$@"
}

# run_script NAME [ARGUMENT...]: runs examples/lua/NAME.lua to its end
run_script() {
  script=$1
  shift
  "$NETMCU" --timeout $patience "$NETMCU_SOURCE/examples/lua/$script.lua" "$@"
}

# start_program NAME [ARGUMENT...]: starts the built program of examples/c/NAME.c in the background
start_program() {
  program=$1
  shift
  start "$program" "$NETMCU_BUILD/examples/$program" "$@"
}

# need_program NAME: skips the test if the C examples were not built
need_program() {
  [ -x "$NETMCU_BUILD/examples/$1" ] || skip "the examples in C are not built (-DNETMCU_EXAMPLES=ON)"
}

has_number() {
  head -n 1 "$work/$1.log" | grep -q '[0-9]'
}

# port_of NAME: waits for the first line of a program and prints its last number, which is the port
# that it listens on. Programs are started with port 0, so no two tests use the same port.
port_of() {
  wait_until "the first line of $1" has_number "$1"
  sed -n '1s/.*[^0-9]\([0-9][0-9]*\)[^0-9]*$/\1/p' "$work/$1.log"
}

# localhost_ip: prints the first address of the name localhost: ::1 if the system has it and
# /etc/hosts names it
localhost_ip() {
  if grep -qE '^[[:space:]]*::1[[:space:]]([^#]*[[:space:]])?localhost([[:space:]]|$)' /etc/hosts &&
    { [ ! -d /proc/net ] || grep -qE '^0{31}1 ' /proc/net/if_inet6 2>/dev/null; }; then
    echo ::1
  else
    echo 127.0.0.1
  fi
}

# still_running NAME PROCESS
still_running() {
  kill -0 "$2" 2>/dev/null || fail "$1 has ended"
}

may_unshare() {
  for flags in -n -rn; do
    unshare $flags ip link add left type veth peer name right >/dev/null 2>&1 && return 0
  done
  return 1
}

# own_network: runs the test again in a network namespace, where well-known ports are free and
# multicasts stay inside. The namespace has one interface, 10.9.8.1.
own_network() {
  need unshare ip
  if [ -z "${NETMCU_OWN_NETWORK-}" ]; then
    may_unshare || skip "this system allows no network namespaces"
    rm -rf "$work"
    # shellcheck disable=SC2086
    NETMCU_OWN_NETWORK=yes exec unshare $flags sh "$0"
  fi
  ip link set lo up
  ip link add left type veth peer name right
  ip addr add 10.9.8.1/24 dev left
  ip link set left up
  ip link set right up
  ip route add default dev left
}
