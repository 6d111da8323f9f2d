/* The public functions of TLS, and the filter between a connection and its stream. See
 * tls_private.h. */
#include <string.h>

#include "base/address.h"
#include "base/memory.h"
#include "netmcu_device.h"
#include "tls/tls_private.h"

static netmcu__tls *tls_of(netmcu__filter *filter)
{
  return (netmcu__tls *)(void *)filter;
}

static netmcu__session *session_of(const netmcu__filter *filter)
{
  return ((const netmcu__tls *)(const void *)filter)->session;
}

/* ---- the filter ------------------------------------------------------------------------------ */

static int begin(netmcu__filter *filter, const char *host)
{
  netmcu__tls *tls = tls_of(filter);

  if (tls->is_server)
    return NETMCU_EARGUMENT;
  netmcu__session_end(tls); /* of a connect that has failed at once */
  if (tls->config->is_device && tls->library->device_sessions > 0) {
    int error = netmcu_diverge(tls->library->ctx, NETMCU_D_TLS_CONNECTIONS, (long)tls->library->device_sessions + 1);
    if (error)
      return error;
  }
  return netmcu__session_begin(tls, tls->server_name && *tls->server_name ? tls->server_name : host);
}

/* Lets the heir do what the user has left: complete the handshake and send. */
static bool hand_over(netmcu__session *session)
{
  netmcu__tls *tls = session->tls;
  netmcu_connection *heir = session->heir;
  netmcu__tls *successor = tls_of(netmcu__connection_filter(heir));

  if (!netmcu__connection_hand_over(tls->c, heir))
    return false;
  tls->session = NULL;
  session->heir = NULL;
  session->held = false;
  session->tls = successor;
  successor->session = session;
  return true;
}

static bool finish(netmcu__filter *filter)
{
  netmcu__session *session = session_of(filter);

  if (session->early_size > 0 && hand_over(session))
    return false;
  netmcu__session_say_goodbye(session);
  netmcu__session_end(tls_of(filter));
  return true;
}

static void drop(netmcu__filter *filter)
{
  netmcu__session_end(tls_of(filter));
}

static void free_tls(netmcu__filter *filter)
{
  netmcu__tls *tls = tls_of(filter);
  netmcu_t *ctx = tls->library->ctx;

  netmcu__session_end(tls);
  if (tls->config)
    netmcu__tls_config_release(tls->library, tls->config);
  netmcu__release(ctx, tls->server_name);
  netmcu__release(ctx, tls);
}

static int send_plaintext(netmcu__filter *filter, const netmcu__data *data)
{
  return netmcu__session_send(session_of(filter), data);
}

static void set_hold(netmcu__filter *filter, bool held)
{
  netmcu__session *session = session_of(filter);
  netmcu__stream *stream = netmcu__connection_stream(tls_of(filter)->c);

  session->held = held;
  if (session->open && held)
    netmcu__stream_hold(stream);
  else if (session->open)
    netmcu__stream_unhold(stream);
}

static bool set_idle_timeout(netmcu__filter *filter, unsigned timeout)
{
  return netmcu__session_set_idle_timeout(session_of(filter), timeout);
}

static size_t next_frame(netmcu__filter *filter, const char **data)
{
  netmcu__session *session = session_of(filter);

  return session ? netmcu__session_next_frame(session, data) : 0;
}

static bool is_open(const netmcu__filter *filter)
{
  return session_of(filter)->open;
}

static size_t pending(const netmcu__filter *filter)
{
  return session_of(filter)->early_size;
}

static void on_opened(netmcu__filter *filter)
{
  netmcu__session_start(session_of(filter));
}

static void on_received(netmcu__filter *filter, const char *data, size_t size)
{
  netmcu__session_receive(session_of(filter), data, size);
}

static void on_resumed(netmcu__filter *filter)
{
  netmcu__session_run(session_of(filter));
}

static void on_finishing(netmcu__filter *filter)
{
  netmcu__session_say_goodbye(session_of(filter));
}

static bool on_ended(netmcu__filter *filter, int *error)
{
  netmcu__tls *tls = tls_of(filter);
  const netmcu__session *session = tls->session;

  if (session && *error == 0 && !session->open)
    *error = netmcu__tls_fail(tls->library, 0, "%s closed the connection during the TLS handshake", session->peer);
  else if (session && *error == 0 && !session->peer_closed)
    *error = NETMCU_ECLOSED;
  netmcu__session_end(tls);
  if (!tls->is_heir)
    return true;
  netmcu__connection_free_heir(tls->c);
  return false;
}

