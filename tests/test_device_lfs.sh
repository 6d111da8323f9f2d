#!/bin/sh
# A folder of Lua files is the image in the device's flash (LFS): --lfs DIR, or lfs/ beside the
# script. The documented ways to boot from an image work.
. "$NETMCU_SOURCE/tests/support/shell.sh"

mkdir -p "$work/device/lfs/sub" "$work/other" "$work/empty"
cd "$work/device" || exit 1

# run EXPECTED ARGUMENT...
run() {
  expected=$1
  shift
  same "$*" "$expected" "$("$NETMCU" --timeout $patience "$@" 2>&1)"
}

# The look-ups
echo 'return "part", ...' >lfs/part.lua
echo 'shared = (shared or 0) + 1 return shared' >lfs/count.lua
echo 'return = 1' >lfs/broken.lua
echo 'x' >lfs/readme.txt
echo 'x' >lfs/sub/deep.lua
cat >look_up.lua <<'END'
print(node.LFS.get("part")(1), node.LFS.part(2), node.LFS("part")(3), node.flashindex("part")(4))
print(node.LFS.get("count")(), node.LFS.count(), shared, node.LFS.get("count") ~= node.LFS.get("count"))
for _, name in ipairs {"nothing", "readme", "sub/deep", "../look_up", "part\0", "part.lua", ""} do
  assert(select("#", node.LFS.get(name)) == 1 and node.LFS.get(name) == nil and node.LFS[name] == nil)
end
assert(node.LFS.get() == nil and node.LFS[1] == nil)
print(pcall(node.LFS.get, "broken"))
print(table.concat(node.LFS.list(), " "))
local config, info = node.LFS.config, node.info("lfs")
print(config.lfs_size, config.lfs_used == info.lfs_used, config.lfs_base == info.lfs_base, node.LFS.time)
assert(config.lfs_used == 19 + 41 + 11, config.lfs_used)
local partition = node.getpartitiontable()
assert(partition.lfs_size == config.lfs_size and partition.spiffs_addr == partition.lfs_addr + config.lfs_size)
assert(node.info("build_config").lfs_size == config.lfs_size)
for _, name in ipairs {"nothing", false} do
  local time, base, mapped, size, modules = node.flashindex(name or nil)
  assert(time == node.LFS.time and base == config.lfs_base and mapped == config.lfs_mapped and size == config.lfs_size)
  assert(#modules == 3 and modules[1] == "broken")
end
END
touch -d '2026-01-02 03:04:05 UTC' lfs/*.lua 2>/dev/null || TZ=UTC touch -t 202601020304.05 lfs/*.lua
expected='part	part	part	part	4
1	2	2	true
false	broken.lua:1: unexpected symbol near '"'='"'
broken count part
65536	true	true	1767323045'
run "$expected" look_up.lua
run "$expected" "$work/device/look_up.lua"
run "$expected" --root "$work/empty" look_up.lua
cp look_up.lua "$work/other"
run "$expected" --lfs lfs "$work/other/look_up.lua"
run 'part' --root . -e 'print((node.LFS.part()))'
run 'part' --root ../empty --lfs lfs -e 'print((node.LFS.part()))'
run '1	nil	nil' --root ../empty -e 'print(select("#", node.flashindex("part")), node.LFS.part, node.LFS.time)'

# Booting: init.lua calls _init of the image, which makes the modules available to require, dofile
# and loadfile, as the firmware's example does.
cat >lfs/_init.lua <<'END'
local index = node.flashindex
LFS = node.LFS
package.loaders[3] = function(name) return LFS[name] end
local load_file, do_file = loadfile, dofile
local function split(file) return file:match "(.*)%.(l[uc]a?)" end
loadfile = function(file)
  local name, extension = split(file)
  local fn, base = index(name)
  if base or not extension then return load_file(file) end
  return fn
end
dofile = function(file)
  local name = split(file)
  local fn, base = index(name)
  if base then return do_file(file) end
  return fn()
end
print("_init", ...)
END
cat >init.lua <<'END'
print(pcall(node.flashindex "_init"))
print(require "part", (select(2, LFS.part(7))))
print(dofile "count.lua", dofile "count.lc", loadfile "count.lua"(), dofile "flash.lua", loadfile "flash.lua"())
file.putcontents("part.lua", "return 'part of the flash'")
package.loaded.part = nil
print(require "part", require "sntp" == sntp)
file.remove "part.lua"
END
echo 'return "flash"' >flash.lua
echo 'return "own mqtt"' >lfs/rtcmem.lua
run '_init
true
part	7
1	2	3	flash	flash
part of the flash	true' .
run 'own mqtt	false' -e 'print(require "rtcmem", rtcmem == require "rtcmem")'

# A script under test shares its globals with the image.
echo 'made = own .. " by the image"' >lfs/make.lua
echo 'own = "made" node.LFS.make()' >app.lua
cat >app_test.lua <<'END'
local netmcu = require "netmcu"
netmcu.test("globals", function()
  assert(netmcu.script("app.lua").globals.made == "made by the image" and rawget(_G, "made") == nil)
end)
END
"$NETMCU" --test app_test.lua >"$work/test.log" 2>&1 || fail 'the script under test'

# Loading an image restarts the script: once, here
cat >reload.lua <<'END'
print(node.bootreason())
print(node.flashreload("nothing.img"))
if select(2, node.bootreason()) == 0 then
  file.putcontents("lfs.img", "")
  print(node.LFS.reload("lfs.img"))
end
END
run '1	0
No such image file
netmcu: reload.lua:5: an LFS image is loaded: the desktop takes the folder of the sources

2	4
No such image file' reload.lua
has 'with --strict' 'reload.lua:5: an LFS image is loaded' "$("$NETMCU" --strict reload.lua 2>&1)"
has 'without an image' 'put the sources into a folder lfs' \
  "$("$NETMCU" --root ../empty -e 'file.putcontents("lfs.img", "") print(node.LFS.reload("lfs.img"))' 2>&1)"

"$NETMCU" --lfs nowhere reload.lua >"$work/out" 2>&1
same 'status' 2 $?
has 'no folder' "netmcu: --lfs nowhere: the name of a folder that exists expected" "$(cat "$work/out")"
