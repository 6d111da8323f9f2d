/* The folder that stands for the flash, on Unix: an open directory. folder.h describes its functions.
 *
 * A name is walked one component at a time from the open directory, and symbolic links are never
 * followed. Neither "..", nor a link, nor a directory that is swapped for a link between two calls
 * leads out.
 */
#define _GNU_SOURCE
#include "device/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef O_CLOEXEC
#define O_CLOEXEC 0
#endif

/* The directory that contains a file, and the file's own name in this directory. */
struct place {
  int directory; /* the place owns it; -1 if there is no such place */
  char leaf[NAME_MAX + 1];
};

static const int directory_flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

/* Copies the component of a name that begins at *rest, and moves *rest behind it. Returns false at
 * the end of the name. A component that cannot exist in the folder is copied as an empty one, at
 * which the walk fails. */
static bool next_component(const char **rest, char *component)
{
  do {
    *rest += strspn(*rest, "/");
    size_t length = strcspn(*rest, "/");
    if (length == 0)
      return false;
    bool usable = length <= NAME_MAX && !(length == 2 && memcmp(*rest, "..", 2) == 0);
    memcpy(component, *rest, usable ? length : 0);
    component[usable ? length : 0] = '\0';
    *rest += length;
  } while (strcmp(component, ".") == 0);
  return true;
}

static int enter_directory(int directory, const char *component, bool create)
{
  if (create && mkdirat(directory, component, 0777) != 0 && errno != EEXIST)
    return -1;
  return openat(directory, component, directory_flags);
}

/* Walks to the directory of the last component. With `create`, makes the directories on the way. */
static struct place find_place(const netmcu_folder *folder, const char *name, bool create)
{
  struct place place = {dup(folder->directory), ""};
  char next[NAME_MAX + 1];

  bool found = place.directory >= 0 && next_component(&name, place.leaf) && place.leaf[0] != '\0';
  while (found && next_component(&name, next)) {
    int inner = next[0] != '\0' ? enter_directory(place.directory, place.leaf, create) : -1;
    close(place.directory);
    place.directory = inner;
    strcpy(place.leaf, next);
    found = inner >= 0;
  }
  if (!found && place.directory >= 0) {
    close(place.directory);
    place.directory = -1;
  }
  if (place.directory >= 0)
    fcntl(place.directory, F_SETFD, FD_CLOEXEC);
  return place;
}

static void close_place(struct place *place)
{
  if (place->directory >= 0)
    close(place->directory);
}

static bool get_status(const struct place *place, struct stat *status)
{
  return place->directory >= 0 && fstatat(place->directory, place->leaf, status, AT_SYMLINK_NOFOLLOW) == 0;
}

static int open_flags(const char *mode)
{
  int access = strchr(mode, '+') ? O_RDWR : mode[0] == 'r' ? O_RDONLY : O_WRONLY;
  int creation = mode[0] == 'w' ? O_CREAT | O_TRUNC : mode[0] == 'a' ? O_CREAT | O_APPEND : 0;
  /* Opening a pipe must not block before it is refused. */
  return access | creation | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK;
}

/* Opens a regular file. Returns its descriptor, or -1 with errno set. */
static int open_regular(const struct place *place, const char *mode)
{
  struct stat status;
  if (get_status(place, &status) && !S_ISREG(status.st_mode)) {
    errno = ENOENT;
    return -1;
  }
  int file = openat(place->directory, place->leaf, open_flags(mode), 0666);
  if (file >= 0 && (fstat(file, &status) != 0 || !S_ISREG(status.st_mode))) {
    close(file);
    errno = ENOENT;
    return -1;
  }
  return file;
}

FILE *netmcu_folder_open(const netmcu_folder *folder, const char *name, const char *mode)
{
  struct place place = find_place(folder, name, mode[0] != 'r');
  errno = ENOENT;
  int file = place.directory >= 0 ? open_regular(&place, mode) : -1;
  close_place(&place);
  if (file < 0)
    return NULL;
  const char standard_mode[] = {mode[0], 'b', strchr(mode, '+') ? '+' : '\0', '\0'};
  FILE *stream = fdopen(file, standard_mode);
  if (stream == NULL)
    close(file);
  return stream;
}

bool netmcu_folder_stat(const netmcu_folder *folder, const char *name, netmcu_folder_entry *entry)
{
  struct place place = find_place(folder, name, false);
  struct stat status;
  bool found = get_status(&place, &status) && (S_ISREG(status.st_mode) || S_ISDIR(status.st_mode));
  if (found) {
    entry->size = status.st_size;
    entry->changed = status.st_mtime;
    entry->is_directory = S_ISDIR(status.st_mode);
    entry->is_readonly = faccessat(place.directory, place.leaf, W_OK, 0) != 0;
  }
  close_place(&place);
  return found;
}

bool netmcu_folder_erase(const netmcu_folder *folder, const char *name)
{
  struct place place = find_place(folder, name, false);
  struct stat status;
  bool done = get_status(&place, &status) &&
              unlinkat(place.directory, place.leaf, S_ISDIR(status.st_mode) ? AT_REMOVEDIR : 0) == 0;
  close_place(&place);
  return done;
}

/* Creating a hard link fails if the new name exists, so check and rename are one step. A file
 * system without hard links takes two steps. */
static bool move_file(const struct place *from, const struct place *to)
{
  struct stat status;
  if (linkat(from->directory, from->leaf, to->directory, to->leaf, 0) == 0)
    return unlinkat(from->directory, from->leaf, 0) == 0;
  if (errno == EEXIST || get_status(to, &status))
    return false;
  return renameat(from->directory, from->leaf, to->directory, to->leaf) == 0;
}

bool netmcu_folder_move(const netmcu_folder *folder, const char *from, const char *to)
{
  struct place source = find_place(folder, from, false), target = find_place(folder, to, true);
  bool done = source.directory >= 0 && target.directory >= 0 && move_file(&source, &target);
  close_place(&source);
  close_place(&target);
  return done;
}

static DIR *open_listing(int directory, const char *component)
{
  int inner = enter_directory(directory, component, false);
  DIR *listing = inner >= 0 ? fdopendir(inner) : NULL;
  if (listing == NULL && inner >= 0)
    close(inner);
  return listing;
}

static DIR *find_listing(const netmcu_folder *folder, const char *name)
{
  if (name[0] == '\0')
    return open_listing(folder->directory, ".");
  struct place place = find_place(folder, name, false);
  DIR *listing = place.directory >= 0 ? open_listing(place.directory, place.leaf) : NULL;
  close_place(&place);
  return listing;
}

void netmcu_folder_list(const netmcu_folder *folder, const char *name, void (*visit)(const char *entry, void *data),
                        void *data)
{
  DIR *listing = find_listing(folder, name);
  const struct dirent *entry;
  if (listing == NULL)
    return;
  while ((entry = readdir(listing)) != NULL)
    if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
      visit(entry->d_name, data);
  closedir(listing);
}

bool netmcu_folder_attach(netmcu_folder *folder, const char *path)
{
  folder->directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  return folder->directory >= 0;
}

void netmcu_folder_detach(netmcu_folder *folder)
{
  if (folder->directory >= 0)
    close(folder->directory);
  folder->directory = -1;
}