static const netmcu__filter_class tls_class = {
    .begin = begin,
    .finish = finish,
    .drop = drop,
    .free = free_tls,
    .send = send_plaintext,
    .set_hold = set_hold,
    .set_idle_timeout = set_idle_timeout,
    .next_frame = next_frame,
    .is_open = is_open,
    .pending = pending,
    .opened = on_opened,
    .received = on_received,
    .resumed = on_resumed,
    .finishing = on_finishing,
    .ended = on_ended,
};

/* ---- creation -------------------------------------------------------------------------------- */

static netmcu__tls *new_tls(netmcu_connection *c, netmcu__tls_library *library, bool is_server)
{
  netmcu__tls *tls = netmcu__allocate(library->ctx, sizeof(*tls));

  if (tls) {
    tls->filter.class = &tls_class;
    tls->c = c;
    tls->library = library;
    tls->is_server = is_server;
  }
  return tls;
}

netmcu_connection *netmcu__tls_new_heir(const netmcu__tls *tls)
{
  netmcu_connection *heir = netmcu__connection_new_heir(tls->c);
  netmcu__tls *successor = heir ? new_tls(heir, tls->library, tls->is_server) : NULL;

  if (successor == NULL) {
    netmcu__release(tls->library->ctx, heir);
    return NULL;
  }
  successor->config = tls->config;
  successor->config->users++;
  successor->is_heir = true;
  netmcu__connection_set_filter(heir, &successor->filter);
  return heir;
}

static int set_up(netmcu__tls *tls, const netmcu_tls_options *options)
{
  int error = netmcu__tls_config_get(tls->library, options, tls->is_server, &tls->config);

  if (error == 0 && options->server_name) {
    tls->server_name = netmcu__tls_copy(tls->library->ctx, options->server_name, strlen(options->server_name));
    if (tls->server_name == NULL)
      error = NETMCU_ENOMEM;
  }
  return error == 0 && tls->is_server ? netmcu__session_begin(tls, NULL) : error;
}

static int add_tls(netmcu_connection *c, const netmcu_tls_options *options, bool is_server)
{
  netmcu__tls_library *library = netmcu__tls_library_get(netmcu_connection_get_context(c));
  netmcu__tls *tls = library ? new_tls(c, library, is_server) : NULL;

  if (tls == NULL)
    return NETMCU_ENOMEM;
  int error = set_up(tls, options);
  if (error)
    free_tls(&tls->filter);
  else
    netmcu__connection_set_filter(c, &tls->filter);
  return error;
}

int netmcu_connection_use_tls(netmcu_connection *c, const netmcu_tls_options *options)
{
  const netmcu__stream *stream = netmcu__connection_stream(c);

  if (stream && (netmcu_connection_get_state(c) != NETMCU_OPEN || netmcu__stream_has_begun(stream) ||
                 netmcu__connection_filter(c) || options == NULL))
    return NETMCU_EISCONN;
  if (options && (options->size != sizeof(*options) ||
                  (options->server_name && *options->server_name && !netmcu__is_host(options->server_name))))
    return NETMCU_EARGUMENT;
  netmcu__filter *former = netmcu__connection_filter(c);
  int error = 0;
  if (options)
    error = add_tls(c, options, stream != NULL);
  else
    netmcu__connection_set_filter(c, NULL);
  if (error == 0 && former)
    free_tls(former);
  return error;
}

int netmcu_connection_get_tls(const netmcu_connection *c, netmcu_tls_state *state)
{
  const netmcu__filter *filter = netmcu__connection_filter(c);
  const netmcu__session *session = filter ? session_of(filter) : NULL;

  if (session == NULL || !session->open)
    return NETMCU_ENOTCONN;
  state->version = mbedtls_ssl_get_version(&session->ssl);
  state->cipher = mbedtls_ssl_get_ciphersuite(&session->ssl);
  state->alpn = mbedtls_ssl_get_alpn_protocol(&session->ssl);
  state->largest_message = session->largest_message;
  state->limits_records = session->watch.limits_records;
  return 0;
}

int netmcu_connection_get_tls_certificate(const netmcu_connection *c, unsigned index,
                                          netmcu_tls_certificate *certificate)
{
  const netmcu__filter *filter = netmcu__connection_filter(c);
  const netmcu__session *session = filter ? session_of(filter) : NULL;

  if (session == NULL || !session->open)
    return NETMCU_ENOTCONN;
  const mbedtls_x509_crt *one = mbedtls_ssl_get_peer_cert(&session->ssl);
  for (; one && index > 0; index--)
    one = one->next;
  if (one == NULL)
    return NETMCU_EARGUMENT;
  netmcu__tls_describe(one, certificate);
  return 0;
}
