#!/bin/sh
# The flash of simulated hosts: a folder that stays as it is, and in memory what each host writes.
. "$NETMCU_SOURCE/tests/support/shell.sh"
cd "$work" || exit 1
mkdir -p folder/inner
printf 'shared' >folder/shared.txt
printf 'old' >folder/inner/old.txt

cat >folder/init.lua <<'END_OF_SCRIPT'
function names()
  local list = {}
  for name, size in pairs(file.list()) do list[#list + 1] = name .. "=" .. size end
  table.sort(list)
  return table.concat(list, " ")
end
END_OF_SCRIPT
cat >flash.lua <<'END_OF_SCRIPT'
local sim = require "netmcu.sim"
local one, other = sim.host("one", {dir = "folder"}), sim.host("other", {dir = "folder"})
sim.run(0)
local g, h = one.globals, other.globals
local file = g.file
local before = h.names()
local init = before:match "init.lua=%d+"

-- write, append, and change in the middle, which copies the shared file
assert(before == init .. " inner/old.txt=3 shared.txt=6" and g.names() == before, before)
assert(file.putcontents("new.txt", "new") and file.getcontents("new.txt") == "new")
local f = file.open("shared.txt", "a+")
assert(f:write(" and more") and f:seek("set", 0) == 0 and f:read(3) == "sha" and f:read() == "red and more")
assert(not f:read() and f:seek("end", 1) == nil and f:seek("set", -1) == nil)
f:close()
f = file.open("shared.txt", "r+")
assert(f:seek("set", 1) == 1 and f:write("H") and f:seek "cur" == 2)
f:close()
assert(file.getcontents("shared.txt") == "sHared and more" and h.file.getcontents("shared.txt") == "shared")
f = file.open("new.txt")
assert(f:write("x") == nil and f:read() == "new")
f:close()
f = file.open("new.txt", "w")
assert(f:write("only to write") and f:seek("set", 0) == 0 and f:read() == nil)
f:close()
file.putcontents("shorter.txt", "before")
file.putcontents("shorter.txt", "now")
assert(file.getcontents "shorter.txt" == "now")
file.remove "shorter.txt"
assert(file.open("none.txt") == nil and file.open("inner", "w") == nil and file.open("", "w") == nil)

-- rename and remove, in memory and below
assert(not file.rename("none.txt", "x") and not file.rename("new.txt", "shared.txt") and not file.rename("inner", "x"))
assert(not file.rename("new.txt", "new.txt") and not file.rename("new.txt", "inner"))
assert(file.rename("new.txt", "inner/new.txt") and file.rename("inner/old.txt", "deep/er/old.txt"))
assert(g.names() == "deep/er/old.txt=3 " .. init .. " inner/new.txt=13 shared.txt=15", g.names())
assert(file.exists("deep/er/old.txt") and not file.exists("inner/old.txt") and not file.exists("deep/er"))
assert(file.stat("deep/er").is_dir and file.stat("shared.txt").size == 15 and not file.stat("shared.txt").is_rdonly)
assert(not file.stat("none.txt") and not file.stat("deep/e"))
file.remove("shared.txt")
file.remove("deep/er/old.txt")
file.remove("inner")
assert(g.names() == init .. " inner/new.txt=13" and not file.getcontents("shared.txt"), g.names())
f = file.open("shared.txt", "a") -- it is another file
assert(f:write "x" and file.getcontents("shared.txt") == "x")
f:close()
file.remove("shared.txt")
assert(file.rename("inner/new.txt", "shared.txt") and file.rename("shared.txt", "inner/old.txt"))
assert(g.names() == init .. " inner/old.txt=13", g.names())

-- names, as in a folder
assert(file.putcontents("/a//./b/", "ab") and file.getcontents("a/b") == "ab" and g.names():find "^a/b=2")
assert(not file.putcontents("../x", "x") and not file.putcontents("a/b/c", "x") and not file.rename("init.lua", "a/b/c"))
assert(not file.putcontents(("n"):rep(1025), "x") and not file.putcontents("a\0b", "x"))
file.remove("a/b")
assert(not file.stat("a") and file.putcontents("a", "file") and file.getcontents("a") == "file")
file.remove("a")

-- open while removed or renamed
f = file.open("open.txt", "w+")
f:write("first")
file.remove("open.txt")
file.putcontents("open.txt", "second")
assert(f:write("+") and f:seek("set", 0) == 0 and f:read() == "first+" and file.getcontents("open.txt") == "second")
f:close()
f = file.open("open.txt", "a+")
assert(file.rename("open.txt", "closed.txt") and file.putcontents("open.txt", "third"))
assert(f:write("!") and file.getcontents("closed.txt") == "second!" and file.getcontents("open.txt") == "third")
f:close()
f = h.file.open("shared.txt")
h.file.remove("shared.txt")
assert(f:read() == "shared" and not h.file.exists("shared.txt"))
f:close()
assert(h.file.putcontents("shared.txt", "again"))
file.remove("open.txt")
file.remove("closed.txt")

-- written behind the end of a file that is shorter now
f = file.open("hole", "w+")
f:write(("x"):rep(10))
file.putcontents("hole", "")
assert(f:write("y") == true and f:seek("set", 0) == 0 and f:read() == ("\0"):rep(10) .. "y")
f:close()
file.remove("hole")

-- full: what does not fit changes nothing
local remaining, used, total = file.fsinfo()
local own = tonumber(init:match "%d+")
assert(used == own + 13 and remaining + used == total and total == 3145728, used)
local half = ("x"):rep(remaining // 2)
assert(file.putcontents("half", half) and file.fsinfo() == remaining - #half)
f = file.open("rest", "w")
assert(f:write(half) and f:write(("x"):rep(remaining % 2)) and file.fsinfo() == 0)
assert(not f:write("x") and not f:flush() and file.stat("rest").size == remaining - #half)
f:seek("set", 0)
assert(f:write("over") and not file.putcontents("more", "x") and file.putcontents("more", ""))
file.remove("half")
assert(f:seek "end" and f:write(half) and not f:write("x"))
file.remove("rest")
assert(file.fsinfo() == remaining and not file.putcontents("half", ("x"):rep(remaining)), "an open file takes its place")
f:close()
assert(file.putcontents("half", ("x"):rep(remaining)) and file.rename("init.lua", "start.lua"))
assert(file.rename("start.lua", "init.lua") and file.fsinfo() == 0)
file.remove("half")
file.remove("more")
assert(file.fsinfo() == remaining and h.file.fsinfo() > 0)

-- A restart and a crash keep the files.
assert(g.names() == init .. " inner/old.txt=13", g.names())
f = file.open("kept.txt", "w")
f:write("kept")
one:restart()
sim.run(sim.second)
assert(one.globals.names() == init .. " inner/old.txt=13 kept.txt=4", one.globals.names())
one:crash()
sim.run(sim.second)
one:restart()
sim.run(sim.second)
assert(one.globals.file.getcontents("kept.txt") == "kept")
assert(h.names() == init .. " inner/old.txt=3 shared.txt=5", h.names())
one.globals.file.format()
assert(one.globals.names() == "" and one.globals.file.putcontents("inner/x", "") and one.globals.names() == "inner/x=0")
END_OF_SCRIPT
for run in 1 2; do # no run sees what an earlier one has written
  "$NETMCU" --sim flash.lua >out 2>&1 || fail "run $run: $(cat out)"
done
same "the folder" "init.lua inner old.txt shared.txt" "$(find folder -mindepth 1 -exec basename {} \; | sort | xargs)"
same "its files" "shared old" "$(cat folder/shared.txt) $(cat folder/inner/old.txt)"

# A folder with more than the device's flash has room for 256 KB more.
head -c 3100000 /dev/zero >folder/large
cat >large.lua <<'END_OF_SCRIPT'
local sim = require "netmcu.sim"
local host = sim.host("one", {dir = "folder"})
sim.run(0)
local file = host.globals.file
local remaining, used, total = file.fsinfo()
assert(remaining == 262144 and used > 3100000 and total == used + remaining)
assert(file.putcontents("x", ("x"):rep(remaining)) and file.fsinfo() == 0 and not file.putcontents("y", "y"))
file.remove("large")
assert(file.putcontents("large", ("x"):rep(3100000)) and file.fsinfo() == 0)
END_OF_SCRIPT
"$NETMCU" --sim large.lua >out 2>&1 || fail "$(cat out)"

# A file that is copied from the folder is closed there.
mkdir many
i=0
while [ $i -lt 100 ]; do
  echo old >many/file$i
  i=$((i + 1))
done
cat >many/init.lua <<'END_OF_SCRIPT'
for i = 0, 99 do
  local f = file.open("file" .. i, "a")
  f:write "new"
  f:close()
  assert(file.getcontents("file" .. i) == "old\nnew")
end
END_OF_SCRIPT
echo 'local sim = require "netmcu.sim" sim.host("one", {dir = "many"}) sim.run(10)' >many.lua
(ulimit -n 60 && "$NETMCU" --sim many.lua) >out 2>&1 || fail "$(cat out)"
