/* Answers to a batch of datagrams, handed to the system with one call. */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>

#include "udp/udp.h"

#if NETMCU__UDP_GATHERS

/* No batch has more datagrams (input.c), and 64 KiB hold the largest. */
#define MOST       20
#define SPACE_SIZE (64 * 1024)

struct netmcu__gather {
  struct mmsghdr messages[MOST];
  struct iovec parts[MOST];
  struct sockaddr_in addresses[MOST];
  unsigned count;
  size_t used;
  char space[SPACE_SIZE];
};

netmcu__gather *netmcu__gather_new(netmcu_t *ctx)
{
  netmcu__gather *g = netmcu__allocate(ctx, sizeof(*g));

  for (unsigned i = 0; g && i < MOST; i++) {
    struct msghdr *header = &g->messages[i].msg_hdr;
    header->msg_name = &g->addresses[i];
    header->msg_namelen = sizeof(g->addresses[i]);
    header->msg_iov = &g->parts[i];
    header->msg_iovlen = 1;
  }
  return g;
}

bool netmcu__gather_add(netmcu__gather *g, const struct sockaddr_in *to, const void *data, size_t size)
{
  if (g->count == MOST || size > SPACE_SIZE - g->used)
    return false;
  struct iovec *part = &g->parts[g->count];
  part->iov_base = g->space + g->used;
  part->iov_len = size;
  if (size)
    memcpy(part->iov_base, data, size);
  g->addresses[g->count++] = *to;
  g->used += size;
  return true;
}

unsigned netmcu__gather_count(const netmcu__gather *g)
{
  return g->count;
}

void netmcu__gather_get(const netmcu__gather *g, unsigned index, netmcu__gathered *datagram)
{
  datagram->to = g->addresses[index];
  datagram->data = g->parts[index].iov_base;
  datagram->size = g->parts[index].iov_len;
}

static bool must_wait(int error)
{
  return error == EAGAIN || error == EWOULDBLOCK || error == ENOBUFS;
}

/* One that the network refuses is lost, as datagrams may be; those behind it are not. */
unsigned netmcu__gather_send(netmcu__gather *g, int fd)
{
  unsigned done = 0;

  while (done < g->count) {
    int taken = sendmmsg(fd, g->messages + done, g->count - done, 0);
    if (taken > 0)
      done += (unsigned)taken;
    else if (must_wait(errno))
      return done;
    else if (errno != EINTR)
      done++;
  }
  return done;
}

void netmcu__gather_clear(netmcu__gather *g)
{
  g->count = 0;
  g->used = 0;
}

#endif
