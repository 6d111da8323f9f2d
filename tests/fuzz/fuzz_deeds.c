/* The calls of the stateful target. The bytes choose each one, inside or outside of callbacks. See
 * fuzz_api.h. */
#include "fuzz_api.h"
#include "virtual_time.h"

static const char *any_host(void)
{
  static const char *const hosts[] = {"127.0.0.1", "127.1",  "localhost", "a.test", "b.c.test",  "other.test.",
                                      "",          "..bad.", "0",         "a b",    "127.0.0.1", "A.TEST"};

  return hosts[below(12)];
}

static uint16_t any_port(void)
{
  unsigned which = below(8);

  return which < 3 ? peers_port(which) : servers[which % SERVERS].port;
}

/* ---- connections ----------------------------------------------------------------------------- */

static void free_connection(unsigned place)
{
  connection *r = connections[place];
  netmcu_connection *c = r ? r->c : NULL;

  connections[place] = NULL;
  if (r)
    r->c = NULL;
  DO(netmcu_connection_free(c));
}

static void replace_connection(unsigned place)
{
  connection *r;

  free_connection(place);
  r = new_connection_record();
  if (r == NULL)
    return;
  r->c = netmcu_connection_new(ctx);
  if (r->c == NULL)
    return;
  connections[place] = r;
  netmcu_connection_set_data(r->c, r);
  netmcu_connection_on(r->c, &connection_tables[0]);
}

static void connect_connection(connection *r)
{
  bool was_used = r->used;
  uint16_t port = any_port();
  int error = CALL(netmcu_connection_connect(r->c, port, any_host()));

  REQUIRE(!was_used || error == NETMCU_EISCONN);
  REQUIRE(was_used == (error == NETMCU_EISCONN));
  if (error == 0)
    connection_begins(r);
}

/* In three pieces, one of which may be empty. */
static int send_pieces(netmcu_connection *c, const char *data, size_t size)
{
  size_t first = size / 3, second = size < 100 ? 0 : 50;
  netmcu_piece pieces[] = {{data, first}, {data + first, second}, {data + first + second, size - first - second}};

  return CALL(netmcu_connection_send_pieces(c, pieces, 3));
}

static void send_connection(connection *r)
{
  static const unsigned sizes[] = {1, 2, 40, 1460, 2920, 4097, 66000, 300000};
  size_t size = sizes[below(8)], before = netmcu_connection_get_pending(r->c);
  const char *data = sequence(r->sent, size);
  int error = below(2) ? CALL(netmcu_connection_send(r->c, data, size)) : send_pieces(r->c, data, size);

  REQUIRE(r->used || error == NETMCU_ENOTCONN);
  if (error) {
    REQUIRE(netmcu_connection_get_pending(r->c) <= before);
    return;
  }
  r->sent += size;
  if (r->sends < SENDS)
    r->ends[r->sends] = r->sent;
  r->sends++;
}

static void close_connection(connection *r)
{
  int error = CALL(netmcu_connection_close(r->c));

  REQUIRE(r->used ? error == 0 || error <= NETMCU_ESTRICT || netmcu_is_strict(ctx) : error == NETMCU_ENOTCONN);
  if (error)
    return;
  REQUIRE(netmcu_connection_get_state(r->c) == NETMCU_IDLE);
  r->used = false;
}

static void abort_connection(connection *r)
{
  CALL(netmcu_connection_abort(r->c));
  REQUIRE(r->used == (last_result == 0) && netmcu_connection_get_state(r->c) == NETMCU_IDLE);
  r->used = false;
}

static void set_connection(connection *r)
{
  CALL(netmcu_connection_set_idle_timeout(r->c, below(4) * 40));
  REQUIRE(r->used == (last_result == 0));
  CALL(netmcu_connection_set_keepalive(r->c, below(3) * 60000));
  CALL(netmcu_connection_set_nodelay(r->c, (int)below(2)));
}

static void ask_connection(connection *r)
{
  netmcu_address address;
  int ttl = (int)below(4) - 1;

  CALL(netmcu_connection_get_peer(r->c, &address));
  REQUIRE(r->used || last_result == NETMCU_ENOTCONN);
  CALL(netmcu_connection_get_address(r->c, &address));
  REQUIRE(r->used || last_result == NETMCU_ENOTCONN);
  CALL(netmcu_connection_set_ttl(r->c, ttl));
  CALL(netmcu_connection_get_ttl(r->c, &ttl));
  REQUIRE((netmcu_connection_get_state(r->c) != NETMCU_IDLE) == r->used);
}

static void listen_to(connection *r)
{
  unsigned table = below(4);

  netmcu_connection_on(r->c, &connection_tables[table]);
  r->lossy = r->lossy || table == 3; /* until it connects again */
}

