#!/bin/sh
# Needs wit-bindgen, and a clang and wasm-ld that know WebAssembly. CLANG and WASM_LD name others.
set -eu
cd "$(dirname "$0")"
newest() { ls "$1"-[0-9]* 2>/dev/null | sort -V | tail -n 1; }
clang=${CLANG:-$(newest /usr/bin/clang || true)}
ld=${WASM_LD:-$(newest /usr/bin/wasm-ld || true)}
wit-bindgen c wit --world hello --out-dir generated
flags="--target=wasm32-unknown-unknown -O2 -nostdlibinc -ffreestanding -fno-builtin -mno-bulk-memory -Ilibc -Igenerated"
for source in hello.c generated/hello.c libc/libc.c; do
    "${clang:-clang}" $flags -c "$source" -o "generated/$(echo "$source" | tr / -).o"
done
"${ld:-wasm-ld}" --no-entry --gc-sections -zstack-size=65536 -o hello-c.wasm generated/*.o
