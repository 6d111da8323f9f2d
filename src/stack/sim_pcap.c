/* Files in pcapng format (draft-ietf-opsawg-pcapng), with whole IPv4 packets. They are written in
 * little-endian on every machine, so that they are the same everywhere. */
#include <errno.h>

#include "base/error.h"
#include "stack/sim.h"

typedef struct bytes {
  uint8_t data[256];
  size_t size;
} bytes;

/* ---- numbers ----------------------------------------------------------------------------------- */

static void put_little(bytes *b, uint64_t value, unsigned size)
{
  for (unsigned i = 0; i < size; i++)
    b->data[b->size++] = (uint8_t)(value >> 8 * i);
}

static void put_big(bytes *b, uint64_t value, unsigned size)
{
  for (unsigned i = size; i-- > 0;)
    b->data[b->size++] = (uint8_t)(value >> 8 * i);
}

static void put_text(bytes *b, const char *text)
{
  size_t size = strlen(text);

  memcpy(b->data + b->size, text, size);
  b->size += size;
}

static void pad(bytes *b)
{
  while (b->size % 4)
    b->data[b->size++] = 0;
}

/* ---- checksums (RFC 1071) ---------------------------------------------------------------------- */

static uint32_t add_up(uint32_t sum, const uint8_t *data, size_t size)
{
  for (size_t i = 0; i < size; i++)
    sum += i % 2 ? data[i] : (uint32_t)data[i] << 8;
  return sum;
}

static void set_checksum(uint8_t *place, uint32_t sum)
{
  while (sum >> 16)
    sum = (sum & 0xffff) + (sum >> 16);
  place[0] = (uint8_t)(~sum >> 8);
  place[1] = (uint8_t)~sum;
}

/* ---- headers ----------------------------------------------------------------------------------- */

static void put_ip(bytes *b, const netmcu__sim_packet *packet)
{
  size_t start = b->size;

  put_big(b, 0x4500, 2);
  put_big(b, netmcu__sim_packet_size(packet), 2);
  put_big(b, 0x00004000, 4); /* never fragmented in the file */
  put_big(b, packet->ttl, 1);
  put_big(b, packet->protocol, 1);
  put_big(b, 0, 2);
  memcpy(b->data + b->size, packet->source.ip, 4);
  memcpy(b->data + b->size + 4, packet->destination.ip, 4);
  b->size += 8;
  set_checksum(b->data + start + 10, add_up(0, b->data + start, 20));
}

static void put_tcp(bytes *b, const netmcu__sim_packet *packet)
{
  unsigned words = packet->mss ? 7 : 5;

  put_big(b, packet->source.port, 2);
  put_big(b, packet->destination.port, 2);
  put_big(b, packet->sequence, 4);
  put_big(b, packet->acknowledgement, 4);
  put_big(b, words << 12 | packet->flags, 2);
  put_big(b, packet->window, 2);
  put_big(b, 0, 4);
  if (packet->mss == 0)
    return;
  put_big(b, 0x02040000 | packet->mss, 4);
  put_big(b, packet->scale == NO_SCALE ? 0x01010101 : 0x01030300u | packet->scale, 4);
}

static void put_udp(bytes *b, const netmcu__sim_packet *packet)
{
  put_big(b, packet->source.port, 2);
  put_big(b, packet->destination.port, 2);
  put_big(b, 8 + packet->size, 2);
  put_big(b, 0, 2);
}

static void put_icmp(bytes *b, const netmcu__sim_packet *packet)
{
  put_big(b, packet->flags, 1);
  put_big(b, packet->flags == 3 ? 3 : 0, 1); /* a port is unreachable */
  put_big(b, 0, 2);
  put_big(b, packet->sequence, 4);
}

/* Sets the checksum of what follows the IP header, at `offset` of it. */
static void set_inner_checksum(bytes *b, const netmcu__sim_packet *packet, const void *payload, size_t offset)
{
  size_t size = b->size - 20;
  uint32_t sum = add_up(add_up(0, b->data + 20, size), payload, packet->size);

  if (packet->protocol != NETMCU_SIM_ICMP) /* with a pseudo header */
    sum = add_up(sum + packet->protocol + (uint32_t)(size + packet->size), b->data + 12, 8);
  set_checksum(b->data + 20 + offset, sum);
}

