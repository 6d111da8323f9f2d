/* The name servers of /etc/resolv.conf, which has the form of resolv.conf(5). */
#include "stack/system_interface.h"

#include <stdio.h>
#include <string.h>

#define BLANKS " \t\r\n"

static bool read_line(FILE *file, char *line, int size)
{
  int c;

  if (fgets(line, size, file) == NULL)
    return false;
  if (strchr(line, '\n') == NULL) /* A name server has no such long line: skip the rest of it. */
    do
      c = getc(file);
    while (c != '\n' && c != EOF);
  return true;
}

static void read_servers(const char *path, netmcu__name_servers *list)
{
  static const char keyword[] = "nameserver";
  const size_t length = sizeof(keyword) - 1;
  char line[256];
  FILE *file = fopen(path, "r");

  while (file && read_line(file, line, sizeof(line))) {
    char *value = line + length;
    if (strncmp(line, keyword, length) != 0 || strchr(" \t", *value) == NULL)
      continue;
    value += strspn(value, BLANKS);
    value[strcspn(value, BLANKS)] = '\0';
    netmcu__name_servers_append(list, value);
  }
  if (file)
    fclose(file);
}

const netmcu__name_servers *netmcu__system_name_servers(netmcu__stack *stack)
{
  netmcu__system *system = netmcu__system_of(stack);
  netmcu__file *file = &system->configuration;

  if (file->path == NULL)
    file->path = "/etc/resolv.conf";
  if (netmcu__file_is_new(file, netmcu__now(stack))) {
    system->name_servers = (netmcu__name_servers){.count = 0};
    if (file->version.size > 0)
      read_servers(file->path, &system->name_servers);
    file->is_read = true;
  }
  return &system->name_servers;
}
