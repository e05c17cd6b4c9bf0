#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Makes a device that is provisioned, for the guests of other tests.
. "$(dirname "$0")/vm.sh"

# It has what the packages and the quickstart bring, and nothing else.
the_quickstart_provisions_a_guest() {
	guest_create
	root_unpack "$VM/root.tar" "$DEVICE/root"
	image_create "$DEVICE/root.img" "$DEVICE/root"
	truncate -s 64M "$VM/state.tar"
	guest_run setup "$DEVICE/root.img" -drive "file=$VM/state.tar,format=raw,if=virtio"
}

# And what the tests ask it with, and polkit, which not each system has.
its_state_makes_a_device_for_tests() {
	local root
	device_create
	root=$DEVICE/root
	root_unpack "$VM/root.tar" "$root"
	root_add "$root" curl polkitd
	root_install "$root" "$VM"/packages/signet-aziot-compat_*.deb
	root_unpack "$VM/state.tar" "$root"
	image_create "$VM/device.img" "$root"
}

run_tests \
	the_quickstart_provisions_a_guest \
	its_state_makes_a_device_for_tests
