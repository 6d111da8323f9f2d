# For tests of --page:  . "$NETMCU_SOURCE/tests/support/page.sh"
# shellcheck shell=sh disable=SC2154,SC2034
. "$NETMCU_SOURCE/tests/support/shell.sh"

# start_page ARGUMENT...: runs netmcu --page ARGUMENT... in the background; sets $address, $port and
# $key
start_page() {
  start page "$NETMCU" --page "$@"
  wait_until "the address of the page, or the reason why there is no page" grep -q 'key=\|no page' "$work/page.log"
  ! grep -q 'no page' "$work/page.log" || skip "this build has no page"
  address=$(grep -o 'http://.*' "$work/page.log")
  port=$(echo "$address" | sed 's/.*:\([0-9]*\).*/\1/')
  key=${address##*=}
}

# ask SCRIPT: opens the WebSocket of the page, and runs a script that uses ask(question [, bytes]),
# which returns the answer and its bytes
ask() {
  cat "$NETMCU_SOURCE/tests/support/page_client.lua" - >"$work/client.lua" <<END
run(function()
$1
end)
END
  "$NETMCU" --timeout $patience "$work/client.lua" "$port" "$key" || fail "the client"
}
