#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# A device with a TPM, which swtpm emulates and the guest's kernel drives.
. "$(dirname "$0")/vm.sh"

a_device_is_provisioned_with_a_key_in_its_TPM() {
	guest_create
	root_unpack "$VM/root.tar" "$DEVICE/root"
	root_follow_install "$DEVICE/root" tpm.md Install
	image_create "$DEVICE/root.img" "$DEVICE/root"
	mkdir "$DEVICE/tpm"
	cd "$DEVICE" # a socket's path is short
	swtpm socket --tpm2 --tpmstate dir=tpm \
		--ctrl type=unixio,path=tpm/socket >swtpm.log 2>&1 &
	echo $! >swtpm.pid
	eventually 20 test -S tpm/socket
	guest_run tpm "$DEVICE/root.img" \
		-chardev socket,id=swtpm,path=tpm/socket \
		-tpmdev emulator,id=tpm0,chardev=swtpm -device tpm-tis,tpmdev=tpm0
}

run_tests a_device_is_provisioned_with_a_key_in_its_TPM
