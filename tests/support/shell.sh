# For tests that are shell scripts:  . "$NETMCU_SOURCE/tests/support/shell.sh"
#
# It starts programs in the background, with their output in a file. It waits for their output or
# for a condition, always with a limit, and ends them with the test. $work is a folder that is
# deleted at the end. shellcheck shell=sh

work=$(mktemp -d "${TMPDIR:-/tmp}/netmcu-test.XXXXXX") || exit 1
patience=60 # the limit in seconds of every wait; it only ends what hangs
processes=''

say() {
  printf '%s\n' "$*"
}

show_logs() {
  for log in "$work"/*.log; do
    [ -f "$log" ] || continue
    say "--- ${log##*/}"
    tail -n 40 "$log"
  done
}

# fail TEXT...: ends the test and shows everything that was printed
fail() {
  say "FAILED: $*"
  show_logs
  exit 1
}

skip() {
  say "skipped: $*"
  exit 77
}

# not_sanitized: skips the test in a build with sanitizers, in which it would find nothing else
not_sanitized() {
  [ -z "${NETMCU_SANITIZE-}" ] || skip "the build without sanitizers runs this"
}

# need PROGRAM...: skips the test if one of them is not installed
need() {
  for program in "$@"; do
    command -v "$program" >/dev/null 2>&1 || skip "$program is not installed"
  done
}

# The processes of this test only, each by its number.
clean_up() {
  for process in $processes; do
    kill "$process" 2>/dev/null
  done
  wait 2>/dev/null
  rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 1' HUP INT PIPE TERM

# start NAME COMMAND...: runs in the background, with output in $work/NAME.log; sets $process to its
# number
start() {
  name=$1
  shift
  : >"$work/$name.log" # ignores the output of an earlier program of this name
  "$@" >"$work/$name.log" 2>&1 &
  process=$!
  processes="$processes $process"
}

# stop PROCESS: ends it and waits for its end
stop() {
  kill "$1" 2>/dev/null
  wait "$1" 2>/dev/null
}

# wait_until WHAT COMMAND...: waits until the command succeeds
wait_until() {
  what=$1
  shift
  turns=$((patience * 20))
  until "$@" >/dev/null 2>&1; do
    turns=$((turns - 1))
    [ $turns -gt 0 ] || fail "not within $patience s: $what"
    sleep 0.05
  done
}

# wait_for NAME TEXT: waits until $work/NAME.log contains the text
wait_for() {
  wait_until "\"$2\" from $1" grep -aqF -- "$2" "$work/$1.log"
}

# same WHAT EXPECTED ACTUAL
same() {
  [ "$2" = "$3" ] || fail "$1: expected \"$2\", got \"$3\""
}

# has WHAT PART WHOLE
has() {
  case $3 in
    *"$2"*) ;;
    *) fail "$1: \"$2\" is not in \"$3\"" ;;
  esac
}

# free_port: prints a port on which nobody listens, below those that systems give to clients
free_port() {
  "$NETMCU" -e '
    local port
    repeat
      port = node.random(10000, 31999)
      local tcp, udp = net.createServer(), net.createUDPSocket()
      local free = pcall(tcp.listen, tcp, port, function() end) and pcall(udp.listen, udp, port)
      pcall(tcp.close, tcp)
      pcall(udp.close, udp)
    until free
    print(port)'
}

# device NAME: copies a device script of the examples to $work/NAME, where the test may change its
# settings
device() {
  cp -R "$NETMCU_SOURCE/examples/device/$1" "$work/$1"
}

# set_in FILE NAME VALUE: changes the setting NAME = … of a script
set_in() {
  sed "s|^\(local \)\{0,1\}$2 *= *[^ ]*|\1$2 = $3|" "$1" >"$1.new"
  cmp -s "$1" "$1.new" && fail "there is no setting $2 in $1"
  mv "$1.new" "$1"
}

# has_tls: succeeds if netmcu was built with TLS
has_tls() {
  "$NETMCU" -e 'tls.createConnection()' 2>/dev/null
}

# make_certificates: makes the certificates of certificates.sh in $work
make_certificates() {
  sh "$NETMCU_SOURCE/tests/support/certificates.sh" "$work" >"$work/certificates.log" 2>&1 || fail 'no certificates'
}

# start_time_server PORT: starts chronyd as a server of stratum 8 on a port of 127.0.0.1
start_time_server() {
  cat >"$work/chrony.conf" <<CONF
port $1
bindaddress 127.0.0.1
local stratum 8
allow 127.0.0.0/8
cmdport 0
bindcmdaddress /
pidfile $work/chrony.pid
CONF
  # An ordinary user may not set the machine's clock; -x tells chronyd not to try.
  start server chronyd -d -x -U -u "$(id -un)" -f "$work/chrony.conf"
}
