#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs the scripts of a folder (tests/check where none is given). Each prints "ok NAME" or
# "not ok NAME" lines; one that fails without any counts as a failed test.
set -u
status=0
for script in "${1:-tests/check}"/*; do
	case $script in
	*.sh) runner="sh" ;;
	*.py) runner=${PYTHON:-python3} ;;
	*) continue ;;
	esac
	output=$(PYTHONPATH=tests/lib "$runner" "$script" 2>&1)
	code=$?
	passed=$(printf '%s\n' "$output" | grep -c '^ok ')
	failed=$(printf '%s\n' "$output" | grep -c '^not ok ')
	[ $code -eq 0 ] || [ "$failed" -gt 0 ] || failed=1
	sh tests/tally.sh add "$passed" "$failed"
	echo "${script##*/}: $passed passed, $failed failed"
	printf '%s\n' "$output" | grep -E '^skip' 
	if [ "$failed" -gt 0 ]; then
		printf '%s\n' "$output" | grep -v '^ok '
		status=1
	fi
done
exit $status
