/* The same scripts on the real loopback and on a simulated desktop: each socket and server gets the
 * same events, in the same order. */
#include <lauxlib.h>
#include <lualib.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "device/device.h"
#include "net/net.h"

int luaopen_net(lua_State *L);

/* watch(socket, name) notes all events of the socket; serve(name, accept) starts a server and returns
 * its port; notes of one name stay in order. */
static const char prelude[] =
    "local notes, names = {}, {}\n"
    "function note(name, ...)\n"
    "  if not notes[name] then notes[name] = {}; names[#names + 1] = name end\n"
    "  local t = table.pack(...)\n"
    "  for i = 1, t.n do t[i] = tostring(t[i]) end\n"
    "  table.insert(notes[name], table.concat(t, ' '))\n"
    "end\n"
    "function watch(sk, name)\n"
    "  for _, event in ipairs {'connection', 'reconnection', 'disconnection', 'sent', 'dns'} do\n"
    "    sk:on(event, function(_, x) note(name, event, event ~= 'connection' and x or nil) end)\n"
    "  end\n"
    "  sk:on('receive', function(_, data) note(name, 'receive', #data < 100 and data or '...') end)\n"
    "  return sk\n"
    "end\n"
    "function serve(name, accept)\n"
    "  local srv = net.createServer()\n"
    "  srv:listen(0, '127.0.0.1', function(sk) note(name, 'accept'); watch(sk, name); accept(sk, srv) end)\n"
    "  return (srv:getaddr()), srv\n"
    "end\n"
    "function client(name, port)\n"
    "  local sk = watch(net.createConnection(), name)\n"
    "  sk:connect(port, '127.0.0.1')\n"
    "  return sk\n"
    "end\n"
    "function after(ms, fn) tmr.create():alarm(ms, tmr.ALARM_SINGLE, fn) end\n"
    "function trace()\n"
    "  table.sort(names)\n"
    "  local lines = {}\n"
    "  for _, name in ipairs(names) do lines[#lines + 1] = name .. ': ' .. table.concat(notes[name], ', ') end\n"
    "  return table.concat(lines, '\\n')\n"
    "end\n";

