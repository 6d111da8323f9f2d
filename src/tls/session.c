/* The TLS of one stream. mbedTLS reads from what the stream delivers, and writes to the stream,
 * which takes any amount. It therefore never waits for writing.
 *
 *   HANDSHAKE (not open) ──complete──▶ OPEN ──end mark of the peer──▶ OPEN, peer_closed ──▶ gone
 *
 * The user's callbacks are never called inside mbedTLS. They may end the session; run() then frees
 * it when they have returned. See tls_private.h. */
#include <string.h>

#include "base/address.h"
#include "base/memory.h"
#include "edge/trace.h"
#include "tls/tls_private.h"

/* ---- between mbedTLS and the stream ---------------------------------------------------------- */

static int on_write(void *data, const unsigned char *bytes, size_t size)
{
  netmcu__session *session = data;
  unsigned sends = session->sends;

  session->sends = 0;
  netmcu__connection_write(session->tls->c, (const char *)bytes, size, sends);
  return (int)size;
}

static bool take_input(netmcu__session *session)
{
  if (session->kept) {
    netmcu__release(netmcu__session_context(session), session->kept);
    session->kept = NULL;
  }
  session->input_size = netmcu__connection_take(session->tls->c, &session->input);
  return session->input_size > 0;
}

static int on_read(void *data, unsigned char *bytes, size_t size)
{
  netmcu__session *session = data;

  if (session->input_size == 0 && !take_input(session))
    return MBEDTLS_ERR_SSL_WANT_READ;
  if (size > session->input_size)
    size = session->input_size;
  memcpy(bytes, session->input, size);
  session->input += size;
  session->input_size -= size;
  if (!session->open && session->tls->config->is_device && !netmcu__tls_device_watch(session, bytes, size))
    return MBEDTLS_ERR_SSL_INTERNAL_ERROR;
  return (int)size;
}

/* ---- life ------------------------------------------------------------------------------------ */

/* A name goes to the server, and mbedTLS compares it with the certificate. netmcu__tls_verify
 * compares an address, and a name that does not go to the server. */
static int set_peer(netmcu__session *session, const char *peer)
{
  const netmcu__tls *tls = session->tls;
  netmcu_address address;

  session->is_anonymous = peer == NULL || (tls->server_name && tls->server_name[0] == '\0');
  if (peer == NULL) {
    strcpy(session->peer, "the client");
    return 0;
  }
  size_t size = strlen(peer);
  if (size >= sizeof(session->peer))
    return MBEDTLS_ERR_SSL_BAD_INPUT_DATA;
  memcpy(session->peer, peer, size + 1);
  session->has_sent_name =
      !session->is_anonymous && (tls->server_name || !tls->config->is_strict) && netmcu_ip_parse(peer, &address) != 0;
  return mbedtls_ssl_set_hostname(&session->ssl, session->has_sent_name ? peer : NULL);
}

/* Releases everything but the session itself. */
static void clear_session(netmcu_t *ctx, netmcu__session *session)
{
  mbedtls_ssl_free(&session->ssl);
  netmcu__release(ctx, session->kept);
  netmcu__release(ctx, session->early);
  if (session->heir)
    netmcu__connection_free_heir(session->heir);
}

int netmcu__session_begin(netmcu__tls *tls, const char *peer)
{
  netmcu_t *ctx = tls->library->ctx;
  netmcu__session *session = netmcu__allocate(ctx, sizeof(*session));

  if (session == NULL)
    return NETMCU_ENOMEM;
  session->tls = tls;
  mbedtls_ssl_init(&session->ssl);
  int result = mbedtls_ssl_setup(&session->ssl, &tls->config->ssl);
  if (result == 0)
    result = set_peer(session, peer);
  if (result) {
    clear_session(ctx, session);
    netmcu__release(ctx, session);
    return netmcu__tls_fail(tls->library, result, "%s is not a name of a server", peer ? peer : "");
  }
  mbedtls_ssl_set_bio(&session->ssl, session, on_write, on_read, NULL);
  mbedtls_ssl_set_verify(&session->ssl, netmcu__tls_verify, session);
  tls->session = session;
  tls->library->device_sessions += tls->config->is_device;
  return 0;
}

void netmcu__session_end(netmcu__tls *tls)
{
  netmcu__session *session = tls->session;

  if (session == NULL)
    return;
  tls->session = NULL;
  tls->library->device_sessions -= tls->config->is_device;
  clear_session(tls->library->ctx, session);
  session->gone = true;
  if (!session->busy)
    netmcu__release(tls->library->ctx, session);
}

static void trace_plaintext(const netmcu__session *session, char direction, const void *data, size_t size)
{
  const netmcu__tls_library *library = session->tls->library;

  if (library->traces_plaintext && netmcu__is_traced(library->ctx))
    netmcu__connection_trace_data(session->tls->c, direction, direction == '>' ? "tls-send" : "tls-receive", data,
                                  size);
}

/* ---- output ---------------------------------------------------------------------------------- */

/* "sent" belongs to the last record of what the user has sent. A failure means that memory has run
 * out; it ends the connection in the stream's next turn. */
static void write_all(netmcu__session *session, const char *data, size_t size, unsigned sends)
{
  int most = mbedtls_ssl_get_max_out_record_payload(&session->ssl);

  for (int done; size > 0; data += done, size -= (size_t)done) {
    session->sends = most > 0 && size <= (size_t)most ? sends : 0;
    done = mbedtls_ssl_write(&session->ssl, (const unsigned char *)data, size);
    if (done <= 0) {
      netmcu__stream_tear(netmcu__connection_stream(session->tls->c));
      return;
    }
  }
}

