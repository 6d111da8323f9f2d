/* A chat for telnet or nc: chat_server [port]. The others read what one client writes, line by
 * line. */
#include <netmcu.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIMIT (64 * 1024) /* most bytes that may wait for a client that does not read */

typedef struct user {
  struct user *next;
  netmcu_connection *connection;
  int number;
  size_t used;
  char line[512];
} user;

static user *users;

static void forget(user *leaving)
{
  user **link = &users;

  while (*link != leaving)
    link = &(*link)->next;
  *link = leaving->next;
  netmcu_connection_free(leaving->connection); /* also closes it; its output is still delivered */
  free(leaving);
}

static void tell_others(const user *sender, const char *what)
{
  char text[640];
  int size = snprintf(text, sizeof(text), "%d: %s\r\n", sender->number, what);

  fputs(text, stdout);
  for (user *u = users, *next; u; u = next) {
    next = u->next;
    if (u != sender)
      netmcu_connection_send(u->connection, text, (size_t)size);
    if (netmcu_connection_get_pending(u->connection) > LIMIT)
      forget(u);
  }
}

static void on_receive(netmcu_connection *c, const char *data, size_t size)
{
  user *u = netmcu_connection_get_data(c);

  for (; size > 0; data++, size--) {
    if (*data != '\n' && *data != '\r' && u->used < sizeof(u->line) - 1) {
      u->line[u->used++] = *data;
    } else if (u->used > 0) {
      u->line[u->used] = '\0';
      u->used = 0;
      tell_others(u, u->line);
    }
  }
}

static void on_disconnection(netmcu_connection *c, int error)
{
  user *u = netmcu_connection_get_data(c);

  tell_others(u, error ? "(vanished)" : "(left)");
  forget(u);
}

static const netmcu_connection_events events = {.receive = on_receive, .disconnection = on_disconnection};

static void on_accept(netmcu_server *server, netmcu_connection *client)
{
  user *u = calloc(1, sizeof(*u));

  (void)server;
  if (u == NULL) {
    netmcu_connection_free(client);
    return;
  }
  *u = (user){.next = users, .connection = client, .number = users ? users->number + 1 : 1};
  users = u;
  netmcu_connection_set_data(client, u);
  netmcu_connection_on(client, &events);
  tell_others(u, "(came)");
}

int main(int argc, char **argv)
{
  netmcu_t *ctx = netmcu_new(NULL, NULL);
  netmcu_server *server = ctx ? netmcu_server_new(ctx) : NULL;
  netmcu_address address = {.port = (uint16_t)(argc > 1 ? atoi(argv[1]) : 2323)};
  int error = server ? netmcu_server_listen(server, address.port, NULL, 0, on_accept) : NETMCU_ENOMEM;

  if (error)
    return fprintf(stderr, "port %d: %s\n", address.port, netmcu_strerror(error)), EXIT_FAILURE;
  netmcu_server_get_address(server, &address);
  setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
  printf("chat on port %d\n", address.port);
  return netmcu_run(ctx);
}
