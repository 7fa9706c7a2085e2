#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds the files that tests read into $FIXTURES: those that tests/lib writes
# byte by byte (the same everywhere: golden tests use these), and an object
# file for each testdata/fixtures/*.s and *.c (NAME.s makes NAME.o; compilers
# differ: tests use these for claims, not for exact output).
set -eu
mkdir -p "$FIXTURES"
if [ ! -e "$FIXTURES/.made" ] || [ -n "$(find tests/lib testdata/fixtures \
	tests/fixtures.py -newer "$FIXTURES/.made")" ]; then
	PYTHONPATH=tests/lib ${PYTHON:-python3} tests/fixtures.py "$FIXTURES"
	for source in testdata/fixtures/*.s testdata/fixtures/*.c; do
		[ -e "$source" ] || continue
		name=${source##*/}
		gcc -g -O2 -c -ffile-prefix-map="$PWD"=. -o "$FIXTURES/${name%.*}.o" \
			"$source"
	done
	touch "$FIXTURES/.made"
fi
