/* Named pipes, in the place of Unix-domain sockets. */
#include "base/error.h"
#include "stack/system.h"

int netmcu__path_connect(uv_stream_t *handle, uv_connect_t *request, const char *path, uv_connect_cb cb)
{
  uv_pipe_connect(request, (uv_pipe_t *)handle, path, cb);
  return 0;
}

int netmcu__path_bind(uv_stream_t *handle, const char *path, netmcu__path_file *file)
{
  (void)file;
  return netmcu__error(uv_pipe_bind((uv_pipe_t *)handle, path));
}

void netmcu__path_remove(const netmcu__path_file *file)
{
  (void)file;
}
