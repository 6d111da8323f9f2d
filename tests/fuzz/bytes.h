/* What the fuzz targets share: they use the input as a source of decisions, and check what must be
 * true. */
#ifndef FUZZ_BYTES_H
#define FUZZ_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* libFuzzer calls this. */
int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define REQUIRE(condition)                                                                                             \
  do {                                                                                                                 \
    if (!(condition)) {                                                                                                \
      fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition);                                   \
      abort();                                                                                                         \
    }                                                                                                                  \
  } while (0)

/* Returns the input as a string in a block of its exact size, so that a sanitizer notices reads
 * beyond the end. The caller frees it. */
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
