-- The requests of a browser to the page (HTTP/1.1), and whether they are allowed. This file does no
-- I/O.
--
--   request.parse(head)           returns method, path, query (a table) and headers (by lower-case names); nil if the
--                                 text up to the empty line is no request
--   request.refusal(r, settings)  returns a status line and a reason if the request must be refused. The settings are
--                                 the port and the key of the page.
--   request.is_socket(r)          returns whether the request asks for a WebSocket
--
-- The page can run code, so three things are checked for every request:
--   the key     only someone who knows the printed address has it
--   Host        an address of this machine: a name could be one that an attacker lets point here (DNS rebinding)
--   Origin      the page itself: another page in the same browser could open a WebSocket (cross-site WebSocket)

local request = {}

local function parse_headers(text)
  local headers = {}
  for line in string.gmatch(text, "([^\r\n]+)\r?\n") do
    local name, value = string.match(line, "^([%w-]+):[ \t]*(.-)[ \t]*$")
    if not name then
      return nil
    end
    name = string.lower(name)
    if headers[name] then -- a second Host or Origin could hide the one that is checked
      return nil
    end
    headers[name] = value
  end
  return headers
end

function request.parse(head)
  local method, path, query, rest = string.match(head, "^(%u+) (/[^ ?]*)%??([^ ]*) HTTP/1%.[01]\r?\n(.*)$")
  local headers = method and parse_headers(rest)
  if not headers then
    return nil
  end
  local values = {}
  for name, value in string.gmatch(query, "([^&=]+)=([^&]*)") do
    values[name] = value
  end
  return {method = method, path = path, query = values, headers = headers}
end

-- Whether a Host header has an IP address or "localhost", and the port of the page.
local function is_own_host(text, port)
  local name, given = string.match(text or "", "^(%[[%x:.]+%])(.*)$")
  if not name then
    name, given = string.match(text or "", "^([^:]+)(.*)$")
  end
  if not name or given ~= ":" .. port and not (given == "" and port == 80) then
    return false
  end
  return string.sub(name, 1, 1) == "[" or string.lower(name) == "localhost"
    or string.find(name, "^%d+%.%d+%.%d+%.%d+$") ~= nil
end

function request.is_socket(r)
  return string.lower(r.headers.upgrade or "") == "websocket"
end

function request.refusal(r, settings)
  local headers = r.headers
  if not is_own_host(headers.host, settings.port) then
    return "421 Misdirected Request",
      "Open the page by the address that netmcu has printed: this name could be somebody else's."
  elseif headers.origin and headers.origin ~= "http://" .. headers.host
    or request.is_socket(r) and not headers.origin then
    return "403 Forbidden", "Another page has sent this request."
  elseif r.query.key ~= settings.key then
    return "403 Forbidden", "The key is missing or wrong. Open the whole address that netmcu has printed."
  elseif r.method ~= "GET" then
    return "405 Method Not Allowed", "The page can only be read, with GET."
  end
end

return request
