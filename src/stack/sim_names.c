/* The name server of a world, on the router (RFC 1035). It knows the hosts and the names that a
 * test has added, and only IPv4 addresses. */
#include "stack/sim.h"

#define LIFETIME 60 /* s that an answer may be kept */
#define HEADER   12
#define LONGEST  256

enum { SUCCESS = 0, SERVER_FAILURE = 2, NO_SUCH_NAME = 3, TYPE_A = 1 };

typedef struct name_record {
  netmcu__sim_entry entry;
  netmcu_address ip;
  netmcu_sim_host *host; /* that has the name, or NULL */
  char name[];           /* in small letters */
} name_record;

/* ---- the names --------------------------------------------------------------------------------- */

static void copy_lower(char to[LONGEST], const char *name)
{
  size_t i = 0;

  for (; i < LONGEST - 1 && name[i]; i++)
    to[i] = netmcu__lower(name[i]);
  if (i > 1 && to[i - 1] == '.')
    i--;
  to[i] = '\0';
}

/* FNV-1a */
static uint64_t hash_of(const char *name)
{
  uint64_t hash = UINT64_C(0xcbf29ce484222325);

  for (; *name; name++)
    hash = (hash ^ (unsigned char)*name) * UINT64_C(0x100000001b3);
  return hash;
}

static name_record *find_name(const netmcu_sim *world, const char *name)
{
  char lower[LONGEST];
  netmcu__sim_entry *entry = NULL;

  copy_lower(lower, name);
  while ((entry = netmcu__sim_table_find(&world->names, entry, hash_of(lower))) != NULL)
    if (strcmp(netmcu__container(entry, name_record, entry)->name, lower) == 0)
      return netmcu__container(entry, name_record, entry);
  return NULL;
}

bool netmcu__sim_name_set(netmcu_sim *world, const char *name, const netmcu_address *ip, netmcu_sim_host *host)
{
  char lower[LONGEST];
  name_record *record = find_name(world, name);

  copy_lower(lower, name);
  if (record == NULL) {
    record = calloc(1, sizeof(*record) + strlen(lower) + 1);
    if (record == NULL)
      return false;
    strcpy(record->name, lower);
    netmcu__sim_table_add(&world->names, &record->entry, hash_of(lower));
  }
  record->ip = *ip;
  record->host = host ? host : record->host;
  return true;
}

void netmcu__sim_name_remove(netmcu_sim *world, const char *name)
{
  name_record *record = find_name(world, name);

  if (record == NULL)
    return;
  netmcu__sim_table_remove(&world->names, &record->entry);
  free(record);
}

int netmcu_sim_add_name(netmcu_sim *world, const char *name, const char *ip)
{
  netmcu_address address = {.port = 0};

  if (!netmcu__is_host_name(name) || (ip && (netmcu_ip_parse(ip, &address) || address.family != NETMCU_IPV4)))
    return NETMCU_EVALUE;
  if (ip)
    return netmcu__sim_name_set(world, name, &address, NULL) ? 0 : NETMCU_ENOMEM;
  if (netmcu_sim_host_find(world, name))
    return NETMCU_EVALUE;
  netmcu__sim_name_remove(world, name);
  return 0;
}

netmcu_sim_host *netmcu_sim_host_find(netmcu_sim *world, const char *name)
{
  const name_record *record = find_name(world, name);

  return record ? record->host : NULL;
}

void netmcu__sim_names_end(netmcu_sim *world)
{
  netmcu__sim_entry *entry;

  while ((entry = netmcu__sim_table_take(&world->names)) != NULL)
    free(netmcu__container(entry, name_record, entry));
  netmcu__sim_table_end(&world->names);
}

void netmcu_sim_set_names(netmcu_sim *world, uint64_t delay, double failures, double silence)
{
  world->name_server.delay = delay * MICROSECOND;
  world->name_server.failures = netmcu__sim_threshold(failures);
  world->name_server.silence = netmcu__sim_threshold(silence);
  world->name_server.fault =
      failures > 0 || silence > 0 ? netmcu__sim_rule_add(world, "name failures of", world->router, "", NULL) : NULL;
}

/* ---- answers ----------------------------------------------------------------------------------- */

/* Reads the name of the question as text. Returns the size of the question, or 0 if it is
 * malformed. */
static size_t read_question(const uint8_t *message, size_t size, char name[LONGEST])
{
  size_t at = HEADER, length = 0;

  while (at < size && message[at] != 0) {
    size_t label = message[at];
    if (label > 63 || at + 1 + label >= size || length + label + 1 >= LONGEST)
      return 0;
    memcpy(name + length, message + at + 1, label);
    length += label;
    name[length++] = '.';
    at += 1 + label;
  }
  name[length ? length - 1 : 0] = '\0';
  return at + 5 <= size ? at + 5 : 0;
}

static void put_16(char *place, unsigned value)
{
  place[0] = (char)(value >> 8);
  place[1] = (char)value;
}

/* Completes the answer, which begins with a copy of the question. */
static void write_answer(netmcu__sim_packet *answer, size_t question, int code, const netmcu_address *ip)
{
  char *record = answer->data + question;

  answer->size = question + (ip ? 16 : 0);
  put_16(answer->data + 2, 0x8180 | (unsigned)code);
  put_16(answer->data + 6, ip != NULL);
  memset(answer->data + 8, 0, 4);
  if (ip == NULL)
    return;
  put_16(record, 0xc000 | HEADER); /* a pointer to the name */
  put_16(record + 2, TYPE_A);
  put_16(record + 4, 1);
  put_16(record + 6, 0);
  put_16(record + 8, LIFETIME);
  put_16(record + 10, 4);
  memcpy(record + 12, ip->ip, 4);
}

static void look_up(netmcu_sim *world, netmcu__sim_packet *answer, size_t question, const char *name)
{
  const name_record *record = find_name(world, name);
  unsigned type = (unsigned)(uint8_t)answer->data[question - 4] << 8 | (uint8_t)answer->data[question - 3];

  if (netmcu__sim_chance(world, world->name_server.failures) && netmcu__sim_packet_fault(answer, "server failure"))
    write_answer(answer, question, SERVER_FAILURE, NULL);
  else if (record == NULL)
    write_answer(answer, question, NO_SUCH_NAME, NULL);
  else
    write_answer(answer, question, SUCCESS, type == TYPE_A ? &record->ip : NULL);
}

static void on_answer_due(netmcu__sim_event *event)
{
  netmcu__sim_send(netmcu__container(event, netmcu__sim_packet, arrival));
}

void netmcu__sim_name_server_arrived(netmcu_sim_host *router, const netmcu__sim_packet *question)
{
  netmcu_sim *world = router->world;
  char name[LONGEST];
  size_t size = read_question((const uint8_t *)question->data, question->size, name);

  if (size == 0)
    return;
  netmcu__sim_rule_met(world->name_server.fault);
  if (netmcu__sim_chance(world, world->name_server.silence) && netmcu__sim_packet_fault(question, "no answer"))
    return;
  netmcu__sim_packet *answer = netmcu__sim_packet_new(router, NETMCU_SIM_UDP, size + 16);
  if (answer == NULL)
    return;
  memcpy(answer->data, question->data, size);
  answer->to = question->from;
  answer->source = question->destination;
  answer->destination = question->source;
  look_up(world, answer, size, name);
  answer->arrival.run = on_answer_due;
  netmcu__sim_set(world, &answer->arrival, world->now + world->name_server.delay);
}
