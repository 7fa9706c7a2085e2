#!/bin/sh
# SPDX-License-Identifier: MIT
# No file of src/ calls a function that src/base/banned.h forbids, or takes the
# ban away; and the ban works: a file that calls one does not compile.
set -u
status=0
names=$(sed -n 's/^#define \([a-z]*\)(\.\.\.).*/\1/p' src/base/banned.h | paste -sd'|')
if grep -nE "(^|[^a-zA-Z0-9_>.\"])($names) ?\(" $(find src -name '*.[ch]' \
	! -name banned.h) | grep -vE ':[ \t]*(\*|/\*|//)'; then
	status=1
fi
for name in $(echo "$names" | tr '|' ' '); do
	if echo "void *f(char *a, char *b); void *f(char *a, char *b)
{ return (void *)$name(a, b); }" | gcc -fsyntax-only -w -x c \
		-include src/base/banned.h - 2> /dev/null; then
		echo "banned.h lets $name through" >&2
		status=1
	fi
done
exit $status
