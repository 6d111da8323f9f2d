/* netmcu on the loop of a program that has other things to do: own_loop [port [seconds]].
 *
 * This libuv program has its own timer, which counts tenths of a second. netmcu serves the count to
 * TCP clients, and leaves the loop when the time is over. The program then continues, to print a
 * last line. */
#include <netmcu.h>
#include <stdio.h>
#include <stdlib.h>
#include <uv.h>

static unsigned ticks, last_tick;
static netmcu_t *ctx;

static void on_netmcu_closed(void *data)
{
  uv_timer_t *timer = data;

  printf("netmcu has left the loop\n");
  uv_close((uv_handle_t *)timer, NULL);
}

static void on_tick(uv_timer_t *timer)
{
  if (++ticks == last_tick)
    netmcu_close(ctx, on_netmcu_closed, timer);
}

static void on_accept(netmcu_server *server, netmcu_connection *client)
{
  char text[32];
  int size = snprintf(text, sizeof(text), "tick %u\n", ticks);

  (void)server;
  netmcu_connection_send(client, text, (size_t)size);
  netmcu_connection_free(client); /* the output is still delivered */
}

static int serve(uv_loop_t *loop, uint16_t port)
{
  netmcu_address address;

  ctx = netmcu_new(loop, NULL);
  netmcu_server *server = ctx ? netmcu_server_new(ctx) : NULL;
  int error = server ? netmcu_server_listen(server, port, NULL, 0, on_accept) : NETMCU_ENOMEM;
  if (error)
    return error;
  netmcu_server_get_address(server, &address);
  printf("ticks on port %d\n", address.port);
  fflush(stdout);
  return 0;
}

int main(int argc, char **argv)
{
  uv_loop_t loop;
  uv_timer_t timer;

  last_tick = argc > 2 ? (unsigned)(atof(argv[2]) * 10) : 0;
  uv_loop_init(&loop);
  int error = serve(&loop, (uint16_t)(argc > 1 ? atoi(argv[1]) : 7001));
  if (error) {
    fprintf(stderr, "%s\n", netmcu_strerror(error));
    return EXIT_FAILURE;
  }
  uv_timer_init(&loop, &timer);
  uv_timer_start(&timer, on_tick, 100, 100);
  uv_run(&loop, UV_RUN_DEFAULT);
  printf("the loop %s\n", uv_loop_close(&loop) == 0 ? "is empty" : "still holds something");
  return EXIT_SUCCESS;
}
