-- http: a client for HTTP and HTTPS. http_response.lua reads the responses.
--
-- The device has one callback for all requests: the one that was given last. It gets the first
-- answer, and a further answer goes nowhere.

local argument = require "netmcu.device.argument"
local host = require "netmcu.host"
local http_response = require "netmcu.device.http_response"
local stream = require "netmcu.device.stream"
local tmr = require "tmr"

local MOST_REDIRECTS = 20
local DEVICE_SIZE = 8192 -- bytes of a response on the device

local http = {OK = 0, ERROR = -1}
local control = {timeout = 60000} -- ms
local callback
local running = 0 -- requests

-- --- URLs ---

-- Returns nil if it is not a valid URL. The fragment is for the client only.
local function parse_url(url)
  local scheme, authority, path = string.match(url, "^(https?)://([^/?#]*)([^#%c]*)")
  local name, port = string.match(authority or "", "^([^:@]+):?(%d*)$")
  port = port ~= "" and tonumber(port) or scheme == "https" and 443 or 80
  if not name or port < 1 or port > 65535 then
    return nil
  end
  if string.sub(path, 1, 1) ~= "/" then
    path = "/" .. path
  end
  return {is_secure = scheme == "https", name = name, port = port, path = path}
end

local function join_url(target, location)
  local scheme = target.is_secure and "https:" or "http:"
  if string.find(location, "^https?://") then
    return location
  elseif string.find(location, "^//") then
    return scheme .. location
  end
  local folder = string.find(location, "^/") and "" or string.match(target.path, "^[^?]*/")
  return string.format("%s//%s:%d%s%s", scheme, target.name, target.port, folder, location)
end

-- --- a request ---

local function has_header(headers, name)
  return string.find("\n" .. string.lower(headers), "\n" .. name .. ":", 1, true)
end

local function format_request(request)
  local target, headers = request.target, request.headers
  local is_default = target.port == (target.is_secure and 443 or 80)
  local name = is_default and target.name or target.name .. ":" .. target.port
  return table.concat {
    request.method, " ", target.path, " HTTP/1.1\r\n",
    has_header(headers, "host") and "" or "Host: " .. name .. "\r\n",
    "Connection: close\r\n", headers,
    has_header(headers, "user-agent") and "" or "User-Agent: ESP8266\r\n",
    request.body and "Content-Length: " .. #request.body .. "\r\n" or "",
    "\r\n", request.body or "",
  }
end

local function call(...)
  local fn = callback
  callback = nil
  if fn then
    fn(...)
  end
end

local function close(request)
  running = running - 1
  request.timer:unregister()
  request.stream:close()
end

local function finish(request, ...)
  close(request)
  call(...)
end

local open

-- As on the device, a request that is redirected has the method, but neither the headers nor the
-- body of the first one.
local function follow(request, location)
  local target = parse_url(join_url(request.target, location))
  local next_one = {method = request.method, headers = "", target = target, redirects = request.redirects + 1}
  close(request)
  if not target or request.redirects == MOST_REDIRECTS or not pcall(open, next_one) then
    call(http.ERROR)
  end
end

local function on_complete(request)
  local response = request.response
  local location = response.headers.location
  if location and response.status >= 300 and response.status <= 308 then
    follow(request, location)
  else
    finish(request, response.status, response:body(), response.headers)
  end
end

-- Under strict, a response that is too large for the device fails, as it does there.
local function check_size(request, data)
  request.size = request.size + #data
  return request.size <= DEVICE_SIZE or pcall(function()
    local text = "an HTTP response of more than %d bytes: the device gives up, with the status -1"
    host.warn("http.size", string.format(text, DEVICE_SIZE), 0)
  end)
end

local function on_receive(request, data)
  local complete = request.response:feed(data)
  if complete == false or not check_size(request, data) then
    finish(request, http.ERROR)
  elseif complete then
    on_complete(request)
  end
end

local function on_closed(request, code)
  if code == 0 and request.response:finish() then
    on_complete(request)
  else
    finish(request, http.ERROR)
  end
end

function open(request)
  request.size, request.response = 0, http_response.new(request.method == "HEAD")
  request.stream = stream.connect(request.target, {
    connection = function() request.stream:write(format_request(request)) end,
    receive = function(data) on_receive(request, data) end,
    closed = function(code) on_closed(request, code) end,
  })
  request.timer = tmr.create()
  request.timer:alarm(control.timeout, tmr.ALARM_SINGLE, function() finish(request, http.ERROR) end)
  running = running + 1
end

-- --- the functions ---

local function warn(target, url)
  if not target then
    argument.warn("http.url", string.format("the URL %q: the device takes http:// and https:// only, and never "
      .. "calls back", url))
  elseif running > 0 then
    argument.warn("http.running", "an HTTP request while another one runs: the device has one callback for both, "
      .. "which gets the first answer")
  end
end

-- As on the device, headers and bodies that are not text, and callbacks that are not functions, are
-- ignored.
local function start(method, url, headers, body, fn)
  local target = parse_url(url)
  warn(target, url)
  callback = type(fn) == "function" and fn or callback
  if target then
    open {
      method = method, target = target, redirects = 0, headers = argument.is_text(headers) and headers or "",
      body = argument.is_text(body) and tostring(body) or nil,
    }
  else
    host.post(function() call(http.ERROR) end)
  end
end

function http.request(url, method, headers, body, fn)
  url, method = argument.text(url, 1, "request"), argument.text(method, 2, "request")
  start(method, url, headers, body, fn)
end

function http.get(url, headers, fn)
  start("GET", argument.text(url, 1, "get"), headers, nil, fn)
end

for _, name in ipairs {"post", "put", "delete"} do
  http[name] = function(url, headers, body, fn)
    start(string.upper(name), argument.text(url, 1, name), headers, body, fn)
  end
end

return {api = http, control = control}
