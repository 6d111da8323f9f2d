/* TLS for net.socket, for the module tls.
 *
 *   tls.use(socket, options)   The next connects of the socket use TLS. `options` has
 *                              verify       whether the server is verified
 *                              ca           the CAs to trust, in PEM or DER; nil: those of the system
 *                              certificate  the own certificate, in PEM or DER, or nil
 *                              key          its private key
 *                              server_name  "": see netmcu_tls.h; nil: the host of the connect
 *                              device       see netmcu_tls.h; nil: NETMCU_TLS_DEVICE
 *   tls.describe(socket)       Returns a table with version, cipher, largest (the size of the largest
 *                              message of the handshake), limits_records, and in its list the
 *                              certificates of the peer, each with name, issuer, first, last (days)
 *                              and size.
 *   tls.error()                Returns the reason of the last failure of TLS.
 *   tls.debug(level)           Prints what mbedTLS reports up to this level.
 */
#include <netmcu_tls.h>

#include "device/device.h"
#include "net/net.h"

static const void *get_data(lua_State *L, const char *name, size_t *size)
{
  lua_getfield(L, 2, name);
  return lua_tolstring(L, -1, size); /* the table keeps the string */
}

/* Raises errors without a position: the caller knows the line of the script. */
static int fail(lua_State *L, const netmcu_t *ctx, int error)
{
  if (error == NETMCU_ETLS || error == NETMCU_ENOTSUP)
    lua_pushstring(L, netmcu_get_tls_error(ctx));
  else
    lua_pushstring(L, netmcu_strerror(error));
  return lua_error(L);
}

static int use(lua_State *L)
{
  const net_object *object = net_check(L, NET_BIT(NET_SOCKET));
  netmcu_tls_options options = NETMCU_TLS_OPTIONS_INIT;

  net_check_usable(L, object);
  luaL_checktype(L, 2, LUA_TTABLE);
  options.ca = get_data(L, "ca", &options.ca_size);
  options.certificate = get_data(L, "certificate", &options.certificate_size);
  options.key = get_data(L, "key", &options.key_size);
  lua_getfield(L, 2, "verify");
  options.verification = lua_toboolean(L, -1) ? NETMCU_TLS_VERIFY_REQUIRED : NETMCU_TLS_VERIFY_NONE;
  options.server_name = get_data(L, "server_name", NULL);
  lua_getfield(L, 2, "device");
  options.device = (int)luaL_optinteger(L, -1, NETMCU_TLS_DEVICE);
  int error = netmcu_connection_use_tls(object->core.connection, &options);
  return error ? fail(L, netmcu_host_context(object->host), error) : 0;
}

static void set_text(lua_State *L, const char *name, const char *text)
{
  lua_pushstring(L, text);
  lua_setfield(L, -2, name);
}

static void set_size(lua_State *L, const char *name, size_t size)
{
  lua_pushinteger(L, (lua_Integer)size);
  lua_setfield(L, -2, name);
}

static void push_certificate(lua_State *L, const netmcu_tls_certificate *one)
{
  lua_createtable(L, 0, 5);
  set_text(L, "name", one->name);
  set_text(L, "issuer", one->issuer);
  set_text(L, "first", one->begin);
  set_text(L, "last", one->end);
  set_size(L, "size", one->size);
}

static int describe(lua_State *L)
{
  const net_object *object = net_check(L, NET_BIT(NET_SOCKET));
  netmcu_tls_state state;
  netmcu_tls_certificate one;

  if (netmcu_connection_get_tls(object->core.connection, &state))
    return 0;
  lua_newtable(L);
  set_text(L, "version", state.version);
  set_text(L, "cipher", state.cipher);
  set_size(L, "largest", state.largest_message);
  lua_pushboolean(L, state.limits_records);
  lua_setfield(L, -2, "limits_records");
  for (unsigned i = 0; netmcu_connection_get_tls_certificate(object->core.connection, i, &one) == 0; i++) {
    push_certificate(L, &one);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  return 1;
}

static int last_error(lua_State *L)
{
  lua_pushstring(L, netmcu_get_tls_error(netmcu_host_context(netmcu_host_check(L))));
  return 1;
}

static void print_debug(const char *text, void *data)
{
  netmcu_host_note(data, text);
}

static int debug(lua_State *L)
{
  netmcu_host *host = netmcu_host_check(L);
  int error = netmcu_set_tls_debug(netmcu_host_context(host), (int)luaL_checkinteger(L, 1), print_debug, host);

  return error ? fail(L, netmcu_host_context(host), error) : 0;
}

int luaopen_netmcu_tls(lua_State *L)
{
  static const luaL_Reg functions[] = {
      {"use", use}, {"describe", describe}, {"error", last_error}, {"debug", debug}, {NULL, NULL}};

  netmcu_host_new_library(L, functions);
#ifdef NETMCU_NO_TLS
  lua_pushstring(L, netmcu_get_tls_error(NULL));
  lua_setfield(L, -2, "missing");
#endif
  return 1;
}
