-- Writes docs/differences.md from the tables of the sources. Run it after you change one of them:
--
--   tools/run tools/differences.lua > docs/differences.md
--
-- A test compares the committed page with the output. With the argument "page" the script returns
-- the text instead of printing it.

local root = os.getenv "NETMCU_SOURCE" or "."

local function read(path)
  local file = assert(io.open(root .. "/" .. path, "rb"))
  local text = file:read "a"
  file:close()
  return text
end

-- The divergences of the device's modules other than net. The modules report them with
-- host.warn("id", …) or argument.warn.
local of_modules = {
  ["file.name"] = {"a file name that is too long for the device's flash",
    "refuses the name; the desktop accepts it"},
  ["flash.lc "] = {"the name of a `.lc` file that is missing, or of another Lua",
    "cannot load it; the desktop runs the `.lua` beside it"},
  ["coap.payload"] = {"a CoAP payload of more than 1024 bytes", "has no room for it"},
  ["coap.host"] = {"a name in a URI of CoAP", "takes addresses only; the desktop looks the name up"},
  ["mqtt.size"] = {"an MQTT packet of more than 1460 bytes", "has no room for it; `publish` returns false"},
  ["rtctime.get"] = {"`rtctime.get` or `dsleep_aligned` before the clock is set",
    "has no time; the desktop takes the machine's", "nothing: `get` returns 0. `dsleep_aligned` raises an error"},
  ["http.url"] = {"an `http` request to a URL that is not `http://` or `https://`",
    "never calls back; the desktop calls back with -1"},
  ["http.running"] = {"an `http` request while another one runs",
    "has one callback for both, the newer one, which gets the first answer; so does the desktop"},
  ["http.size"] = {"an `http` response of more than 8192 bytes",
    "calls back with -1; the desktop takes up to 16 MiB", "nothing: the callback gets -1"},
  ["websocket.size"] = {"a WebSocket message of more than 65535 bytes",
    "sends a part of it; the desktop sends all"},
  cron = {"`cron` before the clock is set", "waits; the desktop takes the machine's time", "nothing: `cron` waits"},
  ["mdns.register"] = {"`mdns.register` with more than 10 attributes", "publishes 10"},
  ["node.LFS.reload"] = {"`node.LFS.reload` of an image", "loads the file; the desktop takes the folder of the sources"},
  ["net.cert"] = {"`net.cert`, from older firmware", "has `tls.cert` for that", "nothing: `net.cert` is nil"},
  ["tls.cert.verify"] = {"`tls.cert.verify(true)` without a certificate",
    "raises an error; the desktop takes the system's certificates", "`no certificates found`"},
  ["wifi.sta.setip"] = {"`wifi.sta.setip` with another address",
    "changes its address; the desktop keeps its own"},
}

local header_text = [[
# Where does the desktop differ from the device?

<!-- Made by tools/differences.lua from include/netmcu_divergences.h. Do not edit. -->

Every script that ran on some version of the firmware runs on the desktop. Sometimes a script does
something that the current firmware would refuse, drop or do differently. The desktop then does what
is most useful. It reports this once for each line of the script, on standard error:

```
netmcu: server.lua:12: send of 5000 bytes: the device's send buffer holds 2920 ("out of memory")
```

- `--strict` turns such a divergence into an error. Run your script this way before you put it on a
  device. In Lua, call `netmcu.options {strict = true}`; in C, set the option `strict`.
- `--no-warnings`, or `netmcu.options {warnings = false}`, turns the reports off.

## Divergences of net

| what the script does | the device | with `--strict` it raises |
| --- | --- | --- |
]]

local rest = [[

## Divergences of the other modules

| what the script does | the device | with `--strict` it raises |
| --- | --- | --- |
%s
[device.md](device.md) describes how each of these modules behaves on a desktop.

%s
## Differences without a warning

A script that is right on the device is also right here, so these differences cause no warning.

- **sent** fires once for each `send`, when the system has taken its last byte. On the device it
  fires for each acknowledgement from the peer, so scripts cannot rely on the number.
- **The idle timeout** of `net.createServer(timeout)` closes a client that is silent in both
  directions for that long. The device uses keepalive and only finds dead clients.
- **Limits**: without `--strict`, there is no limit of 5 connections, 4 simultaneous DNS queries or
  2920 bytes of output.
- **Ports** below 1024 and `net.ping` may need a permission of the system. The error says what to
  do.
- **`net.ifinfo(0)`** is the interface with the default route. The other interfaces that are up
  follow as 1, 2 and so on. If there is none, 0 is the loopback. On the device, 0 is the station and
  1 is the access point.
- **Names**: the system's hosts file applies, and the system's name servers are the default.
  Addresses are IPv4 only, as on the device, unless you pass `--ipv6`.
- **Answers of name servers** are kept for their time to live, as on the device, which keeps four of
  them. netmcu keeps 64, and forgets them when the name servers change, by `net.dns.setdnsserver` or
  in the system.
- **`wifi`**: every network exists, and every password is right. The station connects within 100 ms
  (`--wifi-delay` changes this), while the device takes seconds.
- **`file`**: the flash is as large as the disk. `file.format` refuses unless netmcu has created the
  folder.
- **Errors** that the device does not know have the system's own text.
- **`print` of a float** is as in the firmware's Lua 5.3: `10/2` is `5.0`.
]]

