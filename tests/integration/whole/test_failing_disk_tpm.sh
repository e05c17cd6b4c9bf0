#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# By TPM an assignment is on the disk and the key for its hub in the TPM; the hub
# knows the device by another key after each registration. Wherever a registration is
# cut off, at provisiond's disk or at keyd's, both belong together afterwards.
#
#   test_failing_disk_tpm.sh DAEMON
readonly DAEMON=${1:?names the daemon}
. "$(dirname "$0")/../../support/harness.sh"
. "$(dirname "$0")/../../support/provisiond.sh"
. "$(dirname "$0")/../../support/tpm.sh"
. "$(dirname "$0")/../../support/failing_disk.sh"

device_assigned_by_tpm() {
	device_create
	tpm_bare_start
	cloud_start --assign-rounds 0
	tpm_configure "always_reprovision_on_startup: false"
	daemon_start keyd
	enroll_tpm
	daemon_start provisiond
	wait_until_provisioned
	daemon_stop "$DAEMON"
}

reprovision() {
	call provisiond POST /identities/device/reprovision '{"type":"aziot"}' >/dev/null
}

belong_together() { is_provisioned && [ "$(send_by_tpm)" = 204 ]; }

a_registration_leaves_an_assignment_and_its_key() {
	device_assigned_by_tpm
	prepare() { eventually 60 belong_together; }
	operate() { reprovision; }
	examine() { eventually 60 belong_together; }
	# A registration takes its time, so each build walks over a part.
	if is_sanitized; then CALLS=fsync; else CALLS="write rename"; fi
	with_each_failure 3
}

run_tests a_registration_leaves_an_assignment_and_its_key
