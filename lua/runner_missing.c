/* A module of the firmware that the desktop has not is nil, as in a firmware that was built without it. Who does not know
 * that sees "attempt to index a nil value (global 'mqtt')", and is told. */
#include <stdio.h>
#include <string.h>

#include "runner.h"

static const char modules[] =
    " adxl345 am2320 apa102 bloom bme280 bme280_math bme680 bmp085 coap color_utils cron dcc dht ds18b20 enduser_setup"
    " gdbstub gossip hdc1080 hmc5883l http hx711 i2c l3g4200d mcp4725 mdns mqtt ow pcm perf pixbuf pwm pwm2 rc rfswitch"
    " rotary rtcfifo rtcmem sigma_delta sntp softuart somfy spi sqlite3 switec tcs34725 tls tm1829 tsl2561 u8g u8g2 ucg"
    " websocket wiegand wifi_monitor wps ws2801 ws2812 ws2812_effects xpt2046 yeelink ";

static bool is_module(const char *name, size_t size)
{
  char word[32];

  if (size + 3 > sizeof(word))
    return false;
  snprintf(word, sizeof(word), " %.*s ", (int)size, name);
  return strstr(modules, word) != NULL;
}

/* The name in quotes that follows `before`, in the first line of the message. */
static const char *quoted(const char *message, const char *before, size_t *size)
{
  const char *end = message + strcspn(message, "\n"), *at = strstr(message, before);

  if (at == NULL || at >= end || (at = strchr(at, '\'')) == NULL || at >= end)
    return NULL;
  *size = strcspn(++at, "'");
  return at;
}

void runner_explain_missing(const char *message)
{
  size_t size = 0;
  const char *name = quoted(message, "a nil value (", &size);

  if (name == NULL)
    name = quoted(message, "module '", &size);
  if (name && is_module(name, size))
    fprintf(stderr, "netmcu: the desktop has no module %.*s; --globals lists what there is\n", (int)size, name);
}
