/* Standard input, output and error of the `netmcu` program.
 *
 * Other processes may share them, and one socket may be both input and output (inetd, `socat
 * EXEC:`). So nothing here relies on how much a single write takes, and the program does not leave
 * them in non-blocking mode. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runner/runner.h"

volatile sig_atomic_t runner_signal;

static int output_error; /* of the first write to standard output that failed, or 0 */

#ifdef _WIN32
#include <io.h>
#include <winsock2.h>
#include <windows.h>

int _dowildcard = -1; /* cmd.exe leaves test_*.lua to the program; the C library expands it */

#define write(fd, text, size) write(fd, text, (unsigned)(size))
#define ssize_t               int
#define NULL_DEVICE           "NUL"

static bool is_open(int fd)
{
  return _get_osfhandle(fd) != -1;
}

/* What the script reads and writes is not changed: line ends stay as they are, and a 0x1A is no end.
 * Only what is typed on a console has "\n" at the end of a line, and Ctrl-Z ends it. */
static void prepare(int fd)
{
  DWORD mode;

  if (fd != STDIN_FILENO || !GetConsoleMode((HANDLE)_get_osfhandle(fd), &mode))
    _setmode(fd, _O_BINARY);
}

static void wait_until_writable(int fd)
{
  (void)fd;
}

static UINT code_page;

static void restore_console(void)
{
  SetConsoleOutputCP(code_page);
}

/* The program writes UTF-8. The console keeps the setting after the program's end. */
static void prepare_console(void)
{
  code_page = GetConsoleOutputCP();
  if (code_page && SetConsoleOutputCP(CP_UTF8))
    atexit(restore_console);
}
#else
#include <poll.h>

#define NULL_DEVICE "/dev/null"
#define LOOK        100 /* ms, after which the wait looks for a signal that came just before it */

static bool is_open(int fd)
{
  return fcntl(fd, F_GETFD) >= 0;
}

/* Lua's own io.write loses what a non-blocking descriptor does not take at once. */
static void prepare(int fd)
{
  int flags = fcntl(fd, F_GETFL);

  if (flags >= 0 && (flags & O_NONBLOCK))
    fcntl(fd, F_SETFL, flags & ~O_NONBLOCK);
}

/* Another process has made the descriptor non-blocking meanwhile. */
static void wait_until_writable(int fd)
{
  struct pollfd wanted = {.fd = fd, .events = POLLOUT};

  poll(&wanted, 1, LOOK);
}

static void prepare_console(void)
{
}
#endif

/* A closed descriptor becomes the null device. Otherwise a socket would take its number, and the
 * peer would get what is printed. */
void runner_open_standard(void)
{
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
    if (!is_open(fd) && open(NULL_DEVICE, O_RDWR) < 0)
      return;
    prepare(fd);
  }
  prepare_console();
}

/* ---- standard input -------------------------------------------------------------------------- */

#define PIECE 65536

/* Appends what one read returns: false at the end, or with errno set. */
static bool read_piece(char **text, size_t *size)
{
  char *larger = realloc(*text, *size + PIECE);

  if (larger == NULL)
    return false;
  *text = larger;
  ssize_t count = read(STDIN_FILENO, *text + *size, PIECE);
  if (count > 0)
    *size += (size_t)count;
  return count > 0 || (count < 0 && errno == EINTR && !runner_signal);
}

const char *runner_read_input(size_t *size)
{
  static char *input;
  static size_t input_size;

  if (input == NULL) {
    char *text = NULL;
    size_t length = 0;
    do {
      errno = 0;
    } while (read_piece(&text, &length));
    if (errno) {
      int error = errno;
      free(text);
      errno = error;
      return NULL;
    }
    input = text;
    input_size = length;
  }
  *size = input_size;
  return input;
}

/* ---- writing --------------------------------------------------------------------------------- */

/* Returns 0 or the system's error. A signal that ends the run also ends the wait for a reader that
 * does not read: the rest of the text is dropped then, which returns EINTR. */
static int write_all(int fd, const char *text, size_t size)
{
  for (;;) {
    ssize_t taken = write(fd, text, size);
    int error = taken < 0 ? errno : 0;
    if (error == EAGAIN)
      wait_until_writable(fd);
    else if (error && error != EINTR)
      return error;
    if (taken > 0) {
      text += taken;
      size -= (size_t)taken;
    }
    if (size == 0)
      return 0;
    if (runner_signal)
      return EINTR;
  }
}

void runner_write_raw(int fd, const char *text)
{
  write_all(fd, text, strlen(text));
}

/* ---- standard error -------------------------------------------------------------------------- */

void (*runner_copy_output)(const char *text, size_t size, bool is_note);

static bool is_quiet;

void runner_set_quiet(bool quiet)
{
  is_quiet = quiet;
}

/* In one write, so that the lines of several processes do not mix. */
static void write_line(const char *prefix, const char *line)
{
  size_t size = strlen(prefix) + strlen(line) + 1;
  char *whole = is_quiet ? NULL : malloc(size + 1);

  if (whole == NULL)
    return;
  snprintf(whole, size + 1, "%s%s\n", prefix, line);
  runner_progress_clear();
  if (runner_copy_output)
    runner_copy_output(whole, size - 1, true);
  write_all(STDERR_FILENO, whole, size);
  free(whole);
}

void runner_note(const char *line)
{
  write_line("", line);
}

void runner_say(const char *format, ...)
{
  va_list arguments, again;

  va_start(arguments, format);
  va_copy(again, arguments);
  int length = vsnprintf(NULL, 0, format, arguments);
  char *line = length < 0 ? NULL : malloc((size_t)length + 1);
  if (line) {
    vsnprintf(line, (size_t)length + 1, format, again);
    write_line("netmcu: ", line);
    free(line);
  }
  va_end(again);
  va_end(arguments);
}

/* ---- standard output ------------------------------------------------------------------------- */

static bool has_no_reader(int error)
{
  return error == EPIPE || error == ECONNRESET;
}

/* Says once what is wrong. The script goes on: a server should not end because the disk of its log
 * is full. */
static void note_failure(int error)
{
  if (output_error == 0 && !has_no_reader(error))
    runner_say("cannot write to standard output: %s", strerror(error));
  if (output_error == 0)
    output_error = error;
}

/* What io.write has buffered comes first. */
bool runner_write(const char *text, size_t size)
{
  int error = fflush(stdout) != 0 ? errno : 0;

  runner_progress_clear();
  if (runner_copy_output)
    runner_copy_output(text, size, false);
  if (error == 0 && size > 0)
    error = write_all(STDOUT_FILENO, text, size);
  if (error && error != EINTR)
    note_failure(error);
  return !has_no_reader(error);
}

int runner_finish_output(int status, bool needs_reader)
{
  if (fflush(stdout) != 0)
    note_failure(errno);
  bool is_complete = output_error == 0 || (has_no_reader(output_error) && !needs_reader);
  return status == EXIT_SUCCESS && !is_complete ? EXIT_FAILURE : status;
}
