---@meta node
-- Made by tools/annotate.lua from docs/api.md and docs/modules.md.

---@class node_module
---@field CPU80MHZ integer
---@field CPU160MHZ integer
---@field INT_BOTH integer
---@field INT_DOWN integer
---@field INT_HIGH integer
---@field INT_LOW integer
---@field INT_UP integer
---@field START_160MHZ integer
---@field START_DELAY_MOUNT integer
---@field START_NO_BANNER integer
node = {}

---`heap()` → bytes
---@return integer
function node.heap() end

---`restart()`
function node.restart() end

---`dsleep([microseconds [, option]])`
---@param microseconds? integer
---@param option? integer
function node.dsleep(microseconds, option) end

---`dsleepMax()` → microseconds
---@return integer
function node.dsleepMax() end

---`sleep(options)`
---@param options table
function node.sleep(options) end

---`chipid()` → number
---@return integer
function node.chipid() end

---`bootreason()` → number, number
---@return integer
---@return integer
function node.bootreason() end

---`info([group])` → anything, ...
---@param group? string
---@return any
---@return any ...
function node.info(group) end

---`flashid()` → number
---@return integer
function node.flashid() end

---`flashsize()` → bytes
---@return integer
function node.flashsize() end

---`getcpufreq()` → number
---@return integer
function node.getcpufreq() end

---`setcpufreq(speed)` → number
---@param speed integer
---@return integer
function node.setcpufreq(speed) end

---`random([from [, to]])` → number
---@param from? integer
---@param to? integer
---@return integer
function node.random(from, to) end

---`input(text)`
---@param text string
function node.input(text) end

---`output([function(output) [, serial]])`
---@param callback? fun(output: string|table)
---@param serial? integer
function node.output(callback, serial) end

---`setonerror(function(text))`
---@param callback fun(text: string)
function node.setonerror(callback) end

---`osprint(on)`
---@param on boolean
function node.osprint(on) end

---`compile(filename)`
---@param filename string
function node.compile(filename) end

---`stripdebug([level [, chunk]])` → level or nil
---@param level? integer
---@param chunk? function
---@return integer?
function node.stripdebug(level, chunk) end

---`getpartitiontable()` → table
---@return table
function node.getpartitiontable() end

---`startup([options])` → table
---@param options? table
---@return table
function node.startup(options) end

---`startupcommand(text)` → boolean
---@param text string
---@return boolean
function node.startupcommand(text) end

---`startupcounts([name])` → table
---@param name? string
---@return table
function node.startupcounts(name) end

---`startupoption([options])` → number
---@param options? table
---@return integer
function node.startupoption(options) end

---`readvdd33()` → millivolts
---@return integer
function node.readvdd33() end

---`restore()`
function node.restore() end

---`flashindex([name])` → chunk or seconds or nil, number or nil, number or nil, bytes or nil, list or nil
---@param name? string
---@return function|integer|nil
---@return integer?
---@return integer?
---@return integer?
---@return table?
function node.flashindex(name) end

---`flashreload(filename)` → text or nil
---@param filename string
---@return string?
function node.flashreload(filename) end

---@class node.LFS_module
node.LFS = {}

---`get(name)` → chunk or nil
---@param name string
---@return function?
function node.LFS.get(name) end

---`list([option])` → table or nil
---@param option? integer
---@return table?
function node.LFS.list(option) end

---`reload(filename)` → text or nil
---@param filename string
---@return string?
function node.LFS.reload(filename) end

---@class node.egc_module
---@field NOT_ACTIVE integer
---@field ON_ALLOC_FAILURE integer
---@field ON_MEM_LIMIT integer
---@field ALWAYS integer
node.egc = {}

---`setmode(mode [, level])`
---@param mode integer
---@param level? integer
function node.egc.setmode(mode, level) end

---`meminfo()` → bytes, bytes
---@return integer
---@return integer
function node.egc.meminfo() end

---@class node.task_module
---@field LOW_PRIORITY integer
---@field MEDIUM_PRIORITY integer
---@field HIGH_PRIORITY integer
node.task = {}

---`post([priority,] function(priority))`
---@overload fun(callback: fun(priority: integer))
---@param priority integer
---@param callback fun(priority: integer)
function node.task.post(priority, callback) end

return node
