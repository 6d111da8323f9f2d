/* The least program that uses an installed netmcu: it links the loop and the resolver too, and says the version. */
#include <netmcu.h>
#include <stdio.h>

int main(void)
{
  netmcu_t *ctx = netmcu_new(NULL, NULL);
  if (ctx == NULL)
    return 1;
  netmcu_run(ctx);
  netmcu_close(ctx, NULL, NULL);
  printf("netmcu %s\n", netmcu_version());
  return 0;
}
