/* netmcu --test: each file runs in a Lua state of its own, where lua/desktop/test.lua prints its
 * results as TAP. The counts of all files are kept here. */
#include <stdio.h>
#include <stdlib.h>

#include "runner/runner.h"

static int count, failures;

static int is_interrupted(lua_State *L)
{
  lua_pushboolean(L, runner_signal != 0);
  return 1;
}

/* run(file, number of the tests before, is_interrupted) returns how many more there were, and how
 * many failed. */
void runner_test_file(runner *r)
{
  lua_State *L = r->L;

  if (count == 0)
    puts("TAP version 13");
  netmcu_require(L, "netmcu.desktop.test");
  lua_getfield(L, -1, "run");
  lua_pushstring(L, r->file);
  lua_pushinteger(L, count);
  lua_pushcfunction(L, is_interrupted);
  lua_call(L, 3, 2);
  count += (int)lua_tointeger(L, -2);
  failures += (int)lua_tointeger(L, -1);
  fflush(stdout);
}

int runner_test_finish(void)
{
  printf("1..%d\n", count);
  if (failures > 0)
    printf("# %d of %d failed\n", failures, count);
  return failures > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
