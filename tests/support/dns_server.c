/* A scripted DNS server; see dns_server.h. RFC 1035, section 4, describes the formats. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dns_answer.h"
#include "dns_server.h"
#include "loop.h"

#define NAMES 64
#define LATER 16

/* An answer that is sent later. */
typedef struct later {
  double due; /* 0: free */
  struct sockaddr_in to;
  dns_message answer;
} later;

struct dns_server {
  pthread_t thread;
  pthread_mutex_t mutex; /* protects the counts */
  int udp, tcp, wake[2]; /* tcp: -1 if it refuses TCP */
  char text[32];
  later waiting[LATER];
  bool silent;
  unsigned all, over_tcp, not_for_a;
  struct {
    char name[DNS_NAME_SIZE];
    unsigned queries;
  } names[NAMES];
};

/* ---- UDP ------------------------------------------------------------------------------------- */

static void transmit(dns_server *s, const dns_message *m, const struct sockaddr_in *to)
{
  sendto(s->udp, m->bytes, m->size, 0, (const struct sockaddr *)to, sizeof *to);
}

static void transmit_later(dns_server *s, const dns_message *m, const struct sockaddr_in *to, unsigned delay)
{
  for (int i = 0; i < LATER; i++)
    if (s->waiting[i].due == 0) {
      s->waiting[i].due = loop_milliseconds() + delay;
      s->waiting[i].to = *to;
      s->waiting[i].answer = *m;
      return;
    }
}

static void transmit_due(dns_server *s)
{
  for (int i = 0; i < LATER; i++)
    if (s->waiting[i].due != 0 && s->waiting[i].due <= loop_milliseconds()) {
      transmit(s, &s->waiting[i].answer, &s->waiting[i].to);
      s->waiting[i].due = 0;
    }
}

static void transmit_a(dns_server *s, const dns_query *q, const struct sockaddr_in *to, bool right_id)
{
  dns_message m;
  /* The wrong answer has another address, so a test notices if a resolver believes it. */
  dns_answer_a(&m, q, right_id ? 1 : 66);
  if (!right_id)
    m.bytes[0] ^= 0x55;
  transmit(s, &m, to);
}

/* forged.test: as somebody would answer who has guessed the id and the port of the query, but cannot
 * send in the server's name. */
static void respond_from_elsewhere(dns_server *s, const dns_query *q, const struct sockaddr_in *to)
{
  dns_message m;
  int own = s->udp;
  dns_answer_a(&m, q, 66);
  s->udp = socket(AF_INET, SOCK_DGRAM, 0);
  transmit(s, &m, to);
  close(s->udp);
  s->udp = own;
}

/* NAMEa.test: the answer of NAME.test, which is malformed, and then the right one. */
static bool respond_twice(dns_server *s, const dns_query *q, const struct sockaddr_in *to)
{
  static const char *const malformed[] = {"short", "pointer", "length", "other"};
  for (size_t i = 0; i < sizeof malformed / sizeof *malformed; i++) {
    size_t length = strlen(malformed[i]);
    if (strncmp(q->name, malformed[i], length) != 0 || strcmp(q->name + length, "a.test") != 0)
      continue;
    dns_query first = *q;
    dns_message m;
    snprintf(first.name, sizeof first.name, "%s.test", malformed[i]);
    dns_answer(&m, &first);
    transmit(s, &m, to);
    transmit_a(s, q, to, true);
    return true;
  }
  return false;
}

