/* The time of day for the module rtctime. Lua's own os.time has a resolution of seconds.
 *
 *   clock()    returns the microseconds since 1970
 */
#include "device/device.h"

#include <lauxlib.h>
#include <uv.h>

static int read_clock(lua_State *L)
{
  uv_timeval64_t now;
  int error = uv_gettimeofday(&now);
  if (error)
    return luaL_error(L, "%s", uv_strerror(error));
  lua_pushinteger(L, (lua_Integer)now.tv_sec * 1000000 + now.tv_usec);
  return 1;
}

int luaopen_netmcu_clock(lua_State *L)
{
  lua_pushcfunction(L, read_clock);
  return 1;
}
