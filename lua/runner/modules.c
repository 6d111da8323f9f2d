/* The Lua modules that the program contains, and how a state gets them. */
#include "runner/embedded.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runner/runner.h"

/* A Lua file, or its bytecode. */
typedef struct module {
  const char *name; /* NULL: there is no such file */
  const unsigned char *code;
  size_t size;
} module;

static module find(const struct netmcu_embedded *file, const unsigned char *bytes, const char *name)
{
  while (file->name[0] && strcmp(file->name, name) != 0)
    file++;
  return file->name[0] ? (module){file->name, bytes + file->start, file->size} : (module){.name = NULL};
}

static module find_embedded(const char *name)
{
  return find(netmcu_embedded, netmcu_embedded_bytes, name);
}

/* The Lua library may be another release than the one that compiled the modules. Their bytecode is
 * not used then. */
static bool is_lua_of_build(void)
{
#ifdef _WIN32 /* Lua's DLL does not export the name */
  const char lua_ident[] = "";
#endif
  const char *release = strstr(lua_ident, netmcu_compiled_by);

  return release && release[strlen(netmcu_compiled_by)] == ' ';
}

/* Pushes the function of a module, or an error message. Never raises an error. */
static int push_module(lua_State *L, const module *file)
{
  char chunk_name[64];

  snprintf(chunk_name, sizeof(chunk_name), "=%s", file->name);
  return luaL_loadbufferx(L, (const char *)file->code, file->size, chunk_name, NULL);
}

bool runner_find_module(lua_State *L, const char *name)
{
  module file = {.name = NULL};

  if (is_lua_of_build())
    file = find(netmcu_compiled, netmcu_compiled_bytes, name);
  if (file.name == NULL)
    file = find_embedded(name);
  if (file.name == NULL)
    return false;
  if (push_module(L, &file) != LUA_OK)
    lua_error(L);
  return true;
}

const char *runner_find_text(const char *name, size_t *size)
{
  module file = find_embedded(name);

  *size = file.size;
  return file.name ? (const char *)file.code : "";
}

/* ---- for many states --------------------------------------------------------------------------- */

/* The bytecode of a module that a simulated host has used, for all others. */
typedef struct kept_module {
  module file;
  struct kept_module *next;
  char *code;
} kept_module;

static kept_module *kept_modules;

static const kept_module *find_kept(const char *name)
{
  const kept_module *kept = kept_modules;

  while (kept && strcmp(kept->file.name, name) != 0)
    kept = kept->next;
  return kept;
}

/* Counts the bytes of the bytecode, and writes them if there is memory for them. */
static int take_code(lua_State *L, const void *code, size_t size, void *data)
{
  kept_module *kept = data;

  (void)L;
  if (kept->code)
    memcpy(kept->code + kept->file.size, code, size);
  kept->file.size += size;
  return 0;
}

/* Lua dumps a function in pieces of a few bytes, so the first dump only measures. */
static bool dump_module(lua_State *L, kept_module *kept)
{
  lua_dump(L, take_code, kept, 0);
  kept->code = malloc(kept->file.size);
  kept->file.code = (unsigned char *)kept->code;
  kept->file.size = 0;
  if (kept->code)
    lua_dump(L, take_code, kept, 0);
  return kept->code != NULL;
}

/* A state of its own compiles the module, so that the number of objects in a host's state does not
 * depend on which host has used the module first. */
static const kept_module *keep_module(const module *file)
{
  kept_module *kept = calloc(1, sizeof(*kept));
  lua_State *compiler = kept ? luaL_newstate() : NULL;
  bool is_complete = compiler && push_module(compiler, file) == LUA_OK && dump_module(compiler, kept);

  if (compiler)
    lua_close(compiler);
  if (!is_complete) {
    free(kept);
    return NULL;
  }
  kept->file.name = file->name;
  kept->next = kept_modules;
  kept_modules = kept;
  return kept;
}

bool runner_find_kept_module(lua_State *L, const char *name)
{
  module file = find_embedded(name);
  const kept_module *kept = file.name ? find_kept(name) : NULL;

  if (file.name == NULL)
    return false;
  if (kept == NULL)
    kept = keep_module(&file);
  if (kept == NULL)
    luaL_error(L, "cannot compile module '%s'", name);
  else if (push_module(L, &kept->file) != LUA_OK)
    lua_error(L);
  return true;
}