static void respond(dns_server *s, const dns_query *q, const struct sockaddr_in *to)
{
  dns_message m = {.size = 40};
  memset(m.bytes, 0xFF, m.size);
  bool garbage = strncmp(q->name, "garbage", 7) == 0;
  bool wrong_id = strncmp(q->name, "wrongid", 7) == 0;
  bool forged = dns_query_is(q, "forged");
  pthread_mutex_lock(&s->mutex);
  bool silent = s->silent;
  pthread_mutex_unlock(&s->mutex);
  if (silent || dns_query_is(q, "silent") || (dns_query_is(q, "half") && q->type == DNS_TYPE_A) ||
      respond_twice(s, q, to))
    return;
  if (garbage)
    transmit(s, &m, to);
  else if (wrong_id)
    transmit_a(s, q, to, false);
  else if (forged)
    respond_from_elsewhere(s, q, to);
  if (forged || dns_query_is(q, "garbagea") || dns_query_is(q, "wrongida"))
    transmit_a(s, q, to, true);
  if (garbage || wrong_id || forged)
    return;
  dns_answer(&m, q);
  if (strncmp(q->name, "late", 4) != 0)
    transmit(s, &m, to);
  else {
    dns_answer_a(&m, q, 1);
    transmit_later(s, &m, to, (unsigned)strtoul(q->name + 4, NULL, 10));
  }
}

/* ---- reading a query ------------------------------------------------------------------------- */

static bool parse_name(dns_query *q, const uint8_t *bytes, size_t size, size_t *at)
{
  size_t length = 0;
  while (*at < size && bytes[*at]) {
    size_t label = bytes[(*at)++];
    if (label > 63 || *at + label > size || length + label + 2 > DNS_NAME_SIZE)
      return false;
    if (length)
      q->name[length++] = '.';
    for (size_t i = 0; i < label; i++) {
      /* Resolvers may mix upper and lower case to guard against forged answers (0x20). */
      uint8_t c = bytes[*at + i];
      q->name[length++] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
    }
    *at += label;
  }
  q->name[length] = 0;
  return (*at)++ < size;
}

static void count(dns_server *s, const dns_query *q)
{
  pthread_mutex_lock(&s->mutex);
  s->all++;
  s->over_tcp += q->tcp;
  s->not_for_a += q->type != DNS_TYPE_A;
  for (int i = 0; i < NAMES; i++) {
    if (!s->names[i].name[0])
      memcpy(s->names[i].name, q->name, DNS_NAME_SIZE);
    if (strcmp(s->names[i].name, q->name) == 0) {
      s->names[i].queries++;
      break;
    }
  }
  pthread_mutex_unlock(&s->mutex);
}

static bool parse(dns_server *s, dns_query *q, const uint8_t *bytes, size_t size, bool tcp)
{
  size_t at = 12;
  *q = (dns_query){.bytes = bytes, .tcp = tcp};
  if (size < 17 || !parse_name(q, bytes, size, &at) || at + 4 > size)
    return false;
  q->type = (unsigned)bytes[at] << 8 | bytes[at + 1];
  q->size = at + 4;
  count(s, q);
  return true;
}

static void serve_udp(dns_server *s)
{
  uint8_t bytes[DNS_MESSAGE];
  struct sockaddr_in from;
  socklen_t from_size = sizeof from;
  dns_query q;
  ssize_t got = recvfrom(s->udp, bytes, sizeof bytes, 0, (struct sockaddr *)&from, &from_size);
  if (got > 0 && parse(s, &q, bytes, (size_t)got, false))
    respond(s, &q, &from);
}

static bool read_all(int fd, uint8_t *to, size_t size)
{
  while (size > 0) {
    ssize_t got = recv(fd, to, size, 0);
    if (got <= 0)
      return false;
    to += got;
    size -= (size_t)got;
  }
  return true;
}

/* A test needs no more than one connection at a time. */
static void serve_tcp(dns_server *s)
{
  uint8_t length[2], bytes[DNS_MESSAGE];
  dns_query q;
  int fd = accept(s->tcp, NULL, NULL);
  while (fd >= 0 && read_all(fd, length, 2)) {
    size_t size = (size_t)length[0] << 8 | length[1];
    if (size > sizeof bytes || !read_all(fd, bytes, size) || !parse(s, &q, bytes, size, true))
      break;
    dns_message m, framed = {.size = 0};
    if (dns_query_is(&q, "stuck"))
      continue;
    dns_answer(&m, &q);
    dns_put16(&framed, (unsigned)m.size);
    for (size_t i = 0; i < m.size; i++)
      dns_put8(&framed, m.bytes[i]);
    send(fd, framed.bytes, framed.size, 0);
    shutdown(fd, SHUT_WR);
  }
  if (fd >= 0)
    close(fd);
}

