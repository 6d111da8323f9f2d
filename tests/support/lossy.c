/* A cable that loses, delays and reorders packets; see lossy.h. */
#define _GNU_SOURCE
#include "lossy.h"
#include "loop.h"
#include "namespace.h"

#ifdef __linux__
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define PACKET    1500
#define UNDER_WAY 4000 /* most packets on the way in one direction; more are lost, as in the queue of netem */

typedef struct packet {
  struct packet *next;
  double due;
  size_t size;
  uint8_t bytes[PACKET];
} packet;

typedef struct direction {
  int from, to;
  packet *first; /* in the order of their delivery */
  unsigned count;
} direction;

static struct {
  lossy_kind kind;
  pthread_t thread;
  atomic_bool ending;
  direction directions[2];
  uint32_t random;
  unsigned passed, lost;
} cable;

static unsigned early = LOSSY_EARLY;

void lossy_keep_order(void)
{
  early = 0;
}

/* ---- the kernel's ---------------------------------------------------------------------------- */

static bool spoil(const char *name)
{
  char command[256];
  snprintf(command, sizeof command,
           "command -v tc >/dev/null && tc qdisc add dev %s root netem delay %dms loss %d%% reorder %u%% limit %d "
           "2>/dev/null",
           name, LOSSY_DELAY, LOSSY_LOSS, 100 - early, UNDER_WAY);
  return system(command) == 0;
}

static bool begin_netem(void)
{
  bool spoilt = spoil("left0");
  namespace_there();
  spoilt = spoilt && spoil("left1");
  namespace_here();
  if (!spoilt)
    print_message("no netem: it needs tc and a kernel with CONFIG_NET_SCH_NETEM\n");
  return spoilt;
}

/* ---- our own --------------------------------------------------------------------------------- */

static int open_tun(const char *name, int host)
{
  char command[128];
  struct ifreq request = {.ifr_flags = IFF_TUN | IFF_NO_PI};
  int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  snprintf(request.ifr_name, sizeof request.ifr_name, "%s", name);
  if (fd < 0 || ioctl(fd, TUNSETIFF, &request) != 0) {
    print_message("no TUN device: %s\n", strerror(errno));
    if (fd >= 0)
      close(fd);
    return -1;
  }
  snprintf(command, sizeof command, "ip addr add 10.77.3.%d/24 dev %s && ip link set %s up", host, name, name);
  namespace_run(command);
  return fd;
}

/* Decides the fate of a packet, in the same way in each run. */
static unsigned percent(void)
{
  cable.random = cable.random * 1664525u + 1013904223u;
  return (cable.random >> 16) % 100;
}

static void insert(direction *d, packet *p)
{
  packet **place = &d->first;
  while (*place && (*place)->due <= p->due)
    place = &(*place)->next;
  p->next = *place;
  *place = p;
  d->count++;
}

static void take(direction *d)
{
  packet *p = malloc(sizeof *p);
  ssize_t got;
  while (p && (got = read(d->from, p->bytes, PACKET)) > 0) {
    if (d->count >= UNDER_WAY || percent() < LOSSY_LOSS) {
      cable.lost++;
      continue;
    }
    p->size = (size_t)got;
    p->due = loop_milliseconds() + (percent() < early ? LOSSY_DELAY / 2 : LOSSY_DELAY);
    insert(d, p);
    p = malloc(sizeof *p);
  }
  free(p);
}

static void drop_first(direction *d)
{
  packet *p = d->first;
  d->first = p->next;
  d->count--;
  free(p);
}

static void deliver(direction *d)
{
  double now = loop_milliseconds();
  while (d->first && d->first->due <= now) {
    if (write(d->to, d->first->bytes, d->first->size) < 0)
      cable.lost++;
    else
      cable.passed++;
    drop_first(d);
  }
}

static void *carry(void *data)
{
  (void)data;
  while (!atomic_load(&cable.ending)) {
    struct pollfd fds[2] = {{.fd = cable.directions[0].from, .events = POLLIN},
                            {.fd = cable.directions[1].from, .events = POLLIN}};
    poll(fds, 2, 1);
    for (int i = 0; i < 2; i++) {
      take(&cable.directions[i]);
      deliver(&cable.directions[i]);
    }
  }
  return NULL;
}

static bool begin_thread(void)
{
  int near = open_tun("bad0", 1);
  namespace_there();
  int far = near < 0 ? -1 : open_tun("bad1", 2);
  namespace_here();
  if (far < 0) {
    if (near >= 0)
      close(near);
    return false;
  }
  cable.directions[0] = (direction){.from = near, .to = far};
  cable.directions[1] = (direction){.from = far, .to = near};
  cable.random = 1;
  cable.passed = cable.lost = 0;
  atomic_store(&cable.ending, false);
  assert_int_equal(pthread_create(&cable.thread, NULL, carry, NULL), 0);
  return true;
}

static void end_thread(void)
{
  atomic_store(&cable.ending, true);
  pthread_join(cable.thread, NULL);
  print_message("%u packets passed, %u were lost\n", cable.passed, cable.lost);
  for (int i = 0; i < 2; i++) {
    while (cable.directions[i].first)
      drop_first(&cable.directions[i]);
    close(cable.directions[i].from);
  }
}

/* ---- either ---------------------------------------------------------------------------------- */

bool lossy_begin(lossy_kind kind)
{
  if (!namespaces_begin())
    return false;
  cable.kind = kind;
  bool begun = kind == LOSSY_NETEM ? begin_netem() : begin_thread();
  if (!begun)
    namespaces_end();
  return begun;
}

void lossy_end(void)
{
  if (cable.kind == LOSSY_THREAD)
    end_thread();
  namespaces_end();
}

const char *lossy_host(void)
{
  return cable.kind == LOSSY_NETEM ? "10.77.1.2" : "10.77.3.2";
}
#else
bool lossy_begin(lossy_kind kind)
{
  (void)kind;
  print_message("no bad cable: this is not Linux\n");
  return false;
}

void lossy_end(void)
{
}

void lossy_keep_order(void)
{
}

const char *lossy_host(void)
{
  return "";
}
#endif
