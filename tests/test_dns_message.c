/* DNS messages, byte by byte. */
#include "dns/message.h"
#include "loop.h"

/* The answer to a.test: an alias of b.test, valid for 9 s. The address of b.test, 192.0.2.1, is
 * valid for 5 s. */
static const uint8_t answer[] = {
    0x12, 0x34, 0x81, 0x80, 0,   1,   0,   2, 0, 0, 0, 0,                     /* the header */
    1,    'a',  4,    't',  'e', 's', 't', 0, 0, 1, 0, 1,                     /* 12: the question */
    0xC0, 12,   0,    5,    0,   1,   0,   0, 0, 9, 0, 4, 1,   'b', 0xC0, 14, /* 24: the alias */
    0xC0, 36,   0,    1,    0,   1,   0,   0, 0, 5, 0, 4, 192, 0,   2,    1,  /* 40: the address */
};

static netmcu__dns_record record;

static netmcu__dns_verdict read_changed(size_t at, uint8_t value)
{
  uint8_t copy[sizeof answer];
  memcpy(copy, answer, sizeof answer);
  copy[at] = value;
  return netmcu__answer_read(copy, sizeof copy, "a.test", NETMCU_IPV4, &record);
}

static void test_a_question(void **state)
{
  (void)state;
  static const uint8_t expected[] = {0x12, 0x34, 1, 0,   0,   1,   0,   0, 0, 0, 0, 0,
                                     1,    'a',  4, 't', 'e', 's', 't', 0, 0, 1, 0, 1};
  static const char *const names[] = {"a.test", "a.test."};
  uint8_t question[NETMCU__QUESTION_SIZE];
  for (int i = 0; i < 2; i++) {
    assert_int_equal(netmcu__question_write(question, 0x1234, names[i], NETMCU_IPV4), sizeof expected);
    assert_memory_equal(question, expected, sizeof expected);
  }
}

static void test_an_answer(void **state)
{
  (void)state;
  static const char *const names[] = {"a.test", "A.TEST", "a.Test."};
  uint16_t id;
  assert_true(netmcu__answer_id(answer, sizeof answer, &id));
  assert_int_equal(id, 0x1234);
  for (int i = 0; i < 3; i++) {
    record = (netmcu__dns_record){.count = 0};
    assert_int_equal(netmcu__answer_read(answer, sizeof answer, names[i], NETMCU_IPV4, &record), NETMCU__DNS_ADDRESS);
    assert_memory_equal(record.addresses[0].ip, "\xC0\x00\x02\x01", 4);
    assert_int_equal(record.ttl, 5);
  }
  assert_int_equal(read_changed(33, 3), NETMCU__DNS_ADDRESS); /* the alias is valid for 3 s */
  assert_int_equal(record.ttl, 3);
}

/* Servers may put the alias after the address. */
static void test_an_address_before_its_alias(void **state)
{
  (void)state;
  static const uint8_t reversed[] = {
      0x12, 0x34, 0x81, 0x80, 0,   1,   0,   2, 0, 0, 0, 0,                         /* the header */
      1,    'a',  4,    't',  'e', 's', 't', 0, 0, 1, 0, 1,                         /* 12: the question */
      1,    'b',  0xC0, 14,   0,   1,   0,   1, 0, 0, 0, 5, 0,    4,  192, 0, 2, 1, /* 24: the address */
      0xC0, 12,   0,    5,    0,   1,   0,   0, 0, 9, 0, 2, 0xC0, 24,               /* 42: the alias */
  };
  assert_int_equal(netmcu__answer_read(reversed, sizeof reversed, "a.test", NETMCU_IPV4, &record), NETMCU__DNS_ADDRESS);
  assert_memory_equal(record.addresses[0].ip, "\xC0\x00\x02\x01", 4);
  assert_int_equal(record.ttl, 5);
}

