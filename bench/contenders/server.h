/* What the C contenders share, so that they only differ in their method. */
#ifndef NETMCU_BENCH_SERVER_H
#define NETMCU_BENCH_SERVER_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK   65536 /* bytes in one write of a source */
#define BACKLOG 4096

#define GREETING "220 netmcu bench\r\n"
#define RESPONSE "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 13\r\n\r\nHello, world\n"

typedef enum { ECHO_BACK, SINK, SOURCE, GREET, HTTP, UDP, DNS } scenario_kind;

/* The scenario and the port of the command line. "idle" is an echo server with few messages. */
static inline scenario_kind read_arguments(int argc, char **argv, uint16_t *port)
{
  static const char *const names[] = {"echo", "sink", "source", "greet", "http", "udp", "dns"};

  if (argc >= 3) {
    *port = (uint16_t)atoi(argv[2]);
    if (strcmp(argv[1], "idle") == 0)
      return ECHO_BACK;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
      if (strcmp(argv[1], names[i]) == 0)
        return (scenario_kind)i;
  }
  fprintf(stderr, "usage: %s SCENARIO PORT\n", argv[0]);
  exit(2);
}

static inline _Noreturn void fail(const char *what, const char *why)
{
  fprintf(stderr, "%s: %s\n", what, why);
  exit(1);
}

static inline int ends_request(const char *data, size_t length)
{
  return length >= 4 && memcmp(data + length - 4, "\r\n\r\n", 4) == 0;
}

#endif
