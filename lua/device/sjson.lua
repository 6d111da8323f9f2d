-- sjson: JSON. A library decodes it; see json.c. Text is taken and given in pieces, but values are
-- built as a whole.

local argument = require "netmcu.device.argument"
local encode = require "netmcu.device.sjson_encode"

local DEPTH, MOST = 20, 1000

local sjson = {NULL = require "netmcu.json".null}

local function depth_of(options)
  local depth = type(options) == "table" and tonumber(options.depth) or DEPTH
  return math.max(4, math.min(MOST, math.floor(depth)))
end

function sjson.encode(value, options)
  argument.typed(value, 1, "encode", "table")
  local null = type(options) == "table" and type(options.null) == "string" and options.null or nil
  return encode(value, {null = null, NULL = sjson.NULL, depth = depth_of(options)})
end

local Encoder = {__name = "sjson.encoder"}
Encoder.__index = Encoder

function Encoder:read(size)
  self.text = self.text or sjson.encode(self.value, self.options)
  size = math.max(1, math.floor(tonumber(size) or 1024))
  local piece = string.sub(self.text, self.at, self.at + size - 1)
  self.at = self.at + #piece
  return piece ~= "" and piece or nil
end

function sjson.encoder(value, options)
  argument.typed(value, 1, "encoder", "table")
  return setmetatable({value = value, options = options, at = 1}, Encoder)
end

local Decoder = {__name = "sjson.decoder"}
Decoder.__index = Decoder

function Decoder:write(text)
  text = argument.text(text, 1, "write")
  if self.complete then
    return self.value
  end
  self.complete, self.value = self.parser:write(text)
  return self.value
end

function Decoder:result()
  if not self.complete then
    argument.raise "decode not complete"
  end
  return self.value
end

local function new_parser(options)
  return argument.library "netmcu.json".decoder(depth_of(options), options)
end

function sjson.decoder(options)
  return setmetatable({parser = new_parser(options)}, Decoder)
end

function sjson.decode(text, options)
  text = argument.text(text, 1, "decode")
  local parser = new_parser(options)
  local complete, value = parser:write(text)
  if not complete then
    complete, value = parser:write("\n") -- ends a number that is the whole text
  end
  if not complete then
    argument.raise "Incomplete JSON object passed to sjson.decode"
  end
  return value
end

return {api = sjson}
