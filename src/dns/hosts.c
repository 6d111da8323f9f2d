/* The hosts file: addresses and their names. It is read when it changes, not for each lookup.
 *
 * Its text is kept, and the names in it become strings in place. A table, sorted by name, points
 * into it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "base/memory.h"
#include "dns/hosts.h"
#include "stack/file.h"
#include "stack/stack.h"

/* Lists of blocked names have some MB. The rest of a larger file is ignored. */
#define LARGEST ((size_t)64 << 20)

/* The size of the longest name, with the root's dot. */
#define NAME_SIZE 256

typedef struct entry {
  const char *name;
  const char *ip;
} entry;

struct netmcu__hosts {
  netmcu_t *ctx;
  netmcu__file file;
  char *text;
  entry *entries;
  size_t count, room;
  uint64_t lengths; /* of the names, by length_bit: shows for most names that the file lacks them */
};

/* ---- the table ------------------------------------------------------------------------------- */

/* Makes equal names equal strings: small letters, without the root's dot. */
static void normalize(char *name)
{
  char *end = name;

  for (; *end; end++)
    *end = netmcu__lower(*end);
  if (end > name + 1 && end[-1] == '.')
    end[-1] = '\0';
}

/* Returns the bit of a normalized name's length. All long names share one. */
static uint64_t length_bit(size_t length)
{
  return UINT64_C(1) << (length < 63 ? length : 63);
}

static int compare(const void *a, const void *b)
{
  return strcmp(((const entry *)a)->name, ((const entry *)b)->name);
}

/* Sorts equal names as they come in the file, which is read from its beginning. */
static int compare_with_place(const void *a, const void *b)
{
  const char *first = ((const entry *)a)->name, *second = ((const entry *)b)->name;
  int order = strcmp(first, second);

  return order ? order : (first > second) - (first < second);
}

static bool make_room(netmcu__hosts *h)
{
  size_t room = h->room ? 2 * h->room : 16;

  if (h->count < h->room)
    return true;
  entry *entries = netmcu__resize(h->ctx, h->entries, room * sizeof(*entries));
  if (entries == NULL)
    return false;
  h->entries = entries;
  h->room = room;
  return true;
}

static void sort(netmcu__hosts *h)
{
  if (h->count > 0)
    qsort(h->entries, h->count, sizeof(*h->entries), compare_with_place);
}

static void clear(netmcu__hosts *h)
{
  netmcu__release(h->ctx, h->text);
  netmcu__release(h->ctx, h->entries);
  h->text = NULL;
  h->entries = NULL;
  h->count = h->room = 0;
  h->lengths = 0;
}

/* ---- the file -------------------------------------------------------------------------------- */

/* Makes the next word of a line a string and returns it, or NULL at the end of the line. A NUL in
 * the file also ends a word. */
static char *next_word(char **line, const char *end)
{
  char *word = *line;

  while (word < end && (*word == ' ' || (*word >= '\t' && *word <= '\r') || *word == '\0'))
    word++;
  if (word == end)
    return NULL;
  char *stop = word;
  while (stop < end && *stop != ' ' && !(*stop >= '\t' && *stop <= '\r') && *stop != '\0')
    stop++;
  *stop = '\0'; /* At the end of the file, the text has one more byte. */
  *line = stop < end ? stop + 1 : stop;
  return word;
}

static bool read_line(netmcu__hosts *h, char *line, const char *end)
{
  uint8_t ip[16];
  char *word = next_word(&line, end);
  entry e = {.ip = word};

  if (word == NULL || uv_inet_pton(strchr(word, ':') ? AF_INET6 : AF_INET, word, ip))
    return true;
  while ((word = next_word(&line, end)) != NULL) {
    if (!make_room(h))
      return false;
    normalize(word);
    e.name = word;
    h->lengths |= length_bit(strlen(word));
    h->entries[h->count++] = e;
  }
  return true;
}

