#!/bin/sh
# SPDX-License-Identifier: MIT
# Installs what is missing on Debian and Ubuntu; elsewhere says what to install
# and fails. Does nothing, quickly, where everything is there.
#   install-deps.sh build|check|lint|browser|real
#
# The table: who needs it, a probe, and the Debian packages (the first that
# exists is taken). A probe is cmd:PROGRAM, inc:HEADER, file:PATH, or
# rt:SANITIZER.
set -u

table() {
	cat << 'END'
build cmd:gcc gcc
build inc:stdio.h libc6-dev
build cmd:ar binutils
build cmd:pkg-config pkg-config
build inc:libelf.h libelf-dev
build inc:dwarf.h libdw-dev
build inc:xxhash.h libxxhash-dev
build inc:zlib.h zlib1g-dev
build inc:libiberty/demangle.h libiberty-dev
build inc:zstd.h libzstd-dev
build file:/usr/share/nodejs/d3-hierarchy/dist/d3-hierarchy.min.js node-d3-hierarchy
check inc:check.h check
check inc:subunit/child.h libsubunit-dev
check cmd:python3 python3
check cmd:clang clang
check rt:address libclang-rt-dev,libclang-rt-14-dev,llvm
check cmd:ld.lld lld
check cmd:llvm-objcopy llvm
check cmd:jq jq
check cmd:mandoc mandoc
check cmd:valgrind valgrind
lint cmd:clang-tidy clang-tidy
lint cmd:cppcheck cppcheck
lint cmd:valgrind valgrind
browser cmd:chromium chromium
browser cmd:chromedriver chromium-driver
browser file:/usr/lib/python3/dist-packages/selenium/__init__.py python3-selenium
real cmd:xz xz-utils
real cmd:bpftool bpftool,linux-tools-generic
real cmd:pahole dwarves,pahole
END
}

compiler() {
	for cc in gcc clang cc; do
		command -v $cc > /dev/null 2>&1 && echo $cc && return
	done
}

present() {
	case $1 in
	cmd:*)
		command -v "${1#cmd:}" > /dev/null 2>&1
		;;
	file:*)
		[ -f "${1#file:}" ]
		;;
	inc:*)
		cc=$(compiler)
		[ -n "$cc" ] || return 1
		echo "#include <${1#inc:}>" | "$cc" -E -x c - > /dev/null 2>&1 ||
			echo "#include <stdio.h>
#include <sys/types.h>
#include <${1#inc:}>" | "$cc" -E -x c - > /dev/null 2>&1
		;;
	rt:*)
		command -v clang > /dev/null 2>&1 || return 1
		for file in "$(clang --print-resource-dir)"/lib/*/*asan*.a; do
			[ -e "$file" ] && return 0
		done
		return 1
		;;
	esac
}

missing() {
	table | while read -r who probe packages; do
		[ "$who" = "$1" ] || continue
		present "$probe" || echo "$packages"
	done
}

as_root() {
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	else
		sudo "$@"
	fi
}

# The first of "a,b,c" that apt knows.
choose() {
	for package in $(echo "$1" | tr ',' ' '); do
		if [ -n "$(apt-cache madison "$package" 2> /dev/null)" ]; then
			echo "$package"
			return
		fi
	done
	echo "${1%%,*}"
}

install() {
	# A fresh container has no package lists yet.
	as_root apt-get update -q < /dev/null || true
	names=
	for packages in $1; do
		names="$names $(choose "$packages")"
	done
	echo "installing:$names"
	# shellcheck disable=SC2086
	as_root env DEBIAN_FRONTEND=noninteractive \
		apt-get install -y -q --no-install-recommends $names < /dev/null
}

list=$(missing "$1" | tr '\n' ' ')
[ -n "${list% }" ] || exit 0
if ! command -v apt-get > /dev/null 2>&1; then
	echo "missing; please install (Debian's package names): $list" >&2
	exit 1
fi
if [ "$(id -u)" -ne 0 ] && ! command -v sudo > /dev/null 2>&1; then
	echo "missing; as root: apt-get install $list" >&2
	exit 1
fi
install "$list" || {
	echo "could not install: $list" >&2
	exit 1
}
list=$(missing "$1" | tr '\n' ' ')
if [ -n "${list% }" ]; then
	echo "still missing after installing: $list" >&2
	exit 1
fi
