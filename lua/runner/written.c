/* netmcu --watch: what the script itself has written does not restart it.
 *
 * A file is the script's own as long as it looks as the script left it, or while the script has it
 * open. What is noted here outlives the Lua state, because the end of a state writes what its files
 * have buffered. */
#include <lualib.h>
#include <stdlib.h>
#include <string.h>

#include "runner/runner.h"

/* A file that the script has written, renamed or removed. */
typedef struct note {
  struct note *next;
  runner_file left; /* as the script left it */
  int open_count;
  char path[]; /* real */
} note;

/* A file of Lua's io library that is open for writing. */
typedef struct open_file {
  struct open_file *next;
  const luaL_Stream *stream;
  lua_CFunction close; /* what it was before close_noted took its place */
  note *file;
} open_file;

static note *notes;
static open_file *open_files;

static note *find_note(const char *path)
{
  for (note *n = notes; n; n = n->next)
    if (strcmp(n->path, path) == 0)
      return n;
  return NULL;
}

/* Returns NULL if there is no such folder, or no memory: the file then restarts the script. */
static note *note_file(const char *path)
{
  char real[RUNNER_PATH];

  if (!runner_real_file(path, real, sizeof(real)))
    return NULL;
  note *n = find_note(real);
  if (n == NULL) {
    n = calloc(1, sizeof(*n) + strlen(real) + 1);
    if (n == NULL)
      return NULL;
    strcpy(n->path, real);
    n->next = notes;
    notes = n;
  }
  n->left = runner_look_at(n->path);
  return n;
}

bool runner_is_own_file(const char *path)
{
  const note *n = find_note(path);
  runner_file now = runner_look_at(path);

  if (n == NULL)
    return false;
  return n->open_count > 0 ? runner_is_same_file(&n->left, &now) : runner_is_unchanged(&n->left, &now);
}

/* In place of the file's own function, when the script or the collector closes it. */
static int close_noted(lua_State *L)
{
  const luaL_Stream *stream = luaL_checkudata(L, 1, LUA_FILEHANDLE);
  open_file **place = &open_files;

  while ((*place)->stream != stream)
    place = &(*place)->next;
  open_file file = **place;
  free(*place);
  *place = file.next;
  int results = file.close(L);
  file.file->open_count--;
  file.file->left = runner_look_at(file.file->path);
  return results;
}

/* opened(file, path): the script will write to the file. */
static int note_opened(lua_State *L)
{
  luaL_Stream *stream = luaL_checkudata(L, 1, LUA_FILEHANDLE);
  note *n = note_file(luaL_checkstring(L, 2));
  open_file *file = n ? malloc(sizeof(*file)) : NULL;

  if (file == NULL)
    return 0;
  *file = (open_file){open_files, stream, stream->closef, n};
  open_files = file;
  n->open_count++;
  stream->closef = close_noted;
  return 0;
}

/* changed(path): the script has renamed or removed the file. */
static int note_changed(lua_State *L)
{
  note_file(luaL_checkstring(L, 1));
  return 0;
}

int runner_watch_writes(lua_State *L)
{
  netmcu_require(L, "netmcu.runner.written");
  lua_pushcfunction(L, note_opened);
  lua_pushcfunction(L, note_changed);
  lua_call(L, 2, 0);
  return 0;
}

void runner_forget_writes(void)
{
  while (notes) {
    note *next = notes->next;
    free(notes);
    notes = next;
  }
}
