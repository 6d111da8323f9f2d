/* See heap.h. */
#include "base/heap.h"

/* Makes the later of two roots the first child of the earlier. Either may be NULL. */
static netmcu__heap_node *meld(netmcu__heap_node *a, netmcu__heap_node *b, netmcu__heap_order is_before)
{
  if (a == NULL)
    return b;
  if (b == NULL)
    return a;
  if (is_before(b, a)) {
    netmcu__heap_node *earlier = b;
    b = a;
    a = earlier;
  }
  b->next = a->child;
  if (b->next)
    b->next->previous = b;
  b->previous = a;
  a->child = b;
  return a;
}

/* Melds a list of siblings into one heap: in pairs from the left, then the pairs from the right. */
static netmcu__heap_node *meld_siblings(netmcu__heap_node *first, netmcu__heap_order is_before)
{
  netmcu__heap_node *pairs = NULL, *heap = NULL;

  while (first) {
    netmcu__heap_node *a = first, *b = first->next;
    first = b ? b->next : NULL;
    a->next = NULL;
    if (b)
      b->next = NULL;
    a = meld(a, b, is_before);
    a->next = pairs;
    pairs = a;
  }
  while (pairs) {
    netmcu__heap_node *pair = pairs;
    pairs = pair->next;
    pair->next = NULL;
    heap = meld(heap, pair, is_before);
  }
  return heap;
}

static void set_root(netmcu__heap_node **root, netmcu__heap_node *node)
{
  *root = node;
  if (node) {
    node->previous = node;
    node->next = NULL;
  }
}

void netmcu__heap_insert(netmcu__heap_node **root, netmcu__heap_node *node, netmcu__heap_order is_before)
{
  set_root(root, meld(*root, node, is_before));
}

void netmcu__heap_remove(netmcu__heap_node **root, netmcu__heap_node *node, netmcu__heap_order is_before)
{
  netmcu__heap_node *children = meld_siblings(node->child, is_before);

  if (*root == node) {
    set_root(root, children);
  } else {
    if (node->previous->child == node)
      node->previous->child = node->next;
    else
      node->previous->next = node->next;
    if (node->next)
      node->next->previous = node->previous;
    set_root(root, meld(*root, children, is_before));
  }
  *node = (netmcu__heap_node){.child = NULL};
}
