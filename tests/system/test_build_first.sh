#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Makes the packages of the commit that could make the first ones.
. "$(dirname "$0")/vm.sh"

# Where the history is cut off, the first commit that there is would be taken.
history_complete() {
	[ "$(git -C "$SOURCE" rev-parse --is-shallow-repository)" = true ] || return 0
	GIT_TERMINAL_PROMPT=0 git -C "$SOURCE" fetch --quiet --unshallow </dev/null ||
		fail "this clone does not have the first packages: git fetch --unshallow"
}

the_first_packages_can_be_built() {
	local first
	history_complete
	first=$(git -C "$SOURCE" log --diff-filter=A --format=%H -- debian/control | tail -n 1)
	[ "$first" != "$(git -C "$SOURCE" rev-parse HEAD)" ] ||
		fail "the first packages are those of now"
	DEB_CFLAGS_APPEND=-O1 packages_create "$VM/first" "$first" # sooner built
}

run_tests the_first_packages_can_be_built
