/* The callbacks of the stateful target. Each checks that it may be called, and then does what the
 * bytes choose. See fuzz_api.h. */
#include "fuzz_api.h"

enum { RECORDS = 128 };

connection *connections[CONNECTIONS];
server servers[SERVERS];
udp udps[UDPS];
timer *timers[TIMERS];
lookup *lookups[LOOKUPS];
netmcu_ping_t *pings[PINGS];

static connection connection_records[RECORDS];
static timer timer_records[RECORDS];
static lookup lookup_records[RECORDS];
static unsigned used_connections, used_timers, used_lookups;

/* Records are not reused, so that a callback of a freed object finds the record of that object.
 * Returns NULL if there are no more records. */
connection *new_connection_record(void)
{
  return used_connections < RECORDS ? &connection_records[used_connections++] : NULL;
}

timer *new_timer_record(void)
{
  return used_timers < RECORDS ? &timer_records[used_timers++] : NULL;
}

lookup *new_lookup_record(void)
{
  return used_lookups < RECORDS ? &lookup_records[used_lookups++] : NULL;
}

void forget_all(void)
{
  memset(connection_records, 0, sizeof(connection_records));
  memset(timer_records, 0, sizeof(timer_records));
  memset(lookup_records, 0, sizeof(lookup_records));
  memset(connections, 0, sizeof(connections));
  memset(servers, 0, sizeof(servers));
  memset(udps, 0, sizeof(udps));
  memset(timers, 0, sizeof(timers));
  memset(lookups, 0, sizeof(lookups));
  used_connections = used_timers = used_lookups = 0;
  memset(pings, 0, sizeof(pings));
}

/* ---- around each callback -------------------------------------------------------------------- */

static void enter(void)
{
  REQUIRE(!in_call);
  REQUIRE(!in_callback);
  REQUIRE(ctx);
  in_callback = true;
}

static void leave(void)
{
  for (unsigned deeds = below(4); deeds > 0 && !is_over(); deeds--)
    act();
  in_callback = false;
}

/* ---- connections ----------------------------------------------------------------------------- */

static connection *record_of(netmcu_connection *c)
{
  connection *r = netmcu_connection_get_data(c);

  REQUIRE(r->c == c);
  REQUIRE(r->used);
  return r;
}

void connection_begins(connection *r)
{
  r->used = true;
  r->opened = r->resolved = false;
  r->sends = r->sents = 0;
  r->sent = r->received = 0;
}

static void on_dns(netmcu_connection *c, const netmcu_address *address)
{
  enter();
  connection *r = record_of(c);
  REQUIRE(!r->resolved && !r->opened);
  REQUIRE(address == NULL || address->port == 0);
  r->resolved = true;
  leave();
}

static void on_connection(netmcu_connection *c)
{
  enter();
  connection *r = record_of(c);
  REQUIRE(!r->opened);
  REQUIRE(netmcu_connection_get_state(c) == NETMCU_OPEN);
  r->opened = true;
  leave();
}

/* The library owns the data until the callback has returned, whatever the callback does. */
static void on_receive(netmcu_connection *c, const char *data, size_t size)
{
  static char before[65536];
  enter();
  connection *r = record_of(c);
  REQUIRE(size > 0 && size <= sizeof(before));
  REQUIRE(netmcu_connection_get_state(c) == NETMCU_OPEN);
  REQUIRE(r->lossy || memcmp(data, sequence(r->received, size), size) == 0);
  r->received += size;
  memcpy(before, data, size);
  leave();
  REQUIRE(memcmp(data, before, size) == 0);
}

static void on_sent(netmcu_connection *c)
{
  enter();
  connection *r = record_of(c);
  REQUIRE(r->sents < r->sends);
  if (r->sents < SENDS)
    REQUIRE(netmcu_connection_get_pending(c) <= r->sent - r->ends[r->sents]);
  r->sents++;
  leave();
}

static void on_drained(netmcu_connection *c)
{
  enter();
  connection *r = record_of(c);
  REQUIRE(r->sent > 0);
  REQUIRE(netmcu_connection_get_pending(c) == 0);
  leave();
}

static void ended(netmcu_connection *c)
{
  enter();
  connection *r = record_of(c);
  REQUIRE(netmcu_connection_get_state(c) == NETMCU_IDLE);
  REQUIRE(netmcu_connection_get_pending(c) == 0);
  REQUIRE(netmcu_connection_close(c) == NETMCU_ENOTCONN);
  r->used = false;
  leave();
}

