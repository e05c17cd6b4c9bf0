#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Makes the packages of this tree, in a Debian that has nothing else.
. "$(dirname "$0")/vm.sh"

# As a clone has it.
tree_copy() { # DIR
	as_root mkdir -p "$1"
	git -C "$SOURCE" ls-files -z | tar -C "$SOURCE" -c --null --files-from=- |
		as_root tar -C "$1" --no-same-owner -x
	as_root git -C "$1" init --quiet
	as_root git -C "$1" add --force .
}

the_quickstart_builds_the_packages_on_a_bare_Debian() {
	local root
	device_create
	root=$DEVICE/root
	root_unpack "$VM/debian.tar" "$root"
	tree_copy "$root$TREE"
	root_follow "$root" quickstart.md Build $TREE env $QUICK
	rm -rf "$VM/packages"
	mkdir "$VM/packages"
	as_root mv "$root$TREE"/*.{deb,buildinfo,changes} "$VM/packages"
	root_pack "$root" "$VM/builder.tar"
}

run_tests the_quickstart_builds_the_packages_on_a_bare_Debian
