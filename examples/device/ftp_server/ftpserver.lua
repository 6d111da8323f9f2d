-- FTP (RFC 959) with EPSV and EPRT (RFC 2428), for one folder without sub-folders.

local M = {port = 21, user = "test", password = "12345"}

-- A session is one control connection:
--   sck       the socket                queue   answers that wait for "sent"
--   logged    the user has logged in    data    the state of the data connection, see open_data

local commands = {}

-- --- the control connection ---

local function reply(session, text)
  local queue = session.queue
  queue[#queue + 1] = text .. "\r\n"
  if not session.sending then
    session.sending = true
    session.sck:send(table.remove(queue, 1))
  end
end

local function on_sent(session)
  if #session.queue > 0 then
    session.sck:send(table.remove(session.queue, 1))
    return
  end
  session.sending = false
  if session.quit then
    session.sck:close()
  end
end

-- --- the data connection ---

local function close_data(session)
  local data = session.data
  session.data = nil
  if data then
    if data.server then
      data.server:close()
    end
    if data.sck then
      data.sck:on("disconnection", nil)
      pcall(data.sck.close, data.sck)
    end
    if data.file then
      data.file:close()
    end
  end
end

local function finish(session, text)
  close_data(session)
  reply(session, text)
end

-- The transfer starts when both a connection and a command are there.
local function start_transfer(session)
  local data = session.data
  if data and data.sck and data.connected and data.transfer then
    local transfer = data.transfer
    data.transfer = nil
    transfer(data)
  end
end

local function adopt(session, data, sck)
  data.sck = sck
  sck:on("receive", function(_, text)
    if data.on_data then
      data.on_data(text)
    else
      data.early = (data.early or "") .. text
    end
  end)
  sck:on("disconnection", function()
    data.sck = nil
    if data.on_end then
      data.on_end()
    else
      data.ended = true
    end
  end)
end

local function passive(session)
  close_data(session)
  local data = {}
  session.data = data
  data.server = net.createServer(net.TCP, 120)
  data.server:listen(function(sck) -- on any free port
    data.connected = true
    adopt(session, data, sck)
    start_transfer(session)
  end)
  return (data.server:getaddr())
end

local function active(session, port, ip)
  close_data(session)
  local data = {port = port, ip = ip}
  session.data = data
end

local function connect_active(session, data)
  local sck = net.createConnection(net.TCP, 0)
  adopt(session, data, sck)
  sck:on("connection", function()
    data.connected = true
    start_transfer(session)
  end)
  sck:connect(data.port, data.ip)
end

local function transfer(session, fn)
  local data = session.data
  if not data then
    return reply(session, "425 Use PORT or PASV first")
  end
  reply(session, "150 Opening data connection")
  data.transfer = fn
  if data.port then
    connect_active(session, data)
  else
    start_transfer(session)
  end
end

-- Sends the pieces that next_piece() returns, until it returns nil.
local function send_pieces(session, next_piece)
  transfer(session, function(data)
    local function send_next(sck)
      local piece = next_piece()
      if piece then
        sck:send(piece)
      else
        sck:on("sent", nil)
        finish(session, "226 Transfer complete")
      end
    end
    data.on_end = function()
      finish(session, "426 Connection closed")
    end
    data.sck:on("sent", send_next)
    send_next(data.sck)
  end)
end

local function receive_file(session, name, mode)
  local fd = file.open(name, mode)
  if not fd then
    return reply(session, "550 Cannot write " .. name)
  end
  transfer(session, function(data)
    data.file = fd
    data.on_data = function(text)
      if not fd:write(text) then
        finish(session, "552 No space left")
      end
    end
    data.on_end = function()
      finish(session, "226 Stored " .. name)
    end
    if data.early then
      data.on_data(data.early)
    end
    if data.ended then
      data.on_end()
    end
  end)
end

-- --- names ---

local function plain(name)
  name = name:gsub("^/+", "")
  return name
end

local function listing(line_of)
  local names = {}
  for name in pairs(file.list()) do
    names[#names + 1] = name
  end
  table.sort(names)
  local i = 0
  return function()
    i = i + 1
    return names[i] and line_of(names[i]) .. "\r\n"
  end
end

-- --- commands: name = function(session, argument) ---

function commands.USER(session, name)
  session.name = name
  session.logged = false
  reply(session, "331 Password required")
end

function commands.PASS(session, password)
  session.logged = session.name == M.user and password == M.password
  reply(session, session.logged and "230 Logged in" or "530 Not logged in")
end

function commands.QUIT(session)
  session.quit = true
  reply(session, "221 Goodbye")
end

function commands.SYST(session) reply(session, "215 UNIX Type: L8") end
function commands.NOOP(session) reply(session, "200 OK") end
function commands.TYPE(session, kind) reply(session, "200 Type set to " .. kind) end
function commands.MODE(session) reply(session, "200 OK") end
function commands.STRU(session) reply(session, "200 OK") end
function commands.PWD(session) reply(session, '257 "/" is the folder') end

function commands.CWD(session, folder)
  reply(session, (folder == "/" or folder == "." or folder == "") and "250 OK" or "550 There are no folders")
end

function commands.FEAT(session)
  reply(session, "211-Features:\r\n SIZE\r\n EPSV\r\n EPRT\r\n211 End")
end

function commands.PASV(session)
  local port = passive(session)
  local _, ip = session.sck:getaddr()
  reply(session, ("227 Entering Passive Mode (%s,%d,%d)"):format(ip:gsub("%.", ","), port / 256, port % 256))
end

function commands.EPSV(session)
  reply(session, ("229 Entering Extended Passive Mode (|||%d|)"):format(passive(session)))
end

function commands.PORT(session, argument)
  local a, b, c, d, high, low = argument:match("^(%d+),(%d+),(%d+),(%d+),(%d+),(%d+)")
  if not a then
    return reply(session, "501 Bad address")
  end
  active(session, high * 256 + low, table.concat({a, b, c, d}, "."))
  reply(session, "200 PORT OK")
end

function commands.EPRT(session, argument)
  local ip, port = argument:match("^|1|([%d.]+)|(%d+)|")
  if not ip then
    return reply(session, "522 Only IPv4")
  end
  active(session, tonumber(port), ip)
  reply(session, "200 EPRT OK")
end

function commands.LIST(session)
  local sizes = file.list()
  send_pieces(session, listing(function(name)
    return ("-rw-r--r-- 1 nodemcu esp %8d Jan  1  2018 %s"):format(sizes[name] or 0, name)
  end))
end

function commands.NLST(session)
  send_pieces(session, listing(function(name) return name end))
end

function commands.RETR(session, argument)
  local fd = file.open(plain(argument), "r")
  if not fd then
    return reply(session, "550 No such file")
  end
  if session.rest then
    fd:seek("set", session.rest)
    session.rest = nil
  end
  send_pieces(session, function()
    local piece = fd:read(1024)
    if not piece then
      fd:close()
    end
    return piece
  end)
end

function commands.STOR(session, argument) receive_file(session, plain(argument), "w") end
function commands.APPE(session, argument) receive_file(session, plain(argument), "a") end

function commands.REST(session, position)
  session.rest = tonumber(position)
  reply(session, "350 Restarting at " .. position)
end

function commands.SIZE(session, argument)
  local size = file.list()[plain(argument)]
  reply(session, size and "213 " .. size or "550 No such file")
end

function commands.DELE(session, argument)
  local name = plain(argument)
  if not file.exists(name) then
    return reply(session, "550 No such file")
  end
  file.remove(name)
  reply(session, "250 Deleted")
end

function commands.RNFR(session, argument)
  session.from = plain(argument)
  reply(session, file.exists(session.from) and "350 Tell the new name" or "550 No such file")
end

function commands.RNTO(session, argument)
  local done = session.from and file.rename(session.from, plain(argument))
  reply(session, done and "250 Renamed" or "553 Not renamed")
end

-- --- sessions ---

local open_to_all = {USER = true, PASS = true, QUIT = true, FEAT = true, SYST = true, NOOP = true}

local function on_line(session, line)
  local name, argument = line:match("^(%a+) ?(.*)$")
  name = name and name:upper()
  local command = name and commands[name]
  if not command then
    reply(session, "502 Command not implemented")
  elseif not session.logged and not open_to_all[name] then
    reply(session, "530 Please log in")
  else
    command(session, argument)
  end
end

local function on_client(sck)
  local session = {sck = sck, queue = {}, text = ""}
  sck:on("sent", function() on_sent(session) end)
  sck:on("disconnection", function() close_data(session) end)
  sck:on("receive", function(_, text)
    session.text = session.text .. text
    while true do
      local line, rest = session.text:match("^(.-)\r?\n(.*)$")
      if not line then
        break
      end
      session.text = rest
      on_line(session, line)
    end
  end)
  reply(session, "220 NodeMCU FTP server ready")
end

function M.start()
  M.server = net.createServer(net.TCP, 180)
  M.server:listen(M.port, on_client)
end

function M.stop()
  M.server:close()
  M.server = nil
end

return M
