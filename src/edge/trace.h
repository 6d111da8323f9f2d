/* Reports what happens to the program (netmcu_set_trace). */
#ifndef NETMCU_TRACE_H
#define NETMCU_TRACE_H

#include "base/object.h"
#include "edge/edge.h"

/* Reports an event of `object`. The caller fills in what it knows. The time, the name and number of
 * the object are added, and a peer or name that is known from an earlier event of the object. */
void netmcu__trace(const netmcu__object *object, netmcu_trace_event event);

/* Reports that an object listens at `asked`, and the real port if it is another one. */
void netmcu__trace_listen(const netmcu__object *object, const netmcu_address *asked, const netmcu_address *real);

#endif
