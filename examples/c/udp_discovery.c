/* Finds programs in the local network by multicast:
 *
 *   udp_discovery NAME     answers the question until you stop it
 *   udp_discovery          asks, prints the answers of one second, and ends */
#include <netmcu.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const netmcu_address group = {.ip = {239, 20, 30, 40}, .port = 5354};
static const char group_ip[] = "239.20.30.40";
static const char question[] = "who is there?";

static void on_question(netmcu_udp *u, const char *data, size_t size, const netmcu_address *from)
{
  const char *name = netmcu_udp_get_data(u);

  if (size == strlen(question) && memcmp(data, question, size) == 0)
    netmcu_udp_send(u, from, name, strlen(name));
}

static const netmcu_udp_events answering = {.receive = on_question};

static int answer(netmcu_t *ctx, netmcu_udp *u, char *name)
{
  int error = netmcu_multicast_join(ctx, NULL, group_ip);

  netmcu_udp_set_data(u, name);
  netmcu_udp_on(u, &answering);
  if (error == 0)
    error = netmcu_udp_listen(u, group.port, group_ip);
  if (error == 0)
    puts("answering");
  fflush(stdout);
  return error;
}

static void on_answer(netmcu_udp *u, const char *data, size_t size, const netmcu_address *from)
{
  char ip[NETMCU_IP_SIZE];

  (void)u;
  printf("%s is %.*s\n", netmcu_ip_format(from, ip), (int)size, data);
}

static const netmcu_udp_events asking = {.receive = on_answer};

static void on_timeout(netmcu_timer *timer, void *data)
{
  (void)timer;
  netmcu_udp_close(data);
}

static int ask(netmcu_t *ctx, netmcu_udp *u)
{
  netmcu_timer *timer = netmcu_timer_new(ctx, on_timeout, u);

  if (timer == NULL)
    return NETMCU_ENOMEM;
  netmcu_udp_on(u, &asking);
  netmcu_timer_start(timer, 1000, 0);
  return netmcu_udp_send(u, &group, question, strlen(question)); /* also binds the socket to a free port */
}

int main(int argc, char **argv)
{
  netmcu_t *ctx = netmcu_new(NULL, NULL);
  netmcu_udp *u = ctx ? netmcu_udp_new(ctx) : NULL;

  if (u == NULL)
    return EXIT_FAILURE;
  int error = argc > 1 ? answer(ctx, u, argv[1]) : ask(ctx, u);
  if (error)
    fprintf(stderr, "%s\n", netmcu_strerror(error));
  else
    netmcu_run(ctx);
  netmcu_close(ctx, NULL, NULL);
  return error ? EXIT_FAILURE : EXIT_SUCCESS;
}
