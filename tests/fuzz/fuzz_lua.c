/* Decoders that are written in Lua. The program is linked under one name for each decoder: fuzz_X
 * calls the entry X of decoders.lua with each input, and the entry raises an error if the decoder
 * breaks its promises.
 *
 * The state has no files, network or clock, because a decoder needs none. The input's size limits
 * the memory and the number of instructions. libFuzzer learns about the decoder through counters:
 * each pair of lines that run after one another counts as an edge. */
#include <lauxlib.h>
#include <lualib.h>

#include "bytes.h"

enum { EDGES = 1 << 14, STEP = 1000 };

__attribute__((section("__libfuzzer_extra_counters"))) static uint8_t edges[EDGES];

static lua_State *L;
static size_t used, most = SIZE_MAX;
static long instructions;

static void *allocate(void *data, void *block, size_t old, size_t new)
{
  (void)data;
  old = block ? old : 0;
  if (new > old && used - old + new > most)
    return NULL;
  void *moved = new ? realloc(block, new) : (free(block), NULL);
  if (moved || new == 0)
    used = used - old + new;
  return moved;
}

static void on_step(lua_State *state, lua_Debug *at)
{
  static unsigned before;

  if (at->event == LUA_HOOKCOUNT) {
    instructions -= STEP;
    if (instructions < 0)
      luaL_error(state, "too many instructions");
    return;
  }
  lua_getinfo(state, "S", at);
  unsigned line = ((unsigned)(uintptr_t)at->source * 31 + (unsigned)at->currentline) * 2654435761U;
  edges[(line ^ before) >> 18]++;
  before = line >> 1;
}

static int add_traceback(lua_State *state)
{
  luaL_traceback(state, state, luaL_tolstring(state, 1, NULL), 1);
  return 1;
}

/* Calls the function below the arguments, which takes them off the stack. */
static void call(int arguments, int results)
{
  int handler = lua_gettop(L) - arguments;

  lua_pushcfunction(L, add_traceback);
  lua_insert(L, handler);
  if (lua_pcall(L, arguments, results, handler) != LUA_OK) {
    fprintf(stderr, "%s\n", lua_tostring(L, -1));
    abort();
  }
  lua_remove(L, handler);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
  const char *slash = strrchr((*argv)[0], '/');
  const char *program = slash ? slash + 1 : (*argv)[0];

  (void)argc;
  REQUIRE(strncmp(program, "fuzz_", 5) == 0);
  L = lua_newstate(allocate, NULL);
  REQUIRE(L);
  luaL_openlibs(L);
  REQUIRE(luaL_loadfile(L, NETMCU_SOURCE "/tests/fuzz/decoders.lua") == LUA_OK);
  lua_pushstring(L, NETMCU_SOURCE);
  lua_pushstring(L, program + 5);
  call(2, 1); /* its result stays on the stack */
  lua_sethook(L, on_step, LUA_MASKLINE | LUA_MASKCOUNT, STEP);
  return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  lua_pushvalue(L, 1);
  lua_pushlstring(L, (const char *)data, size);
  lua_gc(L, LUA_GCCOLLECT);
  most = used + 65536 + 128 * size;
  instructions = 100000 + 5000 * (long)size;
  call(1, 0);
  most = SIZE_MAX;
  return 0;
}
