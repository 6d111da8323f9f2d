#!/bin/sh
# --page --sim in a real browser: the map, the time control, and the device of a host.
# ctest: TIMEOUT 600
. "$NETMCU_SOURCE/tests/support/page.sh"
need python3
cd "$work" || exit 1
write_city
start_page --sim=5 city.lua
python3 "$NETMCU_SOURCE/tests/support/page_tour_world.py" "$address"
status=$?
[ $status -ne 77 ] || skip "there is no browser"
[ $status -eq 0 ] || fail "the tour"
