/* What the fuzz targets share: the input as a source of decisions, and what must hold. */
#ifndef FUZZ_BYTES_H
#define FUZZ_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What libFuzzer calls. */
int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define REQUIRE(condition)                                                                                             \
  do {                                                                                                                 \
    if (!(condition)) {                                                                                                \
      fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition);                                   \
      abort();                                                                                                         \
    }                                                                                                                  \
  } while (0)

/* The input as a text that ends where it ends, so that a sanitizer sees what reads beyond. The caller frees it. */
static inline char *text_of(const uint8_t *data, size_t size)
{
  char *text = malloc(size + 1);

  REQUIRE(text);
  if (size)
    memcpy(text, data, size);
  text[size] = '\0';
  return text;
}

#endif
