-- Answers every question for an address with our own address (RFC 1035).

local a, b, c, d = portal_ip:match("(%d+)%.(%d+)%.(%d+)%.(%d+)")
local address = string.char(a, b, c, d)

-- Returns the end of the question that begins at byte 13, and its type. Returns nothing if the
-- packet is broken.
local function question(query)
  local at = 13
  while true do
    local size = query:byte(at)
    if size == nil or size > 63 then
      return nil
    end
    at = at + size + 1
    if size == 0 then
      break
    end
  end
  if #query < at + 3 then
    return nil
  end
  return at + 3, query:byte(at) * 256 + query:byte(at + 1)
end

local function answer(query)
  local stop, kind = question(query)
  if not stop or bit.isset(query:byte(3), 7) then
    return nil
  end
  local is_address = kind == 1 or kind == 255
  local recursion = bit.band(query:byte(3), 0x01)
  return query:sub(1, 2) .. string.char(0x84 + recursion, 0, 0, 1, 0, is_address and 1 or 0, 0, 0, 0, 0)
    .. query:sub(13, stop)
    .. (is_address and "\192\012\0\1\0\1\0\0\0\060\0\004" .. address or "")
end

dns_socket = net.createUDPSocket()
dns_socket:on("receive", function(s, query, port, ip)
  local text = answer(query)
  if text then
    s:send(port, ip, text)
  end
end)
dns_socket:listen(DNS_PORT, "0.0.0.0")
