#!/bin/sh
# SPDX-License-Identifier: MIT
# gcc's analyzer over the given files; FLAGS: what else gcc is told. It follows
# neither lists nor indices through loops. What it says in vain is below, by
# file, function and kind; whatever else it says fails.
set -u
reviewed() {
	cat << 'END'
src/base/arena.c arena_alloc malloc-leak: it is the second of the arena's list
src/cli/words.c word_list_split malloc-leak: the list has the copy, see word_list_add()
src/debug/dwarf_merge.c merge_files malloc-leak: merge->files has it, by walker
src/debug/dwarf_merge.c merge_functions malloc-leak: so has merge->functions
src/debug/dwarf_where.c make_spans malloc-leak: the spans are the unit's
src/debug/dwarf_where.c lines_of malloc-leak: the unit is in lines->units
src/ledger/book_debug.c debug_book null-dereference: debug_wants() found the row
src/ledger/owners.c make_map malloc-leak: the map is one of owners->maps, and has it
src/match/join.c next_group use-of-uninitialized-value: the loop before sets both
src/report/ranked.c radix_sort use-of-uninitialized-value: what is swapped was written
src/report/sort.c choose use-of-uninitialized-value: a heap that is full was written
src/report/sort.c ranked_before use-of-uninitialized-value: so was it
END
}

# What one file's analysis says, as lines "FILE FUNCTION KIND".
one() {
	# shellcheck disable=SC2086
	LC_ALL=C gcc -std=gnu11 -D_GNU_SOURCE -Isrc -Iinclude ${FLAGS:-} -O1 -S \
		-include src/base/banned.h \
		-fanalyzer -fanalyzer-verbosity=0 -fdiagnostics-plain-output \
		-o /dev/null "$1" 2>&1 | awk -v file="$1" '
		/: In function / { sub(".*In function .", ""); sub(".:$", ""); at = $0 }
		/warning:.*\[-Wanalyzer-/ { sub(".*\\[-Wanalyzer-", ""); sub("\\].*", "")
			print file, at, $0 }
		/error:/ { print }'
}

if [ "${1:-}" = one ]; then
	shift
	for file in "$@"; do one "$file"; done
	exit
fi
said=$(printf '%s\n' "$@" | xargs -n 8 -P "$(nproc 2> /dev/null || echo 2)" \
	sh "$0" one | sort -u)
wrong=$(printf '%s\n' "$said" | while read -r line; do
	[ -z "$line" ] || reviewed | grep -q "^$line: " || echo "$line"
done)
[ -z "$wrong" ] && exit
echo "$wrong"
echo "gcc -fanalyzer says that, and tests/analyze.sh does not know why"
exit 1
