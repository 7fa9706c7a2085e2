#!/bin/sh
# SPDX-License-Identifier: MIT
# Each file of src/ may include headers of its own stage and of earlier ones;
# the program (cli/, main.c) only the public header and its own. src/diff.c is
# the pipeline: it sees every stage but not the program.
set -u
stages="base image debug ledger match explain report"
status=0

complain() {
	echo "$1: includes $2: $3" >&2
	status=1
}

# The position of a word in $stages, or nothing.
rank() {
	i=0
	for stage in $stages; do
		[ "$stage" = "$1" ] && echo $i && return
		i=$((i + 1))
	done
}

for file in $(find src include -name '*.[ch]' | sort); do
	folder=$(echo "$file" | sed -n 's|^src/\([a-z]*\)/.*|\1|p')
	for header in $(sed -n 's|^[ \t]*#[ \t]*include[ \t]*"\(.*\)".*|\1|p' "$file"); do
		target=$(echo "$header" | sed -n 's|^\([a-z]*\)/.*|\1|p')
		case $header in
		../*) complain "$file" "$header" "write the path from src/" ;;
		esac
		case $file in
		include/*)
			complain "$file" "$header" "the public header stands alone"
			;;
		src/main.c | src/cli/*)
			[ "$header" = vmdelta.h ] || [ "$target" = cli ] ||
				complain "$file" "$header" \
					"the program uses vmdelta.h alone"
			;;
		src/*/*)
			case $header in
			vmdelta.h) continue ;;
			esac
			to=$(rank "$target")
			from=$(rank "$folder")
			if [ -z "$from" ]; then
				complain "$file" "$header" "unknown folder $folder"
			elif [ -z "$to" ]; then
				complain "$file" "$header" "unknown stage"
			elif [ "$to" -gt "$from" ]; then
				complain "$file" "$header" "a later stage"
			fi
			;;
		*)
			[ "$target" != cli ] ||
				complain "$file" "$header" "the program's"
			;;
		esac
	done
done
exit $status
