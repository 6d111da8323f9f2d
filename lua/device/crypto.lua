-- crypto: hashes, HMAC and AES, from the library that hash.c uses.

local argument = require "netmcu.device.argument"
local device = require "netmcu.device.init"

local crypto = {}

local function library()
  return argument.library "netmcu.hash"
end

local function finish(object, text)
  object:update(text)
  return object:finalize()
end

function crypto.new_hash(algorithm)
  return library().new(algorithm)
end

function crypto.new_hmac(algorithm, key)
  return library().hmac(algorithm, key)
end

function crypto.hash(algorithm, text)
  return finish(library().new(algorithm), text)
end

function crypto.hmac(algorithm, text, key)
  return finish(library().hmac(algorithm, key), text)
end

-- Returns nil if there is no such file.
function crypto.fhash(algorithm, name)
  local object = library().new(algorithm)
  local text = device.module("file").getcontents(name)
  return text and finish(object, text)
end

function crypto.sha1(text)
  return crypto.hash("SHA1", text)
end

function crypto.encrypt(algorithm, key, text, vector)
  return library().encrypt(algorithm, key, text, vector)
end

function crypto.decrypt(algorithm, key, text, vector)
  return library().decrypt(algorithm, key, text, vector)
end

function crypto.mask(text, mask)
  text, mask = argument.text(text, 1, "mask"), argument.text(mask, 2, "mask")
  argument.check(#mask > 0, 2, "mask", "empty mask")
  local bytes = {}
  for i = 1, #text do
    bytes[i] = string.char(string.byte(text, i) ~ string.byte(mask, (i - 1) % #mask + 1))
  end
  return table.concat(bytes)
end

crypto.toHex = device.module("encoder").toHex
crypto.toBase64 = device.module("encoder").toBase64

return {api = crypto}
