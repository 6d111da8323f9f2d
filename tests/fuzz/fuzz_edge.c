/* The calls of the stateful target that concern the edge of the library: rules, faults, traces,
 * statistics. See fuzz_api.h. */
#include "fuzz_api.h"

static const char *any_pattern(void)
{
  static const char *const patterns[] = {"", ",peer=127.*", ",peer=a.test", ",peer=localhost,probability=.5"};

  return patterns[below(4)];
}

static void set_fault(void)
{
  static const char *const kinds[] = {"refuse",
                                      "reset",
                                      "reset,after=1000",
                                      "reset,after=3,direction=in",
                                      "stall",
                                      "stall,after=5000",
                                      "stall,after=1,direction=out",
                                      "delay,ms=30",
                                      "cut,size=9",
                                      "cut,size=2000,seed=7",
                                      "delay,ms=1",
                                      "reset,after=70000,direction=out"};
  char rule[96];

  if (below(3) == 1) {
    CALL(netmcu_set_fault(ctx, NULL));
    return;
  }
  snprintf(rule, sizeof(rule), "%s%s", kinds[below(12)], any_pattern());
  if (CALL(netmcu_set_fault(ctx, below(8) == 1 ? "dns,probability=0.5" : rule)))
    REQUIRE(last_result == NETMCU_ENOMEM || strlen(netmcu_get_rule_error(ctx)) > 0);
}

static void map_host(void)
{
  static const char *const hosts[] = {"a.test", "*.test", "*", "127.0.0.1", "b.c.test:7", "localhost"};
  char rule[96];

  if (below(4) == 1) {
    CALL(netmcu_map_host(ctx, NULL));
    return;
  }
  if (below(2))
    snprintf(rule, sizeof(rule), "%s=127.0.0.1", hosts[below(6)]);
  else
    snprintf(rule, sizeof(rule), "%s=127.0.0.1:%u", hosts[below(6)], (unsigned)peers_port(below(3)));
  CALL(netmcu_map_host(ctx, rule));
}

static void map_port(void)
{
  static const char *const rules[] = {NULL, "1-65535=0", "1024-40000/udp=0", "1024-40000/tcp=20000", "auto", "80=80"};

  CALL(netmcu_map_port(ctx, rules[below(6)]));
}

static void bind_to(void)
{
  static const char *const ips[] = {NULL, "127.0.0.1", "127.0.0.2", "9.9.9.9"};

  CALL(netmcu_bind_to(ctx, ips[below(4)]));
}

/* Each event uses another format. Large data in hexadecimal, and a line for each small frame of a
 * stream, would take more time than everything else. */
static void on_trace(netmcu_t *of, const netmcu_trace_event *event, void *data)
{
  static char text[1024];
  static unsigned form;
  unsigned flags = event->size > 2000 ? NETMCU_TRACE_JSON : form & 7;

  REQUIRE(data == pings && of);
  form++;
  if (form % 64 < 8)
    REQUIRE(netmcu_trace_format(event, flags, text, sizeof(text)) > 0);
}

static void ask_statistics(void)
{
  netmcu_statistics statistics = NETMCU_STATISTICS_INIT;

  DO(netmcu_get_statistics(ctx, &statistics));
  REQUIRE(statistics.servers <= SERVERS && statistics.udp_sockets <= UDPS);
}

void act_on_edge(void)
{
  switch (below(8)) {
  case 0:
  case 1: set_fault(); break;
  case 2:
  case 3: map_host(); break;
  case 4: map_port(); break;
  case 5: bind_to(); break;
  case 6: CALL(netmcu_set_trace(ctx, below(4) ? on_trace : NULL, pings)); break;
  default: ask_statistics(); break;
  }
}
