-- Modules of the catalogue: radio switches, blinds and pointers, and modules for things that only a
-- device can do.

local argument = require "netmcu.device.argument"
local common = require "netmcu.device.catalogue_common"
local device = require "netmcu.device.init"
local hardware_timer = require "netmcu.device.hardware_timer"
local host = require "netmcu.host"
local pins = require "netmcu.parts.pins"
local pulses = require "netmcu.device.pulses"

local modules = {}

local FLOAT, PULLUP, INTERRUPT = 0, 1, 3
local MOST_BITS = 32

-- --- rfswitch, rc ---

-- The pulses of a code: for each bit, the numbers of high and low pulse lengths, then those at its
-- end. The first bit is the highest.
local function encode(protocol, length, code, bits)
  local list = {}
  local function add(counts)
    local first, second = protocol.is_inverted and 0 or 1, protocol.is_inverted and 1 or 0
    for _, value in ipairs {first, counts[1] * length, second, counts[2] * length} do
      list[#list + 1] = value
    end
  end
  for i = bits - 1, 0, -1 do
    add(code >> i & 1 == 1 and protocol.one or protocol.zero)
  end
  add(protocol.sync)
  return list
end

local rf_protocols = {
  {sync = {1, 31}, zero = {1, 3}, one = {3, 1}}, {sync = {1, 10}, zero = {1, 2}, one = {2, 1}},
  {sync = {30, 71}, zero = {4, 11}, one = {9, 6}}, {sync = {1, 6}, zero = {1, 3}, one = {3, 1}},
  {sync = {6, 14}, zero = {1, 2}, one = {2, 1}}, {sync = {23, 1}, zero = {1, 2}, one = {2, 1}, is_inverted = true},
}

local rc_protocols = {
  rf_protocols[1], rf_protocols[2], {sync = {1, 71}, zero = {4, 11}, one = {9, 6}},
}

-- A device without this protocol sends noise.
local function send(protocols, caller, positions, protocol, length, count, pin, code, bits)
  argument.check(protocols[protocol], positions.protocol, caller, "invalid protocol")
  argument.check(bits >= 0 and bits <= MOST_BITS, positions.bits, caller, "invalid number of bits")
  common.check_pin(pin)
  pulses.set_up(pin, FLOAT)
  pulses.send(pin, encode(protocols[protocol], length & 0xffff, code, bits), math.min(count, 255))
  pins.write(pin, 0)
end

modules.rfswitch = {
  {"send(value, value, count, pin, value, count)", function(protocol, length, count, pin, code, bits)
    send(rf_protocols, "send", {protocol = 1, bits = 6}, protocol, length, count, pin, code, bits)
  end},
}

modules.rc = {
  {"send(pin, value, count, value, value, count) → number", function(pin, code, bits, length, protocol, count)
    device.write(string.format("pulseLen:%d\nProtocol:%d\nrepeat:%d\n", length, protocol, count))
    send(rc_protocols, "send", {protocol = 5, bits = 3}, protocol, length & 0xff, count & 0xff, pin, code, bits)
    return count
  end},
}

-- --- somfy ---

local SYMBOL = 640 -- µs

-- Returns the bytes of a command, with a checksum.
local function somfy_frame(remote, button, code)
  local bytes = {0xa7, button << 4 & 0xff, code >> 8 & 0xff, code & 0xff, remote >> 16 & 0xff, remote >> 8 & 0xff,
    remote & 0xff}
  local checksum = 0
  for _, byte in ipairs(bytes) do
    checksum = checksum ~ byte ~ byte >> 4
  end
  bytes[2] = bytes[2] | checksum & 15
  return bytes
end

local function scramble(bytes)
  for i = 2, #bytes do
    bytes[i] = bytes[i] ~ bytes[i - 1]
  end
  return bytes
end

-- A bit is a rising edge for 1 and a falling one for 0, in the middle of two symbols.
local function add_somfy_frame(list, bytes, syncs)
  local function add(level, us)
    list[#list + 1], list[#list + 2] = level, us
  end
  for _ = 1, syncs do
    add(1, 4 * SYMBOL)
    add(0, 4 * SYMBOL)
  end
  add(1, 4550)
  add(0, SYMBOL)
  for _, byte in ipairs(bytes) do
    for bit = 7, 0, -1 do
      local is_one = byte >> bit & 1
      add(1 - is_one, SYMBOL)
      add(is_one, SYMBOL)
    end
  end
  add(0, 30415)
end

local receiver = {} -- the pin and the function of listen

-- Sends a command of a remote control. Returns whether the script listens on the pin. The bytes that
-- follow a frame of 56 bits are unknown; here, they are zeros.
local function send_to_receiver(pin, remote, button, code)
  local fn = receiver.pin == pin and receiver.fn or nil
  if fn then
    local frame = string.char(table.unpack(somfy_frame(remote, button, code))) .. "\0\0\0"
    host.post(function() fn(remote & 0xffffff, button & 15, code & 0xffff, frame) end)
  end
  return fn ~= nil
end

modules.somfy = {
  control = {send = send_to_receiver},
  constants = {UP = 2, STOP = 1, DOWN = 4, PROG = 8},
  {"sendcommand(pin, value, value, value [, count [, function()]])", function(pin, remote, button, code, count, done)
    argument.check(pins.exists(pin), 1, "sendcommand", "Invalid pin")
    hardware_timer.require()
    pulses.set_up(pin, PULLUP)
    local bytes, list = scramble(somfy_frame(remote, button, code)), {1, 9415, 0, 89565}
    for i = 1, math.max(1, math.min(count or 2, 255)) do
      add_somfy_frame(list, bytes, i == 1 and 2 or 7)
    end
    pulses.play(pin, list, done or function() end)
  end},
  {"listen([pin [, function(number, value, code, text)]])", function(pin, fn)
    if pin == nil and fn ~= nil then
      argument.raise "Invalid parameters"
    elseif fn then
      argument.check(pin > 0 and pins.exists(pin), 1, "listen", "Invalid interrupt pin")
      pins.set_mode(pin, INTERRUPT, PULLUP)
    end
    receiver.pin, receiver.fn = pin, fn
  end},
}

-- --- switec: pointers with a motor of three steps for a degree ---

local CHANNELS, MOST_SPEED, HOME_SPEED = 3, 255, 50
local states = {[0] = 9, 1, 7, 6, 14, 8} -- of the four pins, by the step
local step_times = {{20, 3000}, {50, 1500}, {100, 1000}, {150, 800}, {255, 600}} -- µs of a step, up to a speed

local steppers = {}

local function check_channel(channel)
  if channel < 0 or channel >= CHANNELS then
    argument.raise(string.format("switec %d does not exist", channel))
  end
end

local function write_step(stepper)
  for i, pin in ipairs(stepper.pins) do
    pins.write(pin, states[stepper.position % 6] >> 4 - i & 1)
  end
end

local function step_time(stepper)
  for _, row in ipairs(step_times) do
    if stepper.speed <= row[1] then
      return math.max(row[2], stepper.least)
    end
  end
end

-- Moves by one step, and changes the speed as the firmware does.
local function move(stepper)
  if stepper.speed == 0 then
    stepper.direction, stepper.speed = stepper.position < stepper.target and 1 or -1, 1
  end
  stepper.position = stepper.position + stepper.direction
  write_step(stepper)
  local left = (stepper.target - stepper.position) * stepper.direction
  if left <= stepper.speed then
    stepper.speed = stepper.speed - 1
  elseif stepper.speed < stepper.most_speed then
    stepper.speed = stepper.speed + 1
  end
  stepper.due = stepper.due + step_time(stepper)
end

local function finish(stepper)
  stepper.is_moving, stepper.direction = false, 0
  local fn = stepper.callback
  stepper.callback = nil
  if fn then
    fn()
  end
end

local function continue(stepper)
  local now = host.now()
  while stepper.due <= now do
    if stepper.position == stepper.target and stepper.speed == 0 then
      return finish(stepper)
    end
    move(stepper)
  end
  stepper.timer:alarm((stepper.due - now + 999) // 1000, 0, function() continue(stepper) end)
end

local function standing(channel, problem)
  check_channel(channel)
  local stepper = steppers[channel]
  if stepper and stepper.is_moving then
    argument.raise(problem)
  end
  return stepper
end

modules.switec = {
  {"setup(channel, pin, pin, pin, pin [, speed])", function(channel, a, b, c, d, speed)
    standing(channel, "Unable to setup stepper.")
    for i, pin in ipairs {a, b, c, d} do
      argument.check(pins.exists(pin), i + 1, "setup", "Invalid pin")
    end
    hardware_timer.require "Unable to setup stepper."
    for _, pin in ipairs {a, b, c, d} do
      pulses.set_up(pin, PULLUP)
    end
    speed = speed and speed > 0 and speed or 400
    steppers[channel] = {
      pins = {a, b, c, d}, position = 0, target = 0, speed = 0, direction = 0, least = 1000000 // (3 * speed),
      most_speed = MOST_SPEED, timer = require "tmr".create(),
    }
  end},
  {"close(channel)", function(channel)
    standing(channel, "Unable to close stepper.")
    steppers[channel] = nil
  end},
  {"reset(channel)", function(channel)
    local stepper = standing(channel, "Unable to reset stepper.") or argument.raise "Unable to reset stepper."
    stepper.position, stepper.target = 0, 0
  end},
  {"moveto(channel, position [, function()])", function(channel, position, fn)
    check_channel(channel)
    local stepper = steppers[channel] or argument.raise "Unable to move stepper."
    stepper.callback = fn
    stepper.most_speed = position < 0 and HOME_SPEED or MOST_SPEED
    stepper.target = math.max(-32768, math.min(32767, position))
    if not stepper.is_moving then
      stepper.is_moving, stepper.due = true, host.now() + 1000
      stepper.timer:alarm(1, 0, function() continue(stepper) end)
    end
  end},
  {"getpos(channel) → number, number", function(channel)
    check_channel(channel)
    local stepper = steppers[channel] or argument.raise "Unable to get position."
    return stepper.position, stepper.direction
  end},
}

-- --- wps, gdbstub ---

local wps = {is_enabled = false}

-- Every network exists, and its button is pressed.
modules.wps = {
  constants = {SUCCESS = 0, FAILED = 1, TIMEOUT = 2, WEP = 3, SCAN_ERR = 4},
  {"enable()", function() wps.is_enabled = true end},
  {"disable()", function() wps.is_enabled = false end},
  {"start([anything])", function(fn)
    if fn ~= nil and type(fn) ~= "function" then
      argument.raise "Argument not a function"
    elseif fn and wps.is_enabled then
      common.after(100, function()
        if wps.is_enabled then
          fn(0)
        end
      end)
    end
  end},
}

-- No debugger of the chip can look at a desktop, so a break goes on at once.
modules.gdbstub = {
  {"open()", function() end},
  {"brk()", function() end},
  {"pbrk()", function() end},
  {"gdboutput([anything])", function() end},
}

return modules
