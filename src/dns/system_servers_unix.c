/* Unix: /etc/resolv.conf, in the form of resolv.conf(5). */
#include "dns/system_servers.h"

#include <stdio.h>
#include <string.h>

#define BLANKS " \t\r\n"

static bool read_line(FILE *file, char *line, int size)
{
  int c;

  if (fgets(line, size, file) == NULL)
    return false;
  if (strchr(line, '\n') == NULL) /* no keyword that we know has so long a line */
    do
      c = getc(file);
    while (c != '\n' && c != EOF);
  return true;
}

static void read_servers(const char *path, netmcu__server_list *list)
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
    netmcu__server_list_append(list, value);
  }
  if (file)
    fclose(file);
}

const netmcu__server_list *netmcu__system_servers_get(netmcu__system_servers *s, uint64_t now)
{
  if (s->file.path == NULL)
    s->file.path = "/etc/resolv.conf";
  if (netmcu__file_is_new(&s->file, now)) {
    memset(&s->list, 0, sizeof(s->list));
    if (s->file.version.size > 0)
      read_servers(s->file.path, &s->list);
    s->file.is_read = true;
  }
  return &s->list;
}
