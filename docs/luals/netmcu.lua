---@meta netmcu
-- Made by tools/annotate.lua from docs/api.md and docs/modules.md.

---@class netmcu.options
---@field strict? boolean whether it is an error when the device would refuse or lose something
---@field warnings? boolean whether such cases, when they are not errors, print a line on standard error
---@field frame_size? integer the most bytes of one "receive"; 0: no limit
---@field connect_timeout? integer the timeout of a connect, in ms
---@field linger_timeout? integer how long a closed connection waits for its peer's FIN, in ms
---@field dns? string|string[] the name servers, "ip" or "ip:port"; not part of the result

---@class netmcu.stats
---@field connections integer open connections
---@field servers integer listening servers
---@field udp_sockets integer open UDP sockets
---@field timers integer running timers
---@field lookups integer pending lookups
---@field pings integer running pings
---@field closing integer closed connections that still send or wait for the peer's FIN
---@field bytes_received integer bytes received by TCP and UDP
---@field bytes_sent integer bytes sent by TCP and UDP
---@field events integer callbacks caused by the network
---@field memory integer bytes that the core has allocated
---@field lua_memory integer bytes that Lua has allocated

---@class netmcu.fault
---@field kind "refuse"|"reset"|"delay"|"stall"|"cut"|"dns" what happens
---@field peer? string affects only connections to this name or address; `*` stands for any text. For "dns": the name that is not found
---@field port? integer the peer's port; for clients of a server and for datagrams, also the local port
---@field after? integer how many bytes pass first
---@field direction? "in"|"out"|"both" which bytes count for `after`
---@field ms? integer for "delay": the delay
---@field size? integer for "cut": the bytes of a frame
---@field probability? number 0 to 1: the share that is hit, at random but in the same way in each run
---@field seed? integer chooses another sequence of random numbers
---@field optional? boolean true: a simulated test passes even if the rule never takes effect

---@class netmcu.script
---@field globals table the script's globals
local script_object = {}

---returns the port of this machine for a port of the script
---@param port integer
---@param protocol? "tcp"|"udp"
---@return integer
function script_object:port(port, protocol) end

---@class netmcu.part
local part_object = {}

---changes values of the part, and how it fails
---@param settings table
function part_object:set(settings) end

---returns a value as it is now
---@param name string
---@return integer
function part_object:value(name) end

---takes the part away
function part_object:unplug() end

---returns the size of a display or strip and its colours, 0xRRGGBB, row by row
---@return integer
---@return integer
---@return table
function part_object:picture() end

---returns the colour of a pixel, counted from 0
---@param x integer
---@param y integer
---@return integer
function part_object:pixel(x, y) end

---returns the texts on a display, each a table of `text`, `x`, `y` and `font`
---@return table
function part_object:texts() end

---writes the picture to a PNG file, in which a pixel is a square of `scale` pixels
---@param path any
---@param scale? any
function part_object:save(path, scale) end

---returns the number of LEDs of a strip
---@return integer
function part_object:count() end

---returns the bytes of an LED, counted from 1; the last one is white or, of an APA102, the brightness
---@param led integer
---@return integer
---@return integer
---@return integer
---@return integer?
function part_object:led(led) end

---returns what the script has set on the pins of a `pcf8574`, or on the outputs of both ports of a `mcp23017`
---@return integer
---@return integer?
function part_object:outputs() end

---@class netmcu_module
---@field version string the version of the library, such as "0.2.0"
local netmcu = {}

---runs the loop until no more events can come, `stop` is called, or `ms` have passed. Raises the errors of callbacks. Returns "restart", "sleep" or "end" if the script asked for it
---@param ms? number
---@return string?
function netmcu.run(ms) end

---ends `run`
function netmcu.stop() end

---runs the loop until the predicate returns a true value, and returns that value; returns false after `ms` (default 10000)
---@param predicate fun(): any
---@param ms? number
---@return any
function netmcu.wait(predicate, ms) end

---sets the options that are given, and returns all options in force
---@param options? netmcu.options
---@return netmcu.options
function netmcu.options(options) end

---returns one line for each open object
---@return string[]
function netmcu.walk() end

---for a stock Lua: defines the device's other globals (`node`, `file`, `gpio` …), as the runner does. The folder is the flash; the default is the current folder
---@param folder? string
function netmcu.install(folder) end

---maps a port that the script listens on: "80=8080", "53/udp=5353", "8000-8010=9000", "80=0" for a free port, or "auto". Without a rule: removes all rules
---@param rule? string
function netmcu.map_port(rule) end

---returns the port of this machine for a port of the script; for "tcp" unless `protocol` is "udp"
---@param port integer
---@param protocol? "tcp"|"udp"
---@return integer
function netmcu.mapped_port(port, protocol) end

---redirects a host: "HOST[:PORT]=IP[:PORT]". Without a rule: removes all rules
---@param rule? string
function netmcu.resolve(rule) end

---sets the address of listeners that name no address. Without an address: all addresses
---@param ip? string
function netmcu.bind(ip) end

---adds a name server, "ip" or "ip:port"; a third one replaces the second. With two addresses: sets both
---@param address string
---@param second_address? string
function netmcu.dns(address, second_address) end

---prints a line on standard error for each network event, with all data if `all` is true, and with the data inside of TLS if `plaintext` is true. Without a form: turns the trace off
---@param form? "text"|"json"
---@param all? boolean
---@param plaintext? any
function netmcu.trace(form, all, plaintext) end