/* What was sent before the handshake is complete waits here. */
static int send_early(netmcu__session *session, const netmcu__data *data)
{
  netmcu_t *ctx = netmcu__session_context(session);

  if (session->heir == NULL)
    session->heir = netmcu__tls_new_heir(session->tls);
  if (session->heir == NULL || data->size > SIZE_MAX - session->early_size)
    return NETMCU_ENOMEM;
  char *early = netmcu__resize(ctx, session->early, session->early_size + data->size);
  if (early == NULL)
    return NETMCU_ENOMEM;
  netmcu__data_copy(early + session->early_size, data, 0);
  session->early = early;
  session->early_size += data->size;
  session->early_sends += data->sends;
  return 0;
}

int netmcu__session_send(netmcu__session *session, const netmcu__data *data)
{
  for (unsigned i = 0; i < data->count; i++)
    trace_plaintext(session, '>', data->pieces[i].data, data->pieces[i].size);
  if (!session->open)
    return send_early(session, data);
  size_t left = data->size;
  for (unsigned i = 0; i < data->count && left > 0; i++) {
    left -= data->pieces[i].size;
    write_all(session, data->pieces[i].data, data->pieces[i].size, left == 0 ? data->sends : 0);
  }
  return 0;
}

void netmcu__session_flush_early(netmcu__session *session)
{
  write_all(session, session->early, session->early_size, session->early_sends);
  netmcu__release(netmcu__session_context(session), session->early);
  session->early = NULL;
  session->early_size = 0;
}

void netmcu__session_say_goodbye(netmcu__session *session)
{
  if (session->open && !session->said_goodbye)
    mbedtls_ssl_close_notify(&session->ssl);
  session->said_goodbye = true;
}

/* ---- input ----------------------------------------------------------------------------------- */

void netmcu__session_fail(netmcu__session *session, int result)
{
  netmcu__connection_fail(session->tls->c, netmcu__tls_explain(session, result));
}

/* Decrypts the next frame behind those that the user may be looking at. Returns its size, or a
 * result of mbedTLS. */
static int read_frame(netmcu__session *session)
{
  const netmcu__tls_library *library = session->tls->library;
  size_t room = NETMCU__PLAINTEXT_SIZE - session->delivered, frame = netmcu__head_of(library->ctx)->options.frame_size;

  int result = mbedtls_ssl_read(&session->ssl, (unsigned char *)library->plaintext + session->delivered,
                                frame && frame < room ? frame : room);
  if (result > 0 && session->tls->config->is_device &&
      !netmcu__tls_device_check_record(session, (size_t)result + mbedtls_ssl_get_bytes_avail(&session->ssl)))
    return MBEDTLS_ERR_SSL_INTERNAL_ERROR;
  return result;
}

static void deliver(netmcu__session *session, size_t size)
{
  trace_plaintext(session, '<', session->tls->library->plaintext, size);
  session->delivered = size;
  session->delivering = true;
  netmcu__connection_report_received(session->tls->c, session->tls->library->plaintext, size);
  session->delivering = false;
  session->delivered = 0;
}

size_t netmcu__session_next_frame(netmcu__session *session, const char **data)
{
  size_t frame = netmcu__head_of(netmcu__session_context(session))->options.frame_size;

  if (!session->delivering || session->held || session->result || frame == 0 ||
      frame > NETMCU__PLAINTEXT_SIZE - session->delivered)
    return 0;
  int size = read_frame(session);
  if (size <= 0) {
    session->result = size ? size : MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY;
    return 0;
  }
  *data = session->tls->library->plaintext + session->delivered;
  trace_plaintext(session, '<', *data, (size_t)size);
  session->delivered += (size_t)size;
  return (size_t)size;
}

/* Returns the result of the next read, which next_frame may have made already. */
static int next_result(netmcu__session *session)
{
  int result = session->result ? session->result : read_frame(session);

  session->result = 0;
  return result ? result : MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY;
}

static bool read_once(netmcu__session *session)
{
  int result = next_result(session);

  if (result > 0) {
    deliver(session, (size_t)result);
    return true;
  }
#ifdef MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET
  if (result == MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET)
    return true;
#endif
  if (result == MBEDTLS_ERR_SSL_WANT_READ)
    return session->input_size > 0; /* mbedTLS returns this for a warning of the peer as well */
  if (result == MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY) {
    session->peer_closed = true;
    netmcu__stream_end_input(netmcu__connection_stream(session->tls->c));
  } else {
    netmcu__session_fail(session, result);
  }
  return false;
}

/* Does the next thing. Returns false if there is nothing more to do now. */
static bool step(netmcu__session *session)
{
  if (session->gone || session->peer_closed)
    return false;
  if (!session->open)
    return netmcu__session_shake_hands(session);
  return !session->held && read_once(session);
}

/* Keeps what mbedTLS has not read because of a hold: it is in the stream's buffer. */
static void keep_input(netmcu__session *session)
{
  if (session->input_size == 0 || session->kept || !session->held)
    return;
  session->kept = netmcu__resize(netmcu__session_context(session), NULL, session->input_size);
  if (session->kept)
    session->input = memcpy(session->kept, session->input, session->input_size);
  else
    netmcu__stream_tear(netmcu__connection_stream(session->tls->c));
}

void netmcu__session_run(netmcu__session *session)
{
  netmcu_t *ctx = netmcu__session_context(session);

  session->busy = true;
  while (step(session)) {
  }
  session->busy = false;
  if (session->gone)
    netmcu__release(ctx, session);
  else
    keep_input(session);
}

void netmcu__session_receive(netmcu__session *session, const char *data, size_t size)
{
  if (session->peer_closed)
    return;
  if (!session->open)
    netmcu__session_set_patience(session);
  session->input = data;
  session->input_size = size;
  netmcu__session_run(session);
}