static const struct {
  const char *name, *text;
} scripts[] = {
    {"echo", "local port = serve('s', function(sk, srv)\n"
             "  sk:on('receive', function(_, d) note('s', 'receive', d); sk:send(d:upper()); srv:close() end)\n"
             "end)\n"
             "local c = client('c', port)\n"
             "c:on('connection', function() note('c', 'connection'); c:send('hello') end)\n"
             "c:on('receive', function(_, d) note('c', 'receive', d); c:close() end)\n"},
    {"refused", "local port, srv = serve('s', print)\n"
                "srv:close()\n"
                "client('c', port)\n"},
    {"refused twice", "local port, srv = serve('s', print)\n"
                      "srv:close()\n"
                      "local c = client('c', port)\n"
                      "local n = 0\n"
                      "c:on('disconnection', function(_, e)\n"
                      "  note('c', 'disconnection', e)\n"
                      "  n = n + 1\n"
                      "  if n < 2 then c:connect(port, '127.0.0.1') end\n"
                      "end)\n"},
    {"the server says goodbye",
     "local port = serve('s', function(sk, srv) sk:send('bye'); sk:close(); srv:close() end)\n"
     "client('c', port)\n"},
    {"send and close at once", "local port = serve('s', function(_, srv) srv:close() end)\n"
                               "local c = client('c', port)\n"
                               "c:on('connection', function() c:send('a'); c:send('b'); c:close() end)\n"},
    {"close in receive",
     "local port = serve('s', function(sk, srv)\n"
     "  sk:on('receive', function(_, d) note('s', 'receive', d); sk:send('late'); sk:close(); srv:close() end)\n"
     "end)\n"
     "local c = client('c', port)\n"
     "c:on('connection', function() c:send('x') end)\n"},
    {"half a megabyte", "local got = 0\n"
                        "local port = serve('s', function(sk, srv)\n"
                        "  sk:on('receive', function(_, d) got = got + #d end)\n"
                        "  sk:on('disconnection', function(_, e) note('s', 'end', e, got); srv:close() end)\n"
                        "end)\n"
                        "local c = client('c', port)\n"
                        "c:on('connection', function()\n"
                        "  for i = 1, 10 do c:send(string.rep('x', 50000)) end\n"
                        "  c:close()\n"
                        "end)\n"},
    {"answers in three pieces", "local port = serve('s', function(sk, srv)\n"
                                "  sk:on('receive', function() sk:send('1'); sk:send('2'); sk:send('3') end)\n"
                                "  srv:close()\n"
                                "end)\n"
                                "local c, got = client('c', port), ''\n"
                                "c:on('connection', function() c:send('x') end)\n"
                                "c:on('receive', function(_, d)\n"
                                "  got = got .. d\n"
                                "  if #got == 3 then note('c', got); after(20, function() c:close() end) end\n"
                                "end)\n"},
    {"held data wait", "local port = serve('s', function(sk, srv)\n"
                       "  sk:hold()\n"
                       "  srv:close()\n"
                       "  after(20, function() note('s', 'unhold'); sk:unhold() end)\n"
                       "end)\n"
                       "local c = client('c', port)\n"
                       "c:on('connection', function() c:send('wait'); c:close() end)\n"},
    {"connect again", "local n, port, srv = 0, nil, nil\n"
                      "port, srv = serve('s', function(sk) sk:close() end)\n"
                      "local c = client('c', port)\n"
                      "c:on('disconnection', function(_, e)\n"
                      "  note('c', 'disconnection', e)\n"
                      "  n = n + 1\n"
                      "  if n < 3 then c:connect(port, '127.0.0.1') else srv:close() end\n"
                      "end)\n"},
    {"five clients", "local n, port, srv = 0, nil, nil\n"
                     "port, srv = serve('s', function(sk)\n"
                     "  n = n + 1\n"
                     "  if n == 5 then srv:close() end\n"
                     "  sk:close()\n"
                     "end)\n"
                     "for i = 1, 5 do client('c' .. i, port) end\n"},
    {"send before connect", "local c = net.createConnection()\n"
                            "note('c', pcall(c.send, c, 'x'))\n"
                            "note('c', pcall(c.close, c))\n"
                            "note('c', c:getpeer(), c:getaddr())\n"},
    {"addresses", "local port\n"
                  "port = serve('s', function(sk, srv)\n"
                  "  local own, ip = sk:getaddr()\n"
                  "  note('s', own == port, ip, select(2, sk:getpeer()))\n"
                  "  srv:close()\n"
                  "end)\n"
                  "local c = client('c', port)\n"
                  "c:on('connection', function()\n"
                  "  local peer, ip = c:getpeer()\n"
                  "  note('c', peer == port, ip, select(2, c:getaddr()))\n"
                  "  c:close()\n"
                  "end)\n"},
    {"two listeners on a port",
     "local port, srv = serve('s', print)\n"
     "local other = net.createServer()\n"
     "note('s', pcall(other.listen, other, port, '127.0.0.1', print) and 'taken' or 'refused')\n"
     "srv:close()\n"},
    {"a server closes and its client stays", "local port = serve('s', function(sk, srv)\n"
                                             "  srv:close()\n"
                                             "  after(10, function() sk:send('still here'); sk:close() end)\n"
                                             "end)\n"
                                             "client('c', port)\n"},
    {"datagrams", "local a, b = net.createUDPSocket(), net.createUDPSocket()\n"
                  "a:listen(0, '127.0.0.1')\n"
                  "local port = a:getaddr()\n"
                  "a:on('receive', function(s, d, p, ip) note('a', d, ip); s:send(p, ip, 're:' .. d) end)\n"
                  "b:on('receive', function(s, d, p, ip)\n"
                  "  note('b', d, p == port, ip)\n"
                  "  if d == 're:end' then a:close(); b:close() end\n"
                  "end)\n"
                  "for _, d in ipairs {'one', string.rep('x', 50), 'end'} do b:send(port, '127.0.0.1', d) end\n"},
    {"names and literal addresses", "net.dns.resolve('127.0.0.1', function(_, ip) note('d', ip) end)\n"
                                    "note('e', pcall(net.dns.resolve, 'not a name', print))\n"},
    {"a timer and a connection", "local port = serve('s', function(_, srv) srv:close() end)\n"
                                 "local c, n = client('c', port), 0\n"
                                 "c:on('connection', function()\n"
                                 "  tmr.create():alarm(5, tmr.ALARM_AUTO, function(t)\n"
                                 "    n = n + 1\n"
                                 "    c:send(tostring(n))\n"
                                 "    if n == 3 then t:unregister(); c:close() end\n"
                                 "  end)\n"
                                 "end)\n"},
};

/* Runs the script in a new state, on a simulated host or, for NULL, on the real network. */
static void run(const char *text, netmcu_sim_host *place, char *trace, size_t size)
{
  lua_State *L = luaL_newstate();

  luaL_openlibs(L);
  netmcu_host *host = place ? netmcu_host_create_in(L, place) : netmcu_host_create(L, NULL, NULL);
  netmcu_host_set_quiet(host, true);
  luaL_requiref(L, "net", luaopen_net, 1);
  luaL_requiref(L, "tmr", luaopen_tmr, 1);
  if (luaL_dostring(L, prelude) || luaL_dostring(L, text))
    fail_msg("%s", lua_tostring(L, -1));
  netmcu_host_run(host);
  if (netmcu_host_failed(host)) {
    netmcu_host_push_error(L);
    fail_msg("%s", lua_tostring(L, -1));
  }
  if (luaL_dostring(L, "return trace()"))
    fail_msg("%s", lua_tostring(L, -1));
  snprintf(trace, size, "%s", lua_tostring(L, -1));
  lua_close(L);
}

static void test_same_events(void **state)
{
  static char real[1 << 16], simulated[1 << 16];

  (void)state;
  for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
    netmcu_sim *world = netmcu_sim_new(1, 0);
    run(scripts[i].text, NULL, real, sizeof(real));
    run(scripts[i].text, netmcu_sim_host_new(world, "desktop", NULL, NETMCU_SIM_DESKTOP), simulated, sizeof(simulated));
    netmcu_sim_free(world);
    if (strcmp(real, simulated) != 0)
      fail_msg("%s\n--- real:\n%s\n--- simulated:\n%s", scripts[i].name, real, simulated);
    assert_true(*real != '\0');
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_same_events)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
