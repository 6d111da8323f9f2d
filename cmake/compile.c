/* compile OUTPUT NAME=PATH...: writes a C file that contains Lua modules as bytecode, with their
 * debug information. The build compiles and runs it with the runner's Lua. */
#include <lauxlib.h>
#include <lua.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ENTRY 128 /* bytes of a line of the table, at most */

static unsigned written;

static int write_bytes(lua_State *L, const void *data, size_t size, void *file)
{
  const unsigned char *bytes = data;

  (void)L;
  for (size_t i = 0; i < size; i++)
    fprintf(file, "%u,%s", bytes[i], i % 24 == 23 ? "\n" : "");
  written += (unsigned)size;
  return ferror(file);
}

static int fail(const char *what)
{
  fprintf(stderr, "compile: %s\n", what);
  return EXIT_FAILURE;
}

/* Gives the chunk the name that the runner gives to chunks that it compiles itself. */
static int load(lua_State *L, const char *name, size_t length, const char *path)
{
  static char text[1 << 20];
  FILE *file = fopen(path, "rb");

  if (file == NULL)
    return fail(path);
  size_t size = fread(text, 1, sizeof(text), file);
  fclose(file);
  lua_pushlstring(L, name, length);
  const char *chunk = lua_pushfstring(L, "=%s", lua_tostring(L, -1));
  if (size == sizeof(text) || luaL_loadbufferx(L, text, size, chunk, "t") != LUA_OK)
    return fail(lua_tostring(L, -1));
  return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
  lua_State *L = luaL_newstate();
  FILE *output = argc > 1 ? fopen(argv[1], "w") : NULL;
  char *table = calloc(1, (size_t)argc * ENTRY);

  if (L == NULL || output == NULL || table == NULL)
    return fail("cannot write the output");
  fputs("/* Made by cmake/compile.c. */\n#include <lua.h>\n\n#include \"runner/embedded.h\"\n\n"
        "const char netmcu_compiled_by[] = LUA_RELEASE;\nconst unsigned char netmcu_compiled_bytes[] = {\n",
        output);
  for (int i = 2; i < argc; i++) {
    const char *equal = strchr(argv[i], '=');
    unsigned start = written;
    if (equal == NULL || load(L, argv[i], (size_t)(equal - argv[i]), equal + 1) != EXIT_SUCCESS)
      return EXIT_FAILURE;
    lua_dump(L, write_bytes, output, 0);
    snprintf(table + strlen(table), ENTRY, "  {\"%.*s\", %u, %u},\n", (int)(equal - argv[i]), argv[i],
             start, written - start);
    lua_settop(L, 0);
  }
  fprintf(output, "};\n\nconst struct netmcu_embedded netmcu_compiled[] = {\n%s  {\"\", 0, 0},\n};\n", table);
  free(table);
  lua_close(L);
  return fclose(output) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
