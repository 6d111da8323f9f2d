/* Trace events as lines; their data and texts come from the network. The length must be that of the
 * text, cut or not, and JSON must stay valid. */
#include "bytes.h"
#include "netmcu_device.h"

/* Reads a JSON string from its opening quote; returns its end. */
static const char *skip_string(const char *at)
{
  for (at++; *at != '"'; at++) {
    REQUIRE((unsigned char)*at >= ' ' && (unsigned char)*at < 0x7f);
    if (*at != '\\')
      continue;
    at++;
    REQUIRE(strchr("\"\\nrtu", *at));
    if (*at == 'u')
      REQUIRE(strspn(at + 1, "0123456789abcdef") >= 4);
  }
  return at + 1;
}

/* Reads one flat object with strings or numbers as values. */
static void check_json(const char *at)
{
  REQUIRE(*at == '{');
  do {
    at++;
    REQUIRE(*at == '"');
    at = skip_string(at);
    REQUIRE(*at == ':');
    at++;
    if (*at == '"')
      at = skip_string(at);
    else
      at += strspn(at, "-0123456789.");
  } while (*at == ',');
  REQUIRE(at[0] == '}' && at[1] == '\0');
}

static void check_format(const netmcu_trace_event *event, unsigned flags, size_t room)
{
  char *text = malloc(room + 1), *whole;
  size_t length = netmcu_trace_format(event, flags, text, room);

  REQUIRE(room == 0 || strlen(text) == (length < room ? length : room - 1));
  whole = malloc(length + 1);
  REQUIRE(netmcu_trace_format(event, flags, whole, length + 1) == length && strlen(whole) == length);
  REQUIRE(room == 0 || strncmp(whole, text, strlen(text)) == 0);
  if ((flags & NETMCU_TRACE_JSON) != 0)
    check_json(whole);
  free(whole);
  free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  netmcu_address peer = {.ip = {10, 0, 0, 7}, .port = 80};

  if (size < 8)
    return 0;
  char *text = text_of(data + 8, size - 8);
  netmcu_trace_event event = {.time = (uint64_t)data[0] << data[1] % 56,
                              .object = "net.socket",
                              .number = data[2],
                              .direction = "<>"[data[3] & 1],
                              .what = data[3] & 2 ? "receive" : "fault",
                              .peer = data[3] & 4 ? &peer : NULL,
                              .name = data[3] & 8 ? text : NULL,
                              .detail = data[3] & 16 ? text : NULL,
                              .error = data[3] & 32 ? -(int)data[4] : 0,
                              .data = data[3] & 64 ? text : NULL,
                              .size = data[3] & 64 ? size - 8 : 0};
  peer.port = data[5];
  check_format(&event, data[6] & 7, data[7]);
  free(text);
  return 0;
}