local lua_text = [[
## The Lua of the firmware

The firmware is built with Lua 5.1, the default, or with Lua 5.3. The desktop has Lua 5.4 and adds
[what scripts for 5.1 use](device.md#lua). Both builds of the firmware leave out parts of the
standard libraries. With `--strict`, a script that uses more than the firmware's Lua 5.1 has ends
with an error that names the line:

```
netmcu: server.lua:12: os.time: the firmware's Lua does not have it
```

Feature tests, such as `if utf8 then` or `unpack or table.unpack`, are not divergences. The check
covers the scripts of the device, but not test files, code on the command line or Lua modules of the
desktop. Without `--strict`, nothing is reported.

| what | Lua 5.1 | Lua 5.3 | with `--strict` |
| --- | --- | --- | --- |
%s| `load` of a string | no | yes | an error |
| `//`, `&`, `\|`, `~`, `<<`, `>>`, `goto` and labels | no | yes | an error |
| the escapes `\x41`, `\u{48}` and `\z` | no | yes | an error |
| `<const>`, `<close>` | no | no | an error |
| `unpack`, `loadstring`, `package.loaders`, `math.pow` | yes | yes | accepted |
| `setfenv`, `getfenv`, `module`, `package.seeall`, `gcinfo`, `table.getn`, `table.foreach`, `table.foreachi`, `table.maxn` | yes | no | accepted |
| `debug.traceback`, `debug.getregistry` | yes | yes | accepted |

The 5.1 firmware can be built with more of `debug`; the table shows its default.
]]

-- The functions that `chip.lua` lists, with a row for each library.
local function table_of_lua()
  local chip, rows, row_of = require "netmcu.device.chip", {}, {}
  for _, list in ipairs {{chip.nowhere, "no"}, {chip.in_53, "yes"}} do
    for name in list[1]:gmatch "%S+" do
      local key = list[2] .. (name:match "^(.-)%." or "")
      if not row_of[key] then
        row_of[key] = {has = list[2]}
        rows[#rows + 1] = row_of[key]
      end
      table.insert(row_of[key], "`" .. name .. "`")
    end
  end
  for i, row in ipairs(rows) do
    rows[i] = ("| %s | no | %s | an error |\n"):format(table.concat(row, ", "), row.has)
  end
  return lua_text:format(table.concat(rows))
end

local function error_texts()
  local texts = {}
  for name, text in read "include/netmcu_errors.h":gmatch 'X%((E%u+), %-%d+, "([^"]*)"%)' do
    texts[name] = text
  end
  return texts
end

-- What --strict does about a divergence of net that raises no error.
local without_error = {
  TLS_SERVER_NAME = "nothing: it sends no name, and a server that needs one refuses the connection",
}

local function table_of_net()
  local texts, rows = error_texts(), {}
  local source = read "include/netmcu_divergences.h":gsub("[ \t]*\\\n%s*", " "):gsub('\\"', "\1")
  for id, name, did, device in source:gmatch 'X%(([%u_]+), (E%u+), "([^"]*)", "([^"]*)"%)' do
    local raises = without_error[id] or name == "ESTRICT" and "the text of the warning" or "`" .. texts[name] .. "`"
    local row = ("| %s | %s | %s |\n"):format(did, device, raises)
    rows[#rows + 1] = row:gsub("\1", '"'):gsub("%%ld", "*n*")
  end
  assert(#rows > 0, "no rows found in include/netmcu_divergences.h")
  return table.concat(rows)
end

local function table_of_modules()
  local rows, seen = {}, {}
  for _, module in ipairs {
    "file", "flash", "wifi_station", "node", "uart", "gpio", "tmr", "rtctime", "cron", "mdns", "coap", "mqtt_session",
    "http", "websocket", "tls", "init",
  } do
    local found, source = pcall(read, "lua/device/" .. module .. ".lua")
    for id in (found and source or ""):gmatch '%.warn%("([^"]+)"' do
      local row = assert(of_modules[id], "tools/differences.lua has no text for " .. id)
      if not seen[id] then
        rows[#rows + 1] = ("| %s | %s | %s |\n"):format(row[1], row[2], row[3] or "the text of the warning")
      end
      seen[id] = true
    end
  end
  return table.concat(rows)
end

local page = header_text .. table_of_net() .. rest:format(table_of_modules(), table_of_lua())

if ... == "page" then
  return page
end
io.write(page)
