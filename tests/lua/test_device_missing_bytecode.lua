-- A script may name a .lc file that a tool would have compiled on the device. If only the source is
-- there, the source runs, and a warning says so once for each file.

local subrun = require "subrun"

local folder = string.gsub(os.tmpname(), "%.$", "") -- Windows: no dot at the end
os.remove(folder)
os.execute("mkdir " .. folder)
local function write(name, text)
  local handle = assert(io.open(folder .. "/" .. name, "w"))
  handle:write(text)
  handle:close()
end
write("server.lua", "return 'the server', ...")
write("other.lua", "return 'the other'")
write("broken.lua", "x = = 1")

local script = [[
for _ = 1, 3 do
  assert(dofile("server.lc") == "the server")
end
assert(select(2, loadfile("server.lc")(5)) == 5)
package.path = "?.lc"
assert(require("other") == "the other")
local chunk, message = loadfile("broken.lc")
assert(chunk == nil and message:find("^broken.lua:1: "), message)
chunk, message = loadfile("nothing.lc")
assert(chunk == nil and message == "cannot open nothing.lc", message)
local done, problem = pcall(require, "nothing")
assert(not done and problem:find("module 'nothing' not found", 1, true), problem)

-- what was compiled here needs no source
node.compile("server.lua")
file.remove("server.lua")
assert(dofile("server.lc") == "the server")
]]
local status, output, errors = subrun(script, "--timeout 60 --root " .. folder)
assert(status == 0 and output == "", errors)
assert(errors == [[
netmcu: server.lc is missing: server.lua runs in its place
netmcu: other.lc is missing: other.lua runs in its place
netmcu: broken.lc is missing: broken.lua runs in its place
]], errors)

-- A desktop path works too, and --no-warnings says nothing.
status, output, errors = subrun(("assert(dofile [[%s/other.lc]] == 'the other')"):format(folder),
  "--timeout 60 --no-warnings")
assert(status == 0 and output == "" and errors == "", errors)

-- Under --strict the file is missing, as on the device.
status, output, errors = subrun([[
local chunk, message = loadfile "other.lc"
assert(chunk == nil and message:find("other.lc is missing", 1, true), message)
assert(not pcall(dofile, "other.lc"))
package.path = "?.lc"
assert(not pcall(require, "other"))
]], "--timeout 60 --strict --root " .. folder)
assert(status == 0 and output == "" and errors == "", errors)

for _, name in ipairs {"server.lc", "other.lua", "broken.lua"} do
  assert(os.remove(folder .. "/" .. name))
end
os.remove(folder)
