-- encoder: base64, from the library that hash.c uses, and hexadecimal.

local encoder = {}

local function check(text, caller)
  if type(text) ~= "string" and type(text) ~= "number" then
    error(string.format("bad argument #1 to '%s' (string expected, got %s)", caller, type(text)), 3)
  end
  return tostring(text)
end

local function base64()
  local hash = require "netmcu.hash"
  if hash.missing then
    error(hash.missing, 3)
  end
  return hash
end

function encoder.toBase64(text)
  return base64().base64(check(text, "toBase64"))
end

function encoder.fromBase64(text)
  local decoded = base64().unbase64(check(text, "fromBase64"))
  if not decoded then
    error("Invalid base64 string", 2)
  end
  return decoded
end

function encoder.toHex(text)
  return (string.gsub(check(text, "toHex"), ".", function(c) return string.format("%02x", string.byte(c)) end))
end

function encoder.fromHex(text)
  text = check(text, "fromHex")
  if #text % 2 == 1 or string.find(text, "%X") then
    error("Invalid hex string", 2)
  end
  return (string.gsub(text, "..", function(pair) return string.char(tonumber(pair, 16)) end))
end

return {api = encoder}
