/* The folder that stands for the flash of the device, as folder_unix.c and folder_windows.c open it.
 *
 * No name leads out of the folder. Links, pipes, sockets, and names that the system cannot have do
 * not exist on the device. Here they count as absent, and so does the empty name.
 */
#ifndef NETMCU_FOLDER_H
#define NETMCU_FOLDER_H

#include <stdbool.h>
#include <stdio.h>
#ifdef _WIN32
#include <wchar.h>
#endif

enum {
  NETMCU_NAME_LIMIT = 1024,     /* bytes of a whole name */
  NETMCU_ROOT_LIMIT = 2048,     /* characters of a path on Windows */
  NETMCU_FLASH_SIZE = 3145728,  /* bytes of the device's file system */
  NETMCU_FLASH_MARGIN = 262144, /* bytes that are free at least if the folder is larger than that */
};

typedef struct netmcu_folder {
#ifdef _WIN32
  wchar_t root[NETMCU_ROOT_LIMIT]; /* the final path, without a separator at its end */
#else
  int directory; /* -1 if closed */
#endif
} netmcu_folder;

typedef struct netmcu_folder_entry {
  long long size, changed; /* bytes; seconds since 1970 */
  bool is_directory, is_readonly;
} netmcu_folder_entry;

/* These two set errno if they fail. */
bool netmcu_folder_attach(netmcu_folder *folder, const char *path);
FILE *netmcu_folder_open(const netmcu_folder *folder, const char *name, const char *mode);
void netmcu_folder_detach(netmcu_folder *folder);
bool netmcu_folder_stat(const netmcu_folder *folder, const char *name, netmcu_folder_entry *entry);
/* Removes anything but a folder with something in it. */
bool netmcu_folder_erase(const netmcu_folder *folder, const char *name);
/* Fails if there is something with the new name. */
bool netmcu_folder_move(const netmcu_folder *folder, const char *from, const char *to);
/* Calls visit() for each name in an inner folder, or in the folder itself (""). */
void netmcu_folder_list(const netmcu_folder *folder, const char *name, void (*visit)(const char *entry, void *data),
                        void *data);

/* How many bytes fit in a file system whose files have this size. */
static inline long long netmcu_folder_total(long long used)
{
  return used + NETMCU_FLASH_MARGIN > NETMCU_FLASH_SIZE ? used + NETMCU_FLASH_MARGIN : NETMCU_FLASH_SIZE;
}

#endif
