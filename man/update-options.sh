#!/bin/sh
# SPDX-License-Identifier: MIT
# Puts the program's own option list between the marks in the manual, and
# writes the result to standard output.
#   update-options.sh VMDELTA MANUAL
set -eu
sed '/^\.\\" options: begin/q' "$2"
"$1" --completion=mdoc
sed -n '/^\.\\" options: end/,$p' "$2"
