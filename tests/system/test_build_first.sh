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
	rm -rf "$VM/first"
	# Sooner built than as it was.
	env $QUICK DEB_CFLAGS_APPEND='-O1 -g0' DEB_CXXFLAGS_APPEND='-O1 -g0' \
		"$SOURCE/scripts/package" "$VM/first" "$first"
}

run_tests the_first_packages_can_be_built
