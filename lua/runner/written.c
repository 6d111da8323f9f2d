/* netmcu --watch: what the script itself has written does not restart it.
 *
 * A file is the script's own as long as it looks as the script left it. What is noted here outlives
 * the Lua state, because the system reports changes later. */
#include <stdlib.h>
#include <string.h>

#include "runner/runner.h"

/* A file that the script has written, renamed or removed. */
typedef struct note {
  struct note *next;
  runner_file left; /* as the script left it */
  char path[];      /* real */
} note;

static note *notes;

static note *find_note(const char *path)
{
  for (note *n = notes; n; n = n->next)
    if (strcmp(n->path, path) == 0)
      return n;
  return NULL;
}

/* Without memory nothing is noted: the file then restarts the script. */
static void note_file(const char *path)
{
  char real[RUNNER_PATH];

  if (!runner_real_file(path, real, sizeof(real)))
    return;
  note *n = find_note(real);
  if (n == NULL) {
    n = calloc(1, sizeof(*n) + strlen(real) + 1);
    if (n == NULL)
      return;
    strcpy(n->path, real);
    n->next = notes;
    notes = n;
  }
  n->left = runner_look_at(n->path);
}

bool runner_is_own_file(const char *path)
{
  const note *n = find_note(path);
  runner_file now = runner_look_at(path);

  return n && runner_is_unchanged(&n->left, &now);
}

/* folder:changed(name): the script has written, renamed or removed the file. */
static int note_changed(lua_State *L)
{
  note_file(lua_pushfstring(L, "%s/%s", lua_tostring(L, lua_upvalueindex(1)), luaL_checkstring(L, 2)));
  return 0;
}

int runner_watch_writes(lua_State *L)
{
  char folder[RUNNER_PATH];

  runner_root(lua_touserdata(L, 1), folder, sizeof(folder));
  netmcu_require(L, "netmcu.device.folder");
  netmcu_require(L, "netmcu.folder");
  lua_getfield(L, -1, "methods");
  lua_pushstring(L, folder);
  lua_pushcclosure(L, note_changed, 1);
  lua_setfield(L, -2, "changed");
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
