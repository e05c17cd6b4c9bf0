#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The pages, as they are in the tree and as HTML: what they link to is there.
. "$(dirname "$0")/../../support/harness.sh"

top=$(cd "$(dirname "$0")/../../.." && pwd)

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

# Sockets are in the units, files in the manuals; a folder stands for what is in it.
every_socket_process_and_file_is_in_the_threat_model() {
	cd "$top"
	local model=docs/threat-model.md name path
	while read -r path; do
		name=${path##*/}
		grep -qF "$name" "$model" || grep -qE "\{.*\b${name%.sock}\b.*\}\.sock" "$model" ||
			fail "$model has nothing on $path"
	done < <(sed -n 's/^ListenStream=//p' conf/*/*.socket)
	for name in $(sed -nE 's/^\.Dt ([A-Z0-9-]+) [18]$/\1/p' docs/man/*.[18] | tr A-Z a-z); do
		[ "$name" != libsignet-pkcs11 ] || name+=.so
		grep -qF "**$name**" "$model" || fail "$model does not say what is left to $name"
	done
	# Sockets are above; what stands for a name of one daemon stands for each.
	while read -r path; do
		path=${path#/var/lib/signet/}
		grep -qF -e "\`$path\`" -e "\`${path%/*}/\`" -e "\`${path#*/}\`" "$model" ||
			fail "$model has nothing on $path"
	done < <(sed -nE 's/ Ns Ar daemon Ns Pa /<daemon>/
		s/^\.It Pa ((\/var\/lib|\/etc|\/run)\/signet\/.*)/\1/p' docs/man/*.[18] |
		sed -e '/\.sock$/d' -e 's|/etc/signet/[a-z]*/config.yaml|/etc/signet/<daemon>/config.yaml|' \
			-e 's|^/run/signet/[a-z]*/$|/run/signet/<daemon>/|' | sort -u)
}

# The file that the PIN is written to is root's; keyd is lent what is in it.
samples_name_the_pin_that_keyd_can_read() {
	cd "$top"
	local path
	path=$(sed -n 's/^# The token.s PIN, as pin-source=file:\(.*\):$/\1/p' conf/systemd/signet-keyd.service)
	[ -n "$path" ] || fail "the unit does not say where the PIN is"
	local samples
	samples=$(git grep -hoE 'pin-source=(file:)?/[a-z/.-]*' -- README.md docs conf cli |
		grep -v ':/path$')
	assert_contains "$samples" "$path" "the samples"
	assert_equal "" "$(grep -vxF "pin-source=file:$path" <<<"$samples" || true)" "other places"
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
	every_socket_process_and_file_is_in_the_threat_model \
	samples_name_the_pin_that_keyd_can_read \
	links_of_html_lead_to_places
