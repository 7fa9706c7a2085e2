#!/bin/sh
# SPDX-License-Identifier: MIT
# build.sh OUTPUT none|thin: the demo kernel without LTO or with ThinLTO, with
# options like the kernel's own. The kernel imports functions of up to 5
# instructions; here it is 40, so that so small a program shows what LTO does.
set -eu
output=$1
case $2 in
none) lto= ;;
thin) lto="-flto=thin -fsplit-lto-unit" ;;
esac
mkdir -p "$output"
cd "$(dirname "$0")"
flags="--target=x86_64-linux-gnu -std=gnu11 -O2 -g -ffreestanding -nostdinc
	-Iinclude -mcmodel=kernel -mno-red-zone -mno-sse -fno-pic -fno-pie
	-fno-stack-protector -fno-asynchronous-unwind-tables -fno-common
	-fno-builtin -Wall -fcf-protection=none -ffile-prefix-map=$PWD=."
objects=
for source in arch/head.S $(find . -name '*.c' | sed 's|^\./||' | sort); do
	object=$output/$(echo "${source%.*}" | tr / _).o
	case $source in
	*.S) clang --target=x86_64-linux-gnu -c -o "$object" "$source" ;;
	# shellcheck disable=SC2086
	*) clang $flags $lto -c -o "$object" "$source" ;;
	esac
	objects="$objects $object"
done
# shellcheck disable=SC2086
ld.lld -m elf_x86_64 -z max-page-size=0x200000 --build-id=sha1 --emit-relocs \
	--orphan-handling=place --thinlto-jobs=1 -mllvm -import-instr-limit=40 \
	-T arch/vmlinux.lds -o "$output/vmlinux" $objects
