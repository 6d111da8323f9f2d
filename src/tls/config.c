/* What options and certificate files say. Connections with the same options share one
 * configuration: reading the system's CAs takes longer than a handshake. See tls_private.h. */
#include <mbedtls/error.h>
#include <mbedtls/md.h>
#include <mbedtls/platform_util.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "netmcu_device.h"
#include "tls/tls_private.h"

static size_t size_of(const void *data, size_t size)
{
  return data && size == 0 ? strlen(data) : data ? size : 0;
}

/* ---- the identity ---------------------------------------------------------------------------- */

static int add_to_hash(mbedtls_md_context_t *hash, const void *data, size_t size)
{
  int result = mbedtls_md_update(hash, (const unsigned char *)&size, sizeof(size));

  return result || size == 0 ? result : mbedtls_md_update(hash, data, size);
}

/* Computes a hash of the options that belong to a configuration. Returns a result of mbedTLS. */
static int identify(const netmcu_tls_options *o, bool is_server, bool is_strict, unsigned char identity[32])
{
  const int numbers[] = {is_server, o->verification, o->minimum_version,     o->maximum_version, o->device,
                         is_strict, o->ca != NULL,   o->certificate != NULL, o->key != NULL};
  const char *const texts[] = {o->alpn, o->ca_file, o->certificate_file, o->key_file, o->key_password};
  mbedtls_md_context_t hash;

  mbedtls_md_init(&hash);
  int result = mbedtls_md_setup(&hash, mbedtls_md_info_from_type(MBEDTLS_MD_SHA256), 0);
  if (result == 0)
    result = mbedtls_md_starts(&hash);
  if (result == 0)
    result = add_to_hash(&hash, numbers, sizeof(numbers));
  for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]) && result == 0; i++)
    result = add_to_hash(&hash, texts[i] ? texts[i] : "", texts[i] ? strlen(texts[i]) + 1 : 0);
  if (result == 0)
    result = add_to_hash(&hash, o->ca, size_of(o->ca, o->ca_size));
  if (result == 0)
    result = add_to_hash(&hash, o->certificate, size_of(o->certificate, o->certificate_size));
  if (result == 0)
    result = add_to_hash(&hash, o->key, size_of(o->key, o->key_size));
  if (result == 0)
    result = mbedtls_md_finish(&hash, identity);
  mbedtls_md_free(&hash);
  return result;
}

static bool has_changed(const netmcu__tls_library *library, netmcu__tls_config *config)
{
  uint64_t now = netmcu__now(netmcu__stack_of(library->ctx));
  bool changed = false;

  for (int i = 0; i < 3; i++)
    changed |= config->files[i].path && netmcu__file_is_new(&config->files[i], now);
  return changed;
}

static netmcu__tls_config *find(const netmcu__tls_library *library, const unsigned char identity[32])
{
  netmcu__tls_config *config = library->configs;

  while (config && (memcmp(config->identity, identity, sizeof(config->identity)) != 0 || has_changed(library, config)))
    config = config->next;
  return config;
}

/* ---- certificates and keys ------------------------------------------------------------------- */

/* Certificates in DER, one after another. */
static int parse_der(mbedtls_x509_crt *chain, const char *data, size_t size)
{
  mbedtls_x509_crt *last = chain;

  for (size_t done = 0; done < size; done += last->raw.len) {
    int result = mbedtls_x509_crt_parse_der(chain, (const unsigned char *)data + done, size - done);
    if (result)
      return done ? 0 : result; /* the firmware passes one byte too many */
    while (last->next)
      last = last->next;
  }
  return 0;
}

char *netmcu__tls_copy(netmcu_t *ctx, const void *data, size_t size)
{
  char *copy = netmcu__resize(ctx, NULL, size + 1);

  if (copy) {
    memcpy(copy, data, size);
    copy[size] = '\0';
  }
  return copy;
}

static bool is_pem(const char *data)
{
  return strstr(data, "-----BEGIN ") != NULL;
}

