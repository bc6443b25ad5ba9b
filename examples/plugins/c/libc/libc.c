// Nothing that a call takes is given back: its memory goes with it.

#include "stdlib.h"
#include "string.h"

extern unsigned char __heap_base;
static size_t next;

_Noreturn void abort(void) {
    __builtin_trap();
}

void *malloc(size_t size) {
    if (next == 0) {
        next = (size_t)&__heap_base;
    }
    // The size stands before what it is the size of, so that realloc knows how much to keep.
    size_t at = (next + 15 & ~(size_t)15) + 16;
    next = at + size;
    size_t pages = (next + 65535) / 65536;
    if (pages > __builtin_wasm_memory_size(0) &&
        __builtin_wasm_memory_grow(0, pages - __builtin_wasm_memory_size(0)) == (size_t)-1) {
        abort();
    }
    ((size_t *)at)[-1] = size;
    return (void *)at;
}

void *realloc(void *old, size_t size) {
    if (!old) {
        return malloc(size);
    }
    size_t before = ((size_t *)old)[-1];
    void *new = malloc(size);
    return memcpy(new, old, before < size ? before : size);
}

void free(void *it) {
    (void)it;
}

void *memcpy(void *to, const void *from, size_t length) {
    unsigned char *out = to;
    const unsigned char *in = from;
    while (length--) {
        *out++ = *in++;
    }
    return to;
}

void *memset(void *to, int byte, size_t length) {
    unsigned char *out = to;
    while (length--) {
        *out++ = (unsigned char)byte;
    }
    return to;
}

int memcmp(const void *one, const void *other, size_t length) {
    const unsigned char *left = one, *right = other;
    for (; length; length--, left++, right++) {
        if (*left != *right) {
            return *left - *right;
        }
    }
    return 0;
}

size_t strlen(const char *text) {
    size_t length = 0;
    while (text[length]) {
        length++;
    }
    return length;
}
