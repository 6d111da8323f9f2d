-- Queries the local network by multicast DNS, and prints the answers of two seconds.
--
-- Try it:  with a name or a kind of service:  printer.local   _http._tcp.local
--          without arguments it asks for all kinds of services

local question = ... or "_services._dns-sd._udp.local"
local GROUP, PORT, PATIENCE = "224.0.0.251", 5353, 2000
local A, PTR, TXT, SRV = 1, 12, 16, 33

local function encode_name(name)
  return (name:gsub("([^.]+)%.?", function(label)
    return string.char(#label) .. label
  end)) .. "\0"
end

local function query(name)
  local kind = name:find("^_") and PTR or A
  return "\0\1\0\0\0\1\0\0\0\0\0\0" .. encode_name(name) .. string.char(0, kind, 0, 1)
end

local function number(data, at)
  local high, low = data:byte(at, at + 1)
  return high * 256 + low
end

-- Returns the name at a position of the message, and the position after it. A name may end with a
-- pointer to an earlier part. The limit protects us from a hostile message with a loop of pointers.
local function decode_name(data, at)
  local labels, behind = {}, nil
  for _ = 1, 64 do
    local length = data:byte(at)
    if length == 0 then
      return table.concat(labels, "."), behind or at + 1
    elseif length >= 192 then
      behind = behind or at + 2
      at = number(data, at) % 16384 + 1
    else
      labels[#labels + 1] = data:sub(at + 1, at + length)
      at = at + 1 + length
    end
  end
  error("a name without end")
end

local function decode_texts(data)
  local texts, at = {}, 1
  while at <= #data do
    local length = data:byte(at)
    texts[#texts + 1] = data:sub(at + 1, at + length)
    at = at + 1 + length
  end
  return table.concat(texts, " ")
end

local function decode_value(data, at, kind, length)
  if kind == A and length == 4 then
    return "address " .. table.concat({data:byte(at, at + 3)}, ".")
  elseif kind == PTR then
    return "pointer " .. decode_name(data, at)
  elseif kind == SRV then
    return ("service %s port %d"):format(decode_name(data, at + 6), number(data, at + 4))
  elseif kind == TXT then
    return "text " .. decode_texts(data:sub(at, at + length - 1))
  end
end

local function print_records(data, from)
  local at = 13
  for _ = 1, number(data, 5) do
    at = select(2, decode_name(data, at)) + 4
  end
  for _ = 1, number(data, 7) + number(data, 9) + number(data, 11) do
    local name, behind = decode_name(data, at)
    local kind, length = number(data, behind), number(data, behind + 8)
    local value = decode_value(data, behind + 10, kind, length)
    if value then
      print(("%s: %s %s"):format(from, name, value))
    end
    at = behind + 10 + length
  end
end

-- The answers to a query from an ordinary port come to that port (RFC 6762, 6.7).
local socket = net.createUDPSocket()
socket:on("receive", function(_, data, _, from)
  if not pcall(print_records, data, from) then
    print(from .. ": an answer that cannot be read")
  end
end)
socket:send(PORT, GROUP, query(question))
tmr.create():alarm(PATIENCE, tmr.ALARM_SINGLE, function()
  socket:close()
end)
