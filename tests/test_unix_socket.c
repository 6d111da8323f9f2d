/* Unix-domain sockets: what works with TCP works with "unix:PATH", and the file of a server comes
 * and goes with it. */
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "netmcu_device.h"
#include "objects.h"

static char folder[64], host[128];
static const char *path;

static void begin_folder(void)
{
  const char *where = getenv("TMPDIR");
  snprintf(folder, sizeof folder, "%.30s/netmcu-XXXXXX", where && strlen(where) < 30 ? where : "/tmp");
  assert_non_null(mkdtemp(folder));
  snprintf(host, sizeof host, "unix:%s/socket", folder);
  path = host + 5;
}

static void end_folder(void)
{
  assert_int_equal(rmdir(folder), 0); /* so nothing is left in it */
}

static netmcu_t *begin(void)
{
  begin_folder();
  return loop_begin_with_families(NETMCU_ANY_FAMILY);
}

static void end(netmcu_t *ctx)
{
  loop_end(ctx);
  end_folder();
}

static bool exists(void)
{
  struct stat status;
  return lstat(path, &status) == 0;
}

static netmcu_server *listen_there(netmcu_t *ctx, netmcu_accept_cb accept)
{
  netmcu_server *server = netmcu_server_new(ctx);
  assert_int_equal(netmcu_server_listen(server, 0, host, 0, accept), 0);
  return server;
}

static netmcu_connection *connect_to(netmcu_t *ctx, const char *where, const netmcu_connection_events *events)
{
  netmcu_connection *c = netmcu_connection_new(ctx);
  netmcu_connection_on(c, events);
  assert_int_equal(netmcu_connection_connect(c, 0, where), 0);
  return c;
}

/* A socket of another program at the path. */
static int bind_there(const char *where)
{
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  strcpy(address.sun_path, where);
  assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
  return fd;
}

/* ---- a conversation -------------------------------------------------------------------------- */

static void send_back(netmcu_connection *c, const char *data, size_t size)
{
  called("server receive %zu", size);
  assert_int_equal(netmcu_connection_send(c, data, size), 0);
}

static void server_ended(netmcu_connection *c, int error)
{
  called("server disconnection %d", error);
  netmcu_connection_free(c);
}

static void accept_echo(netmcu_server *server, netmcu_connection *client)
{
  static const netmcu_connection_events events = {.receive = send_back, .disconnection = server_ended};
  netmcu_address address;
  (void)server;
  called("accept");
  assert_int_equal(netmcu_connection_get_peer(client, &address), 0);
  assert_int_equal(address.family, NETMCU_UNIX);
  netmcu_connection_on(client, &events);
}

static void receive_and_close(netmcu_connection *c, const char *data, size_t size)
{
  journal_receive(c, data, size);
  netmcu_connection_close(c);
}

static const netmcu_connection_events once = {
    .dns = journal_dns,
    .connection = journal_connection,
    .receive = receive_and_close,
    .disconnection = journal_disconnection,
};

static void test_an_echo(void **state)
{
  (void)state;
  char text[NETMCU_ADDRESS_SIZE];
  netmcu_address address;
  netmcu_t *ctx = begin();
  netmcu_server *server = listen_there(ctx, accept_echo);
  assert_int_equal(netmcu_server_get_address(server, &address), 0);
  assert_int_equal(address.family, NETMCU_UNIX);
  assert_string_equal(netmcu_address_format(&address, text), "unix:");
  netmcu_connection *c = connect_to(ctx, host, &once);
  expect_journal(""); /* not before connect has returned */
  assert_int_equal(netmcu_connection_get_state(c), NETMCU_CONNECTING);
  assert_int_equal(netmcu_connection_connect(c, 0, host), NETMCU_EISCONN);
  assert_int_equal(netmcu_connection_send(c, "hello", 5), 0);
  loop_until_called(ctx, "server disconnection 0", 1);
  expect_journal("connection, accept, server receive 5, receive 5, server disconnection 0");
  assert_true(exists());
  netmcu_server_free(server);
  assert_false(exists());
  netmcu_connection_free(c);
  end(ctx);
}

/* Much data, sent by a client that leaves at once, arrives in full. */
#define MUCH 5000000

static size_t arrived;

static void count(netmcu_connection *c, const char *data, size_t size)
{
  (void)c;
  (void)data;
  arrived += size;
}

static void accept_count(netmcu_server *server, netmcu_connection *client)
{
  static const netmcu_connection_events events = {.receive = count, .disconnection = server_ended};
  (void)server;
  netmcu_connection_on(client, &events);
  assert_int_equal(netmcu_connection_set_keepalive(client, 1000), 0); /* no effect, and no error */
  assert_int_equal(netmcu_connection_set_nodelay(client, 0), 0);
}

