-- What is compared: contenders, scenarios and aims. This file contains only data; run.lua uses it.

local M = {}

-- Each contender has a key, a title, a command, and the scenarios in which it takes part. In the
-- command, "@NAME" is a file of contenders/ and "#NAME" a file of the build. `probe` is a command
-- that succeeds if the contender can run; without it, its program must exist.
M.contenders = {
  { key = "epoll", title = "epoll (C)", command = { "#bench/bench_epoll" }, groups = "tcp udp size idle" },
  { key = "libuv", title = "libuv (C)", command = { "#bench/bench_libuv" }, groups = "tcp udp size idle" },
  { key = "libuv_try", title = "libuv, write tried first (C)", command = { "#bench/bench_libuv_try" },
    groups = "tcp udp size idle" },
  { key = "libuv_heap", title = "libuv, heap not trimmed (C)",
    command = { "env", "MALLOC_TRIM_THRESHOLD_=1073741824", "#bench/bench_libuv" }, groups = "heap",
    probe = { "test", "-x", "#bench/bench_libuv" } },
  { key = "libuv_linger", title = "libuv that waits for the peer's end (C)",
    command = { "#bench/bench_libuv", "--linger" }, groups = "linger" },
  { key = "libuv_try_linger", title = "libuv, write tried first, that waits for the peer's end (C)",
    command = { "#bench/bench_libuv_try", "--linger" }, groups = "linger" },
  { key = "netmcu", title = "netmcu (C)", command = { "#bench/bench_netmcu" },
    groups = "tcp udp dns ping size idle" },
  { key = "netmcu_1460", title = "netmcu (C), frames of 1460",
    command = { "#bench/bench_netmcu", "--frame-size", "1460" }, groups = "bulk" },
  { key = "luv", title = "luv (Lua)", command = { "lua5.4", "@luv_server.lua" }, groups = "tcp udp size idle",
    probe = { "lua5.4", "-e", "require 'luv'" } },
  { key = "luv_heap", title = "luv, heap not trimmed (Lua)",
    command = { "env", "MALLOC_TRIM_THRESHOLD_=1073741824", "lua5.4", "@luv_server.lua" }, groups = "bulk",
    probe = { "lua5.4", "-e", "require 'luv'" } },
  { key = "luv_linger", title = "luv that waits for the peer's end (Lua)",
    command = { "lua5.4", "@luv_server.lua", "--linger" }, groups = "linger",
    probe = { "lua5.4", "-e", "require 'luv'" } },
  { key = "netmcu_lua", title = "netmcu (Lua)", command = { "lua5.4", "@netmcu_server.lua", "1460" },
    groups = "tcp udp dns size idle", probe = { "lua5.4", "-e", "require 'netmcu' require 'net'" } },
  { key = "netmcu_lua_0", title = "netmcu (Lua), data as read", command = { "lua5.4", "@netmcu_server.lua", "0" },
    groups = "bulk", probe = { "lua5.4", "-e", "require 'netmcu' require 'net'" } },
  { key = "netmcu_program", title = "netmcu (the program)", command = { "#netmcu", "@netmcu_server.lua", "1460" },
    groups = "tcp udp", probe = { "#netmcu", "--version" } },
  { key = "copas", title = "copas (Lua)", command = { "lua5.4", "@copas_server.lua" }, groups = "tcp udp size",
    probe = { "lua5.4", "@copas_server.lua", "probe" }, most_connections = 1000 },
  { key = "node", title = "Node.js", command = { "node", "--expose-gc", "@node_server.js" },
    groups = "tcp udp dns size idle", probe = { "node", "--version" } },

  { key = "netmcu_both", title = "netmcu (C), IPv4 and IPv6", command = { "#bench/bench_netmcu", "both" },
    groups = "dns" },
  { key = "cares", title = "c-ares, query (C)", command = { "#bench/bench_cares" }, groups = "dns" },
  { key = "cares_hosts", title = "c-ares, gethostbyname (C)", command = { "#bench/bench_cares", "hosts" },
    groups = "dns" },
  { key = "cares_both", title = "c-ares, IPv4 and IPv6 (C)",
    command = { "#bench/bench_cares", "both" }, groups = "dns" },

  { key = "libuv_tls", title = "mbedTLS on libuv (C)", command = { "#bench/bench_libuv_tls" },
    groups = "tls tls_idle" },
  { key = "netmcu_tls", title = "netmcu, TLS (C)", command = { "#bench/bench_netmcu_tls" }, groups = "tls tls_idle" },

  { key = "lua_start", title = "lua5.4 -e ''", command = { "lua5.4", "-e", "" }, groups = "startup",
    probe = { "lua5.4", "-v" } },
  { key = "netmcu_start", title = "netmcu -e ''", command = { "#netmcu", "-e", "" }, groups = "startup",
    probe = { "#netmcu", "--version" } },
  { key = "net_start", title = "lua5.4 -e 'require \"net\"'", command = { "lua5.4", "-e", "require 'net'" },
    groups = "startup", probe = { "lua5.4", "-e", "require 'net'" } },
  { key = "luv_start", title = "lua5.4 -e 'require \"luv\"'", command = { "lua5.4", "-e", "require 'luv'" },
    groups = "startup", probe = { "lua5.4", "-e", "require 'luv'" } },
  { key = "node_start", title = "node -e ''", command = { "node", "-e", "" }, groups = "startup",
    probe = { "node", "--version" } },

  { key = "netmcu_script", title = "netmcu (device script)", command = { "@mqtt.sh", "#netmcu", "@mqtt_device.lua" },
    groups = "mqtt", probe = { "sh", "-c", "command -v mosquitto_pub" } },
  { key = "mosquitto_pub", title = "mosquitto_pub (C)", command = { "@mqtt.sh", "mosquitto_pub" }, groups = "mqtt",
    probe = { "sh", "-c", "command -v mosquitto_pub" } },

  { key = "system_ping", title = "ping of the system", command = { "ping", "-q", "-n", "-c", "5", "127.0.0.1" },
    groups = "ping", probe = { "ping", "-q", "-n", "-c", "1", "127.0.0.1" }, complete = true },
}

