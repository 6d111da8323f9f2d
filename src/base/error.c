/* The errors: one table (NETMCU_ERRORS in netmcu.h), and the one place where errors of the system
 * become netmcu's. */
#include <errno.h>

#include <stddef.h>
#include <uv.h>

#include "base/error.h"

static const struct {
  int value;
  const char *name;
  const char *text;
} errors[] = {
#define ROW(name, value, text) {value, #name, text},
    NETMCU_ERRORS(ROW)
#undef ROW
};

#define COUNT (sizeof(errors) / sizeof(errors[0]))

/* The libuv codes for which the device has its own code, in the pairs of lwIP's err_to_errno. */
static const struct {
  int uv;
  int error;
} mapping[] = {
    {UV_ENOMEM, NETMCU_ENOMEM},         {UV_EMFILE, NETMCU_ENOMEM},        {UV_ENFILE, NETMCU_ENOMEM},
    {UV_ENOBUFS, NETMCU_EBUFFER},       {UV_EMSGSIZE, NETMCU_EBUFFER},     {UV_ENETUNREACH, NETMCU_EROUTE},
    {UV_EHOSTUNREACH, NETMCU_EROUTE},   {UV_EALREADY, NETMCU_EINPROGRESS}, {UV_EINVAL, NETMCU_EVALUE},
    {UV_EADDRNOTAVAIL, NETMCU_EVALUE},  {UV_EAGAIN, NETMCU_EAGAIN},        {UV_ETIMEDOUT, NETMCU_EABORTED},
    {UV_ECONNABORTED, NETMCU_EABORTED}, {UV_ECONNREFUSED, NETMCU_ERESET},  {UV_ECONNRESET, NETMCU_ERESET},
    {UV_EPIPE, NETMCU_ERESET},          {UV_ENOTCONN, NETMCU_ENOTCONN},    {UV_EADDRINUSE, NETMCU_EADDRINUSE},
    {UV_ENETDOWN, NETMCU_ENETIF},       {UV_ENODEV, NETMCU_ENETIF},        {UV_EISCONN, NETMCU_EISCONN},
    {UV_ECANCELED, NETMCU_ECLOSED},     {UV_EOF, NETMCU_ECLOSED},          {UV_ENOTSUP, NETMCU_ENOTSUP},
#ifndef _WIN32
    {-EINPROGRESS, NETMCU_EINPROGRESS}, /* libuv has no name for it */
#endif
};

int netmcu__error(int uv_error)
{
  if (uv_error >= 0)
    return 0;
  for (size_t i = 0; i < sizeof(mapping) / sizeof(mapping[0]); i++)
    if (mapping[i].uv == uv_error)
      return mapping[i].error;
  return NETMCU_ESYSTEM + uv_error;
}

int netmcu_uv_error(int error)
{
  return error < NETMCU_ESYSTEM ? error - NETMCU_ESYSTEM : 0;
}

const char *netmcu_strerror(int error)
{
  static _Thread_local char system_text[128];

  if (error == 0)
    return "no error";
  if (netmcu_uv_error(error))
    return uv_strerror_r(netmcu_uv_error(error), system_text, sizeof(system_text));
  for (size_t i = 0; i < COUNT; i++)
    if (errors[i].value == error)
      return errors[i].text;
  return "unknown error";
}

const char *netmcu_error_name(int error)
{
  static _Thread_local char system_name[32];

  if (netmcu_uv_error(error))
    return uv_err_name_r(netmcu_uv_error(error), system_name, sizeof(system_name));
  for (size_t i = 0; i < COUNT; i++)
    if (errors[i].value == error)
      return errors[i].name;
  return "EUNKNOWN";
}