static void on_disconnection(netmcu_connection *c, int error)
{
  REQUIRE(error <= 0);
  ended(c);
}

static void on_disconnection_only(netmcu_connection *c, int error)
{
  REQUIRE(error == 0);
  ended(c);
}

static void on_reconnection(netmcu_connection *c, int error)
{
  REQUIRE(error < 0);
  ended(c);
}

/* Each connection reports its end; without it, nobody would know that the connection is idle. */
const netmcu_connection_events connection_tables[4] = {
    {on_dns, on_connection, on_receive, on_sent, on_reconnection, on_disconnection_only, on_drained},
    {on_dns, on_connection, on_receive, on_sent, NULL, on_disconnection, NULL},
    {.receive = on_receive, .disconnection = on_disconnection, .drained = on_drained},
    {.disconnection = on_disconnection}};

/* ---- servers --------------------------------------------------------------------------------- */

static void keep_client(netmcu_connection *client)
{
  unsigned place = below(CONNECTIONS), table = below(4);
  connection *r = new_connection_record(), *old = connections[place];

  if (r == NULL) {
    DO(netmcu_connection_free(client));
    return;
  }
  if (old) {
    netmcu_connection *freed = old->c;
    old->c = NULL;
    DO(netmcu_connection_free(freed));
  }
  connections[place] = r;
  r->c = client;
  r->lossy = table == 3;
  connection_begins(r);
  netmcu_connection_set_data(client, r);
  netmcu_connection_on(client, &connection_tables[table]);
}

void on_accept(netmcu_server *s, netmcu_connection *client)
{
  enter();
  server *r = netmcu_server_get_data(s);
  REQUIRE(r->s == s && r->listening);
  REQUIRE(netmcu_connection_get_state(client) == NETMCU_OPEN);
  keep_client(client);
  leave();
}

/* ---- the others ------------------------------------------------------------------------------ */

static void on_datagram(netmcu_udp *u, const char *data, size_t size, const netmcu_address *from)
{
  volatile char last = 0;
  enter();
  udp *r = netmcu_udp_get_data(u);
  REQUIRE(r->u == u && r->bound);
  REQUIRE(size <= NETMCU_DATAGRAM_SIZE && from->port != 0);
  leave();
  last = size ? data[size - 1] : last;
  (void)last;
}

static void on_datagram_sent(netmcu_udp *u)
{
  enter();
  udp *r = netmcu_udp_get_data(u);
  REQUIRE(r->u == u && r->bound);
  REQUIRE(r->sents < r->sends);
  r->sents++;
  leave();
}

const netmcu_udp_events udp_tables[2] = {{on_datagram, on_datagram_sent}, {.sent = on_datagram_sent}};

void on_timer(netmcu_timer *t, void *data)
{
  enter();
  timer *r = data;
  REQUIRE(r->t == t && r->running);
  r->running = r->repeats;
  REQUIRE(netmcu_timer_is_running(t) == r->repeats);
  leave();
}

void on_lookup(void *data, int error, const netmcu_address *addresses, size_t count)
{
  enter();
  lookup *r = data;
  REQUIRE(r->waiting);
  REQUIRE((count == 0) == (error != 0) && (count == 0 || addresses->port == 0));
  r->waiting = false;
  r->l = NULL;
  leave();
}

void on_post(void *data)
{
  enter();
  REQUIRE(data == NULL);
  leave();
}

static void on_reply(void *data, size_t bytes, const netmcu_address *from, unsigned sequence_number,
                     double milliseconds)
{
  enter();
  netmcu_ping_t **ping = data;
  REQUIRE(*ping);
  REQUIRE(bytes == 0 || bytes == 32);
  REQUIRE(sequence_number <= 32767 && milliseconds >= 0);
  REQUIRE(from || bytes == 0);
  if (from == NULL)
    *ping = NULL;
  leave();
}

static void on_done(void *data, const netmcu_ping_summary *summary)
{
  enter();
  netmcu_ping_t **ping = data;
  REQUIRE(*ping);
  *ping = NULL;
  REQUIRE(summary->lost <= summary->transmitted);
  leave();
}

const netmcu_ping_events ping_table = {on_reply, on_done};
