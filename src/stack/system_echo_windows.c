/* ICMP echo by Windows' own call, which needs no privilege. The call blocks until the reply
 * arrives, so each request runs in libuv's thread pool, in memory of its own: it may take longer
 * than its user waits. Windows matches replies with requests. */
#include "base/memory.h"
#include "stack/system.h"

#include <iphlpapi.h>
#include <icmpapi.h>
#include <string.h>

typedef struct request request;

struct netmcu__stack_echo {
  netmcu__echo_user *user;
  uv_idle_t end; /* never active: its closing makes `closed` an event */
  request *first;
  bool is_closed;
};

struct request {
  uv_work_t work;
  netmcu__stack_echo *echo;
  request *next;
  netmcu_address to, from;
  uint16_t sequence;
  uint8_t payload[NETMCU__ECHO_PAYLOAD];
  uint8_t reply[sizeof(ICMP_ECHO_REPLY) + NETMCU__ECHO_PAYLOAD + 8]; /* 8 for an ICMP error */
  bool is_answered;
  uint64_t arrived; /* of uv_hrtime */
};

/* Only the functions for IPv4 are used. */
static int open_echo(netmcu__echo_user *user, netmcu__stack_echo *echo, netmcu_family family)
{
  if (family != NETMCU_IPV4)
    return NETMCU_ENOTSUP;
  uv_idle_init(netmcu__system_loop(user->stack), &echo->end);
  netmcu__handle_opened(user->stack->ctx);
  echo->user = user;
  return 0;
}

static void on_close(uv_handle_t *end)
{
  netmcu__stack_echo *echo = netmcu__container(end, netmcu__stack_echo, end);
  netmcu_t *ctx = echo->user->stack->ctx;

  echo->user->events->closed(echo);
  netmcu__handle_closed(ctx);
}

static void end_if_done(netmcu__stack_echo *echo)
{
  if (echo->is_closed && echo->first == NULL)
    uv_close((uv_handle_t *)&echo->end, on_close);
}

/* Requests that already run end by their time-out. */
static void close_echo(netmcu__stack_echo *echo)
{
  echo->is_closed = true;
  for (request *r = echo->first; r; r = r->next)
    uv_cancel((uv_req_t *)&r->work);
  end_if_done(echo);
}

/* Replies arrive without starting, stopping and receiving. */
static void ignore(netmcu__stack_echo *echo)
{
  (void)echo;
}

/* In a thread of the pool. */
static void run_request(uv_work_t *work)
{
  request *r = netmcu__container(work, request, work);
  HANDLE file = IcmpCreateFile();
  IPAddr to;

  if (file == INVALID_HANDLE_VALUE)
    return;
  memcpy(&to, r->to.ip, sizeof(to));
  DWORD count =
      IcmpSendEcho(file, to, r->payload, sizeof(r->payload), NULL, r->reply, sizeof(r->reply), NETMCU__ECHO_TIMEOUT);
  const ICMP_ECHO_REPLY *reply = (const ICMP_ECHO_REPLY *)(const void *)r->reply;
  r->arrived = uv_hrtime();
  r->is_answered = count > 0 && reply->Status == IP_SUCCESS && reply->DataSize == sizeof(r->payload);
  if (r->is_answered) {
    memcpy(r->from.ip, &reply->Address, sizeof(reply->Address));
    memcpy(r->payload, reply->Data, sizeof(r->payload));
  }
  IcmpCloseHandle(file);
}

static void remove_request(netmcu__stack_echo *echo, request *r)
{
  request **place = &echo->first;

  while (*place != r)
    place = &(*place)->next;
  *place = r->next;
}

static void on_request_done(uv_work_t *work, int status)
{
  request *r = netmcu__container(work, request, work);
  netmcu__stack_echo *echo = r->echo;
  netmcu_t *ctx = echo->user->stack->ctx;

  if (status == 0 && r->is_answered && !echo->is_closed)
    echo->user->events->replied(echo, &r->from, r->sequence, r->payload, uv_hrtime() - r->arrived);
  remove_request(echo, r);
  netmcu__release(ctx, r);
  end_if_done(echo);
  netmcu__handle_closed(ctx);
}

static void send_request(netmcu__stack_echo *echo, const netmcu_address *to, uint16_t sequence, const uint8_t *payload)
{
  netmcu_t *ctx = echo->user->stack->ctx;
  request *r = netmcu__allocate(ctx, sizeof(*r));

  if (r == NULL)
    return;
  r->echo = echo;
  r->to = *to;
  r->sequence = sequence;
  memcpy(r->payload, payload, sizeof(r->payload));
  if (uv_queue_work(netmcu__system_loop(echo->user->stack), &r->work, run_request, on_request_done)) {
    netmcu__release(ctx, r);
    return;
  }
  netmcu__handle_opened(ctx);
  r->next = echo->first;
  echo->first = r;
}

const netmcu__echo_operations netmcu__system_echo = {.size = sizeof(netmcu__stack_echo),
                                                     .open = open_echo,
                                                     .start = ignore,
                                                     .stop = ignore,
                                                     .receive = ignore,
                                                     .send = send_request,
                                                     .close = close_echo};