/* ---- the thread ------------------------------------------------------------------------------ */

static void *run(void *data)
{
  dns_server *s = data;
  struct pollfd fds[3] = {
      {.fd = s->udp, .events = POLLIN}, {.fd = s->tcp, .events = POLLIN}, {.fd = s->wake[0], .events = POLLIN}};
  for (;;) {
    if (poll(fds, 3, 5) < 0 && errno != EINTR)
      return NULL;
    if (fds[2].revents)
      return NULL;
    if (fds[0].revents & POLLIN)
      serve_udp(s);
    if (fds[1].revents & POLLIN)
      serve_tcp(s);
    transmit_due(s);
  }
}

/* Finds a port that is free for both protocols. */
static bool bind_both(dns_server *s)
{
  struct sockaddr_in address = {.sin_family = AF_INET};
  socklen_t size = sizeof address;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  s->tcp = socket(AF_INET, SOCK_STREAM, 0);
  s->udp = socket(AF_INET, SOCK_DGRAM, 0);
  if (bind(s->tcp, (struct sockaddr *)&address, size) == 0 && listen(s->tcp, 16) == 0 &&
      getsockname(s->tcp, (struct sockaddr *)&address, &size) == 0 &&
      bind(s->udp, (struct sockaddr *)&address, size) == 0) {
    snprintf(s->text, sizeof s->text, "127.0.0.1:%d", ntohs(address.sin_port));
    return true;
  }
  close(s->tcp);
  close(s->udp);
  return false;
}

static void start_thread(dns_server *s)
{
  assert_int_equal(pipe(s->wake), 0);
  assert_int_equal(pthread_create(&s->thread, NULL, run, s), 0);
}

static void stop_thread(dns_server *s)
{
  close(s->wake[1]);
  pthread_join(s->thread, NULL);
  close(s->wake[0]);
}

dns_server *dns_server_start(void)
{
  dns_server *s = calloc(1, sizeof *s);
  int tries = 20;
  assert_non_null(s);
  while (!bind_both(s))
    assert_true(--tries > 0);
  pthread_mutex_init(&s->mutex, NULL);
  start_thread(s);
  return s;
}

void dns_server_stop(dns_server *s)
{
  stop_thread(s);
  close(s->udp);
  if (s->tcp >= 0)
    close(s->tcp);
  pthread_mutex_destroy(&s->mutex);
  free(s);
}

void dns_server_fall_silent(dns_server *s)
{
  pthread_mutex_lock(&s->mutex);
  s->silent = true;
  pthread_mutex_unlock(&s->mutex);
}

void dns_server_refuse_tcp(dns_server *s)
{
  stop_thread(s);
  close(s->tcp);
  s->tcp = -1;
  start_thread(s);
}

const char *dns_server_text(const dns_server *s)
{
  return s->text;
}

void dns_server_use(const dns_server *s, netmcu_t *ctx)
{
  assert_int_equal(netmcu_dns_set_server(ctx, 0, s->text), 0);
  assert_int_equal(netmcu_dns_set_server(ctx, 1, s->text), 0);
}

unsigned dns_server_queries(dns_server *s, const char *name)
{
  pthread_mutex_lock(&s->mutex);
  unsigned queries = name ? 0 : s->all;
  for (int i = 0; name && i < NAMES; i++)
    if (strcmp(s->names[i].name, name) == 0)
      queries = s->names[i].queries;
  pthread_mutex_unlock(&s->mutex);
  return queries;
}

unsigned dns_server_queries_over_tcp(dns_server *s)
{
  pthread_mutex_lock(&s->mutex);
  unsigned queries = s->over_tcp;
  pthread_mutex_unlock(&s->mutex);
  return queries;
}

unsigned dns_server_queries_not_for_a(dns_server *s)
{
  pthread_mutex_lock(&s->mutex);
  unsigned queries = s->not_for_a;
  pthread_mutex_unlock(&s->mutex);
  return queries;
}
