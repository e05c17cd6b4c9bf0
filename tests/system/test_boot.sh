#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# A provisioned device boots, does what an operator can do, and reboots.
. "$(dirname "$0")/vm.sh"

a_device_works_after_its_boot_and_after_its_reboot() {
	guest_create
	guest_run boot "$VM/device.img,snapshot=on"
}

run_tests a_device_works_after_its_boot_and_after_its_reboot
