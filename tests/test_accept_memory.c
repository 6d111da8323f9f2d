/* A client is turned away if there is no memory for it. Other clients are served once memory is
 * available. Until then, the server does not keep the processor busy. */
#include "objects.h"
#include "peer.h"

struct turns {
  uv_check_t check;
  unsigned count;
};

static void count_turn(uv_check_t *check)
{
  ((struct turns *)check->data)->count++;
}

static void turns_begin(struct turns *turns, netmcu_t *ctx)
{
  turns->count = 0;
  turns->check.data = turns;
  uv_check_init(netmcu_get_loop(ctx), &turns->check);
  uv_check_start(&turns->check, count_turn);
  uv_unref((uv_handle_t *)&turns->check);
}

static void turns_end(struct turns *turns, netmcu_t *ctx)
{
  uv_close((uv_handle_t *)&turns->check, NULL);
  loop_turns(ctx, 1);
}

static void later(netmcu_timer *timer, void *data)
{
  (void)timer;
  (void)data;
  called("later");
}

static void accept_and_free(netmcu_server *server, netmcu_connection *client)
{
  (void)server;
  called("accept");
  netmcu_connection_free(client);
}

static void test_turned_away(void **state)
{
  (void)state;
  uint16_t port;
  struct turns turns;
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_server *server = open_server(ctx, accept_and_free, &port);
  netmcu_timer *timer = netmcu_timer_new(ctx, later, NULL);
  peer *first = peer_connect(port, peer_sink, NULL), *second = peer_connect(port, peer_sink, NULL);
  loop_fail_allocation(1, true);
  loop_until(ctx, peer_is_done, first);
  loop_until(ctx, peer_is_done, second);
  turns_begin(&turns, ctx);
  netmcu_timer_start(timer, 50, 0);
  while (calls("later") == 0)
    netmcu_run_once(ctx);
  assert_between(turns.count, 1, 10);
  turns_end(&turns, ctx);
  loop_fail_allocation(0, false);
  peer *third = peer_connect(port, peer_sink, NULL);
  loop_until(ctx, peer_is_done, third);
  expect_calls("accept", 1);
  expect_calls("later", 1);
  peer_end(first, NULL);
  peer_end(second, NULL);
  peer_end(third, NULL);
  netmcu_server_free(server);
  netmcu_timer_free(timer);
  loop_end(ctx);
}

int main(void)
{
  const struct CMUnitTest tests[] = {both_loops(test_turned_away)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
