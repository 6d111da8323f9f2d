/* The flash of a simulated host: a folder of this machine that stays as it is, and in memory what the
 * host has written to it. Several hosts may have the same folder. The flash keeps its content when
 * the host restarts or crashes. */
#include "runner/flash.h"

#include <stdlib.h>
#include <string.h>

#define DEPTH 32 /* nested folders that are measured, as folder.lua walks them */

/* A file that the host has written, or has removed from the folder. */
typedef struct memory_file {
  struct memory_file *next;
  flash_content *content; /* NULL: removed */
  long long hidden;       /* bytes of the folder's file */
  char name[];
} memory_file;

/* A folder of this machine, which all flashes with its path share. */
typedef struct shared_folder {
  struct shared_folder *next;
  unsigned users;
  netmcu_folder folder;
  long long size; /* bytes of all files; -1: not measured yet */
  char path[];
} shared_folder;

struct runner_flash {
  shared_folder *below;
  memory_file *files;
  long long growth; /* by how many bytes more than the folder's the flash has in use */
};

static shared_folder *folders;

/* ---- the folder below -------------------------------------------------------------------------- */

static shared_folder *open_shared(const char *path)
{
  shared_folder *folder = folders;

  while (folder && strcmp(folder->path, path) != 0)
    folder = folder->next;
  if (folder)
    return folder;
  folder = calloc(1, sizeof(*folder) + strlen(path) + 1);
  if (folder == NULL || !netmcu_folder_attach(&folder->folder, path)) {
    free(folder);
    return NULL;
  }
  strcpy(folder->path, path);
  folder->size = -1;
  folder->next = folders;
  folders = folder;
  return folder;
}

static void close_shared(shared_folder *folder)
{
  shared_folder **link = &folders;

  if (--folder->users > 0)
    return;
  while (*link != folder)
    link = &(*link)->next;
  *link = folder->next;
  netmcu_folder_detach(&folder->folder);
  free(folder);
}

runner_flash *runner_flash_new(const char *path)
{
  runner_flash *flash = calloc(1, sizeof(*flash));

  if (flash == NULL)
    return NULL;
  flash->below = open_shared(path);
  if (flash->below == NULL) {
    free(flash);
    return NULL;
  }
  flash->below->users++;
  return flash;
}

const netmcu_folder *flash_below(const runner_flash *flash)
{
  return &flash->below->folder;
}

typedef struct measure {
  shared_folder *folder;
  const char *inside; /* the name of the inner folder */
  int depth;
} measure;

static void add_size(const char *entry, void *data)
{
  const measure *m = data;
  char name[NETMCU_NAME_LIMIT + 1];
  netmcu_folder_entry found;

  if (snprintf(name, sizeof(name), "%s%s%s", m->inside, *m->inside ? "/" : "", entry) >= (int)sizeof(name) ||
      !netmcu_folder_stat(&m->folder->folder, name, &found))
    return;
  if (!found.is_directory)
    m->folder->size += found.size;
  else if (m->depth < DEPTH)
    netmcu_folder_list(&m->folder->folder, name, add_size, &(measure){m->folder, name, m->depth + 1});
}

/* Only a host that writes needs this. */
static long long size_below(runner_flash *flash)
{
  shared_folder *below = flash->below;

  if (below->size < 0) {
    below->size = 0;
    netmcu_folder_list(&below->folder, "", add_size, &(measure){below, "", 1});
  }
  return below->size;
}

long long flash_total(runner_flash *flash)
{
  return netmcu_folder_total(size_below(flash));
}

/* ---- contents ---------------------------------------------------------------------------------- */

void flash_release(runner_flash *flash, flash_content *content)
{
  if (content == NULL || --content->users > 0)
    return;
  flash->growth -= (long long)content->size;
  free(content->data);
  free(content);
}

static bool reserve(flash_content *content, size_t size)
{
  size_t capacity = size > 2 * content->capacity ? size : 2 * content->capacity;
  char *data = size > content->capacity ? realloc(content->data, capacity) : content->data;

  if (data == NULL)
    return size == 0;
  if (size > content->capacity)
    content->capacity = capacity;
  content->data = data;
  return true;
}

bool flash_resize(runner_flash *flash, flash_content *content, size_t size)
{
  long long growth = flash->growth + (long long)size - (long long)content->size;

  if (size > content->size && size_below(flash) + growth > flash_total(flash))
    return false;
  if (!reserve(content, size))
    return false;
  if (size > content->size)
    memset(content->data + content->size, 0, size - content->size);
  content->size = size;
  flash->growth = growth;
  return true;
}

static bool copy_below(runner_flash *flash, const char *name, flash_content *content)
{
  FILE *source = netmcu_folder_open(flash_below(flash), name, "r");
  char part[4096];
  bool fits = true;

  if (source == NULL)
    return true;
  for (size_t got; fits && (got = fread(part, 1, sizeof(part), source)) > 0;) {
    fits = flash_resize(flash, content, content->size + got);
    if (fits)
      memcpy(content->data + content->size - got, part, got);
  }
  fclose(source);
  return fits;
}

/* ---- names ------------------------------------------------------------------------------------- */

