-- For tests in virtual time, on the simulated network, where a timeout is exact and costs no time.
-- Such a test begins with this line:
--
--   if not require "simulated" () then return end
--
-- In an ordinary run, the call runs the whole script again with --sim, and returns false. Without
-- the simulated network, there is no such test: see cmake/NetmcuTests.cmake.

return function()
  if require "netmcu.host".seed then
    return true
  end
  local file = assert(io.open(arg[0]))
  local status, output, errors = require "subrun"(file:read "a", "--sim --no-warnings --timeout 300")
  file:close()
  assert(status == 0 and errors == "", output .. errors)
  return false
end
