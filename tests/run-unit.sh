#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs Check programs and counts their tests. A program that dies without
# Check's summary line counts as one failed test.
set -u
# Check gives a test four seconds: too few for one under a sanitizer on a machine
# that has other things to do.
CK_DEFAULT_TIMEOUT=${CK_DEFAULT_TIMEOUT:-60}
export CK_DEFAULT_TIMEOUT
status=0
for test in "$@"; do
	output=$("$test" 2>&1)
	code=$?
	line=$(printf '%s\n' "$output" | grep -E '^[0-9]+%: Checks:' | tail -1)
	if [ -z "$line" ]; then
		counts="0 1"
	else
		counts=$(printf '%s\n' "$line" | sed -E \
			's/.*Checks: ([0-9]+), Failures: ([0-9]+), Errors: ([0-9]+).*/\1 \2 \3/' |
			awk '{ print $1 - $2 - $3, $2 + $3 }')
		[ $code -eq 0 ] || [ "${counts#* }" -gt 0 ] ||
			counts="${counts% *} 1"
	fi
	# shellcheck disable=SC2086
	sh tests/tally.sh add $counts
	echo "${test##*/}: ${counts% *} passed, ${counts#* } failed"
	if [ "${counts#* }" -gt 0 ]; then
		printf '%s\n' "$output"
		status=1
	fi
done
exit $status
