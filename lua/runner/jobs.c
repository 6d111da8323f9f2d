/* --jobs: the seeds of a run are divided among processes of this program, each with a range of its
 * own. Their results are printed in the order of the seeds, as one process would print them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runner/runner.h"

#define RANGES_PER_JOB 16 /* so that all jobs end at about the same time */
#define SHORTEST_RANGE 8  /* seeds; a process takes some time to start */
#define LONGEST_RANGE  64

typedef struct text_in { /* what a process writes */
  uv_pipe_t pipe;
  char *text;
  size_t size, room;
} text_in;

typedef struct job {
  uv_process_t process;
  text_in out, err;
  struct job *next;
  uint64_t first, last;
  int open;       /* handles */
  int64_t status; /* of the process; negative: the number of a signal */
} job;

static struct {
  const runner_options *options;
  char program[RUNNER_PATH], seeds[64], **command;
  uv_loop_t loop;
  uv_async_t wake;
  job *oldest, *newest;
  uint64_t next, range; /* the first seed that nobody has; seeds of a job */
  long running;
  bool is_last; /* no seed is left */
  int status;
} jobs;

/* ---- the end of a job ------------------------------------------------------------------------ */

/* Returns the beginning of the last line, which has the sums of the range. */
static char *last_line(const text_in *in)
{
  char *line = in->text + in->size;

  if (in->size == 0)
    return NULL;
  in->text[in->size - 1] = '\0';
  while (line > in->text && line[-1] != '\n')
    line--;
  return line;
}

static void print_job(job *j)
{
  char *sums = last_line(&j->out);
  bool is_complete = sums && runner_sums_add(sums);

  runner_progress_clear();
  if (sums)
    runner_write(j->out.text, is_complete ? (size_t)(sums - j->out.text) : j->out.size - 1);
  if (j->err.size > 0)
    fwrite(j->err.text, 1, j->err.size, stderr);
  if (!is_complete && !runner_signal)
    runner_say("the process for the seeds %llu-%llu has ended with %s %d", (unsigned long long)j->first,
               (unsigned long long)j->last, j->status < 0 ? "signal" : "exit status", abs((int)j->status));
  runner_progress_show(runner_sums.runs / (uint64_t)(jobs.options->argc - jobs.options->first_argument),
                       runner_sums.failed);
  if (!is_complete || (j->status != EXIT_SUCCESS && jobs.status == EXIT_SUCCESS))
    jobs.status = j->status > 0 ? (int)j->status : EXIT_FAILURE;
}

static void start_jobs(void);

static void print_finished(void)
{
  while (jobs.oldest && jobs.oldest->open == 0) {
    job *j = jobs.oldest;
    jobs.oldest = j->next;
    print_job(j);
    free(j->out.text);
    free(j->err.text);
    free(j);
  }
}

static void on_closed(uv_handle_t *handle)
{
  job *j = handle->data;

  if (--j->open > 0)
    return;
  jobs.running--;
  print_finished();
  start_jobs();
}

static void on_ended(uv_process_t *process, int64_t status, int signal)
{
  job *j = process->data;

  j->status = signal ? -signal : status;
  uv_close((uv_handle_t *)process, on_closed);
}

/* ---- what a job writes ----------------------------------------------------------------------- */

static text_in *input_of(uv_handle_t *handle)
{
  job *j = handle->data;

  return handle == (uv_handle_t *)&j->out.pipe ? &j->out : &j->err;
}

static void allocate(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
  text_in *in = input_of(handle);

  if (in->room - in->size < 4096) {
    size_t room = 2 * in->room + suggested;
    char *text = realloc(in->text, room);
    if (text) {
      in->text = text;
      in->room = room;
    }
  }
  *buffer = uv_buf_init(in->text + in->size, (unsigned)(in->room - in->size));
}

static void on_read(uv_stream_t *stream, ssize_t size, const uv_buf_t *buffer)
{
  (void)buffer;
  if (size >= 0)
    input_of((uv_handle_t *)stream)->size += (size_t)size;
  else
    uv_close((uv_handle_t *)stream, on_closed);
}

/* ---- starting -------------------------------------------------------------------------------- */

/* Sets the command line of a job: that of this process, with another --seeds and without --jobs. A
 * later option takes the place of an earlier one. Returns false if memory runs out. */
static bool set_command(const runner_options *options)
{
  const char *const own[] = {"--seeds", jobs.seeds, "--jobs", "1"};
  const size_t own_count = sizeof(own) / sizeof(own[0]);
  int to = 0;

  jobs.command = calloc((size_t)options->argc + own_count + 1, sizeof(*jobs.command));
  for (int i = 0; jobs.command && i < options->argc; i++) {
    for (size_t k = 0; i == options->end_of_options && k < own_count; k++)
      jobs.command[to++] = (char *)(uintptr_t)own[k];
    jobs.command[to++] = options->argv[i];
  }
  return jobs.command != NULL;
}

