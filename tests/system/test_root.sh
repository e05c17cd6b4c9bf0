#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Makes a Debian in which the packages are installed, and nothing else.
. "$(dirname "$0")/vm.sh"

the_quickstart_installs_the_packages_on_a_bare_Debian() {
	local root
	device_create
	root=$DEVICE/root
	root_unpack "$VM/debian.tar" "$root"
	root_follow_install "$root" quickstart.md 1.
	root_pack "$root" "$VM/root.tar"
}

run_tests the_quickstart_installs_the_packages_on_a_bare_Debian
