-- net.cert is tls.cert, as in older firmware. The current firmware has no net.cert, and with
-- --strict the desktop has none either.

local subrun = require "subrun"

local status, _, errors = subrun [[
assert(net.cert == tls.cert and net.cert.verify(false) == true and net.other == nil)
assert(pcall(function() for _ in pairs(net) do end end))]]
assert(status == 0, errors)
assert(errors == "netmcu: stdin:1: net.cert: the device has tls.cert for that\n", errors)

status, _, errors = subrun("assert(net.cert == nil and tls.cert)", "--strict")
assert(status == 0 and errors == "", errors)
