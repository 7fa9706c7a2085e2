#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs libFuzzer programs, FUZZ_TIME seconds each. New inputs are kept under
# build/corpus/NAME, what breaks a target under build/crashes.
set -u
status=0
mkdir -p build/crashes
for fuzzer in "$@"; do
	name=${fuzzer##*/fuzz_}
	mkdir -p "build/corpus/$name"
	set -- "build/corpus/$name"
	[ -d "tests/fuzz/corpus/$name" ] && set -- "$@" "tests/fuzz/corpus/$name"
	[ -d testdata/malformed ] && set -- "$@" testdata/malformed
	[ -d build/fixtures ] && set -- "$@" build/fixtures
	echo "== fuzz $name"
	"$fuzzer" -max_total_time="${FUZZ_TIME:-60}" -timeout=20 \
		-rss_limit_mb=4096 -max_len=1048576 -print_final_stats=1 \
		-artifact_prefix="build/crashes/$name-" "$@" \
		> "build/corpus/$name.log" 2>&1 || {
		echo "not ok fuzz $name: see build/corpus/$name.log"
		status=1
	}
	grep -E 'stat::number_of_executed_units|ERROR|SUMMARY' \
		"build/corpus/$name.log"
done
exit $status