---returns what is open now, and what was counted since the start
---@return netmcu.stats
function netmcu.stats() end

---adds a fault of the network, as a table or as text like that of `--fault` ("reset,port=80,after=100"). Without a rule: removes all faults
---@param rule? string|netmcu.fault
function netmcu.fault(rule) end

---runs the function as a test, then the loop until all expected calls have come, and prints the result as TAP
---@param name string
---@param callback fun()
function netmcu.test(name, callback) end

---returns a function that replaces the given one. It must be called `count` times before the test ends (default 1; 0: never)
---@param callback function
---@param count? integer
---@return function
function netmcu.expect(callback, count) end

---waits for the expected calls before the end of the test. Raises after `ms` (default 10000), and names the calls that did not come and what is still open
---@param ms? number
function netmcu.finish(ms) end

---ends the test as skipped
---@param reason? string
function netmcu.skip(reason) end

---ends a test program in a stock Lua: prints the plan, and exits with status 1 if a test failed. Does nothing in `netmcu --test`
function netmcu.done() end

---runs a script of the flash with these arguments, with its own globals and on free ports
---@param filename string
---@param ... any
---@return netmcu.script
function netmcu.script(filename, ...) end

---refuses connections to this host from now on, until `netmcu.fault()`
---@param host string
---@param port? integer
function netmcu.connect_fails(host, port) end

---returns what the script asked for last: "restart", "end", or "sleep" and its time
---@return string?
---@return integer?
function netmcu.left() end

---plugs a part in, such as `"bme280", {temp = 21.5}` or `"bme280,temp=21.5"`; [parts.md](parts.md) has the kinds and settings
---@param kind integer
---@param settings? table
---@return netmcu.part
function netmcu.part(kind, settings) end

---returns the parts in use
---@return table
function netmcu.parts() end

---@class netmcu.gpio_module
netmcu.gpio = {}

---sets the level that a pin reads, and fires `gpio.trig`
---@param pin integer
---@param level integer
function netmcu.gpio.set(pin, level) end

---returns the level of a pin, as the script reads it
---@param pin integer
---@return integer
function netmcu.gpio.read(pin) end

---calls the function when the script writes to the pin. The level of a signal is its duty, 0 to 1
---@param pin integer
---@param callback (fun(level: integer))|nil
function netmcu.gpio.on(pin, callback) end

---returns how the script has configured the pin
---@param pin integer
---@return integer?
---@return integer?
function netmcu.gpio.mode(pin) end

---returns what `pwm`, `pwm2` or `sigma_delta` put on the pin: the frequency and the duty, 0 to 1
---@param pin integer
---@return integer?
---@return number?
function netmcu.gpio.signal(pin) end

---@class netmcu.softuart_module
netmcu.softuart = {}

---sends to a pin that receives, and returns whether the script listens there
---@param pin integer
---@param data string
---@return boolean
function netmcu.softuart.send(pin, data) end

---calls the function with what the script writes to the pin
---@param pin integer
---@param callback (fun(data: string))|nil
function netmcu.softuart.on(pin, callback) end

---@class netmcu.rotary_module
netmcu.rotary = {}

---turns a rotary switch clockwise, or back if `steps` is negative
---@param channel integer
---@param steps integer
function netmcu.rotary.turn(channel, steps) end

---presses the button of a rotary switch for 50 ms or the given time
---@param channel integer
---@param ms? number
function netmcu.rotary.press(channel, ms) end

---@class netmcu.somfy_module
netmcu.somfy = {}

---sends a command of a remote control with this number, and returns whether the script listens on the pin
---@param pin integer
---@param number integer
---@param value integer
---@param code integer
---@return boolean
function netmcu.somfy.send(pin, number, value, code) end

---@class netmcu.pcm_module
netmcu.pcm = {}

---calls the function with each chunk that the pin begins to play, and the samples per second
---@param pin integer
---@param callback (fun(data: string, rate: integer))|nil
function netmcu.pcm.on(pin, callback) end

---@class netmcu.wifi_module
netmcu.wifi = {}

---sets which networks `wifi.sta.getap` also finds: tables with an `ssid` and optionally `rssi`, `channel`, `auth` and `bssid`
---@param list table
function netmcu.wifi.networks(list) end

---@class netmcu.adc_module
netmcu.adc = {}

---sets what `adc.read` returns, and what `adc.readvdd33` returns
---@param value integer
---@param millivolts? integer
function netmcu.adc.set(value, millivolts) end

---@class netmcu.i2c_module
netmcu.i2c = {}

---puts a part of your own on an I²C bus. The functions are `write(data)`, called at the end of each transfer to the part, and `read(size)`, which returns the bytes of a transfer from it
---@param id integer
---@param device_address integer
---@param functions table
---@return netmcu.part
function netmcu.i2c.attach(id, device_address, functions) end

---@class netmcu.spi_module
netmcu.spi = {}

---puts a part of your own on an SPI bus, with a pin for its /CS. The functions are `exchange(value, bits)`, which gets up to 8 bits and returns as many, and `selected(is_selected)`
---@param id integer
---@param pin integer
---@param functions table
---@return netmcu.part
function netmcu.spi.attach(id, pin, functions) end

---@class netmcu.ow_module
netmcu.ow = {}

---puts a part of your own on a 1-Wire bus. The function is `read(written)`, which gets what the script has written since it selected the part, and returns what it reads next
---@param pin integer
---@param rom string
---@param functions table
---@return netmcu.part
function netmcu.ow.attach(pin, rom, functions) end

return netmcu
