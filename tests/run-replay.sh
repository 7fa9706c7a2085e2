#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs each replay program over its own corpus, over the malformed files that
# every target should survive, and over the fixtures of all machines; each
# input is one test.
set -u
status=0
for program in "$@"; do
	name=${program##*/replay_}
	passed=0 failed=0
	for input in "tests/fuzz/corpus/$name"/* testdata/malformed/* \
		"$FIXTURES"/*; do
		[ -f "$input" ] || continue
		if timeout 60 "$program" "$input" > /dev/null 2> "$program.err"; then
			passed=$((passed + 1))
		else
			failed=$((failed + 1))
			echo "not ok: $program $input"
			tail -40 "$program.err"
			status=1
		fi
	done
	sh tests/tally.sh add $passed $failed
	echo "replay $name: $passed passed, $failed failed"
done
exit $status
