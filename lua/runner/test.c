/* netmcu --test: each file runs in a Lua state of its own, where lua/desktop/test.lua collects its
 * results. They are printed as TAP, or with --seeds as JSON lines. The counts of all files are kept
 * here. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runner/runner.h"

static struct {
  const runner_options *options;
  runner_run run;
  bool is_quiet;     /* --shrink repeats a run, whose results are known */
  char failure[512]; /* of the last file: the name of the first failed test, and what it said; or empty */
} all;

/* ---- one file -------------------------------------------------------------------------------- */

static int is_interrupted(lua_State *L)
{
  lua_pushboolean(L, runner_signal != 0);
  return 1;
}

static void count(lua_State *L)
{
  runner_sums.runs++;
  runner_sums.tests += (uint64_t)lua_tointeger(L, -4);
  runner_sums.failed += (uint64_t)lua_tointeger(L, -3);
  if (lua_isstring(L, -1)) {
    runner_progress_clear();
    puts(lua_tostring(L, -1));
  }
  fflush(stdout);
}

/* run(file, number of the tests before, format, is_interrupted, new_device, take_unmet) returns how
 * many tests there were, how many failed, the first failure, and what is to be printed. */
void runner_test_file(runner *r)
{
  lua_State *L = r->L;

  netmcu_require(L, "netmcu.desktop.test");
  lua_getfield(L, -1, "run");
  lua_pushstring(L, r->file);
  lua_pushinteger(L, (lua_Integer)runner_sums.tests);
  lua_pushstring(L, all.is_quiet ? "none" : all.options->has_seeds ? "json" : "tap");
  lua_pushcfunction(L, is_interrupted);
  if (r->place) {
    lua_pushcfunction(L, runner_tested_new);
    lua_pushcfunction(L, runner_world_take_unmet);
  }
  lua_call(L, r->place ? 6 : 4, 4);
  snprintf(all.failure, sizeof(all.failure), "%s", luaL_optstring(L, -2, ""));
  if (!all.is_quiet)
    count(L);
}

static int run_file(const char *file, uint64_t seed)
{
  *all.failure = '\0';
  return all.run(all.options, file, seed);
}

/* ---- --shrink -------------------------------------------------------------------------------- */

typedef struct failing {
  const char *file;
  uint64_t seed;
  char failure[sizeof(all.failure)];
} failing;

static bool fails_again(void *data)
{
  const failing *f = data;

  return run_file(f->file, f->seed) == EXIT_SUCCESS && strcmp(all.failure, f->failure) == 0;
}

static void print_json(const char *text)
{
  putchar('"');
  for (; *text; text++)
    if (*text == '"' || *text == '\\')
      printf("\\%c", *text);
    else
      printf((unsigned char)*text < ' ' ? "\\u%04x" : "%c", *text);
  putchar('"');
}

static void print_faults_as_json(const failing *f)
{
  const char *text, *comma = "";
  size_t index = 0;

  printf("{\"seed\":%llu,\"file\":", (unsigned long long)f->seed);
  print_json(f->file);
  printf(",\"faults_of_run\":%zu,\"faults\":[", runner_shrink_count());
  while ((text = runner_shrink_next(&index)) != NULL) {
    fputs(comma, stdout);
    print_json(text);
    comma = ",";
  }
  puts("]}");
}

static void print_faults(const failing *f)
{
  const char *text;
  size_t index = 0, count = 0;

  while (runner_shrink_next(&index))
    count++;
  printf("# \"%.*s\" still fails ", (int)strcspn(f->failure, "\n"), f->failure);
  if (count == 0)
    puts("without any fault: look for the cause in the script or the test");
  else
    printf("with %zu of %zu faults:\n", count, runner_shrink_count());
  for (index = 0; (text = runner_shrink_next(&index)) != NULL;)
    printf("#   %s\n", text);
}

static void shrink(const char *file, uint64_t seed)
{
  failing f = {.file = file, .seed = seed};

  strcpy(f.failure, all.failure);
  all.is_quiet = true;
  runner_hosts_set_quiet(true);
  runner_set_quiet(true);
  bool is_found = runner_shrink(fails_again, &f);
  all.is_quiet = false;
  runner_set_quiet(false);
  runner_hosts_set_quiet(all.options->has_seeds);
  runner_progress_clear();
  if (is_found && all.options->has_seeds)
    print_faults_as_json(&f);
  else if (is_found)
    print_faults(&f);
  else if (!runner_signal)
    runner_say("--shrink: %s, seed %llu: the failure does not come again", file, (unsigned long long)seed);
  runner_shrink_forget();
}

/* ---- all files ------------------------------------------------------------------------------- */

static int run_files(uint64_t seed)
{
  const runner_options *options = all.options;
  int status = EXIT_SUCCESS;

  for (int i = options->first_argument; i < options->argc && !runner_signal && status == EXIT_SUCCESS; i++) {
    status = run_file(options->argv[i], seed);
    if (options->shrink && *all.failure && status == EXIT_SUCCESS && !runner_signal)
      shrink(options->argv[i], seed);
  }
  return status;
}

static int run_seeds(void)
{
  const runner_options *options = all.options;
  uint64_t count = options->last_seed - options->seed + 1;
  int status = EXIT_SUCCESS;

  runner_progress_begin(count);
  if (options->jobs > 1)
    return runner_run_jobs(options);
  for (uint64_t done = 0; done < count && !runner_signal && status == EXIT_SUCCESS; done++) {
    status = run_files(options->seed + done);
    runner_progress_show(done + 1, runner_sums.failed);
  }
  return status;
}

static void print_plan(void)
{
  printf("1..%llu\n", (unsigned long long)runner_sums.tests);
  if (runner_sums.failed > 0)
    printf("# %llu of %llu failed\n", (unsigned long long)runner_sums.failed, (unsigned long long)runner_sums.tests);
}

/* A test that the time-out has ended has reported it, with what was open. */
static void report_timeout_between_tests(void)
{
  double seconds = all.options->timeout;

  if (!all.options->has_seeds)
    printf("Bail out! time-out after %g s\n", seconds);
  runner_say("time-out after %g s, between two tests", seconds);
}

static int status_of_signal(int status)
{
  if (runner_signal == RUNNER_TIME_OUT) {
    if (status != EXIT_TIMEOUT && all.options->jobs <= 1)
      report_timeout_between_tests();
    return EXIT_TIMEOUT;
  }
  if (!all.options->has_seeds)
    puts("Bail out! interrupted");
  return EXIT_FAILURE;
}

int runner_run_tests(const runner_options *options, runner_run run)
{
  all.options = options;
  all.run = run;
  runner_hosts_set_quiet(options->has_seeds);
  if (!options->has_seeds)
    puts("TAP version 13");
  int status = run_seeds();
  runner_progress_clear();
  if (runner_signal)
    status = status_of_signal(status);
  else if (status == EXIT_SUCCESS && !options->has_seeds)
    print_plan();
  if (status == EXIT_SUCCESS && runner_sums.failed > 0)
    status = EXIT_FAILURE;
  if (options->has_seeds)
    runner_sums_print(options, status);
  return status;
}
