#!/bin/sh
# SPDX-License-Identifier: MIT
# Sums up what `make coverage` counted: FOLDER/report.txt has a line for each
# file of src/, FOLDER/lines.txt the source with how often each line and each
# branch was taken. Prints the total; below 90 % of lines or 80 % of branches
# that is a failure.
set -eu
folder=$1
status=0
llvm-profdata merge -o "$folder/profile" "$folder"/profiles/*
# The program holds every file of src/ but rows.c, which only a unit test links:
# what others did with their copies of a function is added.
set -- "$folder/vmdelta" -object "$folder/tests/test_formats"
llvm-cov report -instr-profile="$folder/profile" -show-branch-summary \
	-show-region-summary=0 "$@" src 2> /dev/null > "$folder/report.txt"
llvm-cov show -instr-profile="$folder/profile" -show-branches=count \
	-show-instantiations=false "$@" 2> /dev/null > "$folder/lines.txt"
find src -name '*.c' | while read -r file; do
	grep -q "^$file " "$folder/report.txt" || echo "not counted: $file"
done
awk '$1 == "TOTAL" {
	printf "functions: %s of %d\nlines: %s of %d\nbranches: %s of %d\n",
		$4, $2, $7, $5, $10, $8
	few = $7 + 0 < 90 || $10 + 0 < 80
} END { exit few }' "$folder/report.txt" || status=1
echo "each file: $folder/report.txt, each line and branch: $folder/lines.txt"
exit $status
