-- The WebSocket of a page that is open in a browser. The page asks, and gets one answer for each
-- question, so a script can never produce more than the page wants to see.
--
-- A message is a JSON object, which bytes may follow behind a newline: the output of the script,
-- the content of a file, the data of a connection. They need not be UTF-8, so all answers are
-- binary.
--
--   {"id": 1, "ask": NAME, …}      a question of the page
--   {"id": 1, …}                   the answer; "error" is a text if it has failed
--
--   local s = session.new(socket, program, close)    close() closes the connection
--   s:receive(data)                                  takes bytes of the client

local files = require "netmcu.page.files"
local sjson = require "netmcu.device.sjson".api
local websocket_frame = require "netmcu.device.websocket_frame"

local TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
local MOST_MESSAGE = 4194304 -- bytes: a file and its name
local MOST_WAITING = 8388608 -- bytes of answers that wait for a client that does not read
local LEAST = 1024           -- bytes that a shorter answer counts as, because many of them take more memory
local MOST_OUTPUT = 65536    -- bytes of the console in one answer
local MOST_HOSTS = 40        -- hosts of a simulated world in one answer

local Session = {}
Session.__index = Session

-- --- what the page can ask: each function gets the program, the question and its bytes, and returns
-- --- the answer, its bytes, and the JSON text of its member "device" ---

local asks = {}

local function result(done, message)
  return {error = not done and message or nil}
end

-- Returns the position from which the page shows the output. If there is too much behind
-- `position`, the page skips some.
local function latest(program, position)
  local _, _, _, written = program.console(0, 0)
  return position > written and 0 or math.max(position, written - MOST_OUTPUT)
end

-- Everything that changes by itself, since the last update.
function asks.update(program, question)
  local answer = program.status()
  answer.host = program.place()
  local output, from, to = program.console(latest(program, question.console), MOST_OUTPUT)
  answer.script, answer.console_from, answer.console_to = program.script, from, to
  answer.network, answer.network_version, answer.network_keys, answer.network_dropped
    = program.network(question.network)
  if #answer.network == 0 then
    answer.network_keys = nil
  end
  return answer, output, (program.look "look")
end

-- Earlier output, up to the position `to`.
function asks.console(program, question)
  local output, from = program.console(question.from, MOST_OUTPUT)
  return {console_from = from}, string.sub(output, 1, math.max(0, question.to - from))
end

function asks.input(program, question)
  program.echo(question.prompt .. question.line .. "\n")
  return result(program.call("input", question.line))
end

function asks.pin(program, question)
  return result(program.outside:pin(question.pin, question.level))
end

function asks.adc(program, question)
  return result(program.outside:adc(question.value))
end

function asks.part(program, question)
  return result(program.outside:part(question.index, question.name, question.value))
end

function asks.picture(program, question)
  local picture, message = program.look("picture", question.index)
  return result(picture, message), picture
end

function asks.pieces(program, question)
  local pieces, bytes, marks = program.pieces(question.key)
  if not pieces then
    return {error = "netmcu no longer keeps this connection"}
  end
  return {pieces = pieces, marks = marks}, bytes
end

function asks.files(program)
  return files.list(program.root)
end

function asks.read(program, question)
  return files.read(program.root, question.name)
end

function asks.write(program, question, bytes)
  return files.write(program.root, question.name, bytes, question.keep)
end

function asks.run(program, question)
  return asks.input(program, {prompt = "> ", line = string.format("dofile(%q)", question.name)})
end

function asks.restart(program)
  program.restart()
  return {}
end

-- --- the world of --sim ---

-- The hosts and links that the page shows, and the end of what the chosen host has printed.
function asks.world(program, question)
  local answer = program.world(question.filter, MOST_HOSTS) or {}
  local _, output = program.place()
  return answer, output
end

function asks.clock(program, question)
  program.clock(question.command, question.value)
  return {}
end

-- Cuts or repairs the link between two hosts.
function asks.cut(program, question)
  program.cut(question.a, question.b, question.is_cut)
  return {}
end

function asks.separate(program, question)
  program.separate(question.name)
  return {}
end

function asks.repair(program)
  program.repair()
  return {}
end

-- Makes the other questions refer to this host, or to the script if no host has this name.
function asks.show(program, question)
  return {is_host = program.show(question.name)}
end

-- --- messages ---

local function send(self, first, payload)
  local size = #payload
  local head
  if size < 126 then
    head = string.pack("BB", 128 | first, size)
  elseif size < 65536 then
    head = string.pack(">BBI2", 128 | first, 126, size)
  else
    head = string.pack(">BBI8", 128 | first, 127, size)
  end
  self.last = self.last + 1
  self.sizes[self.last] = math.max(#head + size, LEAST)
  self.waiting = self.waiting + self.sizes[self.last]
  self.socket:send(head .. payload)
end

-- The system has taken the oldest frame.
local function on_sent(self)
  self.waiting = self.waiting - self.sizes[self.first]
  self.sizes[self.first] = nil
  self.first = self.first + 1
end

local function compose(program, question, bytes)
  local known = asks[question.ask] or error("there is no such question", 0)
  local answer, body, device = known(program, question, bytes)
  answer.id = question.id
  local text = sjson.encode(answer)
  if device then
    text = string.sub(text, 1, -2) .. ',"device":' .. device .. "}"
  end
  return body and text .. "\n" .. body or text
end

-- A wrong question, such as one without a name, gets an error as its answer.
local function ask(self, question, bytes)
  local done, message = pcall(compose, self.program, question, bytes)
  if not done then
    message = sjson.encode {id = question.id, error = tostring(message)}
  end
  send(self, BINARY, message)
end

local function on_message(self, opcode, payload)
  if self.waiting > MOST_WAITING then
    self.dropped = self.dropped + 1
  elseif opcode == PING then
    send(self, PONG, payload)
  elseif opcode == TEXT or opcode == BINARY then
    local head, bytes = string.match(payload, "^([^\n]*)\n?(.*)$")
    local done, question = pcall(sjson.decode, head)
    if not done or type(question) ~= "table" or math.type(question.id) ~= "integer" then
      return self:finish()
    end
    ask(self, question, bytes)
  elseif opcode == CLOSE then
    send(self, CLOSE, payload)
    self:finish()
  end
end

function Session:finish()
  self.reader = nil
  self.close()
end

function Session:receive(data)
  if self.reader then
    self.reader:add(data)
  end
  while self.reader do
    local opcode, payload = self.reader:next()
    if opcode then
      on_message(self, opcode, payload)
    elseif opcode == false then
      self:finish()
    else
      break
    end
  end
  if self.reader and self.dropped > 0 then
    self.program.echo(string.format("netmcu: a page that does not read is closed; answers dropped: %d\n", self.dropped))
    self:finish()
  end
end

local session = {}

function session.new(socket, program, close)
  program.connected()
  local self = setmetatable({
    socket = socket, program = program, close = close, reader = websocket_frame.reader(MOST_MESSAGE),
    sizes = {[0] = 0}, first = 0, last = 0, -- the frames that wait; the first is the head that has opened the WebSocket
    waiting = 0, dropped = 0,
  }, Session)
  socket:on("sent", function() on_sent(self) end)
  return self
end

return session
