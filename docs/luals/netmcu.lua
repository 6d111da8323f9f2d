---@meta netmcu
-- Made by tools/annotate.lua from docs/api.md and docs/modules.md.

---@class netmcu.options
---@field strict? boolean what the device would refuse or lose is an error
---@field warnings? boolean where it is none, a line on standard error says so
---@field frame_size? integer bytes of one "receive" at most; 0: as they come
---@field connect_timeout? integer ms
---@field linger_timeout? integer ms that a closed connection waits for its peer's end
---@field dns? string|string[] name servers, "ip" or "ip:port"; not among those returned

---@class netmcu.stats
---@field connections integer open
---@field servers integer that listen
---@field udp_sockets integer open
---@field timers integer that run
---@field lookups integer under way
---@field pings integer under way
---@field closing integer connections that were closed and send what is left
---@field bytes_received integer on TCP and UDP
---@field bytes_sent integer on TCP and UDP
---@field events integer callbacks due to the network
---@field memory integer bytes of the core
---@field lua_memory integer bytes of Lua

---@class netmcu.fault
---@field kind "refuse"|"reset"|"delay"|"stall"|"cut"|"dns" what happens
---@field peer? string to connections with this name or address only, `*` for any number of characters; for "dns" the name that is not found
---@field port? integer the peer's port; for clients of a server, and for datagrams also, the own one
---@field after? integer bytes that pass before
---@field direction? "in"|"out"|"both" which bytes count and stop
---@field ms? integer of "delay"
---@field size? integer of "cut": bytes of a frame
---@field probability? number 0 to 1: at random, the same in each run
---@field seed? integer another run of random numbers

---@class netmcu.script
---@field globals table its globals
local script_object = {}

---the port of this machine that the script's really is
---@param port integer
---@param protocol? "tcp"|"udp"
---@return integer
function script_object:port(port, protocol) end

---@class netmcu_module
---@field version string of the library: "0.1.0"
local netmcu = {}

---runs the loop until nothing is left to happen, `stop` is called, or the time is over. Raises what a callback raised. The reason is "restart", "sleep" or "end" where the script ended it
---@param ms? number
---@return string?
function netmcu.run(ms) end

---ends `run`
function netmcu.stop() end

---runs the loop until the predicate is true and returns what it returned; false when the time (10000) is over
---@param predicate fun(): any
---@param ms? number
---@return any
function netmcu.wait(predicate, ms) end

---sets the options that are given, and returns them all as they are in force
---@param options? netmcu.options
---@return netmcu.options
function netmcu.options(options) end

---what is open, a line each
---@return string[]
function netmcu.walk() end

---in a stock Lua: the device's other globals (`node`, `file`, `gpio` …), as the runner has them. The folder, by default the current one, stands for the flash
---@param folder? string
function netmcu.install(folder) end

---where who listens on a port really listens: "80=8080", "53/udp=5353", "8000-8010=9000", "80=0" for a free one, "auto". Without a rule: all are forgotten
---@param rule? string
function netmcu.map_port(rule) end

---the port of this machine that the script's really is; "tcp" unless "udp" is asked for
---@param port integer
---@param protocol? "tcp"|"udp"
---@return integer
function netmcu.mapped_port(port, protocol) end

---where a host really is: "HOST[:PORT]=IP[:PORT]". Without a rule: all are forgotten
---@param rule? string
function netmcu.resolve(rule) end

---the address of listeners that name none. Without one: all addresses
---@param ip? string
function netmcu.bind(ip) end

---the name servers, "ip" or "ip:port"; each call with one adds one
---@param address string
---@param second_address? string
function netmcu.dns(address, second_address) end

---a line on standard error for each event of the network, with all of its data where asked for. Without a form: none
---@param form? "text"|"json"
---@param all? boolean
function netmcu.trace(form, all) end

---what is open now, and what was counted since the start
---@return netmcu.stats
function netmcu.stats() end

---what is to go wrong on the network, as a table or as `--fault` has it ("reset,port=80,after=100"). Without a rule: nothing any more
---@param rule? string|netmcu.fault
function netmcu.fault(rule) end

---runs the function as a test, then the loop until all expected calls have come, and prints the result as TAP
---@param name string
---@param callback fun()
function netmcu.test(name, callback) end

---a function in this one's place that must be called so many times (default 1; 0: never) before the test is over
---@param callback function
---@param count? integer
---@return function
function netmcu.expect(callback, count) end

---waits for the expected calls before the test's end; raises when the time (10000) is over, and says which did not come
---@param ms? number
function netmcu.finish(ms) end

---ends the test as skipped
---@param reason? string
function netmcu.skip(reason) end

---the end of a test program in a stock Lua: prints the plan and exits with status 1 where a test failed. Nothing in `netmcu --test`
function netmcu.done() end

---runs a script of the flash with these arguments, in globals of its own and on free ports
---@param filename string
---@param ... any
---@return netmcu.script
function netmcu.script(filename, ...) end

---connections there are refused from now on, until `netmcu.fault()`
---@param host string
---@param port? integer
function netmcu.connect_fails(host, port) end

---what the script asked for last: "restart", "end", or "sleep" and its time
---@return string?
---@return integer?
function netmcu.left() end

---@class netmcu.gpio_module
netmcu.gpio = {}

---what the pin reads; fires `gpio.trig`
---@param pin integer
---@param level integer
function netmcu.gpio.set(pin, level) end

---sees what the script writes to the pin
---@param pin integer
---@param callback (fun(level: integer))|nil
function netmcu.gpio.on(pin, callback) end

---how the script has set the pin
---@param pin integer
---@return integer?
---@return integer?
function netmcu.gpio.mode(pin) end

---@class netmcu.adc_module
netmcu.adc = {}

---what `adc.read` gives, and `adc.readvdd33`
---@param value integer
---@param millivolts? integer
function netmcu.adc.set(value, millivolts) end

return netmcu
