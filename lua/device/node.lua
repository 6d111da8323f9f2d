-- node: the chip itself. Restart and sleep are real, tasks run on the loop, and prompt.lua has the
-- prompt. All other functions answer as an ESP-12 with 4 MB of flash.

local argument = require "netmcu.device.argument"
local host = require "netmcu.host"
local device = require "netmcu.device.init"

local node = {}

node.CPU80MHZ, node.CPU160MHZ = 80, 160
node.INT_UP, node.INT_DOWN, node.INT_BOTH, node.INT_LOW, node.INT_HIGH = 1, 2, 3, 4, 5
node.START_NO_BANNER, node.START_160MHZ, node.START_DELAY_MOUNT = 1, 2, 4

-- --- memory ---

local HEAP = 45000   -- free bytes of a device after its start
local HALF = 8388608 -- bytes in use here that leave half of them free

-- Returns the bytes in use. In a finalizer, Lua does not tell.
local function count()
  return (collectgarbage "count" or 0) * 1024
end

local base = count()

-- Lua uses more memory here than the device has, and this includes garbage. Some scripts restart or
-- refuse clients if little memory is free. They should do so only if they really keep a lot of it.
function node.heap()
  local used = math.max(0, count() - base)
  return math.floor(HEAP * HALF / (HALF + used))
end

node.egc = {NOT_ACTIVE = 0, ON_ALLOC_FAILURE = 1, ON_MEM_LIMIT = 2, ALWAYS = 4}

function node.egc.setmode(mode, limit)
  mode = argument.integer(mode, 1, "setmode")
  argument.check(mode >= 0 and mode <= 7, 1, "setmode", "invalid mode")
  argument.check(mode & node.egc.ON_MEM_LIMIT == 0 or argument.optional_integer(limit, 0) ~= 0, 1, "setmode",
    "limit must be non-zero")
end

function node.egc.meminfo()
  local used = math.floor(count())
  return used, used
end

-- --- tasks ---

local function new_queue()
  return {first = 1, last = 0}
end

local queues = {[0] = new_queue(), new_queue(), new_queue()}

local function run_task()
  for priority = 2, 0, -1 do
    local queue = queues[priority]
    local fn = queue[queue.first]
    if fn then
      queue[queue.first] = nil
      queue.first = queue.first + 1
      return fn(priority)
    end
  end
end

node.task = {LOW_PRIORITY = 0, MEDIUM_PRIORITY = 1, HIGH_PRIORITY = 2}

function node.task.post(priority, fn)
  if type(priority) == "function" then
    priority, fn = 1, priority
  end
  if priority == nil then
    priority = 1
  end
  argument.check(queues[priority], 1, "post", "invalid priority")
  argument.typed(fn, 2, "post", "function")
  local queue = queues[priority]
  queue.last = queue.last + 1
  queue[queue.last] = fn
  host.post(run_task)
end

-- --- the prompt ---

function node.input(text)
  require "netmcu.device.prompt".input(argument.text(text, 1, "input"))
end

function node.output(fn, serial)
  if fn ~= nil then
    argument.typed(fn, 1, "output", "function")
  end
  require "netmcu.device.prompt".redirect(fn, serial ~= 0 and serial ~= false)
end

function node.setonerror(fn)
  host.onerror(fn)
end

function node.osprint() end

-- --- restart and sleep ---

function node.restart()
  host.leave("restart")
end

-- Without a time, the call only sets an option of the radio. A sleep of zero lasts until a reset.
function node.dsleep(us)
  if us == nil then
    return
  elseif us == 0 then
    host.leave("end")
  else
    host.leave("sleep", math.floor(us))
  end
end

function node.dsleepMax()
  return 12884901887 -- µs, about 3.5 hours, as a chip reports at room temperature
end

-- Light sleep ends at once, because there is no pin to wake the chip.
function node.sleep(options)
  if type(options) == "table" and type(options.resume_cb) == "function" then
    host.post(function() options.resume_cb() end)
  end
end

local boot_reasons = {restart = {2, 4}, sleep = {2, 5}, error = {2, 2}}

function node.bootreason()
  local reason = boot_reasons[host.boot] or {1, 0}
  return reason[1], reason[2]
end

-- --- what it is ---

local FLASH_ID, FLASH_SIZE = 1458400, 4194304
local VERSION = {3, 0, 0}
local mhz = 80

-- The chip's number is the lower half of the station's MAC address.
function node.chipid()
  return tonumber(require "netmcu.device.wifi_address".mac_end "sta", 16)
end

function node.flashid()
  return FLASH_ID
end

function node.flashsize()
  return FLASH_SIZE
end

function node.getcpufreq()
  return mhz
end

function node.setcpufreq(speed)
  mhz = argument.integer(speed, 1, "setcpufreq") == node.CPU160MHZ and 160 or 80
  return mhz
end

local info = {}

function info.hw()
  return {
    chip_id = node.chipid(), flash_id = FLASH_ID, flash_size = FLASH_SIZE // 1024, flash_mode = 2,
    flash_speed = 40000000,
  }
end

function info.sw_version()
  return {
    git_branch = "release", git_commit_id = "netmcu", git_release = "3.0.0-netmcu", git_commit_dts = "202101010000",
    node_version_major = VERSION[1], node_version_minor = VERSION[2], node_version_revision = VERSION[3],
  }
end

function info.build_config()
  return {ssl = false, lfs_size = info.lfs().lfs_size, modules = table.concat(device.names(), ","), number_type = "float"}
end

function info.lfs()
  local image = require "netmcu.device.image"
  local size, used = image.measure()
  return {lfs_base = image.base, lfs_mapped = image.mapped, lfs_size = size, lfs_used = used}