/* mbedTLS wants a NUL byte behind PEM. */
static int parse_certificates(netmcu_t *ctx, mbedtls_x509_crt *chain, const void *data, size_t size)
{
  char *copy = netmcu__tls_copy(ctx, data, size_of(data, size));

  if (copy == NULL)
    return MBEDTLS_ERR_X509_ALLOC_FAILED;
  size = size_of(data, size);
  int result =
      is_pem(copy) ? mbedtls_x509_crt_parse(chain, (unsigned char *)copy, size + 1) : parse_der(chain, copy, size);
  netmcu__release(ctx, copy);
  return result;
}

static int parse_key(netmcu__tls_library *library, mbedtls_pk_context *key, const netmcu_tls_options *o)
{
  size_t size = size_of(o->key, o->key_size);
  char *copy = netmcu__tls_copy(library->ctx, o->key, size);

  if (copy == NULL)
    return MBEDTLS_ERR_PK_ALLOC_FAILED;
  int result = mbedtls_pk_parse_key(key, (unsigned char *)copy, is_pem(copy) ? size + 1 : size,
                                    (const unsigned char *)o->key_password,
                                    size_of(o->key_password, 0) NETMCU__WITH_RANDOM(library));
  mbedtls_platform_zeroize(copy, size); /* A compiler may leave out a memset. */
  netmcu__release(library->ctx, copy);
  return result;
}

/* The files in which systems keep their CAs. */
static int load_system_authorities(mbedtls_x509_crt *chain)
{
  const char *const paths[] = {getenv("SSL_CERT_FILE"), "/etc/ssl/certs/ca-certificates.crt",
                               "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem"};
  int result = MBEDTLS_ERR_X509_FILE_IO_ERROR;

  for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]) && result < 0; i++)
    if (paths[i])
      result = mbedtls_x509_crt_parse_file(chain, paths[i]);
  return result;
}

static int fail_to_read(netmcu__tls_library *library, int result, const char *what, const char *path)
{
  char reason[160];

  mbedtls_strerror(result, reason, sizeof(reason));
  if (path)
    return netmcu__tls_fail(library, result, "%s: cannot read the %s: %s", path, what, reason);
  return netmcu__tls_fail(library, result, "cannot read the %s: %s", what, reason);
}

/* Single CAs that mbedTLS does not understand do not matter (a positive result). */
static int load_authorities(netmcu__tls_library *library, netmcu__tls_config *config, const netmcu_tls_options *o)
{
  int result;

  if (o->ca)
    result = parse_certificates(library->ctx, &config->authorities, o->ca, o->ca_size);
  else if (o->ca_file)
    result = mbedtls_x509_crt_parse_file(&config->authorities, o->ca_file);
  else
    result = load_system_authorities(&config->authorities);
  if (result < 0 || config->authorities.raw.p == NULL)
    return fail_to_read(library, result,
                        o->ca || o->ca_file ? "certificates of the authorities" : "system's authorities",
                        o->ca ? NULL : o->ca_file);
  mbedtls_ssl_conf_ca_chain(&config->ssl, &config->authorities, NULL);
  return 0;
}

static int load_own_certificate(netmcu__tls_library *library, netmcu__tls_config *config, const netmcu_tls_options *o)
{
  int result = o->certificate
                   ? parse_certificates(library->ctx, &config->certificate, o->certificate, o->certificate_size)
                   : mbedtls_x509_crt_parse_file(&config->certificate, o->certificate_file);

  if (result)
    return fail_to_read(library, result, "certificate", o->certificate ? NULL : o->certificate_file);
  if (o->key)
    result = parse_key(library, &config->key, o);
  else if (o->key_file)
    result = mbedtls_pk_parse_keyfile(&config->key, o->key_file, o->key_password NETMCU__WITH_RANDOM(library));
  else
    return netmcu__tls_fail(library, 0, "a certificate needs its private key");
  if (result)
    return fail_to_read(library, result, "private key", o->key ? NULL : o->key_file);
  result = mbedtls_pk_check_pair(&config->certificate.pk, &config->key NETMCU__WITH_RANDOM(library));
  if (result)
    return netmcu__tls_fail(library, result, "the private key does not belong to the certificate");
  result = mbedtls_ssl_conf_own_cert(&config->ssl, &config->certificate, &config->key);
  return result ? netmcu__tls_fail(library, result, "out of memory") : 0;
}

