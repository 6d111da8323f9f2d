/* What system_stream.c and system_listener.c share. */
#ifndef NETMCU_SYSTEM_STREAM_H
#define NETMCU_SYSTEM_STREAM_H

#include "stack/system.h"

/* A stream is a uv_tcp_t, or for a named pipe on Windows a uv_pipe_t. Its first member, `data`,
 * points to the group. */
struct netmcu__stack_stream {
  union {
    uv_tcp_t tcp;
#ifdef _WIN32
    uv_pipe_t pipe;
#endif
  };
};

struct netmcu__stack_listener {
  union {
    uv_tcp_t tcp;
#ifdef _WIN32
    uv_pipe_t pipe;
#endif
  };
  netmcu__stack_stream refused; /* takes a client that is refused, to close it */
  netmcu__path_file file;
  bool closed, refusing;
  bool another; /* a client waits until `refused` is closed */
};

_Static_assert(offsetof(uv_tcp_t, data) == 0, "netmcu__group_of reads the first word");

static inline netmcu__stack_stream *stream_of(const void *handle)
{
  return (netmcu__stack_stream *)(uintptr_t)handle;
}

static inline const netmcu__stream_events *events_of(const void *handle)
{
  return netmcu__group_of(handle)->events;
}

static inline bool is_tcp(const uv_tcp_t *tcp)
{
  return tcp->type == UV_TCP;
}

/* ---- system_stream.c ------------------------------------------------------------------------- */

/* Create a handle with a group; for a path; and together with its socket. */
void netmcu__system_stream_init(netmcu__stream_group *group, uv_tcp_t *tcp);
void netmcu__system_stream_init_path(netmcu__stream_group *group, uv_tcp_t *tcp);
int netmcu__system_stream_init_socket(netmcu__stream_group *group, uv_tcp_t *tcp, uint16_t family);
/* Returns an error unless the descriptor is a stream socket, and connected if it has to be. */
int netmcu__system_stream_check(uv_os_sock_t socket, bool is_connected);
/* Gets an address with one of libuv's functions for that. */
int netmcu__system_stream_name(int (*get)(const uv_tcp_t *, struct sockaddr *, int *), const uv_tcp_t *tcp,
                               netmcu_address *address);

/* ---- system_listener.c: the operations of a listener, as stack.h describes them --------------- */

int netmcu__system_listener_open(netmcu__stream_group *group, netmcu__stack_listener *listener);
int netmcu__system_listener_listen(netmcu__stack_listener *listener, const netmcu_address *address, int backlog);
int netmcu__system_listener_listen_path(netmcu__stream_group *group, netmcu__stack_listener *listener, const char *path,
                                        int backlog);
int netmcu__system_listener_adopt(netmcu__stream_group *group, netmcu__stack_listener *listener, intptr_t descriptor,
                                  int backlog);
int netmcu__system_listener_get_address(const netmcu__stack_listener *listener, netmcu_address *address);
int netmcu__system_listener_accept(netmcu__stack_listener *listener, netmcu__stream_group *group,
                                   netmcu__stack_stream *stream);
void netmcu__system_listener_refuse(netmcu__stack_listener *listener);
void netmcu__system_listener_close(netmcu__stack_listener *listener);

#endif
