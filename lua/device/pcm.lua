-- pcm: plays sound through the sigma-delta generator, at the pace of a device. It takes the next
-- chunk from "data" while another one plays.
--
-- Tests use netmcu.pcm: on(pin, fn) calls fn(chunk, rate) for each chunk that a pin begins to play.

local argument = require "netmcu.device.argument"
local hardware_timer = require "netmcu.device.hardware_timer"
local host = require "netmcu.host"
local pins = require "netmcu.parts.pins"
local sigma_delta = require "netmcu.device.sigma_delta".api

local pcm = {
  SD = 0, RATE_1K = 0, RATE_2K = 1, RATE_4K = 2, RATE_5K = 3, RATE_8K = 4, RATE_10K = 5, RATE_12K = 6, RATE_16K = 7,
}

-- The time of a sample in µs, by rate. As on the device, the times of 12K and 16K are rounded down.
local sample_times = {[0] = 1000, 500, 250, 200, 125, 100, 83, 62}

local Driver = {__name = "pcm.driver"}
Driver.__index = Driver

local listeners = {} -- the functions of the tests, by pin

local function check_pin(pin)
  pin = argument.integer(pin, 2, "new")
  if pin <= 0 or not pins.exists(pin) then
    argument.raise(string.format("sigma_delta %d does not exist", pin))
  end
  return pin
end

function pcm.new(kind, pin)
  kind = argument.integer(kind, 1, "new")
  argument.check(kind == pcm.SD, 1, "new", "invalid driver")
  pin = check_pin(pin)
  sigma_delta.setup(pin)
  sigma_delta.setprescale(9)
  return setmetatable({pin = pin, callbacks = {}, vu_rate = 10, chunks = {}, timer = require "tmr".create()}, Driver)
end

local function call(self, event, ...)
  local fn = self.callbacks[event]
  if fn then
    return fn(self, ...)
  end
end

-- --- playing ---
--
-- The first of at most two chunks is playing; self.at is the number of its samples that were
-- played. self.due is the time of the next sample.

-- Asks for a chunk. Returns whether there is one.
local function fetch(self)
  local chunk = call(self, "data")
  if not self.playing or type(chunk) ~= "string" then
    return false
  end
  if #self.chunks < 2 and chunk ~= "" then
    self.chunks[#self.chunks + 1] = chunk
  end
  return chunk ~= ""
end

local function begin_chunk(self)
  local chunk, fn = self.chunks[1], listeners[self.pin]
  if chunk and fn then
    fn(chunk, 1000000 // sample_times[self.rate])
  end
end

-- Called when nothing is left to play. The last request decides what happens.
local function refill(self, run)
  if fetch(self) and self.playing == run then
    fetch(self)
    self.due = host.now()
    begin_chunk(self)
  elseif self.playing == run then
    self.playing = nil
    call(self, "drained")
  end
end

local function finish_chunk(self, run)
  table.remove(self.chunks, 1)
  self.at = 0
  begin_chunk(self)
  fetch(self)
  if self.playing == run and not self.chunks[1] then
    refill(self, run)
  end
end

local function add_peak(self, count)
  for i = self.at + 1, self.at + count do
    self.peak = math.max(self.peak, math.abs(string.byte(self.chunks[1], i) - 128))
  end
  self.since_vu = self.since_vu + count
end

-- Plays the samples up to the next event: the end of the chunk, or a value of the VU meter.
local function play_some(self, run)
  local count = math.min(#self.chunks[1] - self.at, self.vu_samples - self.since_vu)
  add_peak(self, count)
  self.at, self.due = self.at + count, self.due + count * sample_times[self.rate]
  sigma_delta.settarget(string.byte(self.chunks[1], self.at))
  if self.since_vu == self.vu_samples then
    local peak = self.peak
    self.since_vu, self.peak = 0, 0
    call(self, "vu", peak)
  end
  if self.playing == run and self.at == #self.chunks[1] then
    finish_chunk(self, run)
  end
end

-- Returns when the next event is due.
local function next_event(self)
  local count = math.min(#self.chunks[1] - self.at, self.vu_samples - self.since_vu)
  return self.due + count * sample_times[self.rate]
end

-- Callbacks that are slower than the sound delay it, but other events still get their turn.
local function continue(self, run)
  local now = host.now()
  if self.playing == run and not self.chunks[1] then
    refill(self, run)
  end
  while self.playing == run and next_event(self) <= now do
    play_some(self, run)
  end
  if self.playing == run then
    local left = next_event(self) - host.now()
    self.timer:alarm(math.max(1, (left + 999) // 1000), 0, function() continue(self, run) end)
  end
end

-- Counts the samples since the last event.
local function halt(self)
  if self.playing and self.chunks[1] then
    local count = (host.now() - self.due) // sample_times[self.rate]
    self.at = math.max(self.at, math.min(self.at + count, #self.chunks[1] - 1))
  end
  self.playing = nil
  self.timer:unregister()
end

local function begin(self, run)
  self.playing = run
  self.vu_samples = math.max(1, 1000000 // self.vu_rate // sample_times[self.rate])
  self.at, self.since_vu, self.peak, self.due = self.at or 0, 0, 0, host.now()
  continue(self, run)
end

-- --- methods ---

-- Starts in a task of its own, because the script may call it in one of the callbacks. As on the
-- device, nothing is heard and nobody is told if the timer is not available.
function Driver:play(rate)
  argument.object(self, Driver, "play")
  rate = rate == nil and pcm.RATE_8K or argument.integer(rate, 2, "play")
  argument.check(sample_times[rate], 2, "play", "invalid bit rate")
  if not hardware_timer.share() then
    return
  end
  local run = {}
  self.next_run = run
  host.post(function()
    if self.next_run == run then
      halt(self)
      self.rate = rate
      begin(self, run)
    end
  end)
end

local function stop(self, caller)
  argument.object(self, Driver, caller)
  self.next_run = nil
  halt(self)
end

function Driver:pause()
  stop(self, "pause")
  call(self, "paused")
end

function Driver:stop()
  stop(self, "stop")
  self.chunks, self.at = {}, 0
  call(self, "stopped")
end

function Driver:close()
  stop(self, "close")
  self.chunks, self.at, self.callbacks = {}, 0, {}
  sigma_delta.close(self.pin)
end

local events = {data = true, drained = true, paused = true, stopped = true, vu = true}

-- on(event [, fn [, vu_rate]])
function Driver:on(event, fn, vu_rate)
  argument.object(self, Driver, "on")
  event = argument.text(event, 2, "on")
  if not events[event] then
    argument.raise "method not supported"
  end
  self.callbacks[event] = type(fn) == "function" and fn or nil
  if event == "vu" then
    vu_rate = vu_rate == nil and 10 or argument.integer(vu_rate, 4, "on")
    argument.check(vu_rate > 0 and vu_rate <= 200, 4, "on", "invalid range")
    self.vu_rate = vu_rate
  end
end

local control = {}

function control.on(pin, fn)
  listeners[check_pin(pin)] = fn
end

return {api = pcm, control = control}
