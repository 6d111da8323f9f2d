/* Reports errors, and explains one of them. If the desktop lacks a module of the firmware, the
 * module is nil, as in a firmware that was built without it. The script then fails with "attempt to
 * index a nil value (global 'http')". */
#include <stdio.h>
#include <string.h>

#include "runner/runner.h"

static const char modules[] = " apa102 color_utils dcc enduser_setup"
                              " gossip http pixbuf"
                              " sqlite3 tls tm1829 u8g u8g2 ucg"
                              " websocket wiegand ws2801 ws2812 ws2812_effects yeelink ";

static bool is_module(const char *name, size_t size)
{
  char word[32];

  if (size + 3 > sizeof(word))
    return false;
  snprintf(word, sizeof(word), " %.*s ", (int)size, name);
  return strstr(modules, word) != NULL;
}

/* Finds the name after `before`, up to its quote, in the first line of the message. */
static const char *name_after(const char *message, const char *before, size_t *size)
{
  const char *end = message + strcspn(message, "\n"), *at = strstr(message, before);

  if (at == NULL || at >= end)
    return NULL;
  at += strlen(before);
  *size = strcspn(at, "'");
  return at;
}

/* A field or a method of such a name belongs to the script, and is not explained. */
static void explain_missing(const char *message)
{
  static const char *const before[] = {"a nil value (global '", "a nil value (local '", "a nil value (upvalue '",
                                       "module '"};

  for (size_t i = 0; i < sizeof(before) / sizeof(before[0]); i++) {
    size_t size;
    const char *name = name_after(message, before[i], &size);
    if (name && is_module(name, size)) {
      runner_say("the desktop has no module %.*s; --globals lists what there is", (int)size, name);
      return;
    }
  }
}

void runner_report(const char *message)
{
  static const char prefix[] = "netmcu: "; /* in front of messages for other programs */

  if (message && strncmp(message, prefix, sizeof(prefix) - 1) == 0)
    message += sizeof(prefix) - 1;
  runner_say("%s", message ? message : "(error object is not a string)");
  if (message)
    explain_missing(message);
}
