-- Without an image in the flash store (LFS), a look-up returns nil, and the documented ways to boot go
-- on to the files.

assert(select("#", node.flashindex("_init")) == 1 and node.flashindex("_init") == nil)
assert(select("#", node.LFS.get("_init")) == 1 and node.LFS.get("_init") == nil)
assert(select("#", node.LFS("_init")) == 1 and node.LFS("_init") == nil)
assert(node.LFS.list() == nil and node.LFS.config == nil and node.LFS.time == nil and node.LFS._init == nil)
assert(LFS == nil and node.LFS.reload("lfs.img"):find("No such"))

local done, message = pcall(node.flashindex("_init"))
assert(not done and message:find("attempt to call a nil value"), message)
assert(not pcall(node.LFS.get("_init")))

-- an image that could be searched first, then the file
local function load_module(name)
  return node.LFS.get(name) or loadfile(name .. ".lua")
end
file.putcontents("lfs_absent.lua", "return 'from the file'")
assert(load_module("lfs_absent")() == "from the file")
file.remove("lfs_absent.lua")

local info = node.info("lfs")
assert(info.lfs_size == 0 and info.lfs_used == 0 and info.lfs_base == node.getpartitiontable().lfs_addr)
assert(info.lfs_mapped > info.lfs_base and node.info("build_config").lfs_size == 0)