static void test_send_and_leave(void **state)
{
  (void)state;
  static char much[MUCH];
  netmcu_t *ctx = begin();
  netmcu_server *server = listen_there(ctx, accept_count);
  arrived = 0;
  netmcu_connection *c = connect_to(ctx, host, &once);
  assert_int_equal(netmcu_connection_send(c, much, MUCH), 0);
  netmcu_connection_free(c);
  loop_until_called(ctx, "server disconnection 0", 1);
  expect_journal("server disconnection 0");
  assert_int_equal(arrived, MUCH);
  netmcu_server_free(server);
  end(ctx);
}

static void test_given_up_at_once(void **state)
{
  (void)state;
  netmcu_t *ctx = begin();
  netmcu_server *server = listen_there(ctx, accept_echo);
  netmcu_connection *c = connect_to(ctx, host, &once);
  assert_int_equal(netmcu_connection_close(c), 0);
  assert_int_equal(netmcu_connection_connect(c, 0, host), 0);
  assert_int_equal(netmcu_connection_abort(c), 0);
  assert_int_equal(netmcu_connection_connect(c, 0, host), 0);
  netmcu_connection_free(c);
  loop_turns(ctx, 3);
  expect_journal("");
  netmcu_server_free(server);
  end(ctx);
}

static void test_the_context_closes_with_all_of_it(void **state)
{
  (void)state;
  netmcu_t *ctx = begin();
  listen_there(ctx, accept_echo);
  connect_to(ctx, host, &once);
  loop_until_called(ctx, "accept", 1);
  connect_to(ctx, host, &once);
  loop_close(ctx);
  end_folder();
}

/* ---- the file -------------------------------------------------------------------------------- */

static void test_a_file_left_by_a_crash_is_replaced(void **state)
{
  (void)state;
  netmcu_t *ctx = begin();
  close(bind_there(path)); /* the file remains */
  assert_true(exists());
  netmcu_server *server = listen_there(ctx, accept_echo);
  netmcu_connection *c = connect_to(ctx, host, &once);
  loop_until_called(ctx, "accept", 1);
  forget_calls();
  netmcu_connection_free(c);
  netmcu_server_free(server);
  loop_run(ctx);
  forget_calls();
  end(ctx);
}

static void test_a_live_server_keeps_its_file(void **state)
{
  (void)state;
  netmcu_t *ctx = begin();
  int fd = bind_there(path);
  listen(fd, 5);
  netmcu_server *server = netmcu_server_new(ctx);
  assert_int_equal(netmcu_server_listen(server, 0, host, 0, accept_echo), NETMCU_EADDRINUSE);
  loop_run(ctx);
  assert_true(exists());
  assert_int_equal(unlink(path), 0);
  close(fd);
  netmcu_server_free(server);
  end(ctx);
}

static void test_another_kind_of_file_stays(void **state)
{
  (void)state;
  netmcu_t *ctx = begin();
  FILE *file = fopen(path, "w");
  fclose(file);
  netmcu_server *server = netmcu_server_new(ctx);
  assert_int_equal(netmcu_server_listen(server, 0, host, 0, accept_echo), NETMCU_EADDRINUSE);
  assert_true(exists());
  assert_int_equal(unlink(path), 0);
  assert_int_equal(netmcu_server_listen(server, 0, host, 0, accept_echo), 0);
  netmcu_server_free(server);
  end(ctx);
}

/* A new instance of a program may have replaced the file of the one that ends. */
static void test_the_file_of_a_successor_stays(void **state)
{
  (void)state;
  netmcu_t *ctx = begin();
  netmcu_server *server = listen_there(ctx, accept_echo);
  assert_int_equal(unlink(path), 0);
  int fd = bind_there(path);
  netmcu_server_free(server);
  assert_true(exists());
  assert_int_equal(unlink(path), 0);
  close(fd);
  end(ctx);
}

static void test_its_permissions_come_from_the_umask(void **state)
{
  (void)state;
  struct stat status;
  netmcu_t *ctx = begin();
  mode_t before = umask(077);
  netmcu_server *server = listen_there(ctx, accept_echo);
  umask(before);
  assert_int_equal(lstat(path, &status), 0);
  assert_int_equal(status.st_mode & 077, 0);
  netmcu_server_free(server);
  end(ctx);
}

