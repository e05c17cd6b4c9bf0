#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Makes a bare Debian 12.
. "$(dirname "$0")/vm.sh"

debootstrap_makes_a_bare_Debian_that_can_boot() {
	local root proxy
	device_create
	proxy=$(host_proxy)
	root=$DEVICE/root
	mkdir "$root"
	with_mounts "$root" env ${proxy:+"http_proxy=$proxy"} \
		debootstrap --variant=minbase --include="$(tr ' ' , <<<"$BARE")" \
		bookworm "$root" >"$DEVICE/debootstrap.log" 2>&1 ||
		fail "debootstrap: $(tail -n 20 "$DEVICE/debootstrap.log")"
	root_configure "$root"
	root_add "$root" linux-image-cloud-amd64 lz4
	as_root install -m 0644 "$root"/boot/vmlinuz-* "$VM/vmlinuz"
	as_root install -m 0644 "$root"/boot/initrd.img-* "$VM/initrd"
	root_pack "$root" "$VM/debian.tar"
}

run_tests debootstrap_makes_a_bare_Debian_that_can_boot
