-- A name server for a captive portal: it answers every name with the address of this device.
--
-- Try it:  give the port as argument, for example 5300, because port 53 usually needs a privilege:
--          dig @127.0.0.1 -p 5300 anything.example

local port = tonumber((...)) or 53
local ip = wifi.ap.getip() or wifi.sta.getip() or "127.0.0.1"
local address = string.char(ip:match("(%d+)%.(%d+)%.(%d+)%.(%d+)"))
local A, IN, SECONDS = "\0\1", "\0\1", "\0\0\0\60"

-- Returns the question. It consists of a name, a type and a class; a length precedes each label.
local function question_of(query)
  local at = 13
  while true do
    local length = query:byte(at)
    if not length or length > 63 or at > 268 then
      return nil
    elseif length == 0 then
      break
    end
    at = at + 1 + length
  end
  local question = query:sub(13, at + 4)
  return #question == at + 4 - 12 and question or nil
end

local function answer(query)
  local flags = query:byte(3)
  local question = question_of(query)
  if not question or flags >= 128 or query:sub(5, 6) ~= "\0\1" then
    return nil -- not a query, or one that we cannot answer
  end
  -- The flags say "authoritative response", and copy "recursion desired".
  local head = query:sub(1, 2) .. string.char(0x84 + flags % 2, 0) .. "\0\1"
  if question:sub(-4) ~= A .. IN then
    return head .. "\0\0\0\0\0\0" .. question -- the name exists, but has no record of this type
  end
  return head .. "\0\1\0\0\0\0" .. question .. "\192\12" .. A .. IN .. SECONDS .. "\0\4" .. address
end

local socket = net.createUDPSocket()
socket:on("receive", function(s, data, peer_port, peer_ip)
  local reply = #data >= 12 and answer(data)
  if reply then
    s:send(peer_port, peer_ip, reply)
  end
end)
socket:listen(port)
print("Every name is " .. ip .. ", says UDP port " .. socket:getaddr())
