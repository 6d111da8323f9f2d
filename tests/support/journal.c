/* Records the calls of callbacks: how often each occurs, and in which order. */
#include "loop.h"
#include "journal.h"

#define NAMES        256
#define NAME_SIZE    128
#define JOURNAL_SIZE (64 * 1024)

static struct {
  char text[NAME_SIZE];
  unsigned calls, expected;
} names[NAMES];
static unsigned name_count;

static char order[JOURNAL_SIZE];
static size_t order_size;

static unsigned find(const char *text)
{
  unsigned i = 0;
  while (i < name_count && strcmp(names[i].text, text) != 0)
    i++;
  if (i == name_count) {
    if (name_count == NAMES || strlen(text) >= NAME_SIZE)
      fail_msg("no room to count \"%s\"", text);
    strcpy(names[i].text, text);
    names[i].calls = names[i].expected = 0;
    name_count++;
  }
  return i;
}

/* A test with thousands of calls only looks at counts. The order is recorded only as long as it
 * fits. */
static void append(const char *text)
{
  int written = snprintf(order + order_size, JOURNAL_SIZE - order_size, "%s%s", order_size ? ", " : "", text);
  if (written > 0 && (size_t)written < JOURNAL_SIZE - order_size)
    order_size += (size_t)written;
}

void called(const char *format, ...)
{
  char text[NAME_SIZE];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  names[find(text)].calls++;
  append(text);
}

unsigned calls(const char *name)
{
  return names[find(name)].calls;
}

void expect_calls(const char *name, unsigned times)
{
  names[find(name)].expected += times;
}

const char *journal(void)
{
  return order_size ? order : "";
}

void forget_calls(void)
{
  order_size = 0;
  order[0] = 0;
  for (unsigned i = 0; i < name_count; i++)
    names[i].calls = 0;
}

void expect_journal(const char *text)
{
  assert_string_equal(journal(), text);
  forget_calls();
}

void journal_reset(void)
{
  name_count = 0;
  order_size = 0;
  order[0] = 0;
}

void journal_print(FILE *out)
{
  for (unsigned i = 0; i < name_count; i++)
    fprintf(out, "  %s: %u of %u calls\n", names[i].text, names[i].calls, names[i].expected);
}

void journal_verify(void)
{
  bool right = true;
  for (unsigned i = 0; i < name_count; i++)
    right = right && names[i].calls == names[i].expected;
  if (!right) {
    journal_print(stderr);
    fail_msg("calls differ from those expected; they were: %.2000s", journal());
  }
}

const char *loop_ip(const netmcu_address *address)
{
  static char text[NETMCU_IP_SIZE];
  return address ? netmcu_ip_format(address, text) : NULL;
}

void journal_dns(netmcu_connection *c, const netmcu_address *address)
{
  const char *ip = loop_ip(address);
  (void)c;
  called("dns %s", ip ? ip : "nil");
}

void journal_connection(netmcu_connection *c)
{
  (void)c;
  called("connection");
}

void journal_receive(netmcu_connection *c, const char *data, size_t size)
{
  (void)c;
  (void)data;
  called("receive %zu", size);
}

void journal_sent(netmcu_connection *c)
{
  (void)c;
  called("sent");
}

void journal_reconnection(netmcu_connection *c, int error)
{
  (void)c;
  called("reconnection %d", error);
}

void journal_disconnection(netmcu_connection *c, int error)
{
  (void)c;
  called("disconnection %d", error);
}

void journal_lookup(void *data, int error, const netmcu_address *addresses, size_t count)
{
  const char *ip = loop_ip(count > 0 ? addresses : NULL);
  const char *prefix = data;
  called("%slookup %d %s", prefix ? prefix : "", error, ip ? ip : "nil");
}

/* Has no `reconnection`, so errors go to `disconnection`. */
const netmcu_connection_events journal_events = {
    .dns = journal_dns,
    .connection = journal_connection,
    .receive = journal_receive,
    .sent = journal_sent,
    .disconnection = journal_disconnection,
};
