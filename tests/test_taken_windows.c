/* Which connections of Windows' lists have bytes that their peers have not acknowledged: those in
 * each state of TCP that we can bring about, over IPv4 and IPv6. */
#include <sys/socket.h>
#include <unistd.h>
#include <fcntl.h>

#include "clock.h"
#include "loop.h"

#include "stack/system.h"

typedef struct pair {
  netmcu_t *ctx;
  int own, peer;
  netmcu_address own_address, peer_address;
} pair;

static netmcu_address name_of(int fd, int(WINAPI *get)(SOCKET, struct sockaddr *, int *))
{
  netmcu__sockaddr sockaddr;
  int size = sizeof sockaddr;
  assert_int_equal(get((SOCKET)fd, &sockaddr.any, &size), 0);
  return netmcu__address(&sockaddr.any);
}

static int listen_on(const char *ip, netmcu__sockaddr *address)
{
  netmcu_address own;
  int size = sizeof *address, window = 2048;
  assert_int_equal(netmcu_ip_parse(ip, &own), 0);
  own.port = 0;
  *address = netmcu__sockaddr_of(&own);
  int listener = socket(address->any.sa_family, SOCK_STREAM, 0);
  setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &window, sizeof window);
  assert_int_equal(bind(listener, &address->any, size), 0);
  assert_int_equal(listen(listener, 1), 0);
  assert_int_equal(getsockname(listener, &address->any, &size), 0);
  return listener;
}

static pair begin(const char *ip)
{
  netmcu__sockaddr address;
  pair p = {.ctx = loop_begin(NULL)};
  int listener = listen_on(ip, &address);
  clock_stop(p.ctx);
  p.own = socket(address.any.sa_family, SOCK_STREAM, 0);
  assert_int_equal(connect(p.own, &address.any, sizeof address), 0);
  p.peer = accept(listener, NULL, NULL);
  assert_true(p.peer >= 0);
  close(listener);
  p.own_address = name_of(p.own, getsockname);
  p.peer_address = name_of(p.own, getpeername);
  return p;
}

static void end(pair *p)
{
  close(p->own);
  close(p->peer);
  loop_end(p->ctx);
}

static bool is_unacknowledged(pair *p)
{
  return netmcu__system_is_unacknowledged(netmcu__stack_of(p->ctx), &p->own_address, &p->peer_address);
}

/* The watchdog ends the test if the state does not come. */
static void await(pair *p, bool state)
{
  do
    clock_pass(p->ctx, 1);
  while (is_unacknowledged(p) != state);
}

/* Sends until neither system takes any more. */
static void fill(pair *p)
{
  static const char block[65536];
  fcntl(p->own, F_SETFL, O_NONBLOCK);
  while (send(p->own, block, sizeof block, 0) > 0)
    ;
}

static void read_to_end(int fd)
{
  char block[65536];
  while (recv(fd, block, sizeof block, 0) > 0)
    ;
}

static void finish(int fd)
{
  assert_int_equal(shutdown(fd, SHUT_WR), 0);
}

static const char *const loopbacks[] = {"127.0.0.1", "::1"};

/* ESTABLISHED: the FIN may wait behind other output. */
static void test_open(void **state)
{
  (void)state;
  for (size_t i = 0; i < 2; i++) {
    pair p = begin(loopbacks[i]);
    assert_true(is_unacknowledged(&p));
    end(&p);
  }
}

/* FIN-WAIT-1, then FIN-WAIT-2 */
static void test_own_end_is_on_its_way(void **state)
{
  (void)state;
  for (size_t i = 0; i < 2; i++) {
    pair p = begin(loopbacks[i]);
    fill(&p);
    finish(p.own);
    clock_pass(p.ctx, 1);
    assert_true(is_unacknowledged(&p));
    read_to_end(p.peer);
    await(&p, false);
    end(&p);
  }
}

/* CLOSE-WAIT, then LAST-ACK, then CLOSED */
static void test_the_peer_has_ended_first(void **state)
{
  (void)state;
  for (size_t i = 0; i < 2; i++) {
    pair p = begin(loopbacks[i]);
    finish(p.peer);
    read_to_end(p.own);
    clock_pass(p.ctx, 1);
    assert_true(is_unacknowledged(&p));
    fill(&p);
    finish(p.own);
    clock_pass(p.ctx, 1);
    assert_true(is_unacknowledged(&p));
    read_to_end(p.peer);
    await(&p, false);
    end(&p);
  }
}

/* CLOSING, then TIME-WAIT */
static void test_both_ends_are_on_their_way(void **state)
{
  (void)state;
  for (size_t i = 0; i < 2; i++) {
    pair p = begin(loopbacks[i]);
    fill(&p);
    finish(p.own);
    finish(p.peer);
    fcntl(p.own, F_SETFL, 0);
    read_to_end(p.own);
    clock_pass(p.ctx, 1);
    assert_true(is_unacknowledged(&p));
    read_to_end(p.peer);
    await(&p, false);
    end(&p);
  }
}

/* A socket for both families has an IPv4 peer. */
static void test_both_families(void **state)
{
  (void)state;
  pair p = begin("127.0.0.1");
  netmcu_ip_parse("::ffff:127.0.0.1", &p.own_address);
  assert_true(is_unacknowledged(&p));
  p.own_address.port++;
  assert_false(is_unacknowledged(&p));
  end(&p);
}

static void test_one_reading_serves_a_millisecond(void **state)
{
  (void)state;
  pair p = begin("127.0.0.1");
  assert_true(is_unacknowledged(&p));
  finish(p.own);
  read_to_end(p.peer);
  assert_true(is_unacknowledged(&p));
  await(&p, false);
  end(&p);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      own_loop(test_open),
      own_loop(test_own_end_is_on_its_way),
      own_loop(test_the_peer_has_ended_first),
      own_loop(test_both_ends_are_on_their_way),
      own_loop(test_both_families),
      own_loop(test_one_reading_serves_a_millisecond),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
