-- What the portal of enduser_setup reads from the network and writes to the flash. This file does no
-- I/O.
--
--   enduser_setup_request.read(text)    returns the request that the text begins with: method, path,
--                                       query, accept, body; nil if more must come; false if it is
--                                       malformed or too large
--   enduser_setup_request.form(text)    returns the fields of a form, {{name, value}, …}, in their order
--   enduser_setup_request.params(form)  returns the Lua source of eus_params.lua
--   enduser_setup_request.answer(query, ip)   returns the DNS message that gives every name this
--                                             address; nil if it is not a valid query

local MOST = 16384 -- bytes of a request

local request = {}

function request.read(text)
  local head, body = string.match(text, "^(.-\r?\n)\r?\n(.*)$")
  if not head then
    return #text <= MOST and nil
  end
  local method, target = string.match(head, "^(%u+) (%S+) HTTP/1%.[01]\r?\n")
  local path, query = string.match(target or "", "^([^?]+)%??(.*)$")
  local headers = "\n" .. string.lower(head)
  local length = tonumber(string.match(headers, "\ncontent%-length:%s*(%d+)%s") or 0)
  if not path or length > MOST then
    return false
  elseif #body < length then
    return nil
  end
  local accept = string.match(headers, "\naccept:%s*([^\r\n]*)") or ""
  return {method = method, path = path, query = query, accept = accept, body = string.sub(body, 1, length)}
end

local function unescape(text)
  return (string.gsub(string.gsub(text, "+", " "), "%%(%x%x)", function(digits)
    return string.char(tonumber(digits, 16))
  end))
end

function request.form(text)
  local form = {}
  for name, value in string.gmatch(text, "([^&=]+)=([^&]*)") do
    form[#form + 1] = {unescape(name), unescape(value)}
  end
  return form
end

-- The last of several fields of this name counts.
function request.field(form, name)
  local found
  for _, field in ipairs(form) do
    found = field[1] == name and field[2] or found
  end
  return found
end

-- Writes a string for each Lua of the device. The device writes the bytes as they are, and loads
-- whatever the form has made of them.
local function quote(text)
  return '"' .. string.gsub(text, '[%c"\\]', function(c) return string.format("\\%03d", string.byte(c)) end) .. '"'
end

function request.params(form)
  local lines = {"local p={}\n"}
  for _, field in ipairs(form) do
    local name, value = field[1], quote(field[2])
    local is_name = string.find(name, "^[%a_][%w_]*$") and load("p." .. name .. "=1")
    lines[#lines + 1] = string.format(is_name and "p.%s=%s\n" or "p[%s]=%s\n", is_name and name or quote(name), value)
  end
  lines[#lines + 1] = "return p\n"
  return table.concat(lines)
end

-- --- DNS ---

local A, ANY, INTERNET = 1, 255, 1

-- Returns the position behind the name that begins here, or nil.
local function skip_name(text, at)
  local size = string.byte(text, at)
  while size and size > 0 and size < 64 do
    at = at + size + 1
    size = string.byte(text, at)
  end
  return size == 0 and at + 1 or nil
end

-- A name has no other records, so a query for them gets an answer without any.
function request.answer(query, ip)
  if #query < 17 or #query > 512 then
    return nil
  end
  local id, flags, questions = string.unpack(">I2I2I2", query)
  local stop = skip_name(query, 13)
  if flags & 0xf800 ~= 0 or questions ~= 1 or not stop or stop + 3 > #query then
    return nil
  end
  local kind, class = string.unpack(">I2I2", query, stop)
  local records = (kind == A or kind == ANY) and class == INTERNET and 1 or 0
  local head = string.pack(">I2I2I2I2I2I2", id, 0x8400 | flags & 0x100, 1, records, 0, 0)
  local reply = head .. string.sub(query, 13, stop + 3)
  if records == 0 then
    return reply
  end
  local bytes = string.gsub(ip, "(%d+)%.?", function(number) return string.char(number) end)
  return reply .. string.pack(">I2I2I2I4s2", 0xc00c, A, INTERNET, 120, bytes)
end

return request