-- metric: "rate" means units of work per CPU second of the server, or of the client if the contender
-- is one (`client`), which then measures itself; more is better. For the others,
-- less is better: "idle" means bytes per connection, "start" ms per start, "ping" ms.
M.scenarios = {
  { key = "echo64", title = "echo of 64 B, 50 connections", load = "-c 50 -m 64 echo", group = "tcp", also = "heap",
    metric = "rate", unit = "messages" },
  { key = "echo16k", title = "echo of 16 KiB, 50 connections", load = "-c 50 -m 16384 echo", group = "tcp",
    also = "bulk heap", metric = "rate", unit = "messages" },
  { key = "sink", title = "sink, 8 connections", load = "sink", group = "tcp", also = "bulk", metric = "rate",
    unit = "bytes" },
  { key = "source", title = "source, 8 connections", load = "source", group = "tcp", also = "bulk", metric = "rate",
    unit = "bytes" },
  { key = "greet", title = "connect, greet, close", load = "greet", group = "tcp", also = "linger",
    metric = "rate", unit = "connections" },
  { key = "http", title = "HTTP keep-alive, 50 connections", load = "http", group = "tcp", metric = "rate",
    unit = "requests", needs = "wrk" },
  { key = "udp", title = "UDP echo of 64 B, 64 outstanding", load = "udp", group = "udp", metric = "rate",
    unit = "datagrams" },
  { key = "dns", title = "DNS, 100 queries outstanding", load = "dns", group = "dns", metric = "rate",
    unit = "answers", reference = "cares" },
  { key = "mqtt0", family = "mqtt", title = "MQTT, messages of QoS 0", client = true, load = "0", group = "mqtt",
    metric = "rate", unit = "messages", reference = "mosquitto_pub" },
  { key = "mqtt1", family = "mqtt", title = "MQTT, messages of QoS 1", client = true, load = "1", group = "mqtt",
    metric = "rate", unit = "messages", reference = "mosquitto_pub" },
  { key = "tls_sink", title = "TLS, sink, 8 connections", load = "sink", program = "load_tls", group = "tls",
    metric = "rate", unit = "bytes", reference = "libuv_tls" },
  { key = "tls_source", title = "TLS, source, 8 connections", load = "source", program = "load_tls", group = "tls",
    metric = "rate", unit = "bytes", reference = "libuv_tls" },
  { key = "tls_greet", title = "TLS, connect, greet, close", load = "greet", program = "load_tls", group = "tls",
    metric = "rate", unit = "connections", reference = "libuv_tls" },
  { key = "tls_idle", title = "TLS, 300 idle connections", load = "-c 300 idle", program = "load_tls",
    group = "tls_idle", metric = "idle", unit = "bytes of memory each", connections = 300, rounds = 3,
    reference = "libuv_tls" },
  { key = "idle", title = "10,000 idle connections", load = "-c 10000 idle", group = "idle", metric = "idle",
    unit = "bytes of memory each", connections = 10000 },
  { key = "idle_used", title = "10,000 idle connections after an echo of 64 B", load = "-c 10000 -m 64 idle",
    group = "idle", metric = "idle", unit = "bytes of memory each", connections = 10000 },
  { key = "startup", title = "start-up", load = "startup", group = "startup", metric = "start", unit = "ms",
    reference = "lua_start" },
  { key = "ping", title = "ping of the loopback", group = "ping", metric = "ping", unit = "ms", rounds = 2,
    reference = "system_ping" },
}

