/* Divergences: what a script does and the device would answer differently. Each one is a warning,
 * or an error in strict mode. */
#include <string.h>

#include "base/context_private.h"

static const struct {
  int error;
  const char *format;
} divergences[] = {
#define ROW(id, error, did, device) {NETMCU_##error, did ": " device},
    NETMCU_DIVERGENCES(ROW)
#undef ROW
};

int netmcu_diverge(netmcu_t *ctx, int divergence, long number)
{
  const netmcu__head *head = &ctx->head;

  /* The program may be newer than the library, and know of more divergences. */
  if (divergence < 0 || divergence >= (int)(sizeof(divergences) / sizeof(divergences[0])))
    return NETMCU_EARGUMENT;
  if (divergence != ctx->divergence || number != ctx->divergence_number)
    ctx->divergence_text[0] = '\0';
  ctx->divergence = divergence;
  ctx->divergence_number = number;
  ctx->has_diverged = true;
  if (head->is_strict && !(head->is_device && divergence == NETMCU_D_RECEIVE_DROPPED))
    return divergences[divergence].error;
  if (head->warning)
    head->warning(ctx, divergence, netmcu_get_divergence_text(ctx), head->warning_data);
  return 0;
}

/* A text has room for the number in place of "%ld". */
#define ROW(id, error, did, device)                                                                                    \
  _Static_assert(sizeof(did ": " device) + 20 <= sizeof(((netmcu_t *)0)->divergence_text), #id);
NETMCU_DIVERGENCES(ROW)
#undef ROW

/* Writes the number and returns the end. */
static char *write_number(char *text, long number)
{
  unsigned long rest = number < 0 ? 0ul - (unsigned long)number : (unsigned long)number;
  char digits[20];
  size_t first = sizeof(digits);

  do
    digits[--first] = (char)('0' + rest % 10);
  while (rest /= 10);
  if (number < 0)
    *text++ = '-';
  memcpy(text, digits + first, sizeof(digits) - first);
  return text + sizeof(digits) - first;
}

/* A script may diverge with every send, and snprintf would take a quarter of the time of an echo. */
static void write_text(char *text, const char *format, long number)
{
  const char *place = strstr(format, "%ld");
  size_t size = place ? (size_t)(place - format) : strlen(format);

  memcpy(text, format, size);
  text[size] = '\0';
  if (place)
    strcpy(write_number(text + size, number), place + 3);
}

/* Writes the text only when it is first read, because the program may never ask for it. */
const char *netmcu_get_divergence_text(const netmcu_t *const_ctx)
{
  netmcu_t *ctx = (netmcu_t *)(uintptr_t)const_ctx;

  if (ctx->has_diverged && ctx->divergence_text[0] == '\0')
    write_text(ctx->divergence_text, divergences[ctx->divergence].format, ctx->divergence_number);
  return ctx->divergence_text;
}
