/* The handshake of a session, and how long it may take: the peer has as much time for each answer as a
 * connect may take. */
#include <stdio.h>

#include "edge/trace.h"
#include "tls/tls_private.h"

static void trace_open(const netmcu__session *session)
{
  char detail[160];

  snprintf(detail, sizeof(detail), "%s with %s", mbedtls_ssl_get_version(&session->ssl),
           mbedtls_ssl_get_ciphersuite(&session->ssl));
  netmcu__connection_trace(session->tls->c, "tls", session->peer, detail);
}

/* An heir has nothing to do but to send and to end. */
static void become_open(netmcu__session *session)
{
  netmcu__tls *tls = session->tls;
  netmcu__stream *stream = netmcu__connection_stream(tls->c);

  session->open = true;
  netmcu__stream_set_idle_timeout(stream, session->idle_timeout);
  if (netmcu__is_traced(tls->library->ctx))
    trace_open(session);
  netmcu__session_flush_early(session);
  if (session->held)
    netmcu__stream_hold(stream);
  if (tls->is_heir)
    netmcu__connection_end_heir(tls->c);
  else
    netmcu__connection_report_opened(tls->c);
}

bool netmcu__session_shake_hands(netmcu__session *session)
{
  int result = mbedtls_ssl_handshake(&session->ssl);

  if (result == 0 && session->tls->config->is_device && !netmcu__tls_device_check_handshake(session))
    result = MBEDTLS_ERR_SSL_INTERNAL_ERROR;
  if (result == 0)
    become_open(session);
  else if (result != MBEDTLS_ERR_SSL_WANT_READ)
    netmcu__session_fail(session, result);
  return result == 0;
}

/* ---- time ------------------------------------------------------------------------------------ */

#define ANSWERS 5 /* A handshake may take as long as this many answers. It needs fewer. */

static netmcu__stack *stack_of(const netmcu__session *session)
{
  return netmcu__stack_of(netmcu__session_context(session));
}

void netmcu__session_set_patience(netmcu__session *session)
{
  uint64_t now = netmcu__now(stack_of(session)), left = session->deadline > now ? session->deadline - now : 1;
  unsigned patience = netmcu__head_of(netmcu__session_context(session))->options.connect_timeout;

  if (session->idle_timeout && session->idle_timeout < patience)
    patience = session->idle_timeout;
  netmcu__stream_set_idle_timeout(netmcu__connection_stream(session->tls->c),
                                  left < patience ? (unsigned)left : patience);
}

bool netmcu__session_set_idle_timeout(netmcu__session *session, unsigned timeout)
{
  if (session->open || session->deadline == 0)
    return false;
  session->idle_timeout = timeout;
  netmcu__session_set_patience(session);
  return true;
}

/* The stream is open. */
void netmcu__session_start(netmcu__session *session)
{
  session->idle_timeout = netmcu__stream_idle_timeout(netmcu__connection_stream(session->tls->c));
  session->deadline = netmcu__now(stack_of(session)) +
                      (uint64_t)ANSWERS * netmcu__head_of(netmcu__session_context(session))->options.connect_timeout;
  netmcu__session_set_patience(session);
  netmcu__session_run(session);
}