static void test_answers_to_other_questions(void **state)
{
  (void)state;
  static const char *const names[] = {"b.test", "a.tes", "a.testt", "test", "a", "a.test.test", "aa.test", "a.b.test"};
  for (int i = 0; i < 8; i++)
    assert_int_equal(netmcu__answer_read(answer, sizeof answer, names[i], NETMCU_IPV4, &record), NETMCU__DNS_INVALID);
  assert_int_equal(read_changed(2, 0x01), NETMCU__DNS_INVALID); /* a question */
  assert_int_equal(read_changed(2, 0x89), NETMCU__DNS_INVALID); /* an operation other than a query */
  assert_int_equal(read_changed(5, 0), NETMCU__DNS_INVALID);    /* without the question */
  assert_int_equal(read_changed(21, 28), NETMCU__DNS_INVALID);  /* for another type */
  assert_int_equal(read_changed(23, 3), NETMCU__DNS_INVALID);   /* of another class */
}

static void test_answers_without_an_address(void **state)
{
  (void)state;
  assert_int_equal(read_changed(7, 1), NETMCU__DNS_NOTHING);   /* the alias only */
  assert_int_equal(read_changed(43, 28), NETMCU__DNS_NOTHING); /* an address of another family */
  assert_int_equal(read_changed(3, 0x83), NETMCU__DNS_NOTHING);
  for (uint8_t code = 1; code < 16; code++)
    if (code != 3)
      assert_int_equal(read_changed(3, 0x80 | code), NETMCU__DNS_FAILURE);
}

static void test_truncated_answers(void **state)
{
  (void)state;
  uint8_t copy[sizeof answer];
  memcpy(copy, answer, sizeof answer);
  copy[2] |= 2;
  assert_int_equal(netmcu__answer_read(copy, sizeof copy, "a.test", NETMCU_IPV4, &record), NETMCU__DNS_ADDRESS);
  for (size_t size = 24; size < sizeof copy; size++)
    assert_int_equal(netmcu__answer_read(copy, size, "a.test", NETMCU_IPV4, &record), NETMCU__DNS_TRUNCATED);
}

/* Each copy has exactly this size, so that a sanitizer notices a read beyond it. */
static void test_cut_answers(void **state)
{
  (void)state;
  for (size_t size = 0; size < sizeof answer; size++) {
    uint8_t *copy = malloc(size + 1);
    uint16_t id;
    assert_non_null(copy);
    memcpy(copy + 1, answer, size);
    assert_int_equal(netmcu__answer_id(copy + 1, size, &id), size >= 12);
    assert_int_equal(netmcu__answer_read(copy + 1, size, "a.test", NETMCU_IPV4, &record), NETMCU__DNS_INVALID);
    free(copy);
  }
}

static void test_malformed_records(void **state)
{
  (void)state;
  assert_int_equal(read_changed(41, 40), NETMCU__DNS_INVALID);   /* a name that points to itself */
  assert_int_equal(read_changed(41, 200), NETMCU__DNS_INVALID);  /* after the end of the message */
  assert_int_equal(read_changed(40, 0x80), NETMCU__DNS_INVALID); /* neither a label nor a pointer */
  assert_int_equal(read_changed(51, 3), NETMCU__DNS_INVALID);    /* an address of three bytes */
  assert_int_equal(read_changed(51, 5), NETMCU__DNS_INVALID);    /* an address of five bytes, one of which is missing */
  assert_int_equal(read_changed(35, 255), NETMCU__DNS_INVALID);  /* an alias that is longer than the message */
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_a_question),
      cmocka_unit_test(test_an_answer),
      cmocka_unit_test(test_an_address_before_its_alias),
      cmocka_unit_test(test_answers_to_other_questions),
      cmocka_unit_test(test_answers_without_an_address),
      cmocka_unit_test(test_truncated_answers),
      cmocka_unit_test(test_cut_answers),
      cmocka_unit_test(test_malformed_records),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
