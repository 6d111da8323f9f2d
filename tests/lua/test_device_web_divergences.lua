-- What the device's http and websocket refuse is reported at the script's line, and is an error
-- with --strict. What the modules do themselves never is, however much they send.

local subrun = require "subrun"

local start = [[
local frame = require "netmcu.device.websocket_frame"
local listener = net.createServer()
local function close() listener:close() end
local function echo(c, key, unmask)
  c:on("receive", function(_, data)
    local reader = frame.reader(100)
    reader:add(unmask and data or "")
    data = unmask and select(2, reader:next()) or data
    if data ~= "" then c:send(data) end
  end)
  key = encoder.toBase64(crypto.sha1(key .. "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
  c:send("HTTP/1.1 101 x\r\nSec-WebSocket-Accept: " .. key .. "\r\n\r\n")
end
local function answer(c, left)
  c:on("sent", function()
    if left == 0 then return c:close() end
    c:send(("x"):rep(math.min(left, 1000)))
    left = left - math.min(left, 1000)
  end)
  c:send "HTTP/1.0 200 OK\r\n\r\n"
end
listener:listen(0, "127.0.0.1", function(c)
  local got = ""
  c:on("receive", function(_, data)
    got = got .. data
    local key = got:match "Key: (%S+)"
    if key then return echo(c, key, got:find "/unmask") end
    local size, head, length = got:match "/(%d+) .-()\r\n\r\n()"
    if size and #got == length - 1 + (got:match "Length: (%d+)" or 0) then answer(c, tonumber(size)) end
  end)
end)
local at = "//127.0.0.1:" .. listener:getaddr() .. "/"
local function done(status, body) print(status, body and #body) close() end
]]
local _, lines = start:gsub("\n", "")

-- Returns the output and standard error of a script.
local function run(script, options)
  local _, output, errors = subrun(start .. script, (options or "") .. " --timeout 60")
  return output, errors
end

local function same(a, b)
  assert(a == b, ("%s\nnot\n%s"):format(a, b))
end

-- A script that the device would run, too.
local function agrees(script, expected)
  for _, options in ipairs {"", "--strict"} do
    local output, errors = run(script, options)
    same(output .. errors, expected)
  end
end

-- The warning names line `line` of the script, or none. Under strict, it is an error, or else the
-- output is another one.
local function diverges(script, line, text, expected, under_strict)
  local place = line and ("stdin:%d: "):format(lines + line) or ""
  local output, errors = run(script)
  same(output, expected)
  same(errors, "netmcu: " .. place .. text .. "\n")
  output, errors = run(script, "--strict")
  if under_strict then
    same(output .. errors, under_strict)
  else
    assert(errors:find("netmcu: " .. place .. text, 1, true) and not output:find "%d", errors)
  end
end

agrees('http.post("http:" .. at .. 5000, "X: " .. ("x"):rep(4000) .. "\\r\\n", ("y"):rep(50000), done)', "200\t5000\n")
diverges('http.get("http:" .. at .. 20000, nil, done)', nil,
  "an HTTP response of more than 8192 bytes: the device gives up, with the status -1", "200\t20000\n", "-1\tnil\n")
diverges('for i = 1, 2 do\nhttp.get("ftp:x", nil, done) end', 2,
  'the URL "ftp:x": the device takes http:// and https:// only, and never calls back', "-1\tnil\n")
diverges('http.get("http:" .. at .. 10, nil, print)\nhttp.get("http://127.0.0.1:1/", nil, done)', 2,
  "an HTTP request while another one runs: the device has one callback for both, which gets the first answer",
  "-1\tnil\n")

if not pcall(crypto.sha1, "") then
  return
end

-- The server's ping and its wrong frame come in one segment, so the client closes while its pong is
-- on its way.
agrees([[
local ws = websocket.createClient()
ws:on("connection", function() ws:send("\137\0\128\0", 2) end)
ws:on("close", function(_, status) print(status) close() end)
ws:connect("ws:" .. at .. "unmask")
]], "-15\n")

local talk = [[
local ws, size = websocket.createClient(), SIZE
ws:on("receive", function(_, message) done(0, message) ws:close() end)
ws:on("connection", function()
  ws:send(("x"):rep(size), 2)
end)
ws:connect("ws:" .. at)
]]
agrees(talk:gsub("SIZE", 65535), "0\t65535\n")
diverges(talk:gsub("SIZE", 70000), 4, "a WebSocket message of 70000 bytes: the device sends the first 4464",
  "0\t70000\n")
