#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds testdata/demo twice, without LTO and with ThinLTO, and compares them as
# text and as a page.
set -eu
demo=$BUILD/demo
for kind in none thin; do
	if [ ! -e "$demo/$kind/vmlinux" ] ||
		[ -n "$(find testdata/demo -newer "$demo/$kind/vmlinux")" ]; then
		echo "building $demo/$kind/vmlinux"
		sh testdata/demo/build.sh "$demo/$kind" $kind
	fi
done
old=${demo#"$PWD"/}/none/vmlinux
new=${demo#"$PWD"/}/thin/vmlinux

show() {
	echo
	echo "\$ ./vmdelta $*"
	"$VMDELTA" "$@"
}

show "$old" "$new"
show -b section,symbol -n 30 "$old" "$new"
show -d file -b section "$old" "$new"
show -f html -o "${demo#"$PWD"/}/growth.html" "$old" "$new"
echo "The same as a page to walk through: $demo/growth.html"
