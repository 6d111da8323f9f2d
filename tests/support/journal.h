/* The part of journal.c that loop.c uses and tests do not. */
#ifndef TEST_JOURNAL_H
#define TEST_JOURNAL_H

#include <stdio.h>

void journal_reset(void);
void journal_print(FILE *out);
void journal_verify(void);

#endif
