/* Datagrams without a network. See fake_datagram.h. */
#include "base/task.h"
#include "fake_datagram.h"
#include "loop.h"

#define WAITING 32

struct netmcu__stack_socket {
  netmcu__datagram_group *group;
  netmcu__task end; /* makes `closed` an event */
  netmcu__stack_socket *next;
  bool is_receiving;
  unsigned memberships, waiting;
  void *requests[WAITING];
  netmcu__datagram datagrams[WAITING];
};

static netmcu__stack_socket *first;
static unsigned room;
static int failures[FAKE_DATAGRAM_OPERATIONS];
static uint16_t next_port;

static int take_failure(enum fake_datagram_operation operation)
{
  int error = failures[operation];
  failures[operation] = 0;
  return error;
}

static void finish_request(netmcu__stack_socket *s)
{
  void *request = s->requests[0];
  s->waiting--;
  memmove(s->requests, s->requests + 1, s->waiting * sizeof s->requests[0]);
  memmove(s->datagrams, s->datagrams + 1, s->waiting * sizeof s->datagrams[0]);
  s->group->events->sent(s, request);
}

static void run_end(netmcu__task *task)
{
  netmcu__stack_socket *s = netmcu__container(task, netmcu__stack_socket, end);
  netmcu_t *ctx = s->group->stack->ctx;
  while (s->waiting > 0)
    finish_request(s);
  s->group->events->closed(s);
  netmcu__handle_closed(ctx);
}

static int open_socket(netmcu__datagram_group *group, netmcu__stack_socket *s, uint16_t family)
{
  (void)family;
  int error = take_failure(FAKE_DATAGRAM_OPEN);
  if (error)
    return error;
  s->group = group;
  s->end.run = run_end;
  netmcu__handle_opened(group->stack->ctx);
  s->next = first;
  first = s;
  return 0;
}

static int bind_socket(netmcu__stack_socket *s, netmcu_address *address, bool is_shared)
{
  (void)s;
  (void)is_shared;
  if (address->port == 0)
    address->port = ++next_port;
  return take_failure(FAKE_DATAGRAM_BIND);
}

static int start_receiving(netmcu__stack_socket *s)
{
  int error = take_failure(FAKE_DATAGRAM_START_RECEIVING);
  s->is_receiving = error == 0;
  return error;
}

static void stop_receiving(netmcu__stack_socket *s)
{
  s->is_receiving = false;
}

static void put_out(const netmcu__datagram *datagram)
{
  called("out %.*s", (int)datagram->size, (const char *)datagram->data);
}

static int send_datagrams(netmcu__stack_socket *s, const netmcu__datagram *datagrams, unsigned count)
{
  int error = take_failure(FAKE_DATAGRAM_SEND);
  unsigned sent = 0;
  if (error)
    return error;
  for (; sent < count && room > 0 && s->waiting == 0; sent++, room--)
    put_out(&datagrams[sent]);
  return (int)sent;
}

static int send_later(netmcu__stack_socket *s, void *request, const netmcu__datagram *datagram)
{
  int error = take_failure(FAKE_DATAGRAM_SEND_LATER);
  if (error)
    return error;
  assert_between(s->waiting, 0, WAITING - 1);
  s->requests[s->waiting] = request;
  s->datagrams[s->waiting++] = *datagram;
  return 0;
}

static void close_socket(netmcu__stack_socket *s)
{
  netmcu__stack_socket **place = &first;
  while (*place != s)
    place = &(*place)->next;
  *place = s->next;
  netmcu__task_post(s->group->stack->ctx, &s->end);
}

static int ttl(netmcu__stack_socket *s, int *value)
{
  (void)s;
  *value = *value > 0 ? *value : 64;
  return 0;
}

static int set_membership(netmcu__stack_socket *s, const netmcu_address *group, const netmcu_address *interface_ip,
                          bool is_member)
{
  int error = take_failure(FAKE_DATAGRAM_SET_MEMBERSHIP);
  (void)group;
  (void)interface_ip;
  if (error)
    return error;
  if (is_member)
    s->memberships++;
  else if (s->memberships > 0)
    s->memberships--;
  return 0;
}

static int set_multicast_interface(netmcu__stack_socket *s, const netmcu_address *interface_ip)
{
  (void)s;
  (void)interface_ip;
  return 0;
}

void fake_datagram_begin(netmcu_t *ctx)
{
  static const netmcu__datagram_operations operations = {
      .socket_size = sizeof(netmcu__stack_socket),
      .request_size = 32,
      .open = open_socket,
      .bind = bind_socket,
      .start_receiving = start_receiving,
      .stop_receiving = stop_receiving,
      .send = send_datagrams,
      .send_later = send_later,
      .close = close_socket,
      .ttl = ttl,
      .set_membership = set_membership,
      .set_multicast_interface = set_multicast_interface,
  };
  netmcu__stack_of(ctx)->datagrams = &operations;
  first = NULL;
  room = UINT_MAX;
  next_port = 0;
  memset(failures, 0, sizeof failures);
}

void fake_datagram_fail(enum fake_datagram_operation operation, int error)
{
  failures[operation] = error;
}

/* A socket may close in the event. */
static netmcu__stack_socket *find_waiting(void)
{
  netmcu__stack_socket *s = first;
  while (s && s->waiting == 0)
    s = s->next;
  return s;
}

void fake_datagram_set_room(unsigned count)
{
  netmcu__stack_socket *s;
  for (room = count; room > 0 && (s = find_waiting()) != NULL; room--) {
    put_out(&s->datagrams[0]);
    finish_request(s);
  }
}

void fake_datagram_receive(const netmcu_address *from, const char *data)
{
  netmcu__stack_socket *s = first;
  assert_non_null(s);
  for (; *data && s == first && s->is_receiving; data++)
    s->group->events->received(s, data, 1, from, true);
  if (s == first && s->is_receiving)
    s->group->events->batch_ended(s);
}

unsigned fake_datagram_sockets(void)
{
  unsigned count = 0;
  for (const netmcu__stack_socket *s = first; s; s = s->next)
    count++;
  return count;
}

unsigned fake_datagram_memberships(void)
{
  unsigned count = 0;
  for (const netmcu__stack_socket *s = first; s; s = s->next)
    count += s->memberships;
  return count;
}
