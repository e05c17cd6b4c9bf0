#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Makes the packages of this tree.
. "$(dirname "$0")/vm.sh"

the_packages_can_be_built() {
	packages_create "$VM/packages"
}

run_tests the_packages_can_be_built
