-- encoder: base64, from the library that hash.c uses, and hexadecimal.

local argument = require "netmcu.device.argument"

local encoder = {}

function encoder.toBase64(text)
  return argument.library "netmcu.hash".base64(argument.text(text, 1, "toBase64"))
end

function encoder.fromBase64(text)
  local decoded = argument.library "netmcu.hash".unbase64(argument.text(text, 1, "fromBase64"))
  return decoded or argument.raise "Invalid base64 string"
end

function encoder.toHex(text)
  text = argument.text(text, 1, "toHex")
  return (string.gsub(text, ".", function(c) return string.format("%02x", string.byte(c)) end))
end

function encoder.fromHex(text)
  text = argument.text(text, 1, "fromHex")
  if #text % 2 == 1 or string.find(text, "%X") then
    argument.raise "Invalid hex string"
  end
  return (string.gsub(text, "..", function(pair) return string.char(tonumber(pair, 16)) end))
end

return {api = encoder}
