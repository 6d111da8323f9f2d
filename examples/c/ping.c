/* Pings a host and prints the statistics, as ping(8) does: ping host [count]. */
#include <netmcu.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct statistics {
  const char *host;
  unsigned replies;
  double least, most, sum;
} statistics;

static void count_reply(statistics *s, double time)
{
  if (s->replies == 0 || time < s->least)
    s->least = time;
  if (time > s->most)
    s->most = time;
  s->sum += time;
  s->replies++;
}

static void on_reply(void *data, size_t bytes, const netmcu_address *from, unsigned sequence, double milliseconds)
{
  char ip[NETMCU_IP_SIZE];
  statistics *s = data;

  if (from == NULL) {
    printf("%s is not known\n", s->host);
  } else if (bytes == 0) {
    printf("no answer from %s\n", netmcu_ip_format(from, ip));
  } else {
    printf("%zu bytes from %s: icmp_seq=%u time=%.3f ms\n", bytes, netmcu_ip_format(from, ip), sequence, milliseconds);
    count_reply(s, milliseconds);
  }
}

static void on_done(void *data, const netmcu_ping_summary *summary)
{
  const statistics *s = data;
  unsigned received = summary->transmitted - summary->lost;

  printf("\n--- %s ping statistics ---\n", s->host);
  printf("%u packets transmitted, %u received, %u%% packet loss, time %u ms\n", summary->transmitted, received,
         summary->lost * 100 / summary->transmitted, summary->total_time);
  if (s->replies)
    printf("rtt min/avg/max = %.3f/%.3f/%.3f ms\n", s->least, s->sum / s->replies, s->most);
}

static const netmcu_ping_events events = {on_reply, on_done};

int main(int argc, char **argv)
{
  if (argc < 2) {
    fprintf(stderr, "usage: %s host [count]\n", argv[0]);
    return 2;
  }
  statistics s = {.host = argv[1]};
  int count = argc > 2 ? atoi(argv[2]) : 4;
  netmcu_t *ctx = netmcu_new(NULL, NULL);

  if (ctx == NULL)
    return EXIT_FAILURE;
  int error = netmcu_ping(ctx, s.host, count > 0 ? (unsigned)count : 4, &events, &s, NULL);
  if (error)
    fprintf(stderr, "%s: %s\n", s.host, netmcu_strerror(error));
  else
    netmcu_run(ctx);
  netmcu_close(ctx, NULL, NULL);
  return s.replies ? EXIT_SUCCESS : EXIT_FAILURE;
}
