/* What a script stores for the next one: the memory of rtcmem, the command of node.startupcommand,
 * the certificates of tls.cert, the settings of wifi, and the mode of the ADC. The fields of
 * netmcu.host carry it from state to state. */
#include <stdlib.h>
#include <string.h>

#include "runner/runner.h"

static void push_rtc(lua_State *L, const runner *r)
{
  lua_createtable(L, RUNNER_RTC, 0);
  for (int i = 0; i < RUNNER_RTC; i++) {
    lua_pushinteger(L, r->rtc[i]);
    lua_rawseti(L, -2, i);
  }
}

/* Keeps the words that the module rtcmem may have changed; L has the table of them. */
static void keep_rtc(lua_State *L, runner *r)
{
  for (int i = 0; i < RUNNER_RTC && lua_istable(L, -1); i++) {
    lua_rawgeti(L, -1, i);
    r->rtc[i] = (int32_t)lua_tointeger(L, -1);
    r->has_rtc = true;
    lua_pop(L, 1);
  }
}

#define TOLD (RUNNER_TEXTS - 1)

/* The fields of netmcu.host with texts: the certificates and the key of the module tls, the settings of
 * wifi, and what was said about parts. */
static const char *const text_names[RUNNER_TEXTS] = {"tls_verify1", "tls_auth1", "tls_auth2",    "wifi_station",
                                                     "wifi_ap",     "wifi_mode", [TOLD] = "told"};

static void push_texts(lua_State *L, const runner *r)
{
  for (int i = 0; i < RUNNER_TEXTS; i++) {
    lua_pushstring(L, r->texts[i]);
    lua_setfield(L, -2, text_names[i]);
  }
}

/* Keeps a text of netmcu.host, which is on top of the stack. An empty one counts as none. */
static void keep_text(lua_State *L, const char *name, char **kept)
{
  lua_getfield(L, -1, name);
  const char *text = lua_tostring(L, -1);
  free(*kept);
  *kept = text && *text ? strdup(text) : NULL;
  lua_pop(L, 1);
}

void runner_forget_told(runner *r)
{
  free(r->texts[TOLD]);
  r->texts[TOLD] = NULL;
}

void runner_forget_texts(runner *r)
{
  free(r->startup);
  r->startup = NULL;
  for (int i = 0; i < RUNNER_TEXTS; i++) {
    free(r->texts[i]);
    r->texts[i] = NULL;
  }
}

void runner_push_memory(lua_State *L, const runner *r)
{
  lua_pushstring(L, r->startup);
  lua_setfield(L, -2, "startup");
  push_texts(L, r);
  netmcu_set_integer(L, "adc_mode", r->adc_mode);
  if (r->has_rtc) {
    push_rtc(L, r);
    lua_setfield(L, -2, "rtc");
  }
}

static int keep_memory(lua_State *L)
{
  runner *r = lua_touserdata(L, 1);

  lua_settop(L, 0);
  netmcu_require(L, "netmcu.host");
  keep_text(L, "startup", &r->startup);
  for (int i = 0; i < RUNNER_TEXTS; i++)
    keep_text(L, text_names[i], &r->texts[i]);
  lua_getfield(L, 1, "adc_mode");
  r->adc_mode = (uint8_t)lua_tointeger(L, -1);
  lua_getfield(L, 1, "rtc");
  keep_rtc(L, r);
  return 0;
}

/* A signal, and too little memory, may raise an error in each function that Lua calls. */
void runner_keep_memory(runner *r)
{
  lua_settop(r->L, 0);
  lua_pushcfunction(r->L, keep_memory);
  lua_pushlightuserdata(r->L, r);
  lua_pcall(r->L, 1, 0, 0);
  lua_settop(r->L, 0);
}
