/* Answers to a batch of datagrams. They are gathered while the batch is handled and go out with one
 * call. The answer to the first datagram goes out at once: one that comes alone does not wait for
 * what its handler does next. */
#include <string.h>

#include "udp/udp_private.h"

#define SPACE_SIZE (64 * 1024) /* room for the largest datagram */

struct netmcu__answers {
  netmcu__datagram datagrams[NETMCU__BATCH];
  unsigned count;
  size_t used;
  char space[SPACE_SIZE];
};

/* Only answers may wait: the sender of another datagram has to know the network's error. */
static bool is_answer(udp_socket *s, const netmcu__datagram *datagram)
{
  const netmcu__udp_sockets *all = sockets_of(s);

  return all->batch == s && s->queued == 0 && netmcu__same_address(&datagram->to, &all->asker);
}

static bool copy_answer(netmcu__answers *a, const netmcu__datagram *datagram)
{
  if (a->count == NETMCU__BATCH || datagram->size > SPACE_SIZE - a->used)
    return false;
  netmcu__datagram *copy = &a->datagrams[a->count++];
  *copy = *datagram;
  copy->data = a->space + a->used;
  if (datagram->size)
    memcpy(a->space + a->used, datagram->data, datagram->size);
  a->used += datagram->size;
  return true;
}

bool netmcu__answers_take(udp_socket *s, const netmcu__datagram *datagram)
{
  netmcu__udp_sockets *all = sockets_of(s);

  if (!is_answer(s, datagram)) {
    netmcu__answers_send(all);
    return false;
  }
  if (all->answers == NULL)
    all->answers = netmcu__allocate(context_of(s), sizeof(*all->answers));
  if (all->answers == NULL)
    return false;
  if (copy_answer(all->answers, datagram))
    return true;
  netmcu__answers_send(all);
  return s->queued == 0 && copy_answer(all->answers, datagram);
}

/* Returns how many datagrams are sent or lost. The network has no room for those from this index
 * on. A datagram that the network refuses is lost, as datagrams may be. */
static unsigned send_what_finds_room(udp_socket *s, const netmcu__answers *a)
{
  unsigned done = 0;

  while (done < a->count) {
    int sent = sockets_of(s)->group.operations->send(stack_socket_of(s), a->datagrams + done, a->count - done);
    if (sent == 0)
      break;
    done += sent > 0 ? (unsigned)sent : 1;
  }
  return done;
}

void netmcu__answers_send(netmcu__udp_sockets *all)
{
  netmcu__answers *a = all->answers;
  udp_socket *s = all->batch;

  if (s == NULL || a == NULL || a->count == 0)
    return;
  unsigned done = send_what_finds_room(s, a);
  for (unsigned i = 0; i < a->count; i++) {
    bool waits = i >= done && netmcu__udp_enqueue(s, &a->datagrams[i]) == 0;
    if (!waits && s->owner)
      netmcu__udp_sent(s->owner);
  }
  a->count = 0;
  a->used = 0;
}

void netmcu__answers_end(netmcu__udp_sockets *all)
{
  netmcu__answers_send(all);
  all->batch = NULL;
  all->handled = 0;
}
