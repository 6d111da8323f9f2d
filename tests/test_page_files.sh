#!/bin/sh
# --page: the page lists, reads, writes and runs the files of the flash, and no others.
# shellcheck disable=SC2154
. "$NETMCU_SOURCE/tests/support/page.sh"
cd "$work" || exit 1
mkdir -p flash/sub flash/.hidden
echo 'print "started"' >flash/init.lua
printf '\0\1' >flash/sub/data.bin
head -c 1048577 /dev/zero >flash/large
echo secret >flash/.hidden/key
echo secret >outside
start_page flash
wait_for page started
ask '
  local list = ask {ask = "files"}
  local names = {}
  for i, one in ipairs(list.files) do names[i] = one.name .. " " .. one.size end
  assert(list.count == 3 and table.concat(names, ", ") == "init.lua 16, large 1048577, sub/data.bin 2", table.concat(names, ", "))

  local answer, bytes = ask {ask = "read", name = "init.lua"}
  assert(answer.is_text and bytes == "print \"started\"\n")
  answer, bytes = ask {ask = "read", name = "sub/data.bin"}
  assert(not answer.is_text and bytes == "\0\1")
  assert(ask({ask = "read", name = "large"}).error:find "1048577 bytes")
  assert(ask({ask = "read", name = "nothing"}).error)
  local absolute = os.getenv "PWD" .. "/outside" -- as on the device, a name in the flash
  for _, name in ipairs {"../outside", "sub/../../outside", absolute} do
    assert(ask({ask = "read", name = name}).error, name)
    local written = ask({ask = "write", name = name}, "changed")
    assert(written.error or name == absolute, name)
  end

  assert(not ask({ask = "write", name = "new.lua"}, "print \"it runs\"").error)
  answer, bytes = ask {ask = "read", name = "new.lua"}
  assert(bytes == "print \"it runs\"")
  assert(not ask({ask = "run", name = "new.lua"}).error)
'
wait_for page "it runs"
same "the file outside" secret "$(cat outside)"

# A folder with very many files, such as a home directory, does not keep the script from running.
mkdir -p many/folder
(cd many/folder && seq 6000 | xargs touch)
echo 'print "started again"' >many/init.lua
start_page many
wait_for page "started again"
ask '
  local list = ask {ask = "files"}
  assert(list.is_cut and #list.files == 500 and list.files[1].name == "init.lua", list.count)
  assert(list.count == 4999, list.count)
'