static bool read_lines(netmcu__hosts *h, size_t size)
{
  char *end = h->text + size;

  for (char *line = h->text; line < end;) {
    char *stop = memchr(line, '\n', (size_t)(end - line));
    stop = stop ? stop : end;
    char *comment = memchr(line, '#', (size_t)(stop - line));
    if (!read_line(h, line, comment ? comment : stop))
      return false;
    line = stop + 1;
  }
  sort(h);
  return true;
}

/* Returns false if memory runs out. A file that cannot be read is an empty one. */
static bool read_file(netmcu__hosts *h)
{
  size_t size = h->file.version.size < LARGEST ? (size_t)h->file.version.size : LARGEST;
  FILE *file = size ? fopen(h->file.path, "rb") : NULL;

  clear(h);
  if (file == NULL)
    return true;
  h->text = netmcu__resize(h->ctx, NULL, size + 1);
  bool done = h->text && read_lines(h, fread(h->text, 1, size, file));
  fclose(file);
  if (!done)
    clear(h);
  return done;
}

/* Reads the file if it has changed. Returns false if memory runs out. */
static bool update(netmcu__hosts *h)
{
  if (netmcu__file_is_new(&h->file, netmcu__now(netmcu__stack_of(h->ctx))))
    h->file.is_read = read_file(h);
  return h->file.is_read;
}

/* ---- finding a name -------------------------------------------------------------------------- */

netmcu__hosts *netmcu__hosts_new(netmcu_t *ctx, const char *path)
{
  netmcu__hosts *h = netmcu__allocate(ctx, sizeof(*h));

  if (h) {
    h->ctx = ctx;
    h->file.path = path;
  }
  return h;
}

void netmcu__hosts_free(netmcu__hosts *h)
{
  if (h == NULL)
    return;
  clear(h);
  netmcu__release(h->ctx, h);
}

bool netmcu__is_under(const char *name, const char *domain)
{
  size_t length = strlen(name), size = strlen(domain);

  if (length > 0 && name[length - 1] == '.')
    length--;
  if (length < size || (length > size && name[length - size - 1] != '.'))
    return false;
  for (const char *end = name + length - size; *domain; end++, domain++)
    if (netmcu__lower(*end) != *domain)
      return false;
  return true;
}

/* Returns the first entry of the name. */
static const entry *find_entry(const netmcu__hosts *h, const char *name, size_t length)
{
  char wanted[NAME_SIZE];
  entry key = {.name = wanted};
  bool rooted = length > 1 && name[length - 1] == '.';

  if (length >= sizeof(wanted) || !(h->lengths & length_bit(length - rooted)))
    return NULL;
  strcpy(wanted, name);
  normalize(wanted);
  const entry *found = bsearch(&key, h->entries, h->count, sizeof(key), compare);
  while (found && found > h->entries && compare(found - 1, found) == 0)
    found--;
  return found;
}

static unsigned add_address(const char *ip, uint16_t family, netmcu_address *address)
{
  netmcu_address found = {.port = 0};

  if (netmcu_ip_parse(ip, &found) || (family != NETMCU__ANY_FAMILY && found.family != family))
    return 0;
  *address = found;
  return 1;
}

static unsigned add_localhost(uint16_t family, netmcu_address *addresses, unsigned most)
{
  unsigned count = add_address("::1", family, addresses);

  return count < most ? count + add_address("127.0.0.1", family, &addresses[count]) : count;
}

int netmcu__hosts_find(netmcu__hosts *h, const char *name, uint16_t family, netmcu_address *addresses, unsigned most,
                       unsigned *count)
{
  if (!update(h))
    return NETMCU_ENOMEM;
  const entry *first = find_entry(h, name, strlen(name));
  *count = 0;
  for (const entry *e = first; e && e < h->entries + h->count && *count < most && compare(e, first) == 0; e++)
    *count += add_address(e->ip, family, &addresses[*count]);
  if (*count == 0 && netmcu__is_under(name, "localhost"))
    *count = add_localhost(family, addresses, most);
  return *count > 0 ? 0 : NETMCU_ENOTFOUND;
}
