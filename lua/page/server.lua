-- The web server of --page. It runs in a Lua state of its own, beside that of the script, and
-- serves two things: the page, and the WebSocket over which the page asks (session.lua).
--
--   server.start(program)   returns the address of the page, with its key. `program` has what lua/runner/page.c
--                           provides: its functions, and the settings root, script, ip and port. It gets the
--                           function begin(), which is called before a script starts.

local host = require "netmcu.host"
local net = require "net"
local tmr = require "tmr"
local outside = require "netmcu.page.outside"
local request = require "netmcu.page.request"
local session = require "netmcu.page.session"

local MOST_HEAD = 8192    -- bytes of a request
local MOST_CLIENTS = 40
local IDLE = 120          -- s without a byte; a browser slows the timers of a hidden page down to one in a minute
local PATIENCE = 5        -- s until the end of a request, with the key
local SOCKET_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11" -- RFC 6455

local server = {}

local clients = {} -- in the order of their arrival
local ager         -- the timer that ends what has sent no request; nil without clients

local HEAD = table.concat({
  "HTTP/1.1 %s", "Content-Type: %s; charset=utf-8", "Content-Length: %d", "Connection: close",
  "Cache-Control: no-store", "Referrer-Policy: no-referrer", "X-Content-Type-Options: nosniff",
  "Cross-Origin-Resource-Policy: same-origin", "Cross-Origin-Opener-Policy: same-origin",
  "Content-Security-Policy: %s", "", "",
}, "\r\n")

-- Scripts and styles run only if they have the nonce: text of a script that got into the page as
-- HTML would have none.
local POLICY = "default-src 'none'; script-src 'nonce-%s'; style-src 'nonce-%s'; connect-src 'self'; img-src data:; "
  .. "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

local function random_text()
  return string.format("%016x%016x", host.random(), host.random())
end

local function forget(client)
  for i, other in ipairs(clients) do
    if other == client then
      table.remove(clients, i)
      break
    end
  end
  if not clients[1] then
    ager:unregister()
    ager = nil
  end
end

local function close(client)
  if client.is_open then
    client.is_open = false
    forget(client)
    client.socket:close()
  end
end

local function reply(client, status, kind, body, nonce)
  local policy = nonce and string.format(POLICY, nonce, nonce) or "default-src 'none'"
  client.socket:send(string.format(HEAD, status, kind, #body, policy) .. body)
  close(client)
end

-- The page is one file for the browser. Here it is several, so that each can be read.
local function page_text(program, nonce)
  local scripts = {}
  for i, name in ipairs {"ask", "console", "device", "parts", "network", "files", "world", "load"} do
    scripts[i] = program.text(name .. ".js")
  end
  local contents = {NONCE = nonce, STYLE = program.text "page.css", SCRIPT = table.concat(scripts)}
  return (string.gsub(program.text "page.html", "%u%u%u%u%u+", contents))
end

local function serve_page(client, program)
  local nonce = random_text()
  reply(client, "200 OK", "text/html", page_text(program, nonce), nonce)
end

local function sha1(text)
  local digest = require "netmcu.hash".new "sha1"
  digest:update(text)
  return digest:finalize()
end

local function accept_socket(client, r, program)
  local key = r.headers["sec-websocket-key"]
  if r.headers["sec-websocket-version"] ~= "13" or not key then
    return reply(client, "400 Bad Request", "text/plain", "This is not a WebSocket handshake of RFC 6455.\n")
  end
  local accept = require "netmcu.hash".base64(sha1(key .. SOCKET_GUID))
  client.socket:send("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    .. "Sec-WebSocket-Accept: " .. accept .. "\r\n\r\n")
  client.session = session.new(client.socket, program, function() close(client) end)
end

local function answer(client, r, program)
  if not r then
    return reply(client, "400 Bad Request", "text/plain", "This is not an HTTP request.\n")
  end
  local status, reason = request.refusal(r, program)
  if status then
    reply(client, status, "text/plain", reason .. "\n")
  elseif r.path == "/socket" and request.is_socket(r) then
    accept_socket(client, r, program)
  elseif r.path == "/" then
    serve_page(client, program)
  else
    reply(client, "404 Not Found", "text/plain", "There is no such page.\n")
  end
end

local function on_data(client, data, program)
  if client.session then
    return client.session:receive(data)
  elseif not client.is_open then
    return
  end
  client.head = client.head .. data
  local _, stop = string.find(client.head, "\r?\n\r?\n")
  if stop then
    local rest = string.sub(client.head, stop + 1)
    local r = request.parse(string.sub(client.head, 1, stop))
    client.head = ""
    answer(client, r, program)
    if client.session and rest ~= "" then
      client.session:receive(rest)
    end
  elseif #client.head > MOST_HEAD then
    reply(client, "431 Request Header Fields Too Large", "text/plain", "The request is too large.\n")
  end
end

local function check_libraries()
  local has_all = pcall(function()
    sha1 ""
    require "netmcu.json".decoder(4)
  end)
  if not has_all then
    error("this build of netmcu has no page: it lacks nettle or json-c", 0)
  end
end

-- The address for people. One that stands for all addresses is replaced by that of this machine.
local function address_of(program)
  local ip = program.ip
  if ip == "0.0.0.0" then
    local interface = net.ifinfo and net.ifinfo(0)
    ip = interface and interface.ip or "127.0.0.1"
  end
  return string.format("http://%s:%d/?key=%s", ip, program.port, program.key)
end

-- A client without a session has not sent the key. The seconds are counted, because the time of a
-- script that does not return to the loop must not count.
local function grow_older()
  for i = #clients, 1, -1 do
    local client = clients[i]
    client.age = client.age + 1
    if not client.session and client.age > PATIENCE then
      close(client)
    end
  end
end

-- If all places are taken, the oldest client without a session loses its own. Returns whether there
-- is a place.
local function make_room()
  for i = 1, #clients == MOST_CLIENTS and MOST_CLIENTS or 0 do
    if not clients[i].session then
      close(clients[i])
      break
    end
  end
  return #clients < MOST_CLIENTS
end

local function add_client(socket, program)
  if not make_room() then
    return socket:close()
  end
  local client = {socket = socket, head = "", is_open = true, age = 0}
  clients[#clients + 1] = client
  if not ager then
    ager = tmr.create()
    ager:alarm(1000, tmr.ALARM_AUTO, grow_older)
  end
  socket:on("receive", function(_, data) on_data(client, data, program) end)
  socket:on("disconnection", function() close(client) end)
end

function server.start(program)
  check_libraries()
  local listener = net.createServer(net.TCP, IDLE)
  local done, message = pcall(listener.listen, listener, program.port, program.ip, function(socket)
    add_client(socket, program)
  end)
  if not done then
    error(string.format("cannot listen on %s port %d: %s", program.ip, program.port, message), 0)
  end
  program.port, program.key = listener:getaddr(), random_text()
  program.outside = outside.new(program)
  function program.begin()
    program.outside:begin()
  end
  return address_of(program)
end

return server
