#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds the files that tests read into $FIXTURES: tests/lib writes them byte
# by byte, so that they are the same everywhere.
set -eu
mkdir -p "$FIXTURES"
if [ ! -e "$FIXTURES/.made" ] ||
	[ -n "$(find tests/lib tests/fixtures.py -newer "$FIXTURES/.made")" ]; then
	PYTHONPATH=tests/lib ${PYTHON:-python3} tests/fixtures.py "$FIXTURES"
	touch "$FIXTURES/.made"
fi
