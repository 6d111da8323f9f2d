/* Unix-domain sockets. They are handles for TCP of libuv, which takes any stream socket there; its
 * handles for pipes would be larger, shorten long paths, and know no abstract names. */
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/error.h"
#include "stack/system.h"

static int check_path(const char *path)
{
  struct sockaddr_un address;

  if (*path == '\0')
    return NETMCU_EVALUE;
  if (strlen(path) >= sizeof(address.sun_path))
    return NETMCU_ESYSTEM + UV_ENAMETOOLONG;
#ifndef __linux__
  if (*path == '@')
    return NETMCU_ENOTSUP;
#endif
  return 0;
}

/* On Linux, a name that begins with '@' is an abstract one: it is no file, its first byte is 0, and
 * it has no NUL byte at its end. */
static int read_path(const char *path, struct sockaddr_un *address, socklen_t *size)
{
  int error = check_path(path);
  bool is_abstract = *path == '@';

  if (error)
    return error;
  *address = (struct sockaddr_un){.sun_family = AF_UNIX};
  memcpy(address->sun_path, path, strlen(path));
  if (is_abstract)
    address->sun_path[0] = '\0';
  *size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path) + !is_abstract);
  return 0;
}

/* Does something with a new socket and an address: connect or bind. */
static int use_path(const char *path, int (*use)(int, const struct sockaddr *, socklen_t), int *fd)
{
  struct sockaddr_un address;
  socklen_t size;
  int error = read_path(path, &address, &size);

  if (error)
    return error;
  *fd = socket(AF_UNIX, SOCK_STREAM, 0);
  if (*fd < 0)
    return netmcu__socket_error();
  fcntl(*fd, F_SETFD, FD_CLOEXEC);
  fcntl(*fd, F_SETFL, O_NONBLOCK); /* connect does not wait for room in the backlog */
  if (use(*fd, (const struct sockaddr *)&address, size) == 0)
    return 0;
  error = netmcu__socket_error();
  close(*fd);
  return error;
}

static int open_handle(uv_stream_t *handle, int fd)
{
  int error = uv_tcp_open((uv_tcp_t *)handle, fd);

  if (error)
    close(fd);
  return netmcu__error(error);
}

int netmcu__path_connect(uv_stream_t *handle, uv_connect_t *connect_request, const char *path, uv_connect_cb cb)
{
  int fd;

  (void)connect_request;
  (void)cb;
  int error = use_path(path, connect, &fd);
  if (error == 0)
    error = open_handle(handle, fd);
  return error ? error : NETMCU_EISCONN;
}

/* A program that crashed has left its file behind. Nobody listens there any more. */
static bool is_stale(const char *path)
{
  struct stat status;
  int fd, error;

  if (lstat(path, &status) || !S_ISSOCK(status.st_mode))
    return false;
  error = use_path(path, connect, &fd);
  if (error == 0)
    close(fd);
  return error == NETMCU_ERESET;
}

int netmcu__path_bind(uv_stream_t *handle, const char *path, netmcu__path_file *file)
{
  struct stat status;
  int fd, error = use_path(path, bind, &fd);

  if (error == NETMCU_EADDRINUSE && is_stale(path) && unlink(path) == 0)
    error = use_path(path, bind, &fd);
  if (error)
    return error;
  if (*path != '@' && lstat(path, &status) == 0)
    *file = (netmcu__path_file){path, (uint64_t)status.st_dev, (uint64_t)status.st_ino};
  return open_handle(handle, fd);
}

/* Another program may have put its own file in this place. */
void netmcu__path_remove(const netmcu__path_file *file)
{
  struct stat status;

  if (file->path && lstat(file->path, &status) == 0 && (uint64_t)status.st_dev == file->device &&
      (uint64_t)status.st_ino == file->inode)
    unlink(file->path);
}