/* ---- blocks ------------------------------------------------------------------------------------ */

static void put_comment(bytes *b, int fate)
{
  static const char *const comments[] = {NULL,        "lost",         "lost in a partition",
                                         "held back", "no such host", "duplicated"};
  const char *comment = comments[fate];

  if (comment == NULL)
    return;
  put_little(b, 1, 2);
  put_little(b, strlen(comment), 2);
  put_text(b, comment);
  pad(b);
  put_little(b, 0, 4);
}

static void write_bytes(netmcu_sim *world, const void *data, size_t size)
{
  fwrite(data, 1, size, world->pcap);
}

static void write_packet(netmcu_sim *world, const bytes *headers, const netmcu__sim_packet *packet, const void *payload,
                         int fate)
{
  size_t size = headers->size + packet->size, padding = (4 - size % 4) % 4;
  bytes options = {.size = 0}, start = {.size = 0};
  uint64_t time = world->start * MICROSECOND + world->now;

  put_comment(&options, fate);
  size_t total = 32 + size + padding + options.size;
  put_little(&start, 6, 4);
  put_little(&start, total, 4);
  put_little(&start, 0, 4);
  put_little(&start, time >> 32, 4);
  put_little(&start, time, 4);
  put_little(&start, size, 4);
  put_little(&start, size, 4);
  write_bytes(world, start.data, start.size);
  write_bytes(world, headers->data, headers->size);
  write_bytes(world, payload, packet->size);
  write_bytes(world, "\0\0\0", padding);
  put_little(&options, total, 4);
  write_bytes(world, options.data, options.size);
}

void netmcu__sim_pcap_write(netmcu_sim *world, const netmcu__sim_packet *packet, int fate)
{
  bytes headers = {.size = 0};
  netmcu__sim_packet cut = *packet; /* an unreachable message does not show what it is about */

  if (packet->protocol == NETMCU_SIM_ICMP && packet->flags == 3)
    cut.size = 0;
  put_ip(&headers, &cut);
  switch (packet->protocol) {
  case NETMCU_SIM_TCP: put_tcp(&headers, &cut); break;
  case NETMCU_SIM_UDP: put_udp(&headers, &cut); break;
  default: put_icmp(&headers, &cut);
  }
  set_inner_checksum(&headers, &cut, packet->data,
                     packet->protocol == NETMCU_SIM_TCP   ? 16
                     : packet->protocol == NETMCU_SIM_UDP ? 6
                                                          : 2);
  write_packet(world, &headers, &cut, packet->data, fate);
}

/* The header of a section, and an interface that carries IPv4 packets, with times in ns. */
static void write_beginning(netmcu_sim *world)
{
  bytes b = {.size = 0};

  put_little(&b, 0x0a0d0d0a, 4);
  put_little(&b, 28, 4);
  put_little(&b, 0x1a2b3c4d, 4);
  put_little(&b, 1, 4);
  put_little(&b, UINT64_MAX, 8);
  put_little(&b, 28, 4);
  put_little(&b, 1, 4);
  put_little(&b, 32, 4);
  put_little(&b, 228, 4);
  put_little(&b, 0, 4);
  put_little(&b, 0x00010009, 4);
  put_little(&b, 9, 4);
  put_little(&b, 0, 4);
  put_little(&b, 32, 4);
  write_bytes(world, b.data, b.size);
}

int netmcu_sim_pcap(netmcu_sim *world, const char *path)
{
  bool is_complete = world->pcap == NULL || fclose(world->pcap) == 0;

  world->pcap = NULL;
  if (path == NULL)
    return is_complete ? 0 : netmcu__error(uv_translate_sys_error(errno));
  world->pcap = fopen(path, "wb");
  if (world->pcap == NULL)
    return netmcu__error(uv_translate_sys_error(errno));
  write_beginning(world);
  return 0;
}
