-- bit, rtctime, encoder, crypto, sjson, struct, pipe.

local expect = require "expect"

-- bit: operations on 32 bits with signed results
assert(bit.band(0xff, 0x0f) == 15 and bit.bor(1, 2, 4) == 7 and bit.bxor(5, 1) == 4 and bit.bnot(0) == -1)
assert(bit.lshift(1, 31) == -2147483648 and bit.rshift(-1, 28) == 15 and bit.arshift(-8, 1) == -4 and bit.lshift(1, 32) == 0)
assert(bit.bit(4) == 16 and bit.set(0, 0, 3) == 9 and bit.clear(15, 0, 1) == 12)
assert(bit.isset(5, 2) == true and bit.isclear(5, 1) == true and bit.band(7.9, 255) == 7 and bit.bor("8", 1) == 9)
assert(bit.band(0xffffffff, 0xff000000) == -16777216 and not pcall(bit.band, {}))

-- rtctime
local seconds, microseconds, rate = rtctime.get()
assert(math.abs(seconds - os.time()) <= 1 and microseconds >= 0 and microseconds < 1000000 and rate == 0)
rtctime.set(1436430589, 500000)
seconds, microseconds = rtctime.get()
assert(seconds == 1436430589 and microseconds >= 500000)
local date = rtctime.epoch2cal(1436430589)
assert(date.year == 2015 and date.mon == 7 and date.day == 9 and date.hour == 8 and date.min == 29 and date.sec == 49)
assert(date.wday == 5 and date.yday == 190)
for _, wrong in ipairs {-1, 2^32, 0 / 0, 1e300} do
  expect.raises("bad argument #1 to 'epoch2cal' (wrong arg range)", rtctime.epoch2cal, wrong)
end
expect.raises("bad argument #1 to 'epoch2cal' (number expected, got no value)", rtctime.epoch2cal)
expect.raises("bad argument #1 to 'adjust_delta' (number expected, got string)", rtctime.adjust_delta, "x")
expect.raises("unknown sleep option", rtctime.dsleep, 1, 5)
expect.raises("bad argument #2 to 'dsleep_aligned' (number expected, got no value)", rtctime.dsleep_aligned, 1)
rtctime.set("x", "y", "z")
seconds = rtctime.get() -- as before; a slow machine may be a few seconds later
assert(seconds >= 1436430589 and seconds < 1436430649 and select(3, rtctime.get()) == 0)
rtctime.set(nil, nil, 7)
assert(select(3, rtctime.get()) == 7)

