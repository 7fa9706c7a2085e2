#!/bin/sh
# SPDX-License-Identifier: MIT
# clang-tidy with .clang-tidy over the given files, two at a time.
set -u
printf '%s\n' "$@" | xargs -n 4 -P 2 clang-tidy -p . --quiet 2> build/tidy.err
status=$?
[ $status -eq 0 ] || tail -5 build/tidy.err
exit $status
