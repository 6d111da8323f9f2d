/* Reads the files that DHCP clients leave. What it does not understand, it ignores. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "stack/system_interface.h"

#define FILE_SIZE 65536 /* the part at the end that is read: the newest leases of a log are there */

/* ---- words ----------------------------------------------------------------------------------- */

/* Part of a text. */
typedef struct span {
  const char *begin;
  size_t size;
  bool is_mark; /* one of { } ; outside of quotes */
} span;

static bool equals(span s, const char *word)
{
  return s.size == strlen(word) && memcmp(s.begin, word, s.size) == 0;
}

/* Reads the first address of a list, which spaces or commas separate. Leaves `ip` alone if there is
 * none. */
static void read_ip(span list, char ip[NETMCU_IP_SIZE])
{
  char text[NETMCU_IP_SIZE];
  struct in_addr address;
  size_t size = 0;

  while (size < list.size && (isdigit((unsigned char)list.begin[size]) || list.begin[size] == '.'))
    size++;
  bool ends = size == list.size || list.begin[size] == ' ' || list.begin[size] == ',';
  if (size == 0 || size >= sizeof(text) || !ends)
    return;
  memcpy(text, list.begin, size);
  text[size] = '\0';
  if (uv_inet_pton(AF_INET, text, &address) == 0)
    memcpy(ip, text, size + 1);
}

/* ---- KEY=value ------------------------------------------------------------------------------- */

static void read_key(span key, span value, netmcu__lease *lease)
{
  if (equals(key, "ADDRESS"))
    read_ip(value, lease->client);
  else if (equals(key, "SERVER_ADDRESS"))
    read_ip(value, lease->server);
  else if (equals(key, "NTP"))
    read_ip(value, lease->ntp);
}

bool netmcu__lease_read_keys(const char *text, netmcu__lease *lease)
{
  *lease = (netmcu__lease){.server = ""};
  while (*text) {
    size_t line = strcspn(text, "\n"), key = strcspn(text, "=\n");
    if (key < line)
      read_key((span){text, key, false}, (span){text + key + 1, line - key - 1, false}, lease);
    text += line;
    text += *text == '\n';
  }
  return lease->client[0] != '\0';
}

/* ---- lease { … } ----------------------------------------------------------------------------- */

/* Reads the next word: a quoted text without its quotes, one of { } ; or the text between those and
 * spaces. Skips comments. Returns false at the end of the text. */
static bool next_word(const char **text, span *word)
{
  for (;;) {
    *text += strspn(*text, " \t\r\n,");
    if (**text != '#')
      break;
    *text += strcspn(*text, "\n");
  }
  word->begin = *text;
  word->is_mark = false;
  if (**text == '"') {
    word->begin++;
    word->size = strcspn(word->begin, "\"\n");
    *text = word->begin + word->size;
    *text += **text == '"';
    return true;
  }
  word->size = strcspn(*text, " \t\r\n,\"{};#");
  if (word->size == 0 && **text != '\0') {
    word->size = 1;
    word->is_mark = true;
  }
  *text += word->size;
  return word->size > 0;
}

/* Reads the words of a statement, and returns the mark that ends it. The first words are its name
 * and value. */
static span read_statement(const char **text, span words[3])
{
  span word = {.begin = *text};

  for (unsigned i = 0; i < 3; i++)
    words[i] = (span){.begin = ""};
  for (unsigned count = 0; next_word(text, &word); count++) {
    if (word.is_mark)
      return word;
    if (count < 3)
      words[count] = word;
  }
  return (span){.begin = ""};
}

/* Reads the rest of a "lease { … }" block, after its brace. */
static void read_lease(const char **text, span *name, netmcu__lease *lease)
{
  span words[3], end;

  *lease = (netmcu__lease){.server = ""};
  *name = (span){.begin = ""};
  do {
    end = read_statement(text, words);
    if (equals(words[0], "interface"))
      *name = words[1];
    else if (equals(words[0], "fixed-address"))
      read_ip(words[1], lease->client);
    else if (equals(words[0], "option") && equals(words[1], "dhcp-server-identifier"))
      read_ip(words[2], lease->server);
    else if (equals(words[0], "option") && equals(words[1], "ntp-servers"))
      read_ip(words[2], lease->ntp);
  } while (equals(end, ";"));
}

bool netmcu__lease_read_log(const char *text, const char *name, const char *ip, netmcu__lease *lease)
{
  bool found = false;
  span words[3];

  while (*text) {
    span end = read_statement(&text, words), of;
    netmcu__lease read;
    if (!equals(end, "{") || !equals(words[0], "lease"))
      continue;
    read_lease(&text, &of, &read);
    if (!equals(of, name) || read.client[0] == '\0' || (ip && strcmp(read.client, ip) != 0))
      continue;
    *lease = read;
    found = true;
  }
  return found;
}

/* ---- files ----------------------------------------------------------------------------------- */

static size_t read_end(FILE *file, char *text, size_t size)
{
  if (fseek(file, -(long)size, SEEK_END))
    rewind(file); /* it is shorter */
  size = fread(text, 1, size, file);
  text[size] = '\0';
  return size;
}

bool netmcu__lease_read_file(const char *path, const char *name, const char *ip, netmcu__lease *lease)
{
  char text[FILE_SIZE + 1];
  FILE *file = fopen(path, "rb");

  if (file == NULL)
    return false;
  read_end(file, text, FILE_SIZE);
  fclose(file);
  if (name)
    return netmcu__lease_read_log(text, name, ip, lease);
  return netmcu__lease_read_keys(text, lease) && (ip == NULL || strcmp(lease->client, ip) == 0);
}
