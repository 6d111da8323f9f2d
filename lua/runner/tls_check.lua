-- --tls-check HOST[:PORT]: connects to a server as the device does, and reports whether the chip
-- could connect, and if not, why. The exit status is 0 if it could, else 1.

local core = require "netmcu.tls"
local host = require "netmcu.host"
local net = require "net"

local check = {}

local SUCCESS, FAILURE, WRONG_USAGE = 0, 1, 2 -- exit statuses
local HANDSHAKE_FAILED = -28
-- No other attempt has another outcome.
local finals = {[-3] = "it does not answer", [-4] = "there is no route to it", [-8] = "it does not answer"}
local reasons = {[-9] = "it refuses the connection", [-10] = "it ends the connection"}

-- The device's own attempt; the same with the server's name (SNI); what a desktop does; and the same
-- with the certificates that this system trusts. netmcu_tls.h explains the numbers.
local CHIP = 2
local attempts = {
  {"chip", function() return {device = CHIP, server_name = ""} end},
  {"named", function(name) return {device = CHIP, server_name = name} end},
  {"desktop", function() return {device = 0} end},
  {"trusted", function() return {device = 0, verify = true} end},
}

-- Calls done{state = }, or done{reason =, is_final =}, when the outcome is known.
local function try(server, options, done)
  local socket = net.createConnection()
  local is_found = false
  local function fail(_, code)
    local final = not is_found and "its name is not found" or finals[code]
    done {
      reason = final or code == HANDSHAKE_FAILED and core.error() or reasons[code] or "the connection fails",
      is_final = final ~= nil,
    }
  end
  core.use(socket, options)
  socket:on("dns", function(_, ip) is_found = ip ~= nil end)
  socket:on("reconnection", fail)
  socket:on("disconnection", fail)
  socket:on("connection", function()
    local state = core.describe(socket)
    socket:close()
    done {state = state}
  end)
  if not pcall(socket.connect, socket, server.port, server.name) then
    done {reason = "it has no valid name", is_final = true}
  end
end

local function say(format, ...)
  host.write(string.format(format, ...) .. "\n")
end

local abilities = {
  ["no version of TLS in common"] = "the chip has TLS 1.2",
  ["cipher or curve in common"] =
    "the chip has AES and Camellia, with ECDHE and DHE, by P-256, P-384 and Brainpool curves",
}

local function explain(reason)
  for text, ability in pairs(abilities) do
    if reason and string.find(reason, text, 1, true) then
      return reason .. "; " .. ability
    end
  end
  return reason
end

-- Returns the reason why the chip cannot connect, or nil if it can.
local function judge(chip, named)
  if not chip.state and named.state then
    return "the server needs its name (SNI), which firmware releases do not send"
  elseif chip.state and named.state and chip.state[1].name ~= named.state[1].name then
    return string.format("without its name (SNI), which firmware releases do not send, "
      .. "it answers with the certificate of %s", chip.state[1].name)
  end
  return explain(chip.reason)
end

local function describe(state)
  say("  %s with %s", state.version, state.cipher)
  for i, one in ipairs(state) do
    say("  certificate %d: %s, by %s, from %s to %s, %d bytes", i, one.name, one.issuer, one.first, one.last, one.size)
  end
end

local function describe_sizes(state)
  say("  the largest message of the handshake has %d of 4096 bytes", state.largest)
  if not state.limits_records then
    say "  it does not limit its records to 4096 bytes: the chip fails at larger ones"
  end
end

local function report(server, results)
  local reason = judge(results.chip, results.named)
  say("%s:%d: the chip %s", server.name, server.port, reason and "cannot connect: " .. reason or "can connect")
  local state = reason and results.desktop.state or results.chip.state
  if reason and state then
    say "  this is what a desktop gets:"
  end
  if state then
    describe(state)
  end
  if not reason then
    describe_sizes(state)
  end
  if state then
    say("  by the system's certificates: %s", results.trusted.state and "trusted" or results.trusted.reason)
  end
  return not reason
end

local function parse(text)
  local name, port = string.match(text, "^([%w._-]+):?(%d*)$")
  port = name and (port == "" and 443 or math.tointeger(tonumber(port)))
  if not port or port < 1 or port > 65535 then
    return nil
  end
  return {name = name, port = port}
end

-- Makes the attempts one after the other: the chip has room for one connection.
local function run(server)
  local results = {}
  for _, attempt in ipairs(attempts) do
    results[attempt[1]] = {}
  end
  local function go_on(number)
    local kind, options = table.unpack(attempts[number])
    try(server, options(server.name), function(result)
      results[kind] = result
      if result.is_final or not attempts[number + 1] then
        os.exit(report(server, results) and SUCCESS or FAILURE)
      end
      host.post(function() go_on(number + 1) end)
    end)
  end
  go_on(1)
end

local function leave(status, reason)
  host.note("netmcu: " .. reason)
  os.exit(status)
end

function check.run(text)
  local server = parse(text)
  if core.missing then
    leave(FAILURE, core.missing)
  elseif not server then
    leave(WRONG_USAGE, "--tls-check " .. text .. ": HOST or HOST:PORT expected")
  end
  host.options {warnings = false}
  run(server)
end

return check