-- encoder
assert(encoder.toHex("\0\1\254\255") == "0001feff" and encoder.fromHex("0001FEff") == "\0\1\254\255")
assert(not pcall(encoder.fromHex, "0") and not pcall(encoder.fromHex, "zz") and not pcall(encoder.toHex))
if not require "netmcu.hash".missing then
  assert(encoder.toBase64("Man") == "TWFu" and encoder.toBase64("Ma") == "TWE=" and encoder.toBase64("") == "")
  assert(encoder.fromBase64("TWFu") == "Man" and encoder.fromBase64("TQ==") == "M" and encoder.fromBase64("") == "")
  assert(not pcall(encoder.fromBase64, "T?") and not pcall(encoder.fromBase64, "TWF"))
  local every = {}
  for i = 0, 255 do
    every[#every + 1] = string.char(i)
  end
  every = table.concat(every)
  assert(encoder.fromBase64(encoder.toBase64(every)) == every)

  -- crypto: RFC 1321, FIPS 180, RFC 2202, RFC 4231, FIPS 197, NIST SP 800-38A
  local hex = encoder.toHex
  assert(hex(crypto.hash("md5", "abc")) == "900150983cd24fb0d6963f7d28e17f72")
  assert(hex(crypto.hash("SHA1", "abc")) == "a9993e364706816aba3e25717850c26c9cd0d89d" and crypto.sha1("abc") == crypto.hash("sha1", "abc"))
  assert(hex(crypto.hash("sha256", "abc")) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
  assert(hex(crypto.hash("sha512", "abc")):sub(1, 16) == "ddaf35a193617aba" and #crypto.hash("sha384", "") == 48)
  assert(hex(crypto.hmac("sha1", "what do ya want for nothing?", "Jefe")) == "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79")
  assert(hex(crypto.hmac("sha256", "what do ya want for nothing?", "Jefe"))
    == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
  local object = crypto.new_hash("sha1")
  object:update("a")
  object:update("bc")
  assert(object:finalize() == crypto.sha1("abc"))
  object = crypto.new_hmac("md5", "Jefe")
  object:update("what do ya want ")
  object:update("for nothing?")
  assert(hex(object:finalize()) == "750c783e6ab0b503eaa86e310a5db738")
  local ok, message = pcall(crypto.hash, "crc99", "x")
  assert(not ok and message:find("unknown hash algo", 1, true))

  local key = encoder.fromHex("000102030405060708090a0b0c0d0e0f")
  local plain = encoder.fromHex("00112233445566778899aabbccddeeff")
  assert(hex(crypto.encrypt("AES-ECB", key, plain)) == "69c4e0d86a7b0430d8cdb78070b4c55a")
  assert(crypto.decrypt("AES-ECB", key, crypto.encrypt("AES-ECB", key, "short")) == "short" .. ("\0"):rep(11))
  key = encoder.fromHex("2b7e151628aed2a6abf7158809cf4f3c")
  plain = encoder.fromHex("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51")
  local iv = encoder.fromHex("000102030405060708090a0b0c0d0e0f")
  local cipher = crypto.encrypt("AES-CBC", key, plain, iv)
  assert(hex(cipher) == "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2")
  assert(crypto.decrypt("AES-CBC", key, cipher, iv) == plain and not pcall(crypto.encrypt, "AES-ECB", "short", "x"))
else
  local ok, message = pcall(crypto.sha1, "x")
  assert(not ok and message:find("install nettle", 1, true))
end
assert(rtctime.epoch2cal("1436430589").year == 2015 and crypto.mask(12, 1) == "\0\3")
assert(crypto.mask("hello", "\1\2") == "igmnn" and crypto.mask(crypto.mask("text", "key"), "key") == "text")
assert(not pcall(crypto.mask, nil, "key") and not pcall(crypto.mask, "text", {}))

-- sjson
assert(sjson.encode {1, 2.5, "a", true, sjson.NULL} == '[1,2.5,"a",true,null]' and sjson.encode {} == "[]")
assert(sjson.encode {a = 1} == '{"a":1}' and sjson.encode {[3] = 1} == "[null,null,1]" and sjson.encode {a = {}} == '{"a":[]}')
assert(sjson.encode {"\n\t\"\\/é\1"} == '["\\n\\t\\"\\\\/é\\u0001"]' and sjson.encode {10 / 2, 0.1, 1e300} == "[5,0.1,1e+300]")
assert(sjson.encode {function() return function() return {x = 1} end end} == '[{"x":1}]')
assert(sjson.encode({"-"}, {null = "-"}) == "[null]" and sjson.encode {[1] = "x", [2] = {1, {2}}} == '["x",[1,[2]]]')
assert(sjson.encode {0.1, 5e-324, 1594863744.123456} == "[0.1,5e-324,1594863744.123456]")
assert(sjson.encode {1 / 0, -1 / 0, 0 / 0} == "[null,null,null]" and sjson.encode {a = 1 / 0} == '{"a":null}')
assert(sjson.encode {[2.5] = 1} == '{"2.5":1}' and sjson.encode {1, nil, 3} == "[1,null,3]" and sjson.encode {"\0\127\255"} == '["\\u0000\127\255"]')
assert(sjson.encode {[40000] = 1} == '{"40000":1}' and #sjson.encode {[32767] = 1} == 5 * 32767 - 2)
local dense = {}
for i = 1, 40000 do
  dense[i] = i % 10
end
assert(#sjson.encode(dense) == 2 * 40000 + 1)
expect.raises("Cannot encode type 7", sjson.encode, {io.stdout})
expect.raises("Cannot encode type 1", sjson.encode, {[true] = 1})
local endless = {}
endless[1] = endless
expect.raises("encoder stack overflow", sjson.encode, endless)
assert(sjson.encode({{{{}}}}, {depth = 4}) == "[[[[]]]]" and not pcall(sjson.encode, {{{{{}}}}}, {depth = 4}))
assert(not pcall(sjson.encode, endless) and not pcall(sjson.encode, 5) and not pcall(sjson.encode, {print and coroutine.create(print)}))
local encoder_ = sjson.encoder {("x"):rep(100)}
assert(#encoder_:read(64) == 64 and #encoder_:read() == 40 and encoder_:read() == nil)

if not require "netmcu.json".missing then
  for _, number in ipairs {1594863744.123456, 0.1 + 0.2, 1 / 3, 5e-324, 2.5e-310, 1.7976931348623157e308, 1e22, -1e-7} do
    assert(sjson.decode(sjson.encode {number})[1] == number, number)
  end
  local value = sjson.decode('{"a": [1, 2.5, -3e2, "x\\u00e9\\n", true, false, null], "b": {"c": {}}}')
  assert(value.a[1] == 1 and math.type(value.a[1]) == "integer" and value.a[2] == 2.5 and value.a[3] == -300)
  assert(value.a[4] == "xé\n" and value.a[5] == true and value.a[6] == false and value.a[7] == sjson.NULL)
  local dropped = sjson.decode('{"a": null, "b": [null, 2, null]}', {depth = 9})
  assert(dropped.a == nil and dropped.b[1] == nil and dropped.b[2] == 2 and dropped.b[3] == nil)
  assert(next(value.b.c) == nil and type(sjson.NULL) == "userdata" and sjson.decode("[null]", {null = "-"})[1] == "-")
  assert(sjson.decode("5") == 5 and sjson.decode('"s"') == "s" and sjson.decode(" [ ] \n")[1] == nil)
  assert(sjson.decode('{"a": 1}\r\n0\r\n').a == 1 and sjson.decode("[1]]")[1] == 1) -- ignores the text after the value
  for _, bad in ipairs {"", "{", "[1,]", "x [1]", "nul", "{\"a\" 1}", "[01]x", ("["):rep(50) .. ("]"):rep(50)} do
    assert(not pcall(sjson.decode, bad), bad)
  end
  for _, call in ipairs {
    function() sjson.encode() end, function() sjson.encoder "x" end, function() sjson.decode {} end,
    function() sjson.decoder():write() end,
  } do
    local _, place = pcall(call)
    assert(place:find("^[^:]*test_device_small.lua:%d+: bad argument #1 to "), place)
  end
  assert(sjson.decode(("["):rep(50) .. ("]"):rep(50), {depth = 60})[1][1])

  local decoder = sjson.decoder()
  assert(not pcall(decoder.result, decoder) and decoder:write("[10, 1") == nil and decoder:write("1") == nil)
  assert(decoder:write(', "foo"]')[2] == 11 and decoder:result()[3] == "foo" and decoder:result() == decoder:result())
  decoder = sjson.decoder()
  local ok, message = pcall(decoder.write, decoder, "[}")
  assert(not ok and message:find("JSON parse error", 1, true) and not pcall(decoder.write, decoder, "1"))

  local paths, sets = {}, {}
  value = sjson.decode('{"foo": [1, 2, []], "skip": {"x": 1}}', {metatable = {
    __newindex = function(t, k, v) sets[#sets + 1] = tostring(k); rawset(t, k, v) end,
    checkpath = function(_, path) paths[#paths + 1] = table.concat(path, "."); return path[1] ~= "skip" end,
  }})
  assert(table.concat(paths, " ") == " foo foo.3 skip" and table.concat(sets, " ") == "1 2 3 foo" and value.skip == nil)
else
  local ok, message = pcall(sjson.decode, "{}")
  assert(not ok and message:find("install libjson-c-dev", 1, true))
end

-- struct
assert(struct.pack(">I4", 0x41424344) == "ABCD" and struct.pack("<I", 0x41424344) == "DCBA")
assert(struct.pack(">hHbBlL", -2, 65535, -1, 255, -1, 1) == "\255\254\255\255\255\255\255\255\255\255\0\0\0\1")
assert(struct.pack("Bc0", 5, "hello") == "\5hello" and struct.pack("sx", "hi") == "hi\0\0" and struct.pack("c3c", "hello", "y") == "hely")
assert(struct.pack(">!4bi4", 1, 2) == "\1\0\0\0\0\0\0\2" and struct.size("!4bi4") == 8 and struct.size("bi4") == 5)
assert(struct.pack(">I2", 70000) == "\17\112" and struct.pack(">i3", -1) == "\255\255\255" and struct.pack(">I2", 2.9) == "\0\2")
local text, at = struct.unpack("Bc0", "\5hello!")
assert(text == "hello" and at == 7)
local a, b, c, d, position = struct.unpack(">I2i1sd", "\1\2\255hi\0" .. struct.pack(">d", 1.5))
assert(a == 258 and b == -1 and c == "hi" and d == 1.5 and position == 15)
assert(struct.unpack(">I2", "xx\0\7", 3) == 7 and select("#", struct.unpack("", "")) == 1 and struct.size("c10 hL") == 16)
assert(not pcall(struct.unpack, ">I4", "abc") and not pcall(struct.pack, "c9", "short") and not pcall(struct.size, "s"))
assert(not pcall(struct.pack, "?", 1) and not pcall(struct.unpack, "s", "open"))

-- pipe
local p = pipe.create()
assert(p:read() == nil and p:nrec() == 0)
p:write("one\ntwo\nthree")
assert(p:read() == "one\n" and p:read("\n") == "two" and p:read(2) == "th" and p:nrec() == 1)
p:unread("TH")
assert(p:read(100) == "THree" and p:read(1) == nil)
p:write(("x"):rep(600))
assert(p:nrec() == 3 and #p:read(300) == 300)
local pieces = 0
for piece in p:reader(100) do
  assert(#piece == 100)
  pieces = pieces + 1
end
-- Compares writes, unreads and reads in a mixed order with the same operations on a string.
local model, queue = "", pipe.create()
for i = 1, 3000 do
  local action, text = i * 7 % 5, ("%d\n"):format(i):rep(i % 4)
  if action < 2 then
    model = model .. text
    queue:write(text)
  elseif action == 2 then
    model = text .. model
    queue:unread(text)
  elseif action == 3 then
    local record = model:match("^[^\n]*\n") or model
    assert(queue:read() == (record ~= "" and record or nil))
    model = model:sub(#record + 1)
  else
    assert(queue:read(i % 9 + 1) == (model ~= "" and model:sub(1, i % 9 + 1) or nil))
    model = model:sub(i % 9 + 2)
  end
  assert(queue:nrec() == (#model + 255) // 256)
end
assert(queue:read(#model + 1) == model and queue:read() == nil)

-- An unread does not copy the bytes in the pipe.
queue:write(("x"):rep(4000000))
for _ = 1, 20000 do
  queue:unread("ab")
  assert(queue:read(1) == "a")
end
assert(queue:nrec() == (4020000 + 255) // 256)

assert(pieces == 3 and not pcall(p.read, p, 0) and not pcall(p.read, p, "abc") and not pcall(p.write, p, {}) and not pcall(p.write, {}, "x"))
assert(not pcall(pipe.create, 5) and not pcall(pipe.create, print, 7))

local lines = {}
local by_line = pipe.create(function(self) lines[#lines + 1] = self:read("\n") end)
by_line:write("a\nb\n")
by_line:write("c\n")
local calls = 0
local stubborn = pipe.create(expect(function() calls = calls + 1; return false end, 2), 0)
stubborn:write("x")
local patient = pipe.create(expect(function(self) self:unread(self:read()) end, 1))
patient:write("part")
local greedy_calls = 0
local greedy = pipe.create(expect(function(self)
  greedy_calls = greedy_calls + 1
  if greedy_calls == 3 then
    self:read(10)
  end
  return true
end, 3))
greedy:write("x")
local function after_turns(turns, fn)
  node.task.post(0, turns == 0 and expect(fn, 1) or function() after_turns(turns - 1, fn) end)
end
after_turns(6, function()
  assert(table.concat(lines) == "abc" and calls == 1)
  stubborn:write("y")
end)
