-- What the portal makes of requests and forms, however they come, and of DNS queries.

local request = require "netmcu.device.enduser_setup_request"

-- --- requests ---

local post = "POST /setwifi HTTP/1.1\r\nHost: x\r\nACCEPT: text/html, */*\r\ncontent-length: 4\r\n\r\na=b&"
for cut = 0, #post - 1 do
  assert(request.read(post:sub(1, cut)) == nil, cut)
end
local asked = request.read(post .. "more")
assert(asked.method == "POST" and asked.path == "/setwifi" and asked.query == "" and asked.body == "a=b&")
assert(asked.accept == "text/html, */*")
asked = request.read "GET /update?wifi_ssid=a?b HTTP/1.0\n\n"
assert(asked.method == "GET" and asked.path == "/update" and asked.query == "wifi_ssid=a?b" and asked.body == "")

for _, text in ipairs {
  "\r\n\r\n", "GET\r\n\r\n", "get / HTTP/1.1\r\n\r\n", "GET / HTTP/2\r\n\r\n", "GET /a b HTTP/1.1\r\n\r\n",
  "POST / HTTP/1.1\r\nContent-Length: 999999999999999999999\r\n\r\n", ("x"):rep(20000),
} do
  assert(request.read(text) == false, text:sub(1, 100))
end

-- A long line is refused at once, and not after seconds.
local started = os.clock()
for _ = 1, 20 do
  assert(request.read("GET " .. ("a"):rep(16000) .. "\r\n\r\n") == false)
end
assert(os.clock() - started < 5)

-- --- forms ---

local form = request.form "a=1&b=%41+%2B%zz&=x&c&d=&a=%00%0a%22%5c&end=1&__index=2&p%3D1)%20x=3"
local expected = {a = "\0\n\"\\", b = "A +%zz", d = "", ["end"] = "1", __index = "2", ["p=1) x"] = "3"}
for name, value in pairs(expected) do
  assert(request.field(form, name) == value, name)
end
assert(request.field(form, "c") == nil and #request.form "" == 0)

-- The file contains exactly the fields, whatever their names and values.
local params = request.params(form)
assert(params:find('^local p={}\np%.a="1"\np%.b="A %+%%zz"\n') and params:find "\nreturn p\n$", params)
local loaded = assert(load(params, "=params", "t", {}))()
for name, value in pairs(expected) do
  assert(loaded[name] == value, name)
  loaded[name] = nil
end
assert(next(loaded) == nil)
local every_byte = {}
for i = 0, 255 do
  every_byte[#every_byte + 1] = {string.char(i, 32), string.char(i) .. "9"}
end
loaded = load(request.params(every_byte))()
for i = 0, 255 do
  assert(loaded[string.char(i, 32)] == string.char(i) .. "9")
end

-- --- DNS ---

local function query(kind, class, flags, questions, name)
  return string.pack(">I2I2I2I2I2I2", 0x1234, flags or 0x100, questions or 1, 0, 0, 1) .. (name or "\3foo\4test\0")
    .. string.pack(">I2I2", kind, class or 1) .. "\0\0\41\16\0\0\0\0\0\0\0"
end

local answer = request.answer(query(1), "192.168.4.1")
assert(answer == "\x12\x34\x85\0\0\1\0\1\0\0\0\0\3foo\4test\0\0\1\0\1\xc0\12\0\1\0\1\0\0\0\120\0\4\xc0\xa8\4\1")
assert(request.answer(query(255), "10.0.0.1"):sub(-4) == "\10\0\0\1")
assert(request.answer(query(28, 1, 0), "10.0.0.1") == "\x12\x34\x84\0\0\1\0\0\0\0\0\0\3foo\4test\0\0\28\0\1")
assert(request.answer(query(1, 3), "10.0.0.1"):sub(7, 8) == "\0\0")
for _, text in ipairs {
  "", "x", ("\0"):rep(16), query(1, 1, 0x8000), query(1, 1, 0x2800), query(1, 1, 0, 0), query(1, 1, 0, 2),
  query(1, 1, 0, 1, "\xc0\12"), query(1, 1, 0, 1, ("\63" .. ("x"):rep(63)):rep(9) .. "\0"), query(1):sub(1, 22),
} do
  assert(request.answer(text, "10.0.0.1") == nil, text)
end
for cut = 0, 25 do
  assert(request.answer(query(1):sub(1, cut), "10.0.0.1") == nil, cut)
end
