#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# A device that was provisioned by the first packages is upgraded while it runs.
. "$(dirname "$0")/vm.sh"

an_upgrade_keeps_keys_configuration_and_state() {
	local root
	guest_create
	root=$DEVICE/root
	root_unpack "$VM/root.tar" "$root"
	root_add "$root" curl
	root_purge "$root"
	root_install "$root" "$VM"/first/*.deb
	as_root cp -r "$VM/packages" "$root/root/packages"
	image_create "$DEVICE/first.img" "$root"
	guest_run upgrade "$DEVICE/first.img"
}

run_tests an_upgrade_keeps_keys_configuration_and_state
