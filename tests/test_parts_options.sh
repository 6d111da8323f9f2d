#!/bin/sh
# --part plugs a part in. Without one, a default answers and a line says so, once; under --strict
# nothing answers. A script's file of the name of a sensor's module wins over the module.
. "$NETMCU_SOURCE/tests/support/shell.sh"
cd "$work" || exit 1

# run EXPECTED-STATUS ARGUMENT...: output in $out, errors in $err
run() {
  wanted=$1
  shift
  "$NETMCU" --timeout $patience "$@" >out 2>err </dev/null
  status=$?
  out=$(cat out)
  err=$(cat err)
  [ $status -eq "$wanted" ] || fail "netmcu $*: status $status, expected $wanted: $out $err"
}

mkdir flash
cat >flash/sensor.lua <<'END'
for _ = 1, 2 do
  local status, temp, humidity = dht.read(4)
  print(status, temp, humidity)
end
END

run 0 flash/sensor.lua
same "a default" "0	20.0	50.0
0	20.0	50.0" "$out"
same "its line" "netmcu: no dht22 is plugged in: a default on pin 4 answers with temp=20, humidity=50; to plug one in: \
--part dht22,pin=4,temp=20" "$err"
cat >flash/again.lua <<'END'
dofile "sensor.lua"
if select(2, node.bootreason()) == 0 then
  node.restart()
end
END
run 0 flash/again.lua
same "one line for both starts" "netmcu: no dht22 is plugged in: a default on pin 4 answers with temp=20, humidity=50; \
to plug one in: --part dht22,pin=4,temp=20" "$err"
run 0 --no-warnings flash/sensor.lua
same "--no-warnings" "" "$err"
run 0 --strict flash/sensor.lua
same "--strict" "-2	-999	-999
-2	-999	-999" "$out"
same "no line under --strict" "" "$err"
run 0 --strict --part dht22,pin=4,temp=-1.5,humidity=75 flash/sensor.lua
same "--part" "0	-1.5	75.0
0	-1.5	75.0" "$out"
same "no line with a part" "" "$err"
run 0 --part dht11,pin=5 --part dht22,pin=4,failing=silent flash/sensor.lua
same "two parts" "-2	-999	-999
-2	-999	-999" "$out"

# Scanners try each address: one line is enough.
cat >flash/scan.lua <<'END'
i2c.setup(0, 2, 1, i2c.SLOW)
local found = 0
for address = 1, 127 do
  i2c.start(0)
  found = found + (i2c.address(0, address, i2c.TRANSMITTER) and 1 or 0)
  i2c.stop(0)
end
print(found)
END
run 0 --part bme280 flash/scan.lua
same "a scan, without 0x77" "126" "$out"
same "the lines of a scan" "1" "$(grep -c 'acknowledges and reads as zeros' err)"
run 0 --strict --part bme280 flash/scan.lua
same "a strict scan" "1" "$out"

# mistakes
run 2 --part toaster flash/scan.lua
has "no such part" "netmcu: there is no part 'toaster'; the kinds are: " "$err"
run 2 --part bme280,temp=99 flash/scan.lua
same "a wrong value" "netmcu: part bme280: temp: a value from -40 to 85 expected" "$err"

run 0 --part bme280,address=76 -e 'print(1)'
same "an address that the chip cannot have" \
  "netmcu: part bme280: it is at address 0x4c; the addresses of such a chip are: 0x76 0x77" "$err"

# A CSV file goes on through deep sleep. The device is simulated, so that no time passes.
printf 'temp\n1\n2\n3\n4\n' >day.csv
cat >flash/init.lua <<'END'
print((select(2, dht.read(4))))
local turn = rtcmem.read32(0)
rtcmem.write32(0, turn + 1)
if turn < 3 then
  node.dsleep(1000000)
end
END
run 0 --sim --part dht22,pin=4,csv=day.csv flash
same "values through deep sleep" "1.0
2.0
3.0
4.0" "$out"

# A file of the project
echo 'return {read = function() return "of the project" end}' >flash/ds18b20.lua
echo 'print(require("ds18b20").read(), type(require "bme280".setup))' >flash/own.lua
run 0 flash/own.lua
same "a file of the project" "of the project	function" "$out"
