#!/bin/sh
# SPDX-License-Identifier: MIT
# valgrind.sh PROGRAM FIXTURES: a small pair in each format, and files that are
# broken, under memcheck: nothing uninitialized decides anything, nothing leaks.
set -u
program=$1 fixtures=$2
status=0

check() {
	valgrind -q --error-exitcode=99 --leak-check=full \
		--show-leak-kinds=definite,indirect "$program" "$@" \
		> /dev/null 2> build/valgrind.err
	code=$?
	# 2: a broken file was refused
	[ $code -eq 0 ] || [ $code -eq 2 ] && ! grep -q '^==' build/valgrind.err &&
		return
	echo "valgrind: exit $code: $*"
	head -30 build/valgrind.err
	status=1
}

for kind in x86-64.exec x86-64.o arm64.o s390x.exec be32.exec; do
	check "$fixtures/$kind.old" "$fixtures/$kind.new"
done
for format in json csv markdown html bloat-o-meter; do
	check -f $format "$fixtures/x86-64.exec.old" "$fixtures/x86-64.exec.new"
done
check --explain -b cause,symbol "$fixtures/x86-64.o.old" "$fixtures/x86-64.o.new"
for file in testdata/malformed/*; do
	case $file in *.py) ;; *) check show -b section,symbol,inlinee "$file" ;; esac
done
exit $status
