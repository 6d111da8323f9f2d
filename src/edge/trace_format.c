/* A trace event as a line: for people, or as JSON. Pure: from an event to text. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "netmcu_device.h"
#include "base/address.h"

#define PREVIEW_SIZE 48

/* Counts what does not fit without writing it, as snprintf does. */
typedef struct writer {
  char *text;
  size_t size, length;
} writer;

static void put(writer *w, char c)
{
  if (w->length + 1 < w->size)
    w->text[w->length] = c;
  w->length++;
}

static void put_text(writer *w, const char *text)
{
  while (*text)
    put(w, *text++);
}

#if defined(__MINGW_PRINTF_FORMAT)
__attribute__((format(__MINGW_PRINTF_FORMAT, 2, 3)))
#elif defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
static void
put_format(writer *w, const char *format, ...)
{
  char text[96];
  va_list arguments;

  va_start(arguments, format);
  vsnprintf(text, sizeof(text), format, arguments);
  va_end(arguments);
  put_text(w, text);
}

static void pad_to(writer *w, size_t column)
{
  do
    put(w, ' ');
  while (w->length < column);
}

static void put_hex(writer *w, unsigned char byte)
{
  static const char digits[] = "0123456789abcdef";

  put(w, digits[byte >> 4]);
  put(w, digits[byte & 15]);
}

static bool put_escape(writer *w, unsigned char byte)
{
  static const char plain[] = "\"\\\n\r\t", letters[] = "\"\\nrt";
  const char *found = byte ? strchr(plain, byte) : NULL;

  if (found) {
    put(w, '\\');
    put(w, letters[found - plain]);
  }
  return found != NULL;
}

static bool is_printable(unsigned char byte)
{
  return byte >= ' ' && byte < 0x7f;
}

static void put_address(writer *w, const netmcu_address *address)
{
  char text[NETMCU_ADDRESS_SIZE];

  put_text(w, address->port ? netmcu_address_format(address, text) : netmcu_ip_format(address, text));
}

/* Does not format floating-point numbers: their point is a comma in some locales. */
static void put_time(writer *w, const netmcu_trace_event *event, int width)
{
  uint64_t microseconds = event->time / 1000;

  put_format(w, "%*llu.%06llu", width, (unsigned long long)(microseconds / 1000000),
             (unsigned long long)(microseconds % 1000000));
}

static const char *direction_name(char direction)
{
  return direction == '<' ? "in" : direction == '>' ? "out" : "local";
}

/* ---- for people ------------------------------------------------------------------------------ */

#define DIM   "\033[2m"
#define RED   "\033[31m"
#define GREEN "\033[32m"
#define CYAN  "\033[36m"
#define PLAIN "\033[0m"

static void put_preview(writer *w, const netmcu_trace_event *event)
{
  const unsigned char *bytes = event->data;
  size_t shown = event->size < PREVIEW_SIZE ? event->size : PREVIEW_SIZE;

  put(w, '"');
  for (size_t i = 0; i < shown; i++) {
    if (put_escape(w, bytes[i]))
      continue;
    if (is_printable(bytes[i])) {
      put(w, (char)bytes[i]);
    } else {
      put_text(w, "\\x");
      put_hex(w, bytes[i]);
    }
  }
  put_text(w, shown < event->size ? "\"..." : "\"");
}

/* Sixteen bytes a line, as hexdump -C has them. */
static void put_dump(writer *w, const unsigned char *bytes, size_t size)
{
  for (size_t row = 0; row < size; row += 16) {
    size_t count = size - row < 16 ? size - row : 16;
    put_format(w, "\n    %06zx ", row);
    for (size_t i = 0; i < 16; i++) {
      put(w, ' ');
      if (i < count)
        put_hex(w, bytes[row + i]);
      else
        put_text(w, "  ");
    }
    put_text(w, "  |");
    for (size_t i = 0; i < count; i++)
      put(w, is_printable(bytes[row + i]) ? (char)bytes[row + i] : '.');
    put(w, '|');
  }
}

static const char *colour_of(const netmcu_trace_event *event)
{
  if (event->error || strcmp(event->what, "fault") == 0)
    return RED;
  return event->direction == '<' ? GREEN : event->direction == '>' ? CYAN : "";
}

static void put_peer(writer *w, const netmcu_trace_event *event)
{
  for (const char *c = event->name ? event->name : ""; *c; c++)
    put(w, is_printable((unsigned char)*c) ? *c : '?');
  if (event->name && event->peer && netmcu__is_any_ip(event->peer)) { /* not resolved yet */
    put_format(w, ":%u", (unsigned)event->peer->port);
    return;
  }
  if (event->name && event->peer)
    put(w, ' ');
  if (event->peer)
    put_address(w, event->peer);
  else if (event->name == NULL)
    put(w, '-');
}

