/* compile OUTPUT NAME=PATH...: writes a C file that contains Lua modules as bytecode, with their
 * debug information. The build compiles and runs it with the runner's Lua. */
#include <lauxlib.h>
#include <lua.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int write_bytes(lua_State *L, const void *data, size_t size, void *file)
{
  const unsigned char *bytes = data;

  (void)L;
  for (size_t i = 0; i < size; i++)
    fprintf(file, "%u,%s", bytes[i], i % 24 == 23 ? "\n" : "");
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

  if (L == NULL || output == NULL)
    return fail("cannot write the output");
  fputs("/* Made by cmake/compile.c. */\n#include <lua.h>\n\n#include \"runner/embedded.h\"\n\n", output);
  for (int i = 2; i < argc; i++) {
    const char *equal = strchr(argv[i], '=');
    if (equal == NULL || load(L, argv[i], (size_t)(equal - argv[i]), equal + 1) != EXIT_SUCCESS)
      return EXIT_FAILURE;
    fprintf(output, "static const unsigned char code_%d[] = {\n", i);
    lua_dump(L, write_bytes, output, 0);
    fputs("};\n\n", output);
    lua_settop(L, 0);
  }
  fputs("const char netmcu_compiled_by[] = LUA_RELEASE;\nconst struct netmcu_embedded netmcu_compiled[] = {\n", output);
  for (int i = 2; i < argc; i++)
    fprintf(output, "  {\"%.*s\", code_%d, sizeof code_%d},\n", (int)strcspn(argv[i], "="), argv[i], i, i);
  fputs("  {NULL, NULL, 0},\n};\n", output);
  lua_close(L);
  return fclose(output) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
