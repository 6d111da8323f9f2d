/* What a script does that the device would answer otherwise: a warning, or an error under strict. */
#include <stdio.h>
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

/* A script that diverges in each of its turns, in the same way, does not have the text written each time. */
static void describe_divergence(netmcu_t *ctx, int divergence, long number)
{
  if (ctx->divergence_text[0] && divergence == ctx->divergence && number == ctx->divergence_number)
    return;
  ctx->divergence = divergence;
  ctx->divergence_number = number;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  snprintf(ctx->divergence_text, sizeof(ctx->divergence_text), divergences[divergence].format, number);
#pragma GCC diagnostic pop
}

/* A program may know more of them than the library that it runs with. */
int netmcu_diverge(netmcu_t *ctx, int divergence, long number)
{
  if (divergence < 0 || divergence >= (int)(sizeof(divergences) / sizeof(divergences[0])))
    return NETMCU_EARGUMENT;
  describe_divergence(ctx, divergence, number);
  if (ctx->options.strict)
    return divergences[divergence].error;
  if (ctx->options.warning)
    ctx->options.warning(ctx, divergence, ctx->divergence_text, ctx->options.warning_data);
  return 0;
}

const char *netmcu_divergence_text(const netmcu_t *ctx)
{
  return ctx->divergence_text;
}
