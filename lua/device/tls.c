/* TLS for net.socket, for the module tls.
 *
 *   tls.use(socket, options)   The next connects of the socket use TLS. `options` has
 *                              verify       whether the server is verified
 *                              ca           the CAs to trust, in PEM or DER; nil: those of the system
 *                              certificate  the own certificate, in PEM or DER, or nil
 *                              key          its private key
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
  options.maximum_version = NETMCU_TLS_1_2; /* that of the device */
  options.device = NETMCU_TLS_DEVICE;
  int error = netmcu_connection_use_tls(object->core.connection, &options);
  return error ? fail(L, netmcu_host_context(object->host), error) : 0;
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
  static const luaL_Reg functions[] = {{"use", use}, {"debug", debug}, {NULL, NULL}};

  netmcu_host_new_library(L, functions);
#ifdef NETMCU_NO_TLS
  lua_pushstring(L, netmcu_get_tls_error(NULL));
  lua_setfield(L, -2, "missing");
#endif
  return 1;
}
