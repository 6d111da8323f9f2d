/* Divergences: what a script does and the device would answer differently. Each one is a warning,
 * or an error in strict mode. */
#include <stdio.h>

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

/* Writes the text only when it is first read: a script may diverge with every send, and the program
 * may never ask for the text. */
const char *netmcu_get_divergence_text(const netmcu_t *const_ctx)
{
  netmcu_t *ctx = (netmcu_t *)(uintptr_t)const_ctx;

  if (!ctx->has_diverged || ctx->divergence_text[0])
    return ctx->divergence_text;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  snprintf(ctx->divergence_text, sizeof(ctx->divergence_text), divergences[ctx->divergence].format,
           ctx->divergence_number);
#pragma GCC diagnostic pop
  return ctx->divergence_text;
}