/* ---- the other options ----------------------------------------------------------------------- */

static int set_alpn(netmcu__tls_library *library, netmcu__tls_config *config, const char *text)
{
  size_t count = 0;

  config->alpn_text = netmcu__tls_copy(library->ctx, text, strlen(text));
  if (config->alpn_text == NULL)
    return NETMCU_ENOMEM;
  for (char *name = config->alpn_text, *comma; name; name = comma) {
    comma = strchr(name, ',');
    if (comma)
      *comma++ = '\0';
    if (count == sizeof(config->alpn) / sizeof(config->alpn[0]) - 1)
      return netmcu__tls_fail(library, 0, "more than %zu ALPN protocols", count);
    config->alpn[count++] = name;
  }
  if (mbedtls_ssl_conf_alpn_protocols(&config->ssl, config->alpn))
    return netmcu__tls_fail(library, 0, "\"%s\" is not a list of ALPN protocols", text);
  return 0;
}

static bool is_version(int version)
{
  return version == 0 || version == NETMCU_TLS_1_2 || version == NETMCU_TLS_1_3;
}

static int set_versions(netmcu__tls_library *library, netmcu__tls_config *config, const netmcu_tls_options *o)
{
  if (!is_version(o->minimum_version) || !is_version(o->maximum_version))
    return netmcu__tls_fail(library, 0, "a version of TLS is either 1.2 or 1.3");
#if MBEDTLS_VERSION_NUMBER >= 0x03000000
  mbedtls_ssl_conf_min_tls_version(&config->ssl, o->minimum_version == NETMCU_TLS_1_3 ? MBEDTLS_SSL_VERSION_TLS1_3
                                                                                      : MBEDTLS_SSL_VERSION_TLS1_2);
  if (o->maximum_version == NETMCU_TLS_1_2)
    mbedtls_ssl_conf_max_tls_version(&config->ssl, MBEDTLS_SSL_VERSION_TLS1_2);
#else
  if (o->minimum_version == NETMCU_TLS_1_3)
    return netmcu__tls_fail(library, 0, "TLS 1.3 needs mbedTLS 3.6; this netmcu uses " MBEDTLS_VERSION_STRING);
  mbedtls_ssl_conf_min_version(&config->ssl, MBEDTLS_SSL_MAJOR_VERSION_3, MBEDTLS_SSL_MINOR_VERSION_3);
#endif
  return 0;
}

/* Returns what mbedTLS calls the verification of the peer. */
static int get_authmode(const netmcu_tls_options *o, bool is_server)
{
  bool verifies =
      o->verification == NETMCU_TLS_VERIFY_REQUIRED || (o->verification == NETMCU_TLS_VERIFY_SERVER && !is_server);

  return verifies ? MBEDTLS_SSL_VERIFY_REQUIRED : MBEDTLS_SSL_VERIFY_NONE;
}

static int apply(netmcu__tls_library *library, netmcu__tls_config *config, const netmcu_tls_options *o, bool is_server)
{
  int authmode = get_authmode(o, is_server);
  int result = mbedtls_ssl_config_defaults(&config->ssl, is_server ? MBEDTLS_SSL_IS_SERVER : MBEDTLS_SSL_IS_CLIENT,
                                           MBEDTLS_SSL_TRANSPORT_STREAM, MBEDTLS_SSL_PRESET_DEFAULT);

  if (result)
    return netmcu__tls_fail(library, result, "out of memory");
  mbedtls_ssl_conf_rng(&config->ssl, mbedtls_ctr_drbg_random, &library->random);
  mbedtls_ssl_conf_dbg(&config->ssl, netmcu__tls_debug, library);
  mbedtls_ssl_conf_authmode(&config->ssl, authmode);
  int error = set_versions(library, config, o);
  if (error == 0 && (o->verification < NETMCU_TLS_VERIFY_SERVER || o->verification > NETMCU_TLS_VERIFY_NONE))
    error = netmcu__tls_fail(library, 0, "the verification is not one of netmcu_tls_verification");
  if (error == 0 && o->device)
    error = netmcu__tls_device_configure(library, config, o->device);
  if (error == 0 && o->alpn)
    error = set_alpn(library, config, o->alpn);
  if (error == 0 && authmode == MBEDTLS_SSL_VERIFY_REQUIRED)
    error = load_authorities(library, config, o);
  if (error == 0 && (o->certificate || o->certificate_file))
    error = load_own_certificate(library, config, o);
  else if (error == 0 && is_server)
    error = netmcu__tls_fail(library, 0, "a TLS server needs a certificate and its private key");
  return error;
}

