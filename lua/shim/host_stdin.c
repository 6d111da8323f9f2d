/* Standard input, which the loop reads. A file is read one piece per turn, because it is always
 * ready and cannot be polled. A terminal, a pipe or a socket is polled and read without libuv's
 * streams. These would make the descriptor non-blocking, and with it standard output, if both are
 * one socket or terminal, and the input of other processes that share it. Windows cannot poll, and
 * reads streams. */
#include <stdlib.h>
#include <string.h>
#include <uv.h>
#ifndef _WIN32
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>
#endif

#include "shim/host_private.h"

typedef struct netmcu_stdin {
  union {
    uv_handle_t handle;
    uv_idle_t file;
#ifdef _WIN32
    uv_stream_t stream;
    uv_tty_t tty;
    uv_pipe_t pipe;
#else
    uv_poll_t poll;
#endif
  } as;
  netmcu_host *host; /* NULL while it is being closed */
  char buffer[4096];
} netmcu_stdin;

typedef struct piece {
  netmcu_host *host;
  const char *data; /* NULL at the end of the input */
  size_t size;
} piece;

static int call_reader(lua_State *L)
{
  const piece *p = lua_touserdata(L, 1);

  netmcu_host_push_self(L);
  if (lua_getiuservalue(L, -1, HOST_STDIN) != LUA_TFUNCTION)
    return 0;
  if (p->data)
    lua_pushlstring(L, p->data, p->size);
  else
    lua_pushnil(L);
  lua_call(L, 1, 0);
  return 0;
}

static void on_closed(uv_handle_t *handle)
{
  free(handle);
}

void netmcu_host_close_stdin(netmcu_host *host)
{
  netmcu_stdin *input = host->input;

  if (input == NULL)
    return;
  host->input = NULL;
  input->host = NULL;
  uv_close(&input->as.handle, on_closed);
}

/* ---- lines, for the prompt ------------------------------------------------------------------- */

/* The input behind a line that has ended the run. The next state of this process finds it before
 * anything else, as a device that has restarted finds the input that arrives later. */
static struct {
  char *data;
  size_t size;
} kept;

static void keep_for_next_state(const char *data, size_t size)
{
  char *copy = malloc(size);

  if (copy)
    memcpy(copy, data, size);
  kept.data = copy;
  kept.size = copy ? size : 0;
}

static void call_script(netmcu_host *host, const char *data, size_t size)
{
  piece p = {host, data, size};

  netmcu_enter(host, call_reader, &p, "the data of uart 0", NULL);
}

static void deliver_lines(netmcu_stdin *input, const char *data, size_t size)
{
  netmcu_host *host = input->host;

  while (size > 0 && host->input == input && !host->leaving && !host->failed) {
    const char *end = memchr(data, '\n', size);
    size_t length = end ? (size_t)(end - data) + 1 : size;
    call_script(host, data, length);
    data += length;
    size -= length;
  }
  if (size > 0)
    keep_for_next_state(data, size);
}

static void on_kept_input(void *data)
{
  netmcu_host *host = data;
  char *bytes = kept.data;

  kept.data = NULL;
  if (bytes && host->input)
    deliver_lines(host->input, bytes, kept.size);
  free(bytes);
}

static void deliver(netmcu_stdin *input, const char *data, ssize_t size)
{
  netmcu_host *host = input->host;

  if (size > 0 && host->read_lines) {
    deliver_lines(input, data, (size_t)size);
    return;
  }
  if (size <= 0)
    netmcu_host_close_stdin(host);
  call_script(host, size > 0 ? data : NULL, size > 0 ? (size_t)size : 0);
}

/* ---- reading --------------------------------------------------------------------------------- */

static void on_idle(uv_idle_t *idle)
{
  netmcu_stdin *input = (netmcu_stdin *)idle;
  uv_buf_t buf = uv_buf_init(input->buffer, sizeof(input->buffer));
  uv_fs_t request;

  int size = uv_fs_read(NULL, &request, 0, &buf, 1, -1, NULL);
  uv_fs_req_cleanup(&request);
  deliver(input, input->buffer, size);
}