end

function node.info(group)
  if group == nil then
    return VERSION[1], VERSION[2], VERSION[3], node.chipid(), FLASH_ID, FLASH_SIZE // 1024, 2, 40000000
  end
  argument.check(info[group], 1, "info", "invalid option '" .. tostring(group) .. "'")
  return info[group]()
end

-- Returns 0 to count - 1. A count of 0 stands for all 2^64 integers.
local function random_below(count)
  if count == 0 then
    return host.random()
  end
  local mask = count - 1
  for shift = 0, 5 do
    mask = mask | mask >> (1 << shift)
  end
  local value
  repeat
    value = host.random() & mask
  until math.ult(value, count)
  return value
end

local function check_integer(value, position)
  local number = tonumber(value) or argument.fail_type(value, position, "random", "number")
  local integer = math.tointeger(math.floor(number))
  return integer or argument.fail(position, "random", "number has no integer representation")
end

function node.random(from, to)
  if from == nil then
    return (host.random() >> 11) * 0x1p-53
  end
  if to == nil then
    from, to = 1, from
  end
  from, to = check_integer(from, 1), check_integer(to, 2)
  argument.check(from <= to, 1, "random", "interval is empty")
  return from + random_below(to - from + 1)
end

-- --- scripts in flash ---

local strip_level = 2

-- Writes name.lc beside name.lua, as the device's compiler does.
function node.compile(name)
  local base_name = type(name) == "string" and string.match(name, "^(.*)%.lua$")
  if not base_name then
    argument.raise "not a .lua file"
  end
  local file, target = device.module "file", base_name .. ".lc"
  local text = file.getcontents(name) or argument.raise("cannot open " .. name)
  local chunk, message = device.load(text, "@" .. name, "t")
  if not chunk then
    argument.raise(message)
  elseif not file.putcontents(target, string.dump(chunk, strip_level > 1)) then
    argument.raise("cannot write " .. target)
  end
end

function node.stripdebug(level, fn)
  if level == nil then
    return strip_level
  end
  argument.check(level == 1 or level == 2 or level == 3, 1, "stripdebug", "Invalid strip level")
  if fn == nil then
    strip_level = level
  end
end

-- --- the image of Lua modules (LFS) ---

-- Without an image, a look-up is one nil, so that the documented way to boot,
-- pcall(node.flashindex("_init")), goes on.
node.LFS = {}

function node.LFS.get(name)
  return require "netmcu.device.image".get(name)
end

function node.LFS.list()
  return require "netmcu.device.image".list()
end

function node.LFS.reload(name)
  if not device.module("file").exists(name) then
    return "No such image file"
  elseif not node.LFS.list() then
    return "LFS images cannot be loaded on the desktop: put the sources into a folder lfs beside the script"
  end
  argument.warn("node.LFS.reload", "an LFS image is loaded: the desktop takes the folder of the sources")
  node.restart()
end

setmetatable(node.LFS, {
  __index = function(_, name)
    if name == "config" then
      return node.LFS.list() and info.lfs()
    elseif name == "time" then
      return (select(3, require "netmcu.device.image".measure()))
    end
    return node.LFS.get(name)
  end,
  __call = function(_, name) return node.LFS.get(name) end,
})

-- As in older firmware, a name that is not in the image returns the properties of the image.
function node.flashindex(name)
  local chunk = node.LFS.get(name)
  local modules = not chunk and node.LFS.list()
  if not modules then
    return chunk
  end
  local config = info.lfs()
  return node.LFS.time, config.lfs_base, config.lfs_mapped, config.lfs_size, modules
end

node.flashreload = node.LFS.reload

function node.getpartitiontable()
  local lfs = info.lfs()
  local files = lfs.lfs_base + lfs.lfs_size
  return {lfs_addr = lfs.lfs_base, lfs_size = lfs.lfs_size, spiffs_addr = files, spiffs_size = FLASH_SIZE - files}
end

local startup_option = 0

function node.startupoption(option)
  startup_option = option and argument.integer(option, 1, "startupoption") or startup_option
  return startup_option
end

function node.startupcounts()
  return {}
end

-- The runner keeps the command for the next start, and runs it in place of init.lua.
function node.startupcommand(command)
  host.startup = argument.typed(command, 1, "startupcommand", "string")
  return true
end

local function set_startup_bit(bit, on)
  if on ~= nil then
    startup_option = on and startup_option | bit or startup_option & ~bit
  end
end

-- Sets the given options of the next start, and returns all of them.
function node.startup(options)
  options = options == nil and {} or argument.typed(options, 1, "startup", "table")
  if options.banner ~= nil then
    set_startup_bit(node.START_NO_BANNER, not options.banner)
  end
  if options.frequency ~= nil then
    set_startup_bit(node.START_160MHZ, options.frequency == node.CPU160MHZ)
  end
  set_startup_bit(node.START_DELAY_MOUNT, options.delay_mount)
  if options.command ~= nil then
    node.startupcommand(options.command)
  end
  return {
    banner = startup_option & node.START_NO_BANNER == 0,
    frequency = startup_option & node.START_160MHZ == 0 and node.CPU80MHZ or node.CPU160MHZ,
    delay_mount = startup_option & node.START_DELAY_MOUNT ~= 0,
    command = host.startup,
  }
end

-- Forgets what wifi has stored.
function node.restore()
  require "netmcu.device.wifi_flash".clear()
end

function node.readvdd33()
  return device.module("adc").readvdd33()
end

return {api = node, absent = "setpartitiontable"}
