---@meta netmcu.sim
-- Made by tools/annotate.lua from docs/simulation.md.

---@class sim.host
---@field name string its name
---@field address string its IP address
---@field globals table the globals of its script, to read, set and call
local host_object = {}

---the end of what it has printed, at most 16 KB
---@return string
function host_object:output() end

---a list of its uncaught errors since the last call
---@return string[]
function host_object:errors() end

---ends it without a word
function host_object:crash() end

---starts it (again)
function host_object:restart() end

---changes its address. Hosts that have looked up its name keep the old address for up to 60 s
---@param ip string
function host_object:move(ip) end

---@class sim.host_settings
---@field script? string the file of the script
---@field dir? string in place of `script`: a folder with an init.lua
---@field profile? "device"|"desktop" whose TCP/IP and timers it has; by default a device's
---@field ip? string its address; by default the next one from 10.0.0.2 on
---@field count? integer adds so many hosts, with numbers behind the name, and returns a list
---@field skew? integer how much its clock is ahead, in ms
---@field drift? integer how much its clock is too fast, in millionths

---@class sim.link_settings
---@field latency? number how long a packet takes, in ms
---@field jitter? number by how much the latency varies, in ms
---@field loss? number 0 to 1: the share of packets that are lost
---@field duplication? number 0 to 1: the share that arrives twice
---@field reordering? number 0 to 1: the share that is overtaken by others
---@field bandwidth? number bytes/s; without it, there is no limit
---@field queue? number bytes that wait for the bandwidth; others are lost
---@field mtu? number the size of the largest packet, in bytes

---@class sim.name_settings
---@field delay? number ms until the name server answers
---@field failures? number 0 to 1: the share of names that are not found
---@field silence? number 0 to 1: the share of questions without an answer

---@class sim_module
---@field now integer
---@field second integer
---@field minute integer
---@field hour integer
---@field day integer
local sim = {}

---adds a host, whose script starts when the world runs
---@param name string
---@param host_settings sim.host_settings
---@return sim.host
function sim.host(name, host_settings) end

---sets the link between hosts. A list means each of its hosts, nil means every host without a link of its own
---@param a sim.host|sim.host[]|nil
---@param b sim.host|sim.host[]|nil
---@param link_settings sim.link_settings
function sim.link(a, b, link_settings) end

---the same for the direction from a to b
---@param a sim.host|sim.host[]|nil
---@param b sim.host|sim.host[]|nil
---@param link_settings sim.link_settings
function sim.path(a, b, link_settings) end

---separates these hosts from all others
---@param host sim.host|table
---@param ... any
function sim.partition(host, ...) end

---ends all partitions
function sim.repair() end

---holds back the packets between two hosts
---@param host sim.host
---@param host2 sim.host
function sim.hold(host, host2) end

---lets them pass again
---@param host sim.host
---@param host2 sim.host
function sim.release(host, host2) end

---adds a name to the name server, or removes it
---@param name string
---@param ip string?
function sim.name(name, ip) end

---sets how the name server answers
---@param name_settings sim.name_settings
function sim.names(name_settings) end

---calls the function at this time
---@param ms number
---@param callback fun()
function sim.at(ms, callback) end

---lets the world run for a time, or until nothing is left to happen
---@param ms? number
function sim.run(ms) end

---lets it run until the predicate is true, and returns its value; false after the time (10 s)
---@param predicate fun(): any
---@param ms? number
---@return any
function sim.wait(predicate, ms) end

---a list of the faults that have not taken effect. From then on, they are no reason to fail
---@return string[]
function sim.unmet() end

return sim