static void open_pipe(job *j, text_in *in, uv_stdio_container_t *stdio)
{
  uv_pipe_init(&jobs.loop, &in->pipe, 0);
  in->pipe.data = j;
  stdio->flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE;
  stdio->data.stream = (uv_stream_t *)&in->pipe;
}

/* The handles are open even if this fails. */
static int spawn(job *j)
{
  uv_stdio_container_t stdio[3] = {{.flags = UV_IGNORE}};
  uv_process_options_t options = {
      .exit_cb = on_ended, .file = jobs.program, .args = jobs.command, .stdio = stdio, .stdio_count = 3};

  snprintf(jobs.seeds, sizeof(jobs.seeds), "%llu-%llu", (unsigned long long)j->first, (unsigned long long)j->last);
  open_pipe(j, &j->out, &stdio[1]);
  open_pipe(j, &j->err, &stdio[2]);
  j->process.data = j;
  j->open = 3;
  int error = uv_spawn(&jobs.loop, &j->process, &options);
  if (error == 0)
    error = uv_read_start((uv_stream_t *)&j->out.pipe, allocate, on_read);
  if (error == 0)
    error = uv_read_start((uv_stream_t *)&j->err.pipe, allocate, on_read);
  return error;
}

/* Of a job that could not be started. */
static void close_handles(job *j)
{
  uv_close((uv_handle_t *)&j->process, on_closed);
  uv_close((uv_handle_t *)&j->out.pipe, on_closed);
  uv_close((uv_handle_t *)&j->err.pipe, on_closed);
}

static void append(job *j)
{
  if (jobs.oldest)
    jobs.newest->next = j;
  else
    jobs.oldest = j;
  jobs.newest = j;
}

static void start_job(void)
{
  uint64_t last = jobs.options->last_seed;
  job *j = calloc(1, sizeof(*j));
  int error = UV_ENOMEM;

  if (j) {
    j->first = jobs.next;
    j->last = last - j->first < jobs.range ? last : j->first + jobs.range - 1;
    jobs.is_last = j->last == last;
    jobs.next = j->last + 1;
    jobs.running++;
    append(j);
    error = spawn(j);
  }
  if (error == 0)
    return;
  runner_say("--jobs: %s", uv_strerror(error));
  jobs.status = EXIT_FAILURE;
  jobs.is_last = true; /* the others would fail as well */
  if (j)
    close_handles(j);
}

static bool goes_on(void)
{
  return !jobs.is_last && !runner_signal && jobs.status <= EXIT_FAILURE;
}

static void start_jobs(void)
{
  while (jobs.running < jobs.options->jobs && goes_on())
    start_job();
  if (jobs.running == 0)
    uv_unref((uv_handle_t *)&jobs.wake);
}

/* After a signal. */
static void on_wake(uv_async_t *wake)
{
  (void)wake;
  for (job *j = jobs.oldest; j && runner_signal; j = j->next)
    if (uv_is_active((uv_handle_t *)&j->process))
      uv_process_kill(&j->process, SIGTERM);
}

static int begin(const runner_options *options)
{
  uint64_t range = (options->last_seed - options->seed) / ((uint64_t)options->jobs * RANGES_PER_JOB);
  size_t size = sizeof(jobs.program);
  int error = uv_exepath(jobs.program, &size);

  jobs.options = options;
  jobs.next = options->seed;
  jobs.range = range < SHORTEST_RANGE ? SHORTEST_RANGE : range > LONGEST_RANGE ? LONGEST_RANGE : range;
  if (error == 0 && !set_command(options))
    error = UV_ENOMEM;
  return error ? error : uv_loop_init(&jobs.loop);
}

int runner_run_jobs(const runner_options *options)
{
  int error = begin(options);

  if (error) {
    runner_say("--jobs: %s", uv_strerror(error));
    return EXIT_FAILURE;
  }
  uv_async_init(&jobs.loop, &jobs.wake, on_wake);
  runner_interrupts(NULL, &jobs.wake);
  start_jobs();
  uv_run(&jobs.loop, UV_RUN_DEFAULT);
  runner_interrupts(NULL, NULL);
  uv_close((uv_handle_t *)&jobs.wake, NULL);
  uv_run(&jobs.loop, UV_RUN_DEFAULT);
  uv_loop_close(&jobs.loop);
  free(jobs.command);
  return jobs.status;
}
