/* See channel.h. */
#include "dns/channel.h"

/* With two servers 2 + 2 + 4 + 4 s: an answer within 14 s, as the device's. The tick is what they may be late. */
#define QUERY_TIMEOUT 2000
#define QUERY_TRIES   2
#define QUERY_TICK    250

typedef struct poller poller;

struct poller {
  uv_poll_t poll;
  netmcu__channel *channel;
  poller *next;
  ares_socket_t socket;
};

static void on_poll(uv_poll_t *poll, int status, int events)
{
  poller *p = netmcu__container(poll, poller, poll);
  ares_socket_t readable = status < 0 || (events & UV_READABLE) ? p->socket : ARES_SOCKET_BAD;
  ares_socket_t writable = status < 0 || (events & UV_WRITABLE) ? p->socket : ARES_SOCKET_BAD;

  ares_process_fd(p->channel->ares, readable, writable);
}

static void on_tick(uv_timer_t *tick)
{
  ares_process_fd(netmcu__container(tick, netmcu__channel, tick)->ares, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
}

static void poller_closed(uv_handle_t *handle)
{
  poller *p = netmcu__container(handle, poller, poll);
  netmcu_t *ctx = handle->data;

  netmcu__release(ctx, p);
  netmcu__handle_closed(ctx);
}

static poller *add_poller(netmcu__channel *c, ares_socket_t socket)
{
  poller *p = netmcu__allocate(c->ctx, sizeof(*p));

  if (p == NULL)
    return NULL;
  if (uv_poll_init_socket(netmcu_loop(c->ctx), &p->poll, socket)) {
    netmcu__release(c->ctx, p);
    return NULL;
  }
  netmcu__handle_opened(c->ctx);
  p->poll.data = c->ctx;
  p->channel = c;
  p->socket = socket;
  p->next = c->pollers;
  c->pollers = p;
  return p;
}

static void remove_poller(netmcu__channel *c, ares_socket_t socket)
{
  for (poller **link = &c->pollers; *link; link = &(*link)->next) {
    poller *p = *link;
    if (p->socket == socket) {
      *link = p->next;
      uv_close((uv_handle_t *)&p->poll, poller_closed);
      return;
    }
  }
}

/* c-ares opened a socket, wants something else of it, or is about to close it (neither readable nor writable). Where there
 * is no memory to poll it, its queries time out. */
static void socket_changed(void *data, ares_socket_t socket, int readable, int writable)
{
  netmcu__channel *c = data;
  poller *p = c->pollers;

  if (!readable && !writable) {
    remove_poller(c, socket);
    return;
  }
  while (p && p->socket != socket)
    p = p->next;
  if (p == NULL)
    p = add_poller(c, socket);
  if (p)
    uv_poll_start(&p->poll, (readable ? UV_READABLE : 0) | (writable ? UV_WRITABLE : 0), on_poll);
}

static void tick_closed(uv_handle_t *tick)
{
  netmcu__channel *c = netmcu__container(tick, netmcu__channel, tick);
  netmcu_t *ctx = c->ctx;

  netmcu__release(ctx, c);
  netmcu__handle_closed(ctx);
}

/* Outside of c-ares' callbacks: gives up queries that nobody waits for, and the channel that nobody needs. */
static void tidy(netmcu__task *task)
{
  netmcu__channel *c = netmcu__container(task, netmcu__channel, tidy);

  if (c->wanted == 0 && c->queries > 0)
    ares_cancel(c->ares);
  if (c->stale && c->queries == 0 && !c->torn_down) {
    c->torn_down = true;
    ares_destroy(c->ares);
    netmcu__task_cancel(c->ctx, &c->tidy);
    uv_close((uv_handle_t *)&c->tick, tick_closed);
  }
}

void netmcu__channel_retire(netmcu__channel *c)
{
  c->stale = true;
  if (c->wanted == 0)
    netmcu__task_post(c->ctx, &c->tidy);
}

static bool ares_ready;

static void init_ares(void)
{
  ares_ready = ares_library_init(ARES_LIB_INIT_ALL) == ARES_SUCCESS;
}

bool netmcu__ares_is_ready(void)
{
  static uv_once_t once = UV_ONCE_INIT;

  uv_once(&once, init_ares);
  return ares_ready;
}

netmcu__channel *netmcu__channel_new(netmcu_t *ctx, const char *servers)
{
  struct ares_options options = {.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES,
                                 .timeout = QUERY_TIMEOUT,
                                 .tries = QUERY_TRIES,
                                 .lookups = (char *)"b",
                                 .sock_state_cb = socket_changed};
  const int mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_LOOKUPS | ARES_OPT_SOCK_STATE_CB;
  netmcu__channel *c = netmcu__allocate(ctx, sizeof(*c));

  if (c == NULL)
    return NULL;
  options.sock_state_cb_data = c;
  if (!netmcu__ares_is_ready() || ares_init_options(&c->ares, &options, mask) != ARES_SUCCESS) {
    netmcu__release(ctx, c);
    return NULL;
  }
  ares_set_servers_ports_csv(c->ares, servers);
  c->ctx = ctx;
  c->tidy.run = tidy;
  uv_timer_init(netmcu_loop(ctx), &c->tick);
  netmcu__handle_opened(ctx);
  return c;
}

void netmcu__channel_query_begins(netmcu__channel *c)
{
  if (c->queries++ == 0)
    uv_timer_start(&c->tick, on_tick, QUERY_TICK, QUERY_TICK);
  c->wanted++;
}

void netmcu__channel_query_ended(netmcu__channel *c, bool was_wanted)
{
  c->queries--;
  if (was_wanted)
    c->wanted--;
  if (c->queries == 0)
    uv_timer_stop(&c->tick);
  if (c->wanted == 0 && (c->stale || c->queries > 0))
    netmcu__task_post(c->ctx, &c->tidy);
}
