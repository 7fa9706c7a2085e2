#!/bin/sh
# SPDX-License-Identifier: MIT
# cppcheck over src/. Switched off, with reasons:
#   missingIncludeSystem      system headers only slow it down
#   unusedStructMember        members of on-disk layouts, unions of views
#   unusedFunction            it does not see the public header's users
#   identicalInnerCondition   a table's value tested again after it changed
#   uninitvar in dwarf.c      the argument of a thread's function
set -u
cppcheck --quiet --std=c11 --language=c --enable=warning,portability \
	--inline-suppr --error-exitcode=1 --suppress=missingIncludeSystem \
	--suppress=unusedStructMember --suppress=identicalInnerCondition \
	--suppress=uninitvar:src/debug/dwarf.c --suppress=unusedFunction \
	-D_GNU_SOURCE -Isrc -Iinclude -j 2 src
