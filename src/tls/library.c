/* What a context needs for TLS. See tls_private.h. */
#include "tls/tls_private.h"

#include <mbedtls/debug.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <uv.h>
#if MBEDTLS_VERSION_NUMBER >= 0x03000000
#include <psa/crypto.h>
#endif

#include "base/memory.h"

#if MBEDTLS_VERSION_NUMBER >= 0x03000000
/* This is the only state that belongs to the process. mbedTLS protects it itself. */
static void init_process(void)
{
  psa_crypto_init();
}
#endif

static void end_library(netmcu_t *ctx, void *part)
{
  netmcu__tls_library *library = part;

  while (library->configs)
    netmcu__tls_config_free(library, library->configs);
  mbedtls_ctr_drbg_free(&library->random);
  mbedtls_entropy_free(&library->entropy);
  netmcu__release(ctx, library->plaintext);
}

static bool begin_library(netmcu_t *ctx, void *part)
{
  netmcu__tls_library *library = part;

#if MBEDTLS_VERSION_NUMBER >= 0x03000000
  static uv_once_t once = UV_ONCE_INIT;
  uv_once(&once, init_process);
#endif
  library->ctx = ctx;
  library->plaintext = netmcu__resize(ctx, NULL, NETMCU__PLAINTEXT_SIZE);
  mbedtls_entropy_init(&library->entropy);
  mbedtls_ctr_drbg_init(&library->random);
  if (library->plaintext &&
      mbedtls_ctr_drbg_seed(&library->random, mbedtls_entropy_func, &library->entropy, NULL, 0) == 0)
    return true;
  end_library(ctx, library);
  return false;
}

netmcu__tls_library *netmcu__tls_library_get(netmcu_t *ctx)
{
  static const netmcu__part_class library_class = {
      .size = sizeof(netmcu__tls_library), .begin = begin_library, .end = end_library};

  return netmcu__part_get(ctx, NETMCU__TLS, &library_class);
}

int netmcu__tls_fail(netmcu__tls_library *library, int result, const char *format, ...)
{
  va_list arguments;

  va_start(arguments, format);
  vsnprintf(library->error, sizeof(library->error), format, arguments);
  va_end(arguments);
  return netmcu__tls_is_memory_error(result) ? NETMCU_ENOMEM : NETMCU_ETLS;
}

const char *netmcu_get_tls_error(const netmcu_t *ctx)
{
  const netmcu__tls_library *library = netmcu__part(ctx, NETMCU__TLS);

  return library && library->error[0] ? library->error : "no TLS connection has failed";
}

void netmcu__tls_debug(void *data, int level, const char *file, int line, const char *text)
{
  const netmcu__tls_library *library = data;
  const char *name = strrchr(file, '/');
  char report[512];

  if (library->debug == NULL)
    return;
  snprintf(report, sizeof(report), "TLS<%d> %s:%d: %.*s", level, name ? name + 1 : file, line, (int)strcspn(text, "\n"),
           text);
  library->debug(report, library->debug_data);
}

int netmcu_set_tls_trace(netmcu_t *ctx, int has_plaintext)
{
  netmcu__tls_library *library = netmcu__tls_library_get(ctx);

  if (library == NULL)
    return NETMCU_ENOMEM;
  library->traces_plaintext = has_plaintext;
  return 0;
}

int netmcu_set_tls_debug(netmcu_t *ctx, int level, netmcu_tls_debug_cb cb, void *data)
{
  netmcu__tls_library *library = netmcu__tls_library_get(ctx);

  if (library == NULL)
    return NETMCU_ENOMEM;
  library->debug = level > 0 ? cb : NULL;
  library->debug_data = data;
#ifdef MBEDTLS_DEBUG_C
  mbedtls_debug_set_threshold(level);
#endif
  return 0;
}
