/* netmcu --page: serves a page that shows the device, and with --sim the world around it.
 *
 * The page has a loop, a Lua state and a context of its own, which live as long as the program. The
 * modules of lua/page/ run there as the web server. While a script runs, its loop polls the loop of
 * the page, as it does with --watch; between two states, the page's loop runs by itself. The page
 * keeps the script running: a button may be pressed at any time.
 *
 * The server sees a script through page_console.c and page_network.c, which collect what has
 * happened, and through the functions of page_server.c. */
#include <string.h>

#include "runner/page.h"

#define LOOK  20   /* ms: how often a loop without a descriptor is polled (Windows) */
#define TURNS 1000 /* the most turns of the page's loop in one event of the script's */

struct page_now runner_page;

static struct {
  const runner_options *options; /* NULL: there is no page */
  uv_loop_t loop;
  uv_async_t wake;      /* ends a wait between two states, from a signal handler */
  uv_timer_t limit;     /* of runner_page_wait */
  uv_loop_t *server;    /* the loop that polls this one, or NULL */
  uv_poll_t poll;       /* in that loop */
  uv_timer_t timer;     /* in that loop: the timers of this one */
  bool sleeps_in_world; /* the world runs between two states */
  bool wants_restart;
} page;

bool runner_page_is_open(void)
{
  return page.options != NULL;
}

/* ---- in the loop of a script ------------------------------------------------------------------ */

/* A loop does not report through its descriptor that a timer or a task is due. */
static void set_timer(void)
{
  int wait = uv_backend_timeout(&page.loop);

  if (uv_backend_fd(&page.loop) < 0 && (wait < 0 || wait > LOOK))
    wait = LOOK;
  if (wait < 0)
    uv_timer_stop(&page.timer);
  else
    uv_timer_start(&page.timer, page.timer.timer_cb, (uint64_t)wait, 0);
}

static void take_turn(void)
{
  int turns = 0;

  if (runner_page.is_turning) /* a function of the script runs its loop inside a question */
    return;
  runner_page.is_turning = true;
  do
    uv_run(&page.loop, UV_RUN_NOWAIT);
  while (uv_backend_timeout(&page.loop) == 0 && ++turns < TURNS);
  runner_page.is_turning = false;
  if (page.server)
    set_timer();
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
  (void)poll;
  (void)status;
  (void)events;
  take_turn();
}

static void on_timer(uv_timer_t *timer)
{
  (void)timer;
  take_turn();
}

static bool is_world(const uv_loop_t *loop)
{
  return runner_world_place() && netmcu_sim_get_loop(netmcu_sim_of(runner_world_place())) == loop;
}

void runner_page_listen_in(uv_loop_t *loop)
{
  int descriptor = uv_backend_fd(&page.loop);

  if (page.options == NULL)
    return;
  if (descriptor >= 0) {
    uv_poll_init(loop, &page.poll, descriptor);
    uv_poll_start(&page.poll, UV_READABLE, on_readable);
  }
  uv_timer_init(loop, &page.timer);
  uv_timer_start(&page.timer, on_timer, 0, 0);
  page.server = loop;
  if (is_world(loop))
    runner_page_clock_open();
}

void runner_page_leave(void)
{
  if (page.server == NULL)
    return;
  if (uv_backend_fd(&page.loop) >= 0)
    uv_close((uv_handle_t *)&page.poll, NULL);
  uv_close((uv_handle_t *)&page.timer, NULL);
  if (is_world(page.server))
    runner_page_clock_close();
  page.server = NULL;
}

static void hide(void)
{
  if (runner_page.shown) {
    netmcu_host_observe(runner_page.shown->host, NULL);
    runner_page_network_end();
  }
  runner_page.shown = NULL;
}

static void show(runner *r)
{
  hide();
  runner_page.run++;
  if (r == NULL)
    return;
  runner_page.shown = r;
  runner_page_network_begin(r->host);
  netmcu_host_observe(r->host, &runner_page_observer);
}

runner_host *runner_page_host(const netmcu_sim_host *place)
{
  runner_host *h = runner_host_after(NULL);

  while (h && runner_host_place(h) != place)
    h = runner_host_after(h);
  return h;
}

static runner *runner_at(const netmcu_sim_host *place)
{
  if (place == NULL)
    return runner_page.script;
  runner_host *h = runner_page_host(place);
  return h ? runner_host_runner(h) : NULL;
}

void runner_page_show(netmcu_sim_host *place)
{
  if (place == runner_page.place)
    return;
  runner_page.place = place;
  runner_page_network_free();
  show(runner_at(place));
}

/* A simulated host starts. What was set outside of it stays, whether it is shown or not. */
static void on_host_begins(runner *r)
{
  struct page_now now = runner_page;

  if (r->place == now.place) {
    show(r);
    runner_page_server_begin();
    return;
  }
  runner_page.place = r->place;
  runner_page.shown = r;
  runner_page_server_begin();
  runner_page.place = now.place;
  runner_page.shown = now.shown;
}

