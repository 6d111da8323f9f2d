/* Arithmetic on an i386. Its x87 rounds a result to the 64 bits of an extended number, and again to
 * the 53 bits of a double when it is stored. Other processors round once, so simulations would differ.
 * With 53 bits from the start, the x87 rounds once too. These functions of glibc need 64 bits. */
#define _GNU_SOURCE /* RTLD_NEXT */
#include "runner/runner.h"

#if defined(__i386__) && defined(__GLIBC__)
#include <dlfcn.h>
#include <fpu_control.h>
#include <math.h>

/* Returns the precision that was set before. */
static fpu_control_t set_precision(fpu_control_t precision)
{
  fpu_control_t control, changed;

  _FPU_GETCW(control);
  changed = (fpu_control_t)((control & ~_FPU_EXTENDED) | precision);
  _FPU_SETCW(changed);
  return control & _FPU_EXTENDED;
}

void runner_round_once(void)
{
  set_precision(_FPU_DOUBLE);
}

/* Defines a function that Lua finds before that of the C library, and that calls it. */
#define WITH_64_BITS(name, parameters, arguments)                                                                      \
  double name parameters                                                                                               \
  {                                                                                                                    \
    static double(*original) parameters;                                                                               \
    if (original == NULL)                                                                                              \
      *(void **)&original = dlsym(RTLD_NEXT, #name);                                                                   \
    fpu_control_t before = set_precision(_FPU_EXTENDED);                                                               \
    double result = original arguments;                                                                                \
    set_precision(before);                                                                                             \
    return result;                                                                                                     \
  }

WITH_64_BITS(pow, (double x, double y), (x, y))
WITH_64_BITS(exp, (double x), (x))
WITH_64_BITS(asin, (double x), (x))
WITH_64_BITS(acos, (double x), (x))

#else

void runner_round_once(void)
{
}

#endif