static void act_on_connection(void)
{
  unsigned place = below(CONNECTIONS), deed = below(19);
  connection *r = connections[place];

  if (r == NULL || deed < 2)
    replace_connection(place);
  else if (deed < 5)
    connect_connection(r);
  else if (deed < 9)
    send_connection(r);
  else if (deed < 11)
    close_connection(r);
  else if (deed == 11)
    CALL(netmcu_connection_hold(r->c));
  else if (deed == 12)
    CALL(netmcu_connection_unhold(r->c));
  else if (deed == 13)
    listen_to(r);
  else if (deed == 14)
    ask_connection(r);
  else if (deed == 15)
    abort_connection(r);
  else if (deed < 18)
    set_connection(r);
  else
    free_connection(place);
}

/* ---- servers --------------------------------------------------------------------------------- */

static void listen_server(server *r)
{
  netmcu_address address;
  uint16_t port = below(3) == 1 ? r->port : 0;
  int error = CALL(netmcu_server_listen(r->s, port, below(2) ? NULL : "127.0.0.1", (int)below(3), on_accept));

  REQUIRE(r->listening == (error == NETMCU_EINPROGRESS));
  if (error)
    return;
  r->listening = true;
  REQUIRE(netmcu_server_get_address(r->s, &address) == 0);
  r->port = netmcu_get_mapped_port(ctx, 0, address.port);
}

static void act_on_server(void)
{
  server *r = &servers[below(SERVERS)];
  unsigned deed = below(10);

  if (r->s == NULL) {
    r->s = netmcu_server_new(ctx);
    if (r->s == NULL)
      return;
    netmcu_server_set_data(r->s, r);
    listen_server(r);
  } else if (deed < 4) {
    listen_server(r);
  } else if (deed == 4) {
    CALL(netmcu_server_close(r->s));
    REQUIRE(r->listening == (last_result == 0));
    r->listening = false;
  } else if (deed == 5) {
    netmcu_server *freed = r->s;
    r->s = NULL;
    r->listening = false;
    DO(netmcu_server_free(freed));
  } else if (deed < 8) {
    CALL(below(3) ? netmcu_server_unhold(r->s) : netmcu_server_hold(r->s));
    REQUIRE(r->listening == (last_result == 0));
  } else {
    netmcu_server_set_idle_timeout(r->s, below(3) * 40);
  }
}

/* ---- UDP ------------------------------------------------------------------------------------- */

static void learn_port(udp *r)
{
  netmcu_address address = {.port = 0};

  if (netmcu_udp_get_address(r->u, &address) == 0)
    r->port = netmcu_get_mapped_port(ctx, 1, address.port);
}

static void udp_begins(udp *r)
{
  r->bound = true;
  r->sends = r->sents = 0;
}

static void send_udp(udp *r)
{
  static const unsigned sizes[] = {0, 1, 40, 1472, 1473, 20000, 65507, 65508};
  static const uint8_t ips[][4] = {{127, 0, 0, 1}, {127, 0, 0, 1}, {224, 0, 1, 9}, {255, 255, 255, 255}};
  unsigned size = sizes[below(8)], repeat = below(4) == 1 ? 20 : 1;
  netmcu_address to = {.port = below(2) ? peers_udp_port() : udps[below(UDPS)].port};

  memcpy(to.ip, ips[below(4)], 4);
  for (; repeat > 0; repeat--) {
    int error = CALL(netmcu_udp_send(r->u, &to, sequence(0, size), size));
    if (error)
      break;
    if (!r->bound)
      udp_begins(r);
    r->sends++;
  }
  learn_port(r);
}

static void listen_udp(udp *r)
{
  static const char *const ips[] = {"127.0.0.1", NULL, "224.0.1.9"};
  int error = CALL(netmcu_udp_listen(r->u, below(2) ? r->port : 0, ips[below(3)]));

  REQUIRE(r->bound == (error == NETMCU_EINPROGRESS));
  if (error == 0)
    udp_begins(r);
  learn_port(r);
}

static void act_on_udp(void)
{
  udp *r = &udps[below(UDPS)];
  unsigned deed = below(8);

  if (r->u == NULL) {
    r->u = netmcu_udp_new(ctx);
    if (r->u == NULL)
      return;
    netmcu_udp_set_data(r->u, r);
    netmcu_udp_on(r->u, &udp_tables[0]);
  } else if (deed < 2) {
    listen_udp(r);
  } else if (deed < 5) {
    send_udp(r);
  } else if (deed == 5) {
    CALL(netmcu_udp_close(r->u));
    REQUIRE(r->bound == (last_result == 0));
    r->bound = false;
  } else if (deed == 6) {
    netmcu_udp *freed = r->u;
    r->u = NULL;
    r->bound = false;
    DO(netmcu_udp_free(freed));
  } else {
    unsigned table = below(3);
    netmcu_udp_on(r->u, table < 2 ? &udp_tables[table] : NULL);
  }
}