#ifdef _WIN32
static void on_allocate(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
  netmcu_stdin *input = (netmcu_stdin *)handle;

  (void)suggested;
  *buf = uv_buf_init(input->buffer, sizeof(input->buffer));
}

static void on_read(uv_stream_t *stream, ssize_t size, const uv_buf_t *buf)
{
  if (size != 0)
    deliver((netmcu_stdin *)stream, buf->base, size);
}

static int open_device(uv_loop_t *loop, netmcu_stdin *input, uv_handle_type type)
{
  int error = type == UV_TTY ? uv_tty_init(loop, &input->as.tty, 0, 1) : uv_pipe_init(loop, &input->as.pipe, 0);

  if (error == 0 && type != UV_TTY)
    error = uv_pipe_open(&input->as.pipe, 0);
  return error ? error : uv_read_start(&input->as.stream, on_allocate, on_read);
}
#else
/* Another process may have read the input meanwhile. */
static bool is_readable(void)
{
  struct pollfd wanted = {.fd = STDIN_FILENO, .events = POLLIN};

  return poll(&wanted, 1, 0) > 0;
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
  netmcu_stdin *input = (netmcu_stdin *)poll;

  (void)events;
  if (status == 0 && !is_readable())
    return;
  ssize_t size = status ? status : read(STDIN_FILENO, input->buffer, sizeof(input->buffer));
  if (size < 0 && status == 0 && (errno == EAGAIN || errno == EINTR))
    return;
  deliver(input, input->buffer, size);
}

/* The writing end of a pipe has no input, and would never report an end. */
static int open_device(uv_loop_t *loop, netmcu_stdin *input, uv_handle_type type)
{
  int flags = fcntl(STDIN_FILENO, F_GETFL);

  (void)type;
  if (flags < 0 || (flags & O_ACCMODE) == O_WRONLY)
    return UV_EBADF;
  int error = uv_poll_init(loop, &input->as.poll, STDIN_FILENO);
  if (error)
    return error;
  fcntl(STDIN_FILENO, F_SETFL, flags); /* uv_poll_init has made it non-blocking */
  return uv_poll_start(&input->as.poll, UV_READABLE, on_readable);
}
#endif

static int open_input(uv_loop_t *loop, netmcu_stdin *input)
{
  uv_handle_type type = uv_guess_handle(0);

  if (type != UV_FILE && type != UV_UNKNOWN_HANDLE)
    return open_device(loop, input, type);
  uv_idle_init(loop, &input->as.file);
  return uv_idle_start(&input->as.file, on_idle);
}

static void start_reading(lua_State *L, netmcu_host *host)
{
  netmcu_stdin *input = calloc(1, sizeof(*input));

  if (input == NULL) {
    luaL_error(L, "out of memory");
    return; /* never happens, but lua.h does not tell the compiler */
  }
  int error = open_input(netmcu_get_loop(host->ctx), input);
  if (error) { /* standard input is closed, or cannot be read: nothing will arrive */
    if (input->as.handle.type != UV_UNKNOWN_HANDLE)
      uv_close(&input->as.handle, on_closed);
    else
      free(input);
    return;
  }
  input->host = host;
  host->input = input;
  if (kept.data)
    netmcu_post(host->ctx, on_kept_input, host);
}

/* stdin(fn | nil): calls fn(bytes) for input, and fn(nil) at its end. */
int netmcu_host_stdin(lua_State *L)
{
  netmcu_host *host = netmcu_host_check(L);

  if (!lua_isnoneornil(L, 1))
    luaL_checktype(L, 1, LUA_TFUNCTION);
  lua_settop(L, 1);
  lua_pushvalue(L, 1);
  lua_setiuservalue(L, lua_upvalueindex(1), HOST_STDIN);
  if (lua_isnil(L, 1))
    netmcu_host_close_stdin(host);
  else if (host->input == NULL)
    start_reading(L, host);
  return 0;
}
