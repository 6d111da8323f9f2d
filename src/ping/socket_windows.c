/* ICMP echo by Windows' own call, which needs no privilege. It blocks for as long as the reply takes, hence a work of
 * libuv's pool for each request. Identifiers and replies are matched by the system. */
#include "ping/ping.h"

#include <iphlpapi.h>
#include <icmpapi.h>
#include <string.h>

typedef struct request request;

struct netmcu__icmp {
  netmcu_t *ctx;
  netmcu__icmp_cb cb;
  request *first;
  bool closed;
};

struct request {
  uv_work_t work;
  netmcu__icmp *icmp;
  request *next;
  netmcu_address to, from;
  uint16_t sequence;
  uint8_t payload[NETMCU__PING_PAYLOAD];
  uint8_t reply[sizeof(ICMP_ECHO_REPLY) + NETMCU__PING_PAYLOAD + 8]; /* room for an ICMP error, as documented */
  bool answered;
  uint64_t arrived; /* of uv_hrtime */
};

int netmcu__icmp_open(netmcu_t *ctx, netmcu__icmp_cb cb, netmcu__icmp **opened)
{
  netmcu__icmp *icmp = netmcu__allocate(ctx, sizeof(*icmp));

  if (icmp == NULL)
    return NETMCU_ENOMEM;
  icmp->ctx = ctx;
  icmp->cb = cb;
  *opened = icmp;
  return 0;
}

static void release_if_done(netmcu__icmp *icmp)
{
  if (icmp->closed && icmp->first == NULL)
    netmcu__release(icmp->ctx, icmp);
}

/* The requests that run end by their time-out: the context waits for them. */
void netmcu__icmp_close(netmcu__icmp *icmp)
{
  icmp->closed = true;
  for (request *r = icmp->first; r; r = r->next)
    uv_cancel((uv_req_t *)&r->work);
  release_if_done(icmp);
}

void netmcu__icmp_start(netmcu__icmp *icmp)
{
  (void)icmp;
}

void netmcu__icmp_stop(netmcu__icmp *icmp)
{
  (void)icmp;
}

void netmcu__icmp_receive(netmcu__icmp *icmp)
{
  (void)icmp;
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
      IcmpSendEcho(file, to, r->payload, sizeof(r->payload), NULL, r->reply, sizeof(r->reply), NETMCU__PING_TIMEOUT);
  const ICMP_ECHO_REPLY *reply = (const ICMP_ECHO_REPLY *)(const void *)r->reply;
  r->arrived = uv_hrtime();
  r->answered = count > 0 && reply->Status == IP_SUCCESS && reply->DataSize == sizeof(r->payload);
  if (r->answered) {
    memcpy(r->from.ip, &reply->Address, sizeof(r->from.ip));
    memcpy(r->payload, reply->Data, sizeof(r->payload));
  }
  IcmpCloseHandle(file);
}

static void remove_request(netmcu__icmp *icmp, request *r)
{
  request **place = &icmp->first;

  while (*place != r)
    place = &(*place)->next;
  *place = r->next;
}

static void request_done(uv_work_t *work, int status)
{
  request *r = netmcu__container(work, request, work);
  netmcu__icmp *icmp = r->icmp;
  netmcu_t *ctx = icmp->ctx;
  netmcu__echo reply = {.sequence = r->sequence, .payload = r->payload};

  if (status == 0 && r->answered && !icmp->closed)
    icmp->cb(ctx, &r->from, &reply, uv_hrtime() - r->arrived);
  remove_request(icmp, r);
  netmcu__release(ctx, r);
  release_if_done(icmp);
  netmcu__handle_closed(ctx);
}

void netmcu__icmp_send(netmcu__icmp *icmp, const netmcu_address *to, uint16_t sequence,
                       const uint8_t payload[NETMCU__PING_PAYLOAD])
{
  request *r = netmcu__allocate(icmp->ctx, sizeof(*r));

  if (r == NULL)
    return;
  r->icmp = icmp;
  r->to = *to;
  r->sequence = sequence;
  memcpy(r->payload, payload, sizeof(r->payload));
  if (uv_queue_work(netmcu_loop(icmp->ctx), &r->work, run_request, request_done)) {
    netmcu__release(icmp->ctx, r);
    return;
  }
  netmcu__handle_opened(icmp->ctx);
  r->next = icmp->first;
  icmp->first = r;
}
