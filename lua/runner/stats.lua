-- Prints the statistics of --stats, at the end of the run and after SIGUSR1.

local host = require "netmcu.host"

local stats = {}

local function count(number, singular, plural)
  return string.format("%d %s", number, number == 1 and singular or plural or singular .. "s")
end

function stats.text()
  local s = host.stats()
  return string.format(
    "open: %s, %s, %s, %s, %s, %s, %d closing; received %s, sent %s, in %s; memory: %d kB, Lua %d kB",
    count(s.connections, "connection"), count(s.servers, "server"), count(s.udp_sockets, "UDP socket"),
    count(s.timers, "timer"), count(s.lookups, "lookup"), count(s.pings, "ping"), s.closing,
    count(s.bytes_received, "byte"), count(s.bytes_sent, "byte"), count(s.events, "event"),
    math.ceil(s.memory / 1024), math.ceil(s.lua_memory / 1024))
end

function stats.print()
  host.note("netmcu: " .. stats.text())
end

return stats
