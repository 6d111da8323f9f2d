-- Writes docs/differences.md anew from the tables of the sources, after one of them was changed:
--
--   tools/run tools/differences.lua > docs/differences.md
--
-- A test holds the committed page against what this gives.

local root = os.getenv "NETMCU_SOURCE" or "."

local function read(path)
  local file = assert(io.open(root .. "/" .. path, "rb"))
  local text = file:read "a"
  file:close()
  return text
end

-- The modules of the device other than net report theirs where they arise: host.warn("id", …). What they say is here.
local of_modules = {
  ["file.name"] = {"a file name longer than the device's flash takes", "refuses the name; the desktop takes it"},
  ["wifi.sta.setip"] = {"`wifi.sta.setip` with another address",
    "changes its address; the address of the desktop stays what it is"},
}

local header_text = [[
# Where the desktop differs from the device

<!-- Made by tools/differences.lua from include/netmcu_divergences.h. Do not edit: change the table and run it. -->

Whatever ran on some firmware runs here. Where a script does what the current firmware would refuse, drop or do
otherwise, the desktop does the useful thing, and says so once for each line of the script, on standard error:

```
netmcu: server.lua:12: send of 5000 bytes: the device's send buffer holds 2920 ("out of memory")
```

- `--strict` (in Lua `netmcu.options {strict = true}`, in C an option of the context) makes an error of it: run your script
  so before you put it on a device.
- `--no-warnings` (`netmcu.options {warnings = false}`) says nothing.

## The table

| what the script does | the device | with `--strict` it raises |
| --- | --- | --- |
]]

local rest = [[

## The other modules

| what the script does | the device | with `--strict` it raises |
| --- | --- | --- |
%s
[device.md](device.md) says for each of the device's modules what it does here.

## Without a word

These differ too. There is no warning, since a script that is right on the device is right here.

- **sent** comes once for each `send`, when its last byte was handed to the system. On the device it comes for each
  acknowledgement of the peer, so that scripts cannot count on the number.
- **The idle time** of `net.createServer(timeout)` ends a client that is silent in both directions for so long. The
  device finds only dead ones, by keepalive.
- **Limits**: outside of `--strict` there is none of 5 connections, 4 DNS queries at once or 2920 bytes of output.
- **Ports** below 1024 need a permission of the system, and so does `net.ping`. The error says what to do.
- **`net.ifinfo(0)`** is the interface with the default route, 1 and so on are the others that are up. Without any, 0 is the
  loopback. On the device 0 is the station and 1 the access point.
- **Names**: the system's hosts file is honoured, and its name servers are the first choice. Addresses are IPv4 only, as on the
  device.
- **Errors** that the device does not know come with the system's own text.
- **`print` of a float** is as in the firmware's Lua 5.3: `10/2` is `5.0`.
]]

local function error_texts()
  local texts = {}
  for name, text in read "include/netmcu.h":gmatch 'X%((E%u+), %-%d+, "([^"]*)"%)' do
    texts[name] = text
  end
  return texts
end

local function table_of_net()
  local texts, rows = error_texts(), {}
  local source = read "include/netmcu_divergences.h":gsub("[ \t]*\\\n%s*", " "):gsub('\\"', "\1")
  for name, did, device in source:gmatch 'X%([%u_]+, (E%u+), "([^"]*)", "([^"]*)"%)' do
    local raises = name == "ESTRICT" and "the text of the warning" or "`" .. texts[name] .. "`"
    local row = ("| %s | %s | %s |\n"):format(did, device, raises)
    rows[#rows + 1] = row:gsub("\1", '"'):gsub("%%ld", "*n*")
  end
  assert(#rows > 0, "no rows found in include/netmcu_divergences.h")
  return table.concat(rows)
end

local function table_of_modules()
  local rows, seen = {}, {}
  for _, module in ipairs {"file", "wifi", "node", "uart", "gpio", "tmr"} do
    local found, source = pcall(read, "lua/device/" .. module .. ".lua")
    for id in (found and source or ""):gmatch 'host%.warn%("([^"]+)"' do
      local row = assert(of_modules[id], "tools/differences.lua says nothing of " .. id)
      if not seen[id] then
        rows[#rows + 1] = ("| %s | %s | the text of the warning |\n"):format(row[1], row[2])
      end
      seen[id] = true
    end
  end
  return table.concat(rows)
end

local page = header_text .. table_of_net() .. rest:format(table_of_modules())

if ... == "page" then
  return page
end
io.write(page)
