// What the generated code asks of a C library; libc.c has it.
#pragma once
#include <stddef.h>
void *malloc(size_t size);
void *realloc(void *old, size_t size);
void free(void *it);
_Noreturn void abort(void);
