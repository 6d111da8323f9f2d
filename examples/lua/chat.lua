-- A chat for telnet. Every client gets a name, and the others read what a client writes.
--
--   /name NEW   takes another name          /who   lists the clients          /quit   leaves
--
-- Clients that vanish are noticed: by the end or error of their connection, or by the idle timeout.
--
-- Try it:  telnet 127.0.0.1 2323      in two terminals
--          (arguments: the port and the idle timeout in seconds)

local port, idle = ...
port = tonumber(port) or 2323
idle = tonumber(idle) or 1800

local LONGEST_LINE, MOST_WAITING = 400, 20
local users, count = {}, 0 -- users are indexed by socket

-- Each user gets one line at a time; further lines wait. If too many wait, the oldest are dropped,
-- so that a user who does not read does not use up the memory.
local function send_next(socket)
  local user = users[socket]
  local line = user and table.remove(user.waiting, 1)
  if line then
    user.busy = true
    socket:send(line .. "\r\n")
  elseif user then
    user.busy = false
    if user.leaving then
      users[socket] = nil
      socket:close()
    end
  end
end

local function tell(socket, line)
  local user = users[socket]
  table.insert(user.waiting, line)
  if #user.waiting > MOST_WAITING then
    table.remove(user.waiting, 1)
  end
  if not user.busy then
    send_next(socket)
  end
end

local function tell_others(except, line)
  print(line)
  for socket in pairs(users) do
    if socket ~= except then
      tell(socket, line)
    end
  end
end

local function names()
  local list = {}
  for _, user in pairs(users) do
    list[#list + 1] = user.name
  end
  table.sort(list)
  return table.concat(list, ", ")
end

local function is_taken(name)
  for _, user in pairs(users) do
    if user.name == name then
      return true
    end
  end
  return false
end

local commands = {}

function commands.name(socket, name)
  name = name:match("^[%w_-]+$")
  if not name or #name > 20 or is_taken(name) then
    return tell(socket, "* choose another name")
  end
  tell_others(nil, "* " .. users[socket].name .. " is now " .. name)
  users[socket].name = name
end

function commands.who(socket)
  tell(socket, "* " .. names())
end

function commands.quit(socket)
  tell_others(socket, "* " .. users[socket].name .. " left")
  users[socket].leaving = true
  tell(socket, "* bye")
end

local function take_line(socket, line)
  local command, rest = line:match("^/(%a+)%s*(.-)%s*$")
  if commands[command] then
    commands[command](socket, rest)
  elseif line:find("%S") then
    tell_others(socket, users[socket].name .. ": " .. line)
  end
end

local function take(socket, data)
  local user = users[socket]
  if not user or user.leaving then
    return
  end
  -- Drop telnet's negotiation and other unprintable bytes.
  data = data:gsub("\255[\251-\254].", ""):gsub("[^\n\32-\254]", "")
  user.input = user.input .. data
  for line in user.input:gmatch("([^\n]*)\n") do
    if not user.leaving then
      take_line(socket, line)
    end
  end
  user.input = user.input:match("[^\n]*$"):sub(1, LONGEST_LINE)
end

local function leave(socket, code)
  local user = users[socket]
  users[socket] = nil
  if user and not user.leaving then
    tell_others(nil, ("* %s left%s"):format(user.name, code == 0 and "" or " (code " .. code .. ")"))
  end
end

local function join(socket)
  count = count + 1
  local name = "guest" .. count
  tell_others(nil, "* " .. name .. " came")
  users[socket] = {name = name, waiting = {}, input = "", busy = false, leaving = false}
  socket:on("receive", take)
  socket:on("sent", send_next)
  socket:on("disconnection", leave)
  tell(socket, "* welcome, " .. name .. ". Here: " .. names() .. ". Commands: /name NEW, /who, /quit")
end

local server = net.createServer(net.TCP, idle)
server:listen(port, join)
print("Chat on port " .. server:getaddr())
