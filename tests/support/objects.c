#include "objects.h"

netmcu_connection *open_connection(netmcu_t *ctx, const netmcu_connection_events *events, uint16_t port)
{
  netmcu_connection *c = netmcu_connection_new(ctx);
  assert_non_null(c);
  netmcu_connection_on(c, events);
  assert_int_equal(netmcu_connection_connect(c, port, "127.0.0.1"), 0);
  return c;
}

netmcu_server *open_server_at(netmcu_t *ctx, const char *ip, netmcu_accept_cb accept, uint16_t *port)
{
  netmcu_address address;
  netmcu_server *server = netmcu_server_new(ctx);
  assert_non_null(server);
  assert_int_equal(netmcu_server_listen(server, 0, ip, 0, accept), 0);
  assert_int_equal(netmcu_server_get_address(server, &address), 0);
  *port = address.port;
  return server;
}

netmcu_server *open_server(netmcu_t *ctx, netmcu_accept_cb accept, uint16_t *port)
{
  return open_server_at(ctx, "127.0.0.1", accept, port);
}

void need_ipv6(netmcu_t *ctx)
{
  netmcu_server *server = netmcu_server_new(ctx);
  int error = netmcu_server_listen(server, 0, "::1", 0, accept_journal);
  netmcu_server_free(server);
  if (error) {
    print_message("this system has no IPv6: %s\n", netmcu_strerror(error));
    loop_end(ctx);
    skip();
  }
}

void accept_journal(netmcu_server *server, netmcu_connection *client)
{
  (void)server;
  called("accept");
  netmcu_connection_on(client, &journal_events);
}