#ifdef __linux__
static void test_an_abstract_name(void **state)
{
  (void)state;
  netmcu_t *ctx = begin();
  snprintf(host, sizeof host, "unix:@netmcu-test-%d", (int)getpid());
  netmcu_server *server = listen_there(ctx, accept_echo), *second = netmcu_server_new(ctx);
  assert_int_equal(netmcu_server_listen(second, 0, host, 0, accept_echo), NETMCU_EADDRINUSE);
  netmcu_connection *c = connect_to(ctx, host, &once);
  loop_until_called(ctx, "accept", 1);
  forget_calls();
  assert_false(exists()); /* in the working directory */
  netmcu_connection_abort(c);
  netmcu_connection_free(c);
  netmcu_server_free(server);
  netmcu_server_free(second);
  loop_run(ctx);
  forget_calls();
  end(ctx);
}
#endif

/* ---- what is refused ------------------------------------------------------------------------- */

static void fail_to_connect(netmcu_t *ctx, const char *where, int error)
{
  char expected[64];
  netmcu_connection *c = connect_to(ctx, where, &once);
  loop_run(ctx);
  snprintf(expected, sizeof expected, "disconnection %d", error);
  expect_journal(expected);
  netmcu_connection_free(c);
}

static void test_nobody_is_there(void **state)
{
  (void)state;
  netmcu_t *ctx = begin();
  fail_to_connect(ctx, host, NETMCU_ESYSTEM + UV_ENOENT);
  close(bind_there(path));
  fail_to_connect(ctx, host, NETMCU_ERESET);
  assert_int_equal(unlink(path), 0);
  end(ctx);
}

static void test_wrong_paths(void **state)
{
  (void)state;
  char longest[256] = "unix:";
  netmcu_t *ctx = begin();
  netmcu_server *server = netmcu_server_new(ctx);
  netmcu_connection *c = netmcu_connection_new(ctx);
  memset(longest + 5, 'x', 200);
  fail_to_connect(ctx, longest, NETMCU_ESYSTEM + UV_ENAMETOOLONG);
  fail_to_connect(ctx, "unix:", NETMCU_EVALUE);
  assert_int_equal(netmcu_server_listen(server, 0, longest, 0, accept_echo), NETMCU_ESYSTEM + UV_ENAMETOOLONG);
  assert_int_equal(netmcu_server_listen(server, 0, "unix:", 0, accept_echo), NETMCU_EVALUE);
  assert_int_equal(netmcu_server_listen(server, 0, "unix:/no/such/folder/s", 0, accept_echo),
                   NETMCU_ESYSTEM + UV_ENOENT);
  assert_int_equal(netmcu_server_listen(server, 0, host, 0, NULL), NETMCU_EARGUMENT);
  assert_int_equal(netmcu_connection_connect_from(c, &(netmcu_address){.port = 1}, 0, host), NETMCU_EARGUMENT);
  /* The longest path that a system takes is one byte shorter than its room. */
  longest[5 + sizeof(((struct sockaddr_un *)0)->sun_path) - 1] = '\0';
  fail_to_connect(ctx, longest, NETMCU_ESYSTEM + UV_ENOENT);
  loop_run(ctx);
  netmcu_connection_free(c);
  netmcu_server_free(server);
  end(ctx);
}

static void test_without_memory(void **state)
{
  (void)state;
  netmcu_t *ctx = begin();
  netmcu_server *server = listen_there(ctx, accept_echo);
  netmcu_connection *c = netmcu_connection_new(ctx);
  netmcu_connection_on(c, &once);
  for (size_t nth = 1; nth <= 2; nth++) {
    loop_fail_allocation(nth, false);
    assert_int_equal(netmcu_connection_connect(c, 0, host), NETMCU_ENOMEM);
  }
  netmcu_server_close(server);
  loop_run(ctx);
  loop_fail_allocation(1, false);
  assert_int_equal(netmcu_server_listen(server, 0, host, 0, accept_echo), NETMCU_ENOMEM);
  netmcu_connection_free(c);
  netmcu_server_free(server);
  end(ctx);
}

/* For a device script, such an address is a name that nobody has. */
static void test_scripts_cannot_reach_them(void **state)
{
  (void)state;
  begin_folder();
  netmcu_t *ctx = loop_begin_with_families(NETMCU_IPV4_ONLY);
  netmcu_server *server = netmcu_server_new(ctx);
  netmcu_connection *c = netmcu_connection_new(ctx);
  netmcu_connection_on(c, &once);
  assert_int_equal(netmcu_set_fault(ctx, "dns"), 0); /* so that nobody is asked */
  assert_int_equal(netmcu_server_listen(server, 80, host, 0, accept_echo), NETMCU_EVALUE);
  assert_false(exists());
  assert_int_equal(netmcu_connection_connect(c, 0, host), NETMCU_EARGUMENT);
  assert_int_equal(netmcu_connection_connect(c, 80, "unix:x"), 0);
  loop_run(ctx);
  expect_journal("dns nil, disconnection -8");
  netmcu_connection_free(c);
  netmcu_server_free(server);
  end(ctx);
}

