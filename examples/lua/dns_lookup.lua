-- Looks up names and prints their addresses as the answers arrive.
--
-- Try it:  without arguments, or with names as arguments:  localhost www.nodemcu.com
--          an argument with @ is the name server:          @9.9.9.9 www.nodemcu.com

local names = {}
for _, argument in ipairs {...} do
  local server = argument:match("^@(.+)")
  if server then
    net.dns.setdnsserver(server, 0)
  else
    names[#names + 1] = argument
  end
end
if #names == 0 then
  names = {"localhost", "www.nodemcu.com", "nowhere.invalid"}
end

print("Asking " .. net.dns.getdnsserver(0))

-- Ask one name after the other, because the device only has room for four queries at once.
local function look_up(i)
  local name = names[i]
  if not name then
    return
  end
  local started = tmr.now()
  net.dns.resolve(name, function(_, ip)
    print(("%s  %s  %d ms"):format(name, ip or "not found", (tmr.now() - started) / 1000))
    look_up(i + 1)
  end)
end

look_up(1)
