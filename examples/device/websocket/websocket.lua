-- The server side of WebSocket (RFC 6455).
--
--   websocket.listen(port, on_request, on_socket)
--     on_request(path) → status, type, text   for plain HTTP
--     on_socket(ws)                           set ws.onmessage(payload, opcode), ws.onclose();
--                                             call ws.send(payload, opcode), ws.close()

local websocket = {}

local GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
local TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
local band, bor, rshift = bit.band, bit.bor, bit.rshift

local function accept_key(key)
  return encoder.toBase64(crypto.hash("sha1", key .. GUID))
end

local function encode(payload, opcode)
  local size = #payload
  local head
  if size < 126 then
    head = string.char(bor(0x80, opcode), size)
  elseif size < 0x10000 then
    head = string.char(bor(0x80, opcode), 126, rshift(size, 8), band(size, 0xff))
  else
    head = string.char(bor(0x80, opcode), 127, 0, 0, 0, 0, band(rshift(size, 24), 0xff), band(rshift(size, 16), 0xff),
      band(rshift(size, 8), 0xff), band(size, 0xff))
  end
  return head .. payload
end

-- Takes one frame from the front of the buffer. Returns payload, opcode, final and rest, or nil if
-- the frame is not complete.
local function decode(buffer)
  if #buffer < 2 then
    return nil
  end
  local first, second = buffer:byte(1, 2)
  local size, at = band(second, 0x7f), 3
  if size == 126 then
    if #buffer < 4 then
      return nil
    end
    size, at = buffer:byte(3) * 256 + buffer:byte(4), 5
  elseif size == 127 then
    if #buffer < 10 then
      return nil
    end
    size, at = 0, 11
    for i = 7, 10 do
      size = size * 256 + buffer:byte(i)
    end
  end
  local mask
  if band(second, 0x80) ~= 0 then
    mask, at = buffer:sub(at, at + 3), at + 4
  end
  if #buffer < at - 1 + size then
    return nil
  end
  local payload = buffer:sub(at, at + size - 1)
  if mask and size > 0 then
    payload = crypto.mask(payload, mask)
  end
  return payload, band(first, 0x0f), band(first, 0x80) ~= 0, buffer:sub(at + size)
end

-- Sends in pieces that fit into the chip, one after the other.
local PIECE = 1400

local function sender(sck)
  local queue, sending, last = {}, false, false
  sck:on("sent", function(s)
    local data = table.remove(queue, 1)
    if data then
      s:send(data)
    elseif last then
      s:close()
    else
      sending = false
    end
  end)
  return function(data, is_last)
    last = last or is_last
    for from = 1, #data, PIECE do
      queue[#queue + 1] = data:sub(from, from + PIECE - 1)
    end
    if not sending then
      sending = true
      sck:send(table.remove(queue, 1))
    end
  end
end

local function upgrade(sck, key, on_socket, rest)
  local send = sender(sck)
  local ws, buffer, parts, kind = {}, rest, {}, TEXT

  function ws.send(payload, opcode)
    send(encode(payload, opcode or TEXT))
  end

  function ws.close()
    send(encode("", CLOSE), true)
  end

  local function on_frame(payload, opcode, final)
    if opcode == PING then
      return ws.send(payload, PONG)
    elseif opcode == PONG then
      return
    elseif opcode == CLOSE then
      send(encode(payload, CLOSE), true)
      if ws.onclose then
        ws.onclose()
      end
      return
    end
    kind = opcode > 0 and opcode or kind
    parts[#parts + 1] = payload
    if final then
      local message = table.concat(parts)
      parts = {}
      if ws.onmessage then
        ws.onmessage(message, kind)
      end
    end
  end

  local function drain()
    while true do
      local payload, opcode, final, left = decode(buffer)
      if not payload then
        return
      end
      buffer = left
      on_frame(payload, opcode, final)
    end
  end

  sck:on("receive", function(_, data)
    buffer = buffer .. data
    drain()
  end)
  sck:on("disconnection", function()
    if ws.onclose then
      ws.onclose()
    end
  end)
  send("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
    .. accept_key(key) .. "\r\n\r\n")
  on_socket(ws)
  drain()
end

local function answer(sck, status, mime, text)
  sck:on("sent", function(s) s:close() end)
  sck:send(("HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s"):format(status, mime,
    #text, text))
end

function websocket.listen(port, on_request, on_socket)
  local server = net.createServer(net.TCP, 3600)
  server:listen(port, function(conn)
    local request = ""
    conn:on("receive", function(sck, data)
      request = request .. data
      local head, rest = request:match("^(.-\r\n)\r\n(.*)$")
      if not head then
        return
      end
      local key = head:match("[Ss]ec%-[Ww]eb[Ss]ocket%-[Kk]ey: *([%w+/=]+)")
      if key then
        upgrade(sck, key, on_socket, rest)
      else
        answer(sck, on_request(head:match("^%u+ (%S+)")))
      end
    end)
  end)
  return server
end

return websocket
