/* ICMP packets: requests are written as specified, and only complete echo replies are read. */
#include "loop.h"
#include "stack/echo_packet.h"

#define HEADER 8

static const uint8_t payload[NETMCU__ECHO_PAYLOAD] = "0123456789abcdefghijklmnopqrstu";

static uint16_t sum_of(const uint8_t *bytes, size_t size)
{
  uint32_t sum = 0;
  for (size_t i = 0; i < size; i++)
    sum += i % 2 ? bytes[i] : (uint32_t)bytes[i] << 8;
  while (sum > 0xffff)
    sum = (sum & 0xffff) + (sum >> 16);
  return (uint16_t)~sum;
}

static void set_sum(uint8_t *packet, size_t size)
{
  packet[2] = packet[3] = 0;
  uint16_t sum = sum_of(packet, size);
  packet[2] = (uint8_t)(sum >> 8);
  packet[3] = (uint8_t)sum;
}

/* Makes a correct reply, for tests to damage. */
static void make_reply(uint8_t packet[NETMCU__ECHO_SIZE])
{
  netmcu__echo echo = {.id = 0x1234, .sequence = 0x7fff, .payload = payload};
  netmcu__echo_write(&echo, NETMCU_IPV4, packet);
  packet[0] = 0;
  set_sum(packet, NETMCU__ECHO_SIZE);
}

/* Reads from a block of the same size, so that a sanitizer detects an access behind it. */
static bool reads(const uint8_t *bytes, size_t size)
{
  netmcu__echo echo;
  uint8_t *copy = malloc(size + (size == 0));
  memcpy(copy, bytes, size);
  bool read = netmcu__echo_read(copy, size, NETMCU_IPV4, &echo);
  if (read)
    assert_memory_equal(echo.payload, bytes + size - NETMCU__ECHO_PAYLOAD, NETMCU__ECHO_PAYLOAD);
  free(copy);
  return read;
}

static void test_request(void **state)
{
  (void)state;
  static const uint8_t header[] = {8, 0};
  netmcu__echo echo = {.id = 0xabcd, .sequence = 0x0102, .payload = payload};
  uint8_t packet[NETMCU__ECHO_SIZE];
  netmcu__echo_write(&echo, NETMCU_IPV4, packet);
  assert_memory_equal(packet, header, sizeof header);
  assert_int_equal(sum_of(packet, sizeof packet), 0);
  assert_memory_equal(packet + 4, "\xab\xcd\x01\x02", 4);
  assert_memory_equal(packet + HEADER, payload, sizeof payload);
}

static void test_reply(void **state)
{
  (void)state;
  uint8_t packet[NETMCU__ECHO_SIZE];
  netmcu__echo echo;
  make_reply(packet);
  assert_true(netmcu__echo_read(packet, sizeof packet, NETMCU_IPV4, &echo));
  assert_int_equal(echo.id, 0x1234);
  assert_int_equal(echo.sequence, 0x7fff);
  assert_memory_equal(echo.payload, payload, sizeof payload);
}

static void test_reply_behind_a_header(void **state)
{
  (void)state;
  uint8_t packet[60 + NETMCU__ECHO_SIZE] = {0};
  for (size_t words = 0; words < 16; words++) {
    size_t header = words * 4;
    memset(packet, 0, sizeof packet);
    make_reply(packet + header);
    packet[0] = (uint8_t)(0x40 | words);
    packet[9] = 1;
    assert_int_equal(reads(packet, header + NETMCU__ECHO_SIZE), header >= 20);
    if (header < 20)
      continue;
    packet[9] = 17; /* UDP */
    assert_false(reads(packet, header + NETMCU__ECHO_SIZE));
    packet[9] = 1;
    for (size_t size = 0; size < header + NETMCU__ECHO_SIZE; size++)
      assert_false(reads(packet, size));
  }
}

static void test_short_and_long(void **state)
{
  (void)state;
  uint8_t packet[NETMCU__ECHO_SIZE + 40] = {0};
  make_reply(packet);
  for (size_t size = 0; size < sizeof packet; size++) {
    set_sum(packet, size < 4 ? 4 : size);
    assert_int_equal(reads(packet, size), size == NETMCU__ECHO_SIZE);
  }
}

static void test_other_types(void **state)
{
  (void)state;
  uint8_t packet[NETMCU__ECHO_SIZE];
  for (unsigned type = 0; type < 256; type++)
    for (unsigned code = 0; code < 256; code++) {
      make_reply(packet);
      packet[0] = (uint8_t)type;
      packet[1] = (uint8_t)code;
      set_sum(packet, sizeof packet);
      netmcu__echo echo;
      assert_int_equal(netmcu__echo_read(packet, sizeof packet, NETMCU_IPV4, &echo), type == 0 && code == 0);
    }
}

static void test_flipped_bits(void **state)
{
  (void)state;
  uint8_t packet[NETMCU__ECHO_SIZE];
  for (size_t bit = 0; bit < sizeof packet * 8; bit++) {
    make_reply(packet);
    packet[bit / 8] ^= (uint8_t)(1 << bit % 8);
    assert_false(reads(packet, sizeof packet));
  }
}

int main(void)
{
  const struct CMUnitTest packets[] = {
      own_loop(test_request),        own_loop(test_reply),       own_loop(test_reply_behind_a_header),
      own_loop(test_short_and_long), own_loop(test_other_types), own_loop(test_flipped_bits),
  };
  return cmocka_run_group_tests_name("only complete echo replies are read", packets, NULL, NULL);
}