static void act_on_group(void)
{
  static const char *const groups[] = {"224.0.1.9", "239.1.1.1", "1.2.3.4", "x"};
  static const char *const interfaces[] = {NULL, "0.0.0.0", "127.0.0.1", "9.9.9.9"};
  bool joins = below(2);
  const char *interface_ip = interfaces[below(4)], *group = groups[below(4)];

  if (joins)
    CALL(netmcu_multicast_join(ctx, interface_ip, group));
  else
    CALL(netmcu_multicast_leave(ctx, interface_ip, group));
}

/* ---- timers, lookups, pings ------------------------------------------------------------------ */

static void act_on_timer(void)
{
  unsigned place = below(TIMERS), deed = below(8);
  timer *r = timers[place];

  if (r == NULL) {
    r = new_timer_record();
    if (r)
      r->t = netmcu_timer_new(ctx, on_timer, r);
    timers[place] = r && r->t ? r : NULL;
  } else if (deed < 4) {
    unsigned repeat = below(3) * 10;
    DO(netmcu_timer_start(r->t, below(4) * 5, repeat));
    r->running = true;
    r->repeats = repeat > 0;
  } else if (deed == 4) {
    DO(netmcu_timer_stop(r->t));
    r->running = false;
  } else if (deed == 5) {
    netmcu_timer *freed = r->t;
    timers[place] = NULL;
    *r = (timer){.t = NULL};
    DO(netmcu_timer_free(freed));
  } else {
    DO(netmcu_timer_set_keep_alive(r->t, (int)deed - 6));
  }
}

static void act_on_lookup(void)
{
  unsigned place = below(LOOKUPS);
  lookup *r = lookups[place];

  if (r && r->waiting) {
    netmcu_lookup *cancelled = r->l;
    r->waiting = false;
    r->l = NULL;
    DO(netmcu_lookup_cancel(cancelled));
    return;
  }
  r = new_lookup_record();
  if (r == NULL)
    return;
  lookups[place] = r;
  r->waiting = CALL(netmcu_resolve(ctx, any_host(), on_lookup, r, &r->l)) == 0;
}

static void act_on_dns(void)
{
  static const char *const servers_[] = {"127.0.0.1", "127.0.0.1:9", "0.0.0.0", "127.0.0.1:99999"};
  netmcu_address address;
  char text[32];

  snprintf(text, sizeof(text), "127.0.0.1:%u", (unsigned)peers_dns_port());
  unsigned which = below(8);
  CALL(netmcu_dns_set_server(ctx, (int)below(3), which < 4 ? servers_[which] : text));
  CALL(netmcu_dns_get_server(ctx, (int)below(3), &address));
}

static void act_on_ping(void)
{
  netmcu_ping_t **ping = &pings[below(PINGS)];

  if (*ping == NULL) {
    CALL(netmcu_ping(ctx, any_host(), 1 + below(3), &ping_table, ping, ping));
  } else {
    DO(netmcu_ping_cancel(*ping));
    *ping = NULL;
  }
}

/* ---- the context ----------------------------------------------------------------------------- */

static void change_options(void)
{
  static const unsigned times[] = {1, 50, 2000, 6000};
  static const unsigned frames[] = {1460, 80, 0, 700};
  netmcu_options options = NETMCU_OPTIONS_INIT;

  netmcu_set_strict(ctx, below(4) == 1);
  REQUIRE(netmcu_get_options(ctx, &options) == 0);
  options.frame_size = frames[below(4)];
  options.connect_timeout = times[below(4)];
  options.linger_timeout = times[below(4)];
  REQUIRE(CALL(netmcu_set_options(ctx, &options)) == 0);
  options.size = 1;
  REQUIRE(netmcu_set_options(ctx, &options) == NETMCU_EVALUE);
}

static void visit(const char *description, void *data)
{
  REQUIRE(data == pings && strlen(description) > 0);
}

static void act_on_context(void)
{
  switch (below(9)) {
  case 0: change_options(); break;
  case 1: DO(netmcu_walk(ctx, visit, pings)); break;
  case 2: fail_allocation(1 + below(4)); break;
  case 3: DO(netmcu_stop(ctx)); break;
  case 4: datagrams_find_no_room(below(64)); break;
  case 5: REQUIRE(!in_callback || own_loop == false || netmcu_run_once(ctx) == NETMCU_EINPROGRESS); break;
  case 6: close_context(); break;
  default: CALL(netmcu_post(ctx, on_post, NULL)); break;
  }
}

void act(void)
{
  unsigned deed = below(42);

  if (deed < 12)
    peers_act();
  else if (ctx == NULL)
    return;
  else if (deed < 24)
    act_on_connection();
  else if (deed < 27)
    act_on_server();
  else if (deed < 31)
    act_on_udp();
  else if (deed < 33)
    act_on_timer();
  else if (deed < 35)
    act_on_lookup();
  else if (deed == 35)
    act_on_dns();
  else if (deed == 36)
    act_on_ping();
  else if (deed == 37)
    act_on_group();
  else if (deed < 40)
    act_on_edge();
  else
    act_on_context();
}