/* ---- rules, trace, walk ---------------------------------------------------------------------- */

static void note_trace(netmcu_t *ctx, const netmcu_trace_event *event, void *data)
{
  (void)ctx;
  (void)data;
  assert_null(event->peer);
  called("%s %s %s", event->object + 4, event->what,
         event->name && strcmp(event->name, host) == 0 ? "HOST" : event->name);
}

static void visit(const char *description, void *data)
{
  (void)data;
  const char *at = strstr(description, host);
  called("%.*s%s", at ? (int)(at - description) : (int)strlen(description), description, at ? "HOST)" : "");
}

static void test_trace_and_walk_show_the_path(void **state)
{
  (void)state;
  netmcu_t *ctx = begin();
  assert_int_equal(netmcu_set_trace(ctx, note_trace, NULL), 0);
  netmcu_server *server = listen_there(ctx, accept_journal);
  netmcu_connection *c = connect_to(ctx, host, &once);
  loop_until_called(ctx, "socket connection HOST", 1);
  loop_until_called(ctx, "accept", 1);
  expect_journal("server listen HOST, socket connect HOST, socket connection HOST, connection, "
                 "socket accept unix:, accept, socket connection unix:, connection");
  netmcu_walk(ctx, visit, NULL);
  assert_int_equal(calls("net.server (listening, HOST)"), 1);
  assert_int_equal(calls("net.socket (connected, HOST)"), 1);
  assert_int_equal(calls("net.socket (connected, unix:)"), 1);
  assert_int_equal(netmcu_set_trace(ctx, NULL, NULL), 0);
  netmcu_connection_abort(c);
  netmcu_server_free(server);
  loop_close(ctx);
  end_folder();
}

static void test_rules_for_hosts_do_not_apply(void **state)
{
  (void)state;
  netmcu_t *ctx = begin();
  assert_int_equal(netmcu_map_host(ctx, "*=192.0.2.1:9"), 0);
  assert_int_equal(netmcu_map_port(ctx, "0-65535=0"), NETMCU_EVALUE);
  assert_int_equal(netmcu_map_port(ctx, "1-65535=0"), 0);
  assert_int_equal(netmcu_bind_to(ctx, "127.0.0.1"), 0);
  netmcu_server *server = listen_there(ctx, accept_echo);
  netmcu_connection *c = connect_to(ctx, host, &once);
  assert_int_equal(netmcu_connection_send(c, "hello", 5), 0);
  loop_until_called(ctx, "server disconnection 0", 1);
  expect_journal("connection, accept, server receive 5, receive 5, server disconnection 0");
  netmcu_server_free(server);
  netmcu_connection_free(c);
  end(ctx);
}

static void set_fault(netmcu_t *ctx, const char *kind)
{
  char text[256];
  snprintf(text, sizeof text, "%s,peer=%s", kind, host);
  assert_int_equal(netmcu_set_fault(ctx, text), 0);
}

static void test_faults_apply(void **state)
{
  (void)state;
  netmcu_t *ctx = begin();
  netmcu_server *server = listen_there(ctx, accept_echo);
  set_fault(ctx, "refuse");
  netmcu_connection *c = connect_to(ctx, host, &once);
  loop_until_called(ctx, "disconnection -9", 1);
  expect_journal("disconnection -9");
  netmcu_set_fault(ctx, NULL);
  set_fault(ctx, "delay,ms=20");
  double before = loop_milliseconds();
  assert_int_equal(netmcu_connection_connect(c, 0, host), 0);
  loop_until_called(ctx, "connection", 1);
  assert_true(loop_milliseconds() - before >= 18);
  netmcu_set_fault(ctx, NULL);
  forget_calls();
  netmcu_connection_free(c);
  netmcu_server_free(server);
  loop_close(ctx);
  end_folder();
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      both_loops(test_an_echo),
      both_loops(test_send_and_leave),
      both_loops(test_given_up_at_once),
      both_loops(test_the_context_closes_with_all_of_it),
      own_loop(test_a_file_left_by_a_crash_is_replaced),
      own_loop(test_a_live_server_keeps_its_file),
      own_loop(test_another_kind_of_file_stays),
      own_loop(test_the_file_of_a_successor_stays),
      own_loop(test_its_permissions_come_from_the_umask),
#ifdef __linux__
      both_loops(test_an_abstract_name),
#endif
      both_loops(test_nobody_is_there),
      own_loop(test_wrong_paths),
      own_loop(test_without_memory),
      own_loop(test_scripts_cannot_reach_them),
      own_loop(test_trace_and_walk_show_the_path),
      own_loop(test_rules_for_hosts_do_not_apply),
      own_loop(test_faults_apply),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
