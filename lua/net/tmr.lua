-- For a stock Lua: the timers are in the same C library as `net`.
require "net"
return package.preload.tmr("tmr")