for _, connections in ipairs { 1, 10, 100, 1000, 10000 } do
  table.insert(M.scenarios, { key = "size" .. connections, family = "size", title = ("echo of 64 B, %d connection%s")
    :format(connections, connections == 1 and "" or "s"), load = ("-c %d -m 64 echo"):format(connections),
    group = "size", metric = "rate", unit = "messages", connections = connections })
end

for _, connections in ipairs { 1, 10000 } do
  table.insert(M.scenarios, { key = "churn" .. connections, family = "churn",
    title = ("connect, echo, close beside %d idle"):format(connections),
    load = ("-c %d churn"):format(connections), group = "size", metric = "rate", unit = "connections",
    connections = connections })
end

-- scenario, contender, against (nil: the figure itself), bound. An aim counts as met up to 1 %
-- below its bound, because this is noise.
local function at_least(scenario, contender, against, bound)
  return { scenario = scenario, contender = contender, against = against, least = bound }
end
local function at_most(scenario, contender, against, bound)
  return { scenario = scenario, contender = contender, against = against, most = bound }
end
M.aims = {
  at_least("echo64", "netmcu", "libuv", 1.06), at_least("echo64", "netmcu_lua", "luv", 1.15),
  at_least("echo16k", "netmcu", "libuv", 1.8), at_least("echo16k", "netmcu", "libuv_try", 0.97),
  at_least("echo16k", "netmcu_lua_0", "luv", 1.4), at_least("echo16k", "netmcu_lua", "luv", 1.4),
  at_least("sink", "netmcu", "libuv", 0.98), at_least("sink", "netmcu_lua_0", "luv", 1.0),
  at_least("sink", "netmcu_lua", "luv", 0.8), at_least("sink", "netmcu_program", "luv", 0.8),
  at_least("source", "netmcu", "libuv", 0.98),
  at_least("source", "netmcu_lua_0", "luv", 1.0), at_least("source", "netmcu_lua", "luv", 0.8),
  at_least("greet", "netmcu", "libuv", 0.89), at_least("greet", "netmcu", "libuv_linger", 1.05),
  at_least("greet", "netmcu_lua", "luv_linger", 1.05),
  at_least("http", "netmcu", "libuv", 1.03), at_least("http", "netmcu_lua", "luv", 1.1),
  at_least("udp", "netmcu", "libuv", 1.2), at_least("udp", "netmcu_lua", "luv", 1.5),
  at_most("idle", "netmcu", nil, 400), at_most("idle", "netmcu_lua", nil, 700),
  at_most("idle_used", "netmcu", nil, 400), at_most("idle_used", "netmcu_lua", nil, 700),
  at_least("tls_sink", "netmcu_tls", "libuv_tls", 0.95), at_least("tls_source", "netmcu_tls", "libuv_tls", 0.95),
  at_least("tls_greet", "netmcu_tls", "libuv_tls", 0.95), at_most("tls_idle", "netmcu_tls", "libuv_tls", 1.1),
  at_least("dns", "netmcu", "cares", 0.95), at_least("dns", "netmcu_lua", "cares", 0.8),
  at_least("dns", "netmcu_both", "cares", 0.95),
  at_most("startup", "netmcu_start", "lua_start", 1.5),
}

return M