static void on_host_ends(runner *r)
{
  if (r == runner_page.shown)
    hide();
}

void runner_page_attach(runner *r)
{
  if (page.options == NULL)
    return;
  runner_page.script = r;
  runner_page.place = NULL;
  runner_page.state = "running";
  runner_page.wakes = 0;
  show(r);
  if (r->place)
    runner_page_traffic_begin();
  runner_page_listen_in(netmcu_get_loop(netmcu_host_context(r->host)));
  runner_page_server_begin();
}

void runner_page_detach(void)
{
  if (runner_page.script == NULL)
    return;
  hide();
  runner_page_leave();
  runner_page.script = NULL;
  runner_page.place = NULL;
}

void runner_page_started(void)
{
  if (page.options == NULL || runner_host_after(NULL) == NULL)
    return;
  runner_page.state = "ended";
  runner_page_clock_pause();
  runner_say("the scenario has ended; its world can be looked at on the page, until Ctrl-C");
}

/* ---- between two states ----------------------------------------------------------------------- */

static void end_wait(void)
{
  if (page.sleeps_in_world)
    netmcu_sim_stop(netmcu_sim_of(runner_world_place()));
  else
    uv_stop(page.server ? page.server : &page.loop);
}

static void on_limit(uv_timer_t *limit)
{
  (void)limit;
  end_wait();
}

static void on_wake(uv_async_t *async)
{
  (void)async;
  end_wait();
}

void runner_page_restart(void)
{
  runner_host *h = runner_page_host(runner_page.place);

  if (runner_page.shown)
    netmcu_host_leave(runner_page.shown->host, NETMCU_LEAVE_RESTART, 0);
  else if (runner_page.script == NULL) {
    page.wants_restart = true;
    end_wait();
  } else if (h)
    runner_host_restart(h);
}

void runner_page_say(const char *state, uint64_t limit)
{
  if (page.options == NULL)
    return;
  runner_page.state = state;
  uv_update_time(&page.loop);
  runner_page.wakes = limit ? uv_now(&page.loop) + limit : 0;
}

uint64_t runner_page_sleep_left(void)
{
  uint64_t now = uv_now(&page.loop);

  return runner_page.wakes > now ? (runner_page.wakes - now) / 1000 : 0;
}

bool runner_page_restarts(void)
{
  bool wanted = page.wants_restart;

  page.wants_restart = false;
  return wanted;
}

static void serve_alone(void)
{
  if (strcmp(runner_page.state, "failed") == 0)
    runner_say("the script has failed; it can be restarted on the page");
  runner_interrupts(NULL, &page.wake);
  if (!runner_signal)
    uv_run(&page.loop, UV_RUN_DEFAULT);
  runner_interrupts(NULL, NULL);
}

bool runner_page_wait(const char *state, uint64_t limit)
{
  runner_page_say(state, limit);
  if (limit)
    uv_timer_start(&page.limit, on_limit, limit, 0);
  if (!page.wants_restart)
    serve_alone();
  uv_timer_stop(&page.limit);
  return runner_page_restarts();
}

void runner_page_look_back(void)
{
  if (page.options == NULL || runner_host_after(NULL) == NULL)
    return;
  runner_page_say("failed", 0);
  serve_alone();
}

bool runner_page_sleep(uint64_t us)
{
  runner_page_say("sleeping", 0);
  runner_page_listen_in(netmcu_sim_get_loop(netmcu_sim_of(runner_world_place())));
  page.sleeps_in_world = true;
  runner_interrupts(NULL, &page.wake);
  if (!runner_signal)
    runner_world_pause(us);
  runner_interrupts(NULL, NULL);
  page.sleeps_in_world = false;
  runner_page_leave();
  runner_world_leave();
  return runner_page_restarts();
}

/* ---- beginning and end ------------------------------------------------------------------------ */

static void close_page(void)
{
  runner_page_server_close();
  uv_close((uv_handle_t *)&page.wake, NULL);
  uv_close((uv_handle_t *)&page.limit, NULL);
  uv_run(&page.loop, UV_RUN_DEFAULT);
  uv_loop_close(&page.loop);
  runner_page_console_free();
  runner_page_network_free();
  runner_page_traffic_end();
}

bool runner_page_open(const runner_options *options)
{
  if (!options->page)
    return true;
  if (!runner_make_root(options) || uv_loop_init(&page.loop))
    return false;
  uv_async_init(&page.loop, &page.wake, on_wake);
  uv_timer_init(&page.loop, &page.limit);
  if (!runner_page_server_open(options, &page.loop)) {
    close_page();
    return false;
  }
  page.options = options;
  runner_page.state = "waiting";
  runner_host_begins = on_host_begins;
  runner_host_ends = on_host_ends;
  runner_copy_output = runner_page_console_add;
  take_turn(); /* from here on, the descriptor becomes readable */
  return true;
}

void runner_page_close(void)
{
  if (page.options == NULL)
    return;
  runner_copy_output = NULL;
  runner_host_begins = runner_host_ends = NULL;
  page.options = NULL;
  close_page();
}
