/* What a simulated host prints: its lines have the host's name and the time in front. The end of the
 * output, and all errors, are kept for the scenario. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runner/host.h"

#define KEPT_OUTPUT 16384   /* bytes, which runner_host_push_output returns */
#define KEPT_ERRORS 1048576 /* bytes; later errors are only counted */

static bool are_unread, are_quiet;

/* ---- texts ------------------------------------------------------------------------------------- */

/* If memory runs out, the text is lost. */
static void append(text *t, const char *bytes, size_t size)
{
  char *grown = realloc(t->bytes, t->size + size + 1);

  if (grown == NULL)
    return;
  memcpy(grown + t->size, bytes, size);
  t->bytes = grown;
  t->size += size;
  t->bytes[t->size] = '\0';
}

static void empty(text *t)
{
  free(t->bytes);
  *t = (text){NULL, 0};
}

static void keep_end(text *t)
{
  if (t->size <= 2 * KEPT_OUTPUT)
    return;
  memmove(t->bytes, t->bytes + t->size - KEPT_OUTPUT, KEPT_OUTPUT + 1);
  t->size = KEPT_OUTPUT;
}

/* ---- what it prints ---------------------------------------------------------------------------- */

/* Adds "lamp 12.345 | ", which stands in front of a line. */
static void append_prefix(text *t, const runner_host *h)
{
  char prefix[64] = "";
  const char *name = netmcu_sim_host_name(h->r.place);
  uint64_t ms = netmcu_sim_time(h->world) / 1000000;

  snprintf(prefix, sizeof(prefix), " %llu.%03u | ", (unsigned long long)(ms / 1000), (unsigned)(ms % 1000));
  append(t, name, strlen(name));
  append(t, prefix, strlen(prefix));
}

/* A line has the time of its first byte. */
static void add_to_line(runner_host *h, const char *bytes, size_t size)
{
  if (h->line.size == 0)
    append_prefix(&h->line, h);
  append(&h->line, bytes, size);
}

static bool write_line(const runner_host *h)
{
  if (h->options.test && !runner_write("# ", 2)) /* a comment in the results */
    return false;
  return runner_write(h->line.bytes, h->line.size);
}

static void print_line(runner_host *h)
{
  if (!are_quiet && !write_line(h)) {
    are_unread = true;
    netmcu_sim_stop(h->world);
  }
  h->line.size = 0;
}

void runner_host_print(void *data, const char *bytes, size_t size)
{
  runner_host *h = data;

  if (h->r.L == NULL) /* a finalizer prints */
    return;
  append(&h->output, bytes, size);
  keep_end(&h->output);
  for (const char *end; (end = memchr(bytes, '\n', size)) != NULL;) {
    add_to_line(h, bytes, (size_t)(end - bytes) + 1);
    print_line(h);
    size -= (size_t)(end - bytes) + 1;
    bytes = end + 1;
  }
  if (size > 0)
    add_to_line(h, bytes, size);
}

static void note_line(const runner_host *h, const char *line, size_t size)
{
  text whole = {NULL, 0};

  append_prefix(&whole, h);
  append(&whole, line, size);
  if (whole.bytes)
    runner_note(whole.bytes);
  empty(&whole);
}

void runner_host_note(void *data, const char *lines)
{
  while (*lines && !are_quiet) {
    size_t size = strcspn(lines, "\n");
    note_line(data, lines, size);
    lines += size + (lines[size] == '\n');
  }
}

void runner_host_report(runner_host *h, const char *message)
{
  if (message == NULL)
    message = "(error object is not a string)";
  runner_host_note(h, message);
  if (h->errors.size < KEPT_ERRORS)
    append(&h->errors, message, strlen(message) + 1);
  h->error_count++;
}

void runner_host_end_line(runner_host *h)
{
  if (h->line.size == 0)
    return;
  append(&h->line, "\n", 1);
  print_line(h);
}

/* ---- what is kept ------------------------------------------------------------------------------ */

void runner_host_push_output(lua_State *L, const runner_host *h)
{
  size_t skip = h->output.size > KEPT_OUTPUT ? h->output.size - KEPT_OUTPUT : 0;

  lua_pushlstring(L, h->output.size > 0 ? h->output.bytes + skip : "", h->output.size - skip);
}

void runner_host_push_errors(lua_State *L, runner_host *h)
{
  size_t at = 0;

  lua_newtable(L);
  for (lua_Integer i = 1; at < h->errors.size; i++) {
    lua_pushstring(L, h->errors.bytes + at);
    at += strlen(h->errors.bytes + at) + 1;
    lua_rawseti(L, -2, i);
  }
  empty(&h->errors);
  h->error_count = 0;
}

void runner_host_forget_output(runner_host *h)
{
  empty(&h->line);
  empty(&h->output);
  empty(&h->errors);
}

void runner_hosts_set_quiet(bool quiet)
{
  are_quiet = quiet;
}

bool runner_hosts_are_unread(void)
{
  return are_unread;
}
