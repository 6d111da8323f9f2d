-- A scripted DNS server on 127.0.0.1, which the context asks from here on.
--
--   local server = require "dns_server" {["a.test"] = "192.0.2.1", ["b.test"] = "silent"}
--   server.asked      the names that were asked for, in order
--   server:close()
--
-- An answer is an address (or a list of them), or "silent" (none at all), "empty" (no A record), "failure" (SERVFAIL),
-- "cname NAME" (followed by that name's address), "garbage"; other names do not exist. A function is called with the
-- question (name, id, reply(answer)) and answers when it wants to.

local net, netmcu = require "net", require "netmcu"

local function read_name(packet, at)
  local labels = {}
  while packet:byte(at) ~= 0 do
    local label = string.unpack("s1", packet, at)
    labels[#labels + 1] = label
    at = at + 1 + #label
  end
  return table.concat(labels, "."), at + 1
end

local function write_name(name)
  return (name:gsub("([^.]+)%.?", function(label) return string.pack("s1", label) end)) .. "\0"
end

local function address_record(owner, ip)
  local bytes = ip:gsub("(%d+)%.?", function(n) return string.char(tonumber(n)) end)
  return write_name(owner) .. string.pack(">I2I2I4s2", 1, 1, 60, bytes)
end

local function cname_record(owner, target)
  return write_name(owner) .. string.pack(">I2I2I4s2", 5, 1, 60, write_name(target))
end

local function answer(answers, q, what)
  local code, records, alias = 0, {}, type(what) == "string" and what:match "^cname (.*)"
  if what == "garbage" then
    return q.id .. "\x81\x80 this is no answer"
  elseif what == nil then
    code = 3
  elseif what == "failure" then
    code = 2
  elseif alias then
    records = {cname_record(q.name, alias), address_record(alias, answers[alias])}
  elseif what ~= "empty" then
    for _, ip in ipairs(type(what) == "table" and what or {what}) do
      records[#records + 1] = address_record(q.name, ip)
    end
  end
  return q.id .. string.pack(">I2I2I2I2I2", 0x8180 | code, 1, #records, 0, 0) .. q.section .. table.concat(records)
end

return function(answers)
  local server = {asked = {}, answers = answers}
  local socket = net.createUDPSocket()

  socket:on("receive", function(_, packet, port, ip)
    local q = {id = packet:sub(1, 2)}
    local name, behind = read_name(packet, 13)
    q.name, q.section = name:lower(), packet:sub(13, behind + 3)
    server.asked[#server.asked + 1] = q.name
    local what = answers[q.name]
    local function reply(text)
      if text ~= "silent" then
        socket:send(port, ip, answer(answers, q, text))
      end
    end
    if type(what) == "function" then
      what(q, reply)
    else
      reply(what)
    end
  end)
  socket:listen(0, "127.0.0.1")
  server.port = socket:getaddr()
  netmcu.options {dns = "127.0.0.1:" .. server.port}

  function server:close()
    socket:close()
  end

  return server
end
