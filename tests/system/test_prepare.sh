#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Makes what the tests of this folder share, each time anew.
. "$(dirname "$0")/vm.sh"

the_packages_can_be_built() {
	packages_create "$VM/packages"
}

they_fit_into_a_Debian_of_their_own() {
	root_create
	image_create
}

a_guest_with_the_packages_is_provisioned() {
	guest_create
	cp --sparse=always "$VM/root.img" "$VM/device.img"
	guest_run setup "$VM/device.img"
}

run_tests \
	the_packages_can_be_built \
	they_fit_into_a_Debian_of_their_own \
	a_guest_with_the_packages_is_provisioned
