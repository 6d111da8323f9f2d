-- ifinfo([i]) describes the i-th interface that is up and not a loopback. If there is none, 0 is
-- the loopback. Beyond the last one, the result is nil.

local function is_address(text)
  return text == nil or text:find "^%d+%.%d+%.%d+%.%d+$" ~= nil
end

local first = net.ifinfo(0)
assert(type(first) == "table" and first.ip and is_address(first.ip) and first.netmask)
local i = 0
while net.ifinfo(i) do
  local info = net.ifinfo(i)
  assert(is_address(info.ip) and is_address(info.netmask) and is_address(info.gateway) and #info.hwaddr == 6)
  assert(i == 0 or info.ip ~= "127.0.0.1")
  if info.dhcp then
    assert(is_address(info.dhcp.server_ip) and is_address(info.dhcp.client_ip) and is_address(info.dhcp.ntp_server))
  end
  i = i + 1
end
assert(net.ifinfo(i) == nil and net.ifinfo(4711) == nil and net.ifinfo(-1) == nil and net.ifinfo(1e9 // 1 | 0) == nil)
assert(net.ifinfo "0".ip == first.ip and net.ifinfo().ip == first.ip and net.ifinfo(nil).ip == first.ip)
assert(not pcall(net.ifinfo, "eth0") and not pcall(net.ifinfo, 0.5))
