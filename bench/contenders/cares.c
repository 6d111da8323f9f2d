/* Bare c-ares in a poll loop of its own: 100 queries outstanding, a new one for each answer.
 *
 *   bench_cares dns PORT         ares_query, the answer parsed: the limit
 *   bench_cares hosts dns PORT   ares_gethostbyname, which first looks into the hosts file
 *   bench_cares both dns PORT    ares_getaddrinfo, which does so too, and asks for IPv4 and IPv6 */
#define _GNU_SOURCE
#include "server.h"

#include <ares.h>
#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#define OUTSTANDING 100
#define SERVER      "127.0.0.2"

static ares_channel channel;
static int with_hosts, asks_both, epoll_fd;
static unsigned asked, owed = OUTSTANDING;

static void answered(int status)
{
  if (status != ARES_SUCCESS)
    fail("c-ares", ares_strerror(status));
  owed++;
}

static void on_host(void *data, int status, int timeouts, struct hostent *host)
{
  (void)data;
  (void)timeouts;
  (void)host;
  answered(status);
}

static void on_answer(void *data, int status, int timeouts, unsigned char *message, int length)
{
  struct ares_addrttl address;
  int count = 1;

  (void)data;
  (void)timeouts;
  if (status == ARES_SUCCESS)
    status = ares_parse_a_reply(message, length, NULL, &address, &count);
  answered(status);
}

static void on_addresses(void *data, int status, int timeouts, struct ares_addrinfo *addresses)
{
  (void)data;
  (void)timeouts;
  ares_freeaddrinfo(addresses);
  answered(status);
}

static void ask(void)
{
  static const struct ares_addrinfo_hints hints = {.ai_family = AF_UNSPEC};
  char name[32];

  snprintf(name, sizeof name, "n%u.bench.test", asked++);
  if (with_hosts)
    ares_gethostbyname(channel, name, AF_INET, on_host, NULL);
  else if (asks_both)
    ares_getaddrinfo(channel, name, NULL, &hints, on_addresses, NULL);
  else
    ares_query(channel, name, 1 /* IN */, 1 /* A */, on_answer, NULL);
}

static void on_socket(void *data, ares_socket_t fd, int readable, int writable)
{
  struct epoll_event event = {.events = (readable ? EPOLLIN : 0u) | (writable ? EPOLLOUT : 0u), .data.fd = fd};

  (void)data;
  if (event.events == 0)
    epoll_ctl(epoll_fd, EPOLL_CTL_DEL, fd, NULL);
  else if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) != 0)
    epoll_ctl(epoll_fd, EPOLL_CTL_MOD, fd, &event);
}

static void open_channel(uint16_t port)
{
  struct ares_options options = {.sock_state_cb = on_socket};
  char server[32];

  if (ares_library_init(ARES_LIB_INIT_ALL) != ARES_SUCCESS ||
      ares_init_options(&channel, &options, ARES_OPT_SOCK_STATE_CB) != ARES_SUCCESS)
    fail("c-ares", "cannot be initialised");
  snprintf(server, sizeof server, SERVER ":%u", (unsigned)port);
  if (ares_set_servers_ports_csv(channel, server) != ARES_SUCCESS)
    fail("c-ares", "no such server");
}

static void turn(void)
{
  struct epoll_event events[8];
  int count;

  for (; owed > 0; owed--)
    ask();
  count = epoll_wait(epoll_fd, events, 8, 1000);
  if (count == 0)
    ares_process_fd(channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
  for (int i = 0; i < count; i++)
    ares_process_fd(channel, events[i].data.fd,
                    (events[i].events & EPOLLOUT) != 0 ? events[i].data.fd : ARES_SOCKET_BAD);
}

/* The scenario and the port come last, because the load generator appends them. */
int main(int argc, char **argv)
{
  uint16_t port;

  with_hosts = argc > 3 && strcmp(argv[1], "hosts") == 0;
  asks_both = argc > 3 && strcmp(argv[1], "both") == 0;
  read_arguments(argc - with_hosts - asks_both, argv + with_hosts + asks_both, &port);
  epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  open_channel(port);
  for (;;)
    turn();
}