static void put_line(writer *w, const netmcu_trace_event *event, unsigned flags)
{
  bool coloured = (flags & NETMCU_TRACE_COLOUR) != 0;
  size_t extra = 0; /* bytes of colours, which take no column */

  if (coloured)
    put_text(w, DIM);
  put_time(w, event, 4);
  if (coloured) {
    put_text(w, PLAIN);
    put_text(w, colour_of(event));
    extra = w->length - 11;
  }
  put_format(w, " %s#%u", event->object, event->number);
  pad_to(w, 30 + extra);
  put(w, event->direction ? event->direction : ' ');
  put_format(w, " %s", event->what);
  pad_to(w, 47 + extra);
  put_peer(w, event);
}

static void put_rest(writer *w, const netmcu_trace_event *event)
{
  if (event->detail) {
    put_text(w, " (");
    put_text(w, event->detail);
    put(w, ')');
  }
  if (event->data)
    put_format(w, " %zu byte%s ", event->size, event->size == 1 ? "" : "s");
  if (event->data)
    put_preview(w, event);
  if (event->error)
    put_format(w, " %d %s", event->error, netmcu_strerror(event->error));
}

static void format_text(writer *w, const netmcu_trace_event *event, unsigned flags)
{
  put_line(w, event, flags);
  put_rest(w, event);
  if ((flags & NETMCU_TRACE_COLOUR) != 0)
    put_text(w, PLAIN);
  if ((flags & NETMCU_TRACE_DATA) != 0 && event->data)
    put_dump(w, event->data, event->size);
}

/* ---- JSON (RFC 8259) ------------------------------------------------------------------------- */

/* Bytes above 127 become U+0080 … U+00FF, because data from a network need not be UTF-8. */
static void put_string(writer *w, const char *name, const void *bytes, size_t size)
{
  const unsigned char *byte = bytes;

  put_format(w, ",\"%s\":\"", name);
  for (size_t i = 0; i < size; i++)
    if (put_escape(w, byte[i]))
      continue;
    else if (is_printable(byte[i]))
      put(w, (char)byte[i]);
    else
      put_format(w, "\\u%04x", byte[i]);
  put(w, '"');
}

static void put_json_data(writer *w, const netmcu_trace_event *event, unsigned flags)
{
  const unsigned char *bytes = event->data;

  put_format(w, ",\"bytes\":%zu", event->size);
  put_string(w, "text", bytes, event->size < PREVIEW_SIZE ? event->size : PREVIEW_SIZE);
  if ((flags & NETMCU_TRACE_DATA) == 0)
    return;
  put_text(w, ",\"hex\":\"");
  for (size_t i = 0; i < event->size; i++)
    put_hex(w, bytes[i]);
  put(w, '"');
}

static void format_json(writer *w, const netmcu_trace_event *event, unsigned flags)
{
  char ip[NETMCU_IP_SIZE];

  put_text(w, "{\"time\":");
  put_time(w, event, 1);
  put_format(w, ",\"object\":\"%s\",\"id\":%u", event->object, event->number);
  put_format(w, ",\"direction\":\"%s\",\"event\":\"%s\"", direction_name(event->direction), event->what);
  if (event->name)
    put_string(w, "name", event->name, strlen(event->name));
  if (event->peer && (event->name == NULL || !netmcu__is_any_ip(event->peer)))
    put_format(w, ",\"ip\":\"%s\"", netmcu_ip_format(event->peer, ip));
  if (event->peer)
    put_format(w, ",\"port\":%u", (unsigned)event->peer->port);
  if (event->detail)
    put_string(w, "detail", event->detail, strlen(event->detail));
  if (event->data)
    put_json_data(w, event, flags);
  if (event->error) {
    put_format(w, ",\"error\":%d", event->error);
    put_string(w, "message", netmcu_strerror(event->error), strlen(netmcu_strerror(event->error)));
  }
  put(w, '}');
}

size_t netmcu_trace_format(const netmcu_trace_event *event, unsigned flags, char *text, size_t size)
{
  writer w = {text, size, 0};

  if ((flags & NETMCU_TRACE_JSON) != 0)
    format_json(&w, event, flags);
  else
    format_text(&w, event, flags);
  if (size > 0)
    text[w.length < size ? w.length : size - 1] = '\0';
  return w.length;
}
