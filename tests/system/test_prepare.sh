#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Makes what the tests of this folder share, each time anew.
. "$(dirname "$0")/vm.sh"

the_packages_can_be_built() {
	packages_create "$VM/packages"
}

the_quickstart_installs_them_on_a_bare_Debian() {
	device_create
	root_create
}

what_is_installed_makes_an_image() {
	device_create
	root_unpack "$DEVICE/root"
	root_install "$DEVICE/root" "$VM"/packages/signet-aziot-compat_*.deb
	image_create "$VM/root.img" "$DEVICE/root"
	as_root install -m 0644 "$DEVICE"/root/boot/vmlinuz-* "$VM/vmlinuz"
	as_root install -m 0644 "$DEVICE"/root/boot/initrd.img-* "$VM/initrd"
}

a_guest_with_the_packages_is_provisioned() {
	guest_create
	cp --sparse=always "$VM/root.img" "$VM/device.img"
	guest_run setup "$VM/device.img"
}

run_tests \
	the_packages_can_be_built \
	the_quickstart_installs_them_on_a_bare_Debian \
	what_is_installed_makes_an_image \
	a_guest_with_the_packages_is_provisioned
