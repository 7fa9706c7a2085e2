#!/bin/bash
# SPDX-License-Identifier: MIT
# Makes the parts of the HTML report that stand before and after the data.
#   build.sh SOURCE_DIR D3_HIERARCHY OUTPUT_DIR
#
# The page's policy names its one script and its one style sheet by their
# hashes, so that nothing else can run, whatever the data holds.
set -euo pipefail
source=$1 d3=$2 output=$3

hash_of() {
	local hex
	hex=$(sha256sum "$1" | cut -c1-64)
	# shellcheck disable=SC2059 # the format is the bytes
	printf "$(echo "$hex" | sed 's/../\\x&/g')" | base64
}

mkdir -p "$output"
cat "$d3" "$source"/{format,model,treemap,table,main}.js > "$output/script.js"
cat > "$output/head.html" << END
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'sha256-$(hash_of "$output/script.js")'; style-src 'sha256-$(hash_of "$source/style.css")'; base-uri 'none'; form-action 'none'">
<title>vmdelta</title>
END
{
	printf '<style>'
	cat "$source/style.css"
	printf '</style>\n</head>\n<body>\n'
	cat "$source/page.html"
	printf '<script type="application/json" id="data">'
} >> "$output/head.html"
{
	printf '</script>\n<script>'
	cat "$output/script.js"
	printf '</script>\n</body>\n</html>\n'
} > "$output/tail.html"
