#!/bin/sh
# SPDX-License-Identifier: MIT
# Each header compiles alone: it includes what it uses, and can come twice.
# The public one is also valid C++ where there is a C++ compiler.
set -u
cc=${1:-gcc}
status=0
for header in $(find src include -name '*.h' | sort); do
	printf '#include "%s"\n#include "%s"\nint unused_by_header_test;\n' \
		"$header" "$header" |
		$cc -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror -I. -Isrc \
			-Iinclude -fsyntax-only -x c - || status=1
done
if command -v g++ > /dev/null 2>&1; then
	echo '#include <vmdelta.h>' |
		g++ -Wall -Wextra -Werror -Iinclude -fsyntax-only -x c++ - ||
		status=1
fi
exit $status
