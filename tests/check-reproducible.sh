#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds the same source in two folders of different names, one file after the
# other and several at once, and compares program and libraries byte for byte.
set -eu
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
for name in a folder-of-another-name; do
	mkdir "$scratch/$name"
	git ls-files -z | tar -c --null -T - | tar -x -C "$scratch/$name"
done
make -s -C "$scratch/a" all shared > /dev/null
make -s -j2 -C "$scratch/folder-of-another-name" all shared > /dev/null
cd "$scratch"
status=0
for file in vmdelta build/libvmdelta.a $(cd a && echo build/libvmdelta.so.*.*.*); do
	if cmp "a/$file" "folder-of-another-name/$file"; then
		echo "ok $file is the same"
	else
		echo "not ok $file differs"
		status=1
	fi
done
exit $status
