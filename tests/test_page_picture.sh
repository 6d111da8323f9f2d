#!/bin/sh
# --page: each time that the page asks, it gets what a strip of LEDs shows at that moment.
# shellcheck disable=SC2154
. "$NETMCU_SOURCE/tests/support/page.sh"
cd "$work" || exit 1
cat >script.lua <<'EOF'
ws2812.init()
function show(...) ws2812.write(string.char(...)) end
show(1, 2, 3, 0, 0, 0)
print "shown"
EOF
start_page script.lua
wait_for page shown
ask '
  local function picture()
    local answer, bytes = ask {ask = "picture", index = 1}
    assert(not answer.error, answer.error)
    local width, height = (">I2I2"):unpack(bytes)
    assert(#bytes == 4 + 3 * width * height, #bytes)
    return bytes
  end
  local function has(bytes, color) return bytes:find(string.char(table.unpack(color)), 5, true) ~= nil end
  local first = picture()
  assert(has(first, {2, 1, 3}) and not has(first, {5, 4, 6}), "the colours")
  ask {ask = "input", line = "show(4, 5, 6)", prompt = "> "}
  local now = picture()
  while now == first do now = picture() end
  assert(has(now, {5, 4, 6}))
  assert(ask({ask = "picture", index = 2}).error:find "there is no such part any more")
'
