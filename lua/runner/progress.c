/* The progress of a long run, in one line on a terminal. */
#include <stdio.h>
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

void runner_progress_clear(void)
{
  if (progress.is_visible)
    runner_write_raw(STDERR_FILENO, "\r\033[K");
  progress.is_visible = false;
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

void runner_progress_show(uint64_t done, uint64_t failures)
{
  uint64_t now = uv_hrtime();
  char left[32], line[160];

  if (!progress.is_wanted || done == 0 || now - progress.shown < LEAST_PAUSE)
    return;
  double seconds = (double)(now - progress.begun) / 1e9, speed = (double)done / seconds;
  format_time(left, sizeof(left), (double)(progress.total - done) / speed);
  snprintf(line, sizeof(line), "\r\033[K%llu of %llu seeds, %llu failures, %.0f seeds/s, %s left",
           (unsigned long long)done, (unsigned long long)progress.total, (unsigned long long)failures, speed, left);
  runner_write_raw(STDERR_FILENO, line);
  progress.is_visible = true;
  progress.shown = now;
}
