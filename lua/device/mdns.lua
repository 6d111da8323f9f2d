-- mdns: answers the questions of the local network for the name of a host and one service.

local argument = require "netmcu.device.argument"
local device = require "netmcu.device.init"
local message = require "netmcu.device.mdns_message"
local net, tmr = require "net", require "tmr"

local GROUP, PORT = "224.0.0.251", 5353
local TTL, LONG_TTL = 300, 3600 -- seconds; the longer one for the kind of the service
local LEGACY_TTL = 10           -- at most, for clients that do not use multicast DNS
local SECOND, AGAIN = 1000, 280000 -- ms, when the announcement is repeated: once, then always
local ATTRIBUTES = 10          -- that the device publishes
local TEXT, LONGEST = 255, 255 -- bytes of an attribute, and of a name
local types = message.types

local service -- what is registered, or nil

-- --- arguments ---

local function read_attributes(given)
  local attributes, names = {}, {}
  for name, value in pairs(given) do
    argument.check(type(name) == "string", 2, "register", "string keys expected")
    if name ~= "port" and name ~= "service" and name ~= "description" then
      attributes[name] = argument.text(value, 2, "register")
      names[#names + 1] = name
    end
  end
  table.sort(names)
  if #names > ATTRIBUTES then
    argument.warn("mdns.register", string.format("%d attributes: the device takes %d", #names, ATTRIBUTES))
  end
  local texts = {}
  for i, name in ipairs(names) do
    texts[i] = name .. "=" .. attributes[name]
    argument.check(#texts[i] <= TEXT, 2, "register", "an attribute is too long")
  end
  texts[#texts + 1] = not attributes.platform and "platform=nodemcu" or nil
  return texts
end

local function check_name(position, ...)
  local name = message.name(...)
  argument.check(name, position, "register", "a name is empty or too long")
  return name
end

local function split(text)
  local labels = {}
  for label in string.gmatch(text .. ".", "([^.]*)%.") do
    labels[#labels + 1] = label
  end
  return labels
end

local function has_address()
  local wifi = device.module "wifi"
  return (wifi.getmode() == wifi.SOFTAP and wifi.ap or wifi.sta).getip() ~= nil
end

-- --- records ---

-- A unique record belongs to this host alone.
local function unique(name, kind, data)
  return {name = name, type = kind, ttl = TTL, is_unique = true, data = data}
end

-- Returns the records in such an order that each explains those before it.
local function make_records(hostname, options)
  argument.check(#hostname <= LONGEST, 1, "register", "a name is empty or too long")
  local labels = split(hostname)
  labels[#labels + 1] = "local"
  local name = check_name(1, table.unpack(labels))
  local kind = "_" .. argument.text(options.service or "http", 2, "register")
  local kind_name = check_name(2, kind, "_tcp", "local")
  local description = options.description or hostname
  local instance = check_name(2, argument.text(description, 2, "register"), kind, "_tcp", "local")
  local port = argument.integer(options.port or 80, 2, "register") & 0xffff
  return {
    {name = message.name("_services", "_dns-sd", "_udp", "local"), type = types.PTR, ttl = LONG_TTL, data = kind_name},
    {name = kind_name, type = types.PTR, ttl = TTL, data = instance},
    unique(instance, types.SRV, message.service(port, name)),
    unique(instance, types.TXT, message.text(read_attributes(options))),
    unique(name, types.A, message.address(net.ifinfo(0).ip)),
    unique(name, types.NSEC, message.only(name, {types.A})),
    unique(instance, types.NSEC, message.only(instance, {types.TXT, types.SRV})),
  }
end

-- Returns whether the client has said that it knows the record, and will for some time.
local function is_known(record, query)
  for _, known in ipairs(query.records) do
    if known.type == record.type and message.key(known.name) == message.key(record.name)
      and message.key(known.target or known.data) == message.key(record.data) and known.ttl * 2 >= record.ttl then
      return true
    end
  end
  return false
end

-- A question for a type that the name lacks is answered by the NSEC record of this name.
local function answers_to(question, record, has_type)
  local kind = has_type and question.type or types.NSEC
  return question.is_internet and (kind == record.type or kind == types.ANY)
    and message.key(question.name) == message.key(record.name)
end

local function has_answer(records, question)
  for _, record in ipairs(records) do
    if answers_to(question, record, true) then
      return true
    end
  end
  return false
end

-- Returns the answers to all questions, and the records that explain them.
local function find_answers(query)
  local answers, additional = {}, {}
  for _, record in ipairs(service.records) do
    local is_answer = false
    for _, question in ipairs(query.questions) do
      is_answer = is_answer or answers_to(question, record, has_answer(service.records, question))
    end
    if is_answer and not is_known(record, query) then
      answers[#answers + 1] = record
    elseif #answers > 0 then
      additional[#additional + 1] = record
    end
  end
  return answers, additional
end

-- --- sending ---

-- A datagram may be lost, so errors do not matter.
local function send(data, port, ip)
  pcall(service.socket.send, service.socket, port or PORT, ip or GROUP, data)
end

local function with_ttl(records, most, is_unique)
  local copies = {}
  for i, record in ipairs(records) do
    copies[i] = {name = record.name, type = record.type, ttl = math.min(record.ttl, most),
      is_unique = is_unique and record.is_unique, data = record.data}
  end
  return copies
end

local function announce()
  send(message.response(service.records, {}))
end

local function wants_multicast(query)
  for _, question in ipairs(query.questions) do
    if not question.wants_unicast then
      return true
    end
  end
end

-- A client with another port than 5353 does not use multicast DNS, so the answer goes to it alone.
local function on_receive(_, data, port, ip)
  local query = message.decode(data)
  local answers, additional = {}, nil
  if query and query.is_query then
    answers, additional = find_answers(query)
  end
  if #answers == 0 then
    return
  elseif port ~= PORT then
    answers, additional = with_ttl(answers, LEGACY_TTL), with_ttl(additional, LEGACY_TTL)
    send(message.response(answers, additional, query.id, query.questions), port, ip)
  elseif wants_multicast(query) then
    send(message.response(answers, additional))
  else
    send(message.response(answers, additional), port, ip)
  end
end

-- --- the module ---

local mdns = {}

-- As on the device, the socket's group is not left.
function mdns.close()
  if service then
    send(message.response(with_ttl(service.records, 0, true), {}))
    service.timer:unregister()
    service.socket:close()
    service = nil
  end
end

-- An object that says goodbye when the state closes. It must be newer than the socket, because the
-- newest objects are closed first.
local function new_goodbye()
  return setmetatable({}, {__gc = function(self)
    if service and service.goodbye == self then
      mdns.close()
    end
  end})
end

local function open_socket()
  net.multicastJoin(net.ifinfo(0).ip, GROUP)
  local socket = net.createUDPSocket()
  socket:on("receive", on_receive)
  socket:listen(PORT)
  return socket
end

function mdns.register(hostname, attributes)
  hostname = argument.text(hostname, 1, "register")
  attributes = attributes == nil and {} or argument.typed(attributes, 2, "register", "table")
  if not has_address() then
    argument.raise "No network connection"
  end
  local records = make_records(hostname, attributes)
  mdns.close()
  local done, socket = pcall(open_socket)
  if not done then
    argument.raise("Unable to start mDns daemon: " .. socket)
  end
  service = {records = records, socket = socket, timer = tmr.create(), goodbye = new_goodbye()}
  announce()
  service.timer:alarm(SECOND, tmr.ALARM_SINGLE, function(timer)
    announce()
    timer:alarm(AGAIN, tmr.ALARM_AUTO, announce)
  end)
end

return {api = mdns}