/* ---- life ------------------------------------------------------------------------------------ */

/* Remembers the files, so that changes are noticed. */
static int note_files(netmcu__tls_library *library, netmcu__tls_config *config, const netmcu_tls_options *o)
{
  const char *const paths[] = {o->ca ? NULL : o->ca_file, o->certificate ? NULL : o->certificate_file,
                               o->key ? NULL : o->key_file};

  for (int i = 0; i < 3; i++) {
    if (paths[i] == NULL)
      continue;
    config->paths[i] = netmcu__tls_copy(library->ctx, paths[i], strlen(paths[i]));
    if (config->paths[i] == NULL)
      return NETMCU_ENOMEM;
    config->files[i].path = config->paths[i];
    netmcu__file_is_new(&config->files[i], netmcu__now(netmcu__stack_of(library->ctx)));
    config->files[i].is_read = true;
  }
  return 0;
}

static netmcu__tls_config *new_config(netmcu__tls_library *library)
{
  netmcu__tls_config *config = netmcu__allocate(library->ctx, sizeof(*config));

  if (config == NULL)
    return NULL;
  mbedtls_ssl_config_init(&config->ssl);
  mbedtls_x509_crt_init(&config->authorities);
  mbedtls_x509_crt_init(&config->certificate);
  mbedtls_pk_init(&config->key);
  config->next = library->configs;
  library->configs = config;
  return config;
}

void netmcu__tls_config_free(netmcu__tls_library *library, netmcu__tls_config *config)
{
  netmcu__tls_config **place = &library->configs;

  while (*place != config)
    place = &(*place)->next;
  *place = config->next;
  mbedtls_ssl_config_free(&config->ssl);
  mbedtls_x509_crt_free(&config->authorities);
  mbedtls_x509_crt_free(&config->certificate);
  mbedtls_pk_free(&config->key);
  for (int i = 0; i < 3; i++)
    netmcu__release(library->ctx, config->paths[i]);
  netmcu__release(library->ctx, config->alpn_text);
  netmcu__release(library->ctx, config->ciphers);
  netmcu__release(library->ctx, config);
}

int netmcu__tls_config_get(netmcu__tls_library *library, const netmcu_tls_options *options, bool is_server,
                           netmcu__tls_config **out)
{
  unsigned char identity[32];

  if (identify(options, is_server, netmcu_is_strict(library->ctx), identity))
    return NETMCU_ENOMEM;
  netmcu__tls_config *config = find(library, identity);
  if (config == NULL) {
    config = new_config(library);
    if (config == NULL)
      return NETMCU_ENOMEM;
    int error = note_files(library, config, options);
    if (error == 0)
      error = apply(library, config, options, is_server);
    if (error) {
      netmcu__tls_config_free(library, config);
      return error;
    }
    memcpy(config->identity, identity, sizeof(identity));
  }
  config->users++;
  if (library->spare == config)
    library->spare = NULL;
  *out = config;
  return 0;
}

void netmcu__tls_config_release(netmcu__tls_library *library, netmcu__tls_config *config)
{
  if (--config->users > 0)
    return;
  if (library->spare)
    netmcu__tls_config_free(library, library->spare);
  library->spare = config;
}
