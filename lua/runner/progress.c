/* The progress of a long run, in one line on a terminal. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "runner/runner.h"

#define LEAST_PAUSE UINT64_C(100000000) /* ns between two lines */

static struct {
  uint64_t total, begun, shown;
  bool is_wanted, is_visible;
} progress;

void runner_progress_begin(uint64_t total)
{
  progress.total = total;
  progress.begun = progress.shown = uv_hrtime();
  progress.is_wanted = uv_guess_handle(STDERR_FILENO) == UV_TTY;
}

static void write_text(const char *text)
{
  if (write(STDERR_FILENO, text, (unsigned)strlen(text)) < 0)
    return; /* nobody could be told */
}

/* The line makes room for other output, and is due again at once: results may come faster than the
 * pause. */
void runner_progress_clear(void)
{
  if (!progress.is_visible)
    return;
  write_text("\r\033[K");
  progress.is_visible = false;
  progress.shown = 0;
}

static void format_time(char *text, size_t size, double seconds)
{
  if (seconds < 120)
    snprintf(text, size, "%.0f s", seconds);
  else if (seconds < 7200)
    snprintf(text, size, "%.0f min", seconds / 60);
  else
    snprintf(text, size, "%.1f h", seconds / 3600);
}

/* Shows the line, and the time that is left at this speed, in units of the total per second. */
static void show(const char *line, uint64_t done, double speed)
{
  char left[32], whole[200];

  format_time(left, sizeof(left), (double)(progress.total - done) / speed);
  snprintf(whole, sizeof(whole), "\r\033[K%s%s%s", line, progress.total < UINT64_MAX ? ", " : "",
           progress.total < UINT64_MAX ? left : "");
  write_text(whole);
  if (progress.total < UINT64_MAX)
    write_text(" left");
  progress.is_visible = true;
  progress.shown = uv_hrtime();
}

/* Returns the seconds since the beginning; 0 if nothing is to be shown now. */
static double seconds_if_due(void)
{
  uint64_t now = progress.is_wanted ? uv_hrtime() : 0;

  return now > progress.shown + LEAST_PAUSE ? (double)(now - progress.begun) / 1e9 : 0;
}

void runner_progress_show(uint64_t done, uint64_t failures)
{
  double seconds = seconds_if_due(), speed = (double)done / seconds;
  char line[128];

  if (seconds <= 0 || done == 0)
    return;
  snprintf(line, sizeof(line), "%llu of %llu seeds, %llu failures, %.0f seeds/s", (unsigned long long)done,
           (unsigned long long)progress.total, (unsigned long long)failures, speed);
  show(line, done, speed);
}

void runner_progress_show_time(uint64_t passed, uint64_t now)
{
  double seconds = seconds_if_due(), speed = (double)passed / seconds;
  unsigned long long minutes = now / 60000000000u;
  char line[128];

  if (seconds <= 0 || passed == 0)
    return;
  snprintf(line, sizeof(line), "%llu:%02llu h of virtual time, %.0f times as fast as real time", minutes / 60,
           minutes % 60, speed / 1e9);
  show(line, passed, speed);
}