static memory_file *find_file(const runner_flash *flash, const char *name)
{
  memory_file *file = flash->files;

  while (file && strcmp(file->name, name) != 0)
    file = file->next;
  return file;
}

static long long size_of_below(const runner_flash *flash, const char *name)
{
  netmcu_folder_entry entry;

  return netmcu_folder_stat(flash_below(flash), name, &entry) && !entry.is_directory ? entry.size : 0;
}

static memory_file *add_file(runner_flash *flash, const char *name)
{
  memory_file *file = calloc(1, sizeof(*file) + strlen(name) + 1);

  if (file == NULL)
    return NULL;
  strcpy(file->name, name);
  file->hidden = size_of_below(flash, name);
  flash->growth -= file->hidden;
  file->next = flash->files;
  flash->files = file;
  return file;
}

static void forget(runner_flash *flash, memory_file *file)
{
  memory_file **link = &flash->files;

  while (*link != file)
    link = &(*link)->next;
  *link = file->next;
  flash->growth += file->hidden;
  free(file);
}

/* Takes the content away. A file that hides none of the folder's is forgotten. */
static void drop_content(runner_flash *flash, memory_file *file)
{
  netmcu_folder_entry entry;

  flash_release(flash, file->content);
  file->content = NULL;
  if (!netmcu_folder_stat(flash_below(flash), file->name, &entry))
    forget(flash, file);
}

void runner_flash_free(runner_flash *flash)
{
  if (flash == NULL)
    return;
  while (flash->files) {
    memory_file *file = flash->files;
    flash->files = file->next;
    flash_release(flash, file->content);
    free(file);
  }
  close_shared(flash->below);
  free(flash);
}

bool flash_has(const runner_flash *flash, const char *name)
{
  const memory_file *file = find_file(flash, name);

  return file && file->content;
}

/* Whether the name is that of a folder which exists because of a file in memory. */
static bool is_folder_of(const memory_file *file, const char *name)
{
  size_t length = strlen(name);

  return file->content && strncmp(file->name, name, length) == 0 && file->name[length] == '/';
}

bool flash_stat(const runner_flash *flash, const char *name, netmcu_folder_entry *entry)
{
  const memory_file *file = find_file(flash, name);

  *entry = (netmcu_folder_entry){.size = 0};
  if (file && file->content) {
    entry->size = (long long)file->content->size;
    return true;
  }
  for (const memory_file *other = flash->files; other; other = other->next)
    if (is_folder_of(other, name)) {
      entry->is_directory = true;
      return true;
    }
  return !file && netmcu_folder_stat(flash_below(flash), name, entry);
}

bool flash_takes(const runner_flash *flash, const char *name)
{
  char part[NETMCU_NAME_LIMIT + 1];
  netmcu_folder_entry entry;

  for (const char *slash = strchr(name, '/'); slash; slash = strchr(slash + 1, '/')) {
    snprintf(part, sizeof(part), "%.*s", (int)(slash - name), name);
    if (flash_stat(flash, part, &entry) && !entry.is_directory)
      return false;
  }
  return *name != '\0' && !(flash_stat(flash, name, &entry) && entry.is_directory);
}

/* ---- what changes files ------------------------------------------------------------------------ */

/* Gives a content to a file that has none; with `is_copied`, that of the folder's file. */
static bool fill(runner_flash *flash, memory_file *file, bool is_copied)
{
  file->content = calloc(1, sizeof(*file->content));
  if (file->content == NULL)
    return false;
  file->content->users = 1; /* the name */
  return !is_copied || copy_below(flash, file->name, file->content);
}

flash_content *flash_open(runner_flash *flash, const char *name, bool is_empty)
{
  memory_file *file = find_file(flash, name);
  bool is_new = file == NULL;

  if (is_new)
    file = add_file(flash, name);
  if (file == NULL)
    return NULL;
  if (file->content == NULL && !fill(flash, file, is_new && !is_empty)) {
    flash_release(flash, file->content);
    file->content = NULL;
    if (is_new)
      forget(flash, file);
    return NULL;
  }
  if (is_empty)
    flash_resize(flash, file->content, 0);
  file->content->users++;
  return file->content;
}

bool flash_remove(runner_flash *flash, const char *name)
{
  memory_file *file = find_file(flash, name);

  if (file == NULL)
    file = add_file(flash, name);
  if (file)
    drop_content(flash, file);
  return file != NULL;
}

/* Files that are open stay the same files. */
bool flash_rename(runner_flash *flash, const char *from, const char *to)
{
  flash_content *content = flash_open(flash, from, false);
  memory_file *target = content ? find_file(flash, to) : NULL;

  if (content && target == NULL)
    target = add_file(flash, to);
  if (target == NULL) {
    flash_release(flash, content);
    return false;
  }
  target->content = content;
  drop_content(flash, find_file(flash, from));
  return true;
}

void flash_visit(const runner_flash *flash, void (*visit)(const char *name, bool is_removed, void *data), void *data)
{
  for (const memory_file *file = flash->files; file; file = file->next)
    visit(file->name, file->content == NULL, data);
}
