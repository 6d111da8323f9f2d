/* Pairing heaps (Fredman, Sedgewick, Sleator and Tarjan, 1986). The nodes are embedded in what is
 * ordered, so nothing is allocated. Inserting takes O(1), removing O(log n), amortized. */
#ifndef NETMCU_HEAP_H
#define NETMCU_HEAP_H

#include <stdbool.h>
#include <stddef.h>

typedef struct netmcu__heap_node netmcu__heap_node;
struct netmcu__heap_node {
  netmcu__heap_node *child, *next; /* the first child; the next child of the same parent */
  /* The child before; the parent of a first child; at the root, the node itself. NULL: in no heap. */
  netmcu__heap_node *previous;
};

/* Whether `a` comes before `b`. */
typedef bool (*netmcu__heap_order)(const netmcu__heap_node *a, const netmcu__heap_node *b);

/* The root, which is NULL for an empty heap, is the node that comes first. */
void netmcu__heap_insert(netmcu__heap_node **root, netmcu__heap_node *node, netmcu__heap_order is_before);
void netmcu__heap_remove(netmcu__heap_node **root, netmcu__heap_node *node, netmcu__heap_order is_before);

static inline bool netmcu__heap_has(const netmcu__heap_node *node)
{
  return node->previous != NULL;
}

#endif
