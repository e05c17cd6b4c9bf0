#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The pages, as they are in the tree and as HTML: what they link to is there.
. "$(dirname "$0")/../support/harness.sh"

top=$(cd "$(dirname "$0")/../.." && pwd)

# The links of a file that lead to another one of ours.
links_of() { # FILE PATTERN
	grep -oE "$2" "$1" | sed -E 's/^[^("]*[("]//; s/[)"]$//' |
		grep -vE '^(https?|mailto):' | sort -u || true
}

# Where a link leads, from the top of the tree.
target_of() { # FILE LINK
	[ -n "${2%%#*}" ] || {
		echo "$1"
		return
	}
	realpath -m --relative-to . "$(dirname "$1")/${2%%#*}"
}

links_of_pages_lead_to_files() {
	cd "$top"
	local page link
	for page in *.md docs/*.md docs/*/*.md; do
		while read -r link; do
			[ -e "$(target_of "$page" "$link")" ] || fail "$page: there is no $link"
		done < <(links_of "$page" '\]\([^)]*\)')
	done
}

# docs/README.md is what a reader finds them by.
every_page_is_in_the_list() {
	cd "$top"
	local page
	for page in docs/*.md docs/*/*.md docs/man/*.[158] docs/openapi/*; do
		[ "$page" != docs/README.md ] || continue
		links_of docs/README.md '\]\([^)]*\)' | grep -qxF "${page#docs/}" ||
			fail "docs/README.md has no link to $page"
	done
}

links_of_html_lead_to_places() {
	device_create
	"$top/scripts/docs" "$DEVICE/html" >/dev/null
	cd "$DEVICE/html"
	local page link target
	while read -r page; do
		while read -r link; do
			target=$(target_of "$page" "$link")
			[ -f "$target" ] || fail "$page: there is no $link"
			[[ $link != *'#'* ]] || grep -qF " id=\"${link#*#}\"" "$target" ||
				fail "$page: $target has no #${link#*#}"
		done < <(links_of "$page" '(href|src)="[^"]*"')
	done < <(find . -name '*.html' -printf '%P\n')
	[ -f docs/man/signetctl.1.html ] || fail "there is no man page"
}

run_tests \
	links_of_pages_lead_to_files \
	every_page_is_in_the_list \
	links_of_html_lead_to_places
