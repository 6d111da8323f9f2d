/* The part of loop.c that fake.c uses and tests do not. */
#ifndef TEST_LOOP_PRIVATE_H
#define TEST_LOOP_PRIVATE_H

#include "base/context.h"

netmcu_t *loop_begin_on(const netmcu__stack_class *stack, const netmcu_options *options);

#endif
