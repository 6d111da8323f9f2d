/* The last line of the results of --seeds: what a process reports to the one that divides the seeds,
 * and a shard to whoever has started it. */
#include <stdio.h>

#include "runner/runner.h"

struct runner_sums runner_sums;

void runner_sums_print(const runner_options *options, int status)
{
  printf("{\"seeds\":\"%llu-%llu\",\"runs\":%llu,\"tests\":%llu,\"failed\":%llu,\"status\":%d}\n",
         (unsigned long long)options->seed, (unsigned long long)options->last_seed,
         (unsigned long long)runner_sums.runs, (unsigned long long)runner_sums.tests,
         (unsigned long long)runner_sums.failed, status);
}

bool runner_sums_add(const char *line)
{
  unsigned long long runs, tests, failed;

  if (sscanf(line, "{\"seeds\":\"%*[-0-9]\",\"runs\":%llu,\"tests\":%llu,\"failed\":%llu", &runs, &tests, &failed) < 3)
    return false;
  runner_sums.runs += runs;
  runner_sums.tests += tests;
  runner_sums.failed += failed;
  return true;
}
