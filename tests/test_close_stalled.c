/* A server's idle timeout closes a client that a fault has stalled. The client is then gone, and
 * does not keep its context. */
#include "objects.h"
#include "peer.h"

static uv_loop_t loop;

static void note(void *data)
{
  called("%s", (const char *)data);
}

static void keep(netmcu_server *server, netmcu_connection *client)
{
  (void)server;
  netmcu_connection_on(client, &journal_events);
}

static void say_hello(peer *p)
{
  peer_send(p, "hello", 5);
  peer_wait(p);
}

static void test_closed_by_its_idle_timeout(void **state)
{
  (void)state;
  netmcu_address own;
  assert_int_equal(uv_loop_init(&loop), 0);
  netmcu_t *ctx = netmcu_new(&loop, NULL);
  netmcu_server *server = netmcu_server_new(ctx);
  assert_int_equal(netmcu_set_fault(ctx, "stall,after=2"), 0);
  netmcu_server_set_idle_timeout(server, 20);
  assert_int_equal(netmcu_server_listen(server, 0, "127.0.0.1", 0, keep), 0);
  assert_int_equal(netmcu_server_get_address(server, &own), 0);

  forget_calls();
  peer *p = peer_connect(own.port, say_hello, NULL);
  while (!calls("disconnection -8") && !calls("reconnection -8"))
    uv_run(&loop, UV_RUN_ONCE);
  assert_int_equal(netmcu_close(ctx, note, "closed"), 0);
  uv_run(&loop, UV_RUN_DEFAULT); /* returns when no handle is active */
  assert_int_equal(calls("closed"), 1);
  assert_int_equal(uv_loop_close(&loop), 0);
  peer_go(p);
  peer_end(p, NULL);
}

int main(void)
{
  const struct CMUnitTest tests[] = {own_loop(test_closed_by_its_idle_timeout)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
