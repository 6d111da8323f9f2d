/* The files of a simulated host's flash (flash.c), for the object in Lua (flash_object.c). */
#ifndef NETMCU_FLASH_H
#define NETMCU_FLASH_H

#include "device/folder.h"
#include "runner/runner.h"

/* The bytes of a file in memory. They live as long as the file has a name, or is open. */
typedef struct flash_content {
  char *data;
  size_t size, capacity;
  unsigned users;
} flash_content;

/* The names are those of flash_check_name in flash_object.c. */
const netmcu_folder *flash_below(const runner_flash *flash);
bool flash_stat(const runner_flash *flash, const char *name, netmcu_folder_entry *entry);
/* Whether a file with this name can be there, because no part of its path is a file. */
bool flash_takes(const runner_flash *flash, const char *name);
/* Whether the file is in memory. */
bool flash_has(const runner_flash *flash, const char *name);
/* Opens a file in memory. With `is_empty`, it loses its content. The caller releases the content.
 * NULL means that memory or the flash is full. */
flash_content *flash_open(runner_flash *flash, const char *name, bool is_empty);
void flash_release(runner_flash *flash, flash_content *content);
/* Returns false, and changes nothing, if memory or the flash is full. */
bool flash_resize(runner_flash *flash, flash_content *content, size_t size);
/* Both return false if memory runs out. */
bool flash_remove(runner_flash *flash, const char *name);
bool flash_rename(runner_flash *flash, const char *from, const char *to);
/* How many bytes fit in the flash. */
long long flash_total(runner_flash *flash);
/* Calls visit() for each file in memory, and for each one below that was removed. */
void flash_visit(const runner_flash *flash, void (*visit)(const char *name, bool is_removed, void *data), void *data);

#endif
