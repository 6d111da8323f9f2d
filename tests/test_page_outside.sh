#!/bin/sh
# --page: what is set outside of the chip (a switch, the ADC, a sensor) stays when the script sleeps or
# restarts.
. "$NETMCU_SOURCE/tests/support/page.sh"
cd "$work" || exit 1
cat >script.lua <<'END'
gpio.mode(3, gpio.INPUT, gpio.PULLUP)
gpio.mode(5, gpio.INPUT)
print("boot", select(2, node.bootreason()), gpio.read(3), gpio.read(5), adc.read(0), PART and PART() or "")
net.createServer():listen(0, print)
END
start_page --part bme280,address=0x77,temp=10 --part ds18b20,pin=6 --part ds18b20,pin=6 -e '
  function PART()
    local values = {}
    for _, part in ipairs(require "netmcu.parts.init".list()) do
      local place = part.rom and string.format("%02x#%d", part.settings.pin, string.byte(part.rom, 2))
        or string.format("%02x", part.settings.address)
      values[#values + 1] = string.format("%s=%g", place, part:value "temp")
    end
    return table.concat(values, " ")
  end' script.lua
wait_for page "boot	0	1	0	0	77=10 06#1=20 06#2=20"
ask '
  local function set(question)
    local answer = ask(question)
    assert(not answer.error, answer.error)
  end
  set {ask = "pin", pin = 3, level = 0}
  set {ask = "pin", pin = 5, level = 1}
  set {ask = "adc", value = 300}
  set {ask = "adc", value = 512}
  set {ask = "input", line = "for i = 1, 2 do require \"netmcu\".part(\"ds18b20\", {pin = 7}) end require \"netmcu\".part(\"bme280\", {address = 0x76, temp = 15})", prompt = "> "}
  local update
  repeat
    update = ask {ask = "update", console = 0, network = 0}
  until #update.device.parts == 6 -- the line runs after its answer
  assert(update.device.parts[6].values[1].now == 15)
  assert(update.device.parts[2].place ~= update.device.parts[3].place)
  set {ask = "part", index = 1, name = "temp", value = 11}
  set {ask = "part", index = 3, name = "temp", value = 25}
  set {ask = "part", index = 5, name = "temp", value = 30}
  set {ask = "part", index = 6, name = "temp", value = -5}
  assert(ask({ask = "part", index = 7, name = "temp", value = 1}).error)
  assert(ask({ask = "part", index = 1, name = "temp", value = 1000}).error)
  set {ask = "restart"}
'
wait_for page "boot	4	0	1	512	77=11 06#1=20 06#2=25 07#4=30 76=-5"
ask 'ask{ask = "input", line = "node.dsleep(1000)", prompt = "> "}'
wait_for page "boot	5	0	1	512	77=11 06#1=20 06#2=25 07#4=30 76=-5"

# What the script had opened ended with its run, not with the last event.
ask '
  local ended = 0
  for _, object in ipairs(ask({ask = "update", console = 0, network = 0}).network) do
    assert(not object.ended or object.ended > object.begun, object.begun)
    ended = ended + (object.ended and 1 or 0)
  end
  assert(ended == 2, ended)
'
