/* Stateful fuzzing of the core. The input chooses a sequence of calls of the library, inside and
 * outside of its callbacks. It also chooses what the other ends do (plain sockets on a loopback of
 * our own) and how time passes. The target checks its invariants all the time (fuzz_events.c). At
 * the end, all memory, handles and files must have been released. */
#include <unistd.h>

#include "fuzz_api.h"
#include "virtual_time.h"

enum { FINAL_TURNS = 20 };

netmcu_t *ctx;
bool own_loop, in_callback, in_call;
int last_result;
size_t blocks;

static const uint8_t *input;
static size_t input_left;
static unsigned fail_in;
static uv_loop_t loop;
static unsigned closed;

bool is_over(void)
{
  return input_left == 0;
}

unsigned below(unsigned limit)
{
  if (input_left == 0)
    return 0;
  input_left--;
  return *input++ % limit;
}

/* ---- memory ---------------------------------------------------------------------------------- */

void fail_allocation(unsigned number)
{
  fail_in = number;
}

static bool fails(void)
{
  return fail_in > 0 && --fail_in == 0;
}

static void *allocate(size_t size, void *data)
{
  (void)data;
  void *block = fails() ? NULL : malloc(size);
  blocks += block != NULL;
  return block;
}

static void *resize(void *block, size_t size, void *data)
{
  (void)data;
  void *resized = fails() ? NULL : realloc(block, size);
  blocks += block == NULL && resized;
  return resized;
}

static void release(void *block, void *data)
{
  (void)data;
  blocks -= block != NULL;
  free(block);
}

const netmcu_allocator *the_allocator(void)
{
  static const netmcu_allocator allocator = {allocate, resize, release, NULL};

  return &allocator;
}

/* ---- the context ----------------------------------------------------------------------------- */

static void on_warning(netmcu_t *of, int divergence, const char *text, void *data)
{
  REQUIRE(of == ctx && divergence >= NETMCU_NOTICE && strlen(text) > 0 && data == &loop);
}

static void open_context(void)
{
  netmcu_options options = NETMCU_OPTIONS_INIT;
  char dns[32];

  options.linger_timeout = 50;
  options.connect_timeout = 100;
  options.allocator = *the_allocator();
  own_loop = below(2);
  ctx = netmcu_new(own_loop ? NULL : &loop, &options);
  REQUIRE(ctx);
  netmcu_set_strict(ctx, below(4) == 1);
  netmcu_set_warning(ctx, on_warning, &loop);
  snprintf(dns, sizeof(dns), "127.0.0.1:%u", (unsigned)peers_dns_port());
  REQUIRE(netmcu_dns_set_server(ctx, 0, dns) == 0);
}

static void on_closed(void *data)
{
  REQUIRE(data == &closed && !in_call);
  closed++;
}

/* If the loop belongs to the caller, it continues from here. */
void close_context(void)
{
  netmcu_t *closing = ctx;

  if (own_loop && in_callback) {
    REQUIRE(netmcu_close(ctx, on_closed, &closed) == NETMCU_EINPROGRESS);
    return;
  }
  ctx = NULL;
  forget_all();
  closed = 0;
  fail_allocation(0);
  time_must_end(true);
  if (own_loop) {
    REQUIRE(netmcu_close(closing, on_closed, &closed) == 0 && closed == 1);
    REQUIRE(blocks == 0);
  } else {
    REQUIRE(CALL(netmcu_close(closing, on_closed, &closed)) == 0);
  }
  time_must_end(false);
}

static void wake(void *data)
{
  (void)data;
}

void run_turn(void)
{
  if (below(3) == 1)
    time_pass(1 + below(256) * 4);
  if (ctx == NULL && !own_loop)
    uv_run(&loop, UV_RUN_NOWAIT);
  else if (ctx && (!own_loop && below(2)))
    uv_run(&loop, UV_RUN_NOWAIT);
  else if (ctx && netmcu_post(ctx, wake, NULL) == 0)
    REQUIRE(netmcu_run_once(ctx) >= 0);
}

/* ---- an input -------------------------------------------------------------------------------- */

static void play(void)
{
  while (!is_over()) {
    for (unsigned deeds = 1 + below(4); deeds > 0 && !is_over(); deeds--)
      act();
    run_turn();
  }
  for (unsigned turn = 0; turn < FINAL_TURNS; turn++)
    run_turn();
}

/* A context must leave nothing on the program's loop. */
static void finish(void)
{
  if (ctx)
    close_context();
  time_must_end(true);
  uv_run(&loop, UV_RUN_DEFAULT);
  time_must_end(false);
  REQUIRE(closed == 1 && blocks == 0);
  REQUIRE(uv_loop_close(&loop) == 0);
  peers_leave();
}

static int lowest_free_file(void)
{
  int fd = dup(0);

  close(fd);
  return fd;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
  (void)argc;
  (void)argv;
  peers_begin();
  return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  int lowest = lowest_free_file();

  input = data;
  input_left = size;
  fail_allocation(0);
  datagrams_find_no_room(0);
  forget_all();
  REQUIRE(uv_loop_init(&loop) == 0);
  open_context();
  play();
  finish();
  REQUIRE(lowest_free_file() == lowest);
  return 0;
}
