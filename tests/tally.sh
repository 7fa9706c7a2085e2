#!/bin/sh
# SPDX-License-Identifier: MIT
# Counts tests over the stages of a run, in the file $RESULTS:
#   tally.sh add PASSED FAILED     a stage's own count
#   tally.sh run NAME COMMAND...   one test: passes if the command does
#   tally.sh total                 prints the sum; fails if a test did
set -u
: "${RESULTS:=build/results}"
mkdir -p "$(dirname "$RESULTS")"

case $1 in
add)
	echo "$2 $3" >> "$RESULTS"
	;;
run)
	name=$2
	shift 2
	if "$@"; then
		echo "ok $name"
		echo "1 0" >> "$RESULTS"
	else
		echo "not ok $name"
		echo "0 1" >> "$RESULTS"
		exit 1
	fi
	;;
total)
	[ -e "$RESULTS" ] || : > "$RESULTS"
	awk '{ passed += $1; failed += $2 }
	END {
		printf "%d passed, %d failed\n", passed, failed
		exit failed > 0
	}' "$RESULTS"
	;;
esac
