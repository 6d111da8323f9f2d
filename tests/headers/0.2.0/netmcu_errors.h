/* The errors of netmcu, and NETMCU_API. netmcu.h includes this file. */
#ifndef NETMCU_ERRORS_H
#define NETMCU_ERRORS_H

#if defined(_WIN32) && defined(NETMCU_SHARED)
#ifdef NETMCU_BUILDING
#define NETMCU_API __declspec(dllexport)
#else
#define NETMCU_API __declspec(dllimport)
#endif
#elif defined(__GNUC__)
#define NETMCU_API __attribute__((visibility("default")))
#else
#define NETMCU_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* --------------------------------------------------------------------------------------- errors */

/* X(name, value, text). Values and texts from -1 to -15 are those of the device (lwIP's err_t). */
#define NETMCU_ERRORS(X)                                                                                               \
  X(ENOMEM, -1, "out of memory")                                                                                       \
  X(EBUFFER, -2, "buffer error")                                                                                       \
  X(ETIMEOUT, -3, "timeout")                                                                                           \
  X(EROUTE, -4, "routing problem")                                                                                     \
  X(EINPROGRESS, -5, "in progress")                                                                                    \
  X(EVALUE, -6, "illegal value")                                                                                       \
  X(EAGAIN, -7, "would block")                                                                                         \
  X(EABORTED, -8, "connection aborted")                                                                                \
  X(ERESET, -9, "connection reset")                                                                                    \
  X(ECLOSED, -10, "connection closed")                                                                                 \
  X(ENOTCONN, -11, "not connected")                                                                                    \
  X(EARGUMENT, -12, "illegal argument")                                                                                \
  X(EADDRINUSE, -13, "address in use")                                                                                 \
  X(ENETIF, -14, "netif error")                                                                                        \
  X(EISCONN, -15, "already connected")                                                                                 \
  X(ENOTFOUND, -32, "host name not found")                                                                             \
  X(ESTRICT, -33, "refused in strict mode")                                                                            \
  X(ENOTSUP, -34, "not supported by this build or system")                                                             \
  X(ETLS, -35, "TLS failed")

enum netmcu_error {
#define NETMCU_ERROR_VALUE(name, value, text) NETMCU_##name = value,
  NETMCU_ERRORS(NETMCU_ERROR_VALUE)
#undef NETMCU_ERROR_VALUE
  /* An error of the system that the device does not know is NETMCU_ESYSTEM plus the (negative)
   * libuv code. netmcu_strerror returns the system's own text, netmcu_uv_error the libuv code. */
  NETMCU_ESYSTEM = -100000
};

/* Returns the text of an error, never NULL. That of a NETMCU_ESYSTEM code is valid until the next
 * call in the same thread. */
NETMCU_API const char *netmcu_strerror(int error);

/* Returns the name of an error, such as "ENOMEM", or "EUNKNOWN" if there is no such error. */
NETMCU_API const char *netmcu_error_name(int error);

/* Returns the libuv code (such as UV_EACCES) of an error of the system, or 0 for other errors. */
NETMCU_API int netmcu_uv_error(int error);

#ifdef __cplusplus
}
#endif

#endif
