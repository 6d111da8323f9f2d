/* The table of errors, and the only mapping into it. */

#include "base/error.h"
#include "loop.h"

static void test_device_codes(void **state)
{
  (void)state;
  static const char *const device[] = {"out of memory",     "buffer error",       "timeout",
                                       "routing problem",   "in progress",        "illegal value",
                                       "would block",       "connection aborted", "connection reset",
                                       "connection closed", "not connected",      "illegal argument",
                                       "address in use",    "netif error",        "already connected"};
  for (int i = 0; i < 15; i++)
    assert_string_equal(netmcu_strerror(-1 - i), device[i]);
}

static void test_names_and_texts(void **state)
{
  (void)state;
#define CHECK(name, value, text)                                                                                       \
  assert_int_equal(NETMCU_##name, value);                                                                              \
  assert_string_equal(netmcu_strerror(NETMCU_##name), text);                                                           \
  assert_string_equal(netmcu_error_name(NETMCU_##name), #name);                                                        \
  assert_int_equal(netmcu_uv_error(NETMCU_##name), 0);
  NETMCU_ERRORS(CHECK)
#undef CHECK
}

static void test_mapping_of_the_system(void **state)
{
  (void)state;
  static const struct {
    int uv, error;
  } map[] = {
      {0, 0},
      {17, 0},
      {UV_ENOMEM, NETMCU_ENOMEM},
      {UV_EMFILE, NETMCU_ENOMEM},
      {UV_ENFILE, NETMCU_ENOMEM},
      {UV_ENOBUFS, NETMCU_EBUFFER},
      {UV_EMSGSIZE, NETMCU_EBUFFER},
      {UV_ENETUNREACH, NETMCU_EROUTE},
      {UV_EHOSTUNREACH, NETMCU_EROUTE},
      {UV_EALREADY, NETMCU_EINPROGRESS},
      {UV_EINVAL, NETMCU_EVALUE},
      {UV_EADDRNOTAVAIL, NETMCU_EVALUE},
      {UV_EAGAIN, NETMCU_EAGAIN},
      {UV_ETIMEDOUT, NETMCU_EABORTED},
      {UV_ECONNABORTED, NETMCU_EABORTED},
      {UV_ECONNREFUSED, NETMCU_ERESET},
      {UV_ECONNRESET, NETMCU_ERESET},
      {UV_EPIPE, NETMCU_ERESET},
      {UV_ENOTCONN, NETMCU_ENOTCONN},
      {UV_EADDRINUSE, NETMCU_EADDRINUSE},
      {UV_ENETDOWN, NETMCU_ENETIF},
      {UV_ENODEV, NETMCU_ENETIF},
      {UV_EISCONN, NETMCU_EISCONN},
      {UV_EACCES, NETMCU_ESYSTEM + UV_EACCES},
      {UV_EPERM, NETMCU_ESYSTEM + UV_EPERM},
  };
  for (size_t i = 0; i < sizeof map / sizeof *map; i++)
    assert_int_equal(netmcu__error(map[i].uv), map[i].error);
}

static void test_errors_of_the_system(void **state)
{
  (void)state;
  int error = netmcu__error(UV_EACCES);
  assert_string_equal(netmcu_strerror(error), uv_strerror(UV_EACCES));
  assert_string_equal(netmcu_error_name(error), "EACCES");
  assert_int_equal(netmcu_uv_error(error), UV_EACCES);
}

/* Any number has a text and a name. */
static void test_hostile_codes(void **state)
{
  (void)state;
  static const int codes[] = {0,       1,       -16,       -31,       -35,           -99999, -100000,       -100001,
                              -200000, -999999, INT32_MAX, INT32_MIN, INT32_MIN + 1, 100000, -4095 - 100000};
  for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
    assert_non_null(netmcu_strerror(codes[i]));
    assert_true(strlen(netmcu_strerror(codes[i])) > 0 || codes[i] == 0);
    assert_non_null(netmcu_error_name(codes[i]));
    netmcu_uv_error(codes[i]);
  }
  assert_string_equal(netmcu_error_name(-16), "EUNKNOWN");
  assert_string_equal(netmcu_error_name(1), "EUNKNOWN");
  assert_int_equal(netmcu_uv_error(0), 0);
  assert_int_equal(netmcu_uv_error(-9), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_device_codes),          cmocka_unit_test(test_names_and_texts),
      cmocka_unit_test(test_mapping_of_the_system), cmocka_unit_test(test_errors_of_the_system),
      cmocka_unit_test(test_hostile_codes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
