/* --shrink: the smallest set of faults with which a test still fails in the same way.
 *
 * A run with a seed meets the same faults each time, in the same order. The search leaves out half
 * of them, then quarters, and so on down to single ones, and goes on from each attempt that still
 * fails (delta debugging, Zeller and Hildebrandt 2002). A fault that occurs only because another one
 * is missing is left out, too. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runner/runner.h"

static struct {
  bool *is_kept; /* NULL during the first run, which has all faults */
  char **texts;  /* of the faults of the last run; NULL: they are not noted */
  size_t count, met;
} faults;

static void note(size_t index, const char *text, uint64_t time)
{
  char line[320];

  snprintf(line, sizeof(line), "%.6f s: %s", (double)time / 1e9, text);
  faults.texts[index] = strdup(line);
}

static int decide(const char *text, void *world)
{
  size_t index = faults.met++;
  bool happens = faults.is_kept == NULL || (index < faults.count && faults.is_kept[index]);

  if (happens && faults.texts)
    note(index, text, netmcu_sim_time(world));
  return happens;
}

void runner_shrink_watch(netmcu_sim *world)
{
  faults.met = 0;
  netmcu_sim_on_fault(world, decide, world);
}

/* Leaves out the faults of [first, last). Puts them back if the test does not fail without them.
 * Returns true if some were left out for good. */
static bool leave_out(size_t first, size_t last, runner_fails fails, void *data)
{
  bool *before = malloc(last - first), had_any = before && memchr(faults.is_kept + first, 1, last - first);

  if (had_any) {
    memcpy(before, faults.is_kept + first, last - first);
    memset(faults.is_kept + first, false, last - first);
    had_any = fails(data);
    if (!had_any)
      memcpy(faults.is_kept + first, before, last - first);
  }
  free(before);
  return had_any;
}

/* One pass over all faults, in groups of this size. */
static bool pass(size_t group, runner_fails fails, void *data)
{
  bool is_smaller = false;

  for (size_t first = 0; first < faults.count && !runner_signal; first += group) {
    size_t last = faults.count - first < group ? faults.count : first + group;
    is_smaller = leave_out(first, last, fails, data) || is_smaller;
  }
  return is_smaller;
}

static void search(runner_fails fails, void *data)
{
  for (size_t group = faults.count; group > 1; group = (group + 1) / 2)
    pass(group, fails, data);
  while (faults.count > 0 && !runner_signal && pass(1, fails, data)) {
  }
}

bool runner_shrink(runner_fails fails, void *data)
{
  faults.count = faults.met;
  faults.is_kept = malloc(faults.count + 1);
  char **texts = calloc(faults.count + 1, sizeof(*texts));
  bool is_found = faults.is_kept && texts;
  if (is_found) {
    memset(faults.is_kept, true, faults.count);
    search(fails, data);
    faults.texts = texts;
    is_found = !runner_signal && fails(data);
  } else
    free(texts);
  return is_found;
}

size_t runner_shrink_count(void)
{
  return faults.count;
}

const char *runner_shrink_next(size_t *index)
{
  while (*index < faults.count && (faults.texts == NULL || faults.texts[*index] == NULL))
    ++*index;
  return *index < faults.count ? faults.texts[(*index)++] : NULL;
}

void runner_shrink_forget(void)
{
  for (size_t i = 0; faults.texts && i < faults.count; i++)
    free(faults.texts[i]);
  free(faults.texts);
  free(faults.is_kept);
  faults.texts = NULL;
  faults.is_kept = NULL;
}
