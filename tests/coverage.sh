#!/bin/sh
# SPDX-License-Identifier: MIT
# Sums up what `make coverage` counted: FOLDER/report.txt has a line for each
# file of src/, FOLDER/lines.txt the source with how often each line and each
# branch was taken. Prints the total.
set -eu
folder=$1
llvm-profdata merge -o "$folder/profile" "$folder"/profiles/*
# The program holds every file of src/, so what unit tests and fuzz targets did
# with their copies of a function is added to the program's.
llvm-cov report -instr-profile="$folder/profile" -show-branch-summary \
	-show-region-summary=0 "$folder/vmdelta" src > "$folder/report.txt"
llvm-cov show -instr-profile="$folder/profile" -show-branches=count \
	-show-instantiations=false "$folder/vmdelta" > "$folder/lines.txt"
for file in $(find src -name '*.c'); do
	grep -q "^$file " "$folder/report.txt" || echo "not counted: $file"
done
awk '$1 == "TOTAL" {
	printf "functions: %s of %d\nlines: %s of %d\nbranches: %s of %d\n",
		$4, $2, $7, $5, $10, $8
}' "$folder/report.txt"
echo "each file: $folder/report.txt, each line and branch: $folder/lines.txt"
