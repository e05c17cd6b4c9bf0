#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Nothing secret is where it should not be, after a device has been used.
. "$(dirname "$0")/../../support/harness.sh"

run_a_device() {
	device_of_group
	config_issued dev1 \
		"file://$DEVICE/pki/private/azure-iot-test-only.intermediate.key.pem"
	SIGNET_LOG=debug apply_and_start
	wait_until_provisioned
	signetctl telemetry send hello >/dev/null
	signetctl key list >/dev/null
}

keeps_the_pin_in_its_file_alone() {
	run_a_device
	signetctl system stop >/dev/null
	# SoftHSM's own token folder is encrypted with the PIN; it is searched too.
	local found
	found=$(grep -rlaF "$PIN" "$DEVICE" | sort)
	assert_equal "$DEVICE/pin" "$found" "files that hold the PIN"
	assert_equal 600 "$(stat -c %a "$DEVICE/pin")" "mode of the PIN file"
	# Whoever has a handle may use its key; in the audit log are ids alone.
	[ -s "$SIGNET_STATE_DIR/keyd/audit/audit.log" ] || fail "there is no audit log"
	assert_equal "" "$(grep -rlE 'sr=[A-Za-z0-9+/]' --include='*.log' "$DEVICE" || true)" \
		"logs that hold a handle"
}

leaves_no_private_key_but_the_test_pki_s() {
	run_a_device
	signetctl system stop >/dev/null
	local found
	found=$(grep -rlE 'BEGIN ([A-Z]+ )?PRIVATE KEY' "$DEVICE" |
		grep -v -e "^$DEVICE/pki/private/" -e "^$DEVICE/cloud/" || true)
	assert_equal "" "$found" "other files that hold a private key"
}

dumps_no_core() {
	run_a_device
	local daemon pid
	for daemon in keyd certd provisiond; do
		pid=$(daemon_pid "$daemon")
		assert_equal "0 0" "$(awk '/^Max core file size/ {print $5, $6}' \
			"/proc/$pid/limits")" "$daemon: core limits"
		# PR_SET_DUMPABLE 0 gives /proc/PID to root.
		assert_equal 0 "$(stat -c %u "/proc/$pid/mem")" "$daemon: owner of its memory"
	done
}

shows_no_pin_in_processes() {
	run_a_device
	local pid
	for pid in "$SIGNET_RUNTIME_DIR"/*.pid; do
		pid=$(cat "$pid")
		if tr '\0' ' ' <"/proc/$pid/cmdline" | grep -F "$PIN"; then
			fail "the PIN is in a command line"
		fi
		if as_root cat "/proc/$pid/environ" | tr '\0' ' ' | grep -F "$PIN"; then
			fail "the PIN is in an environment"
		fi
	done
}

keeps_state_and_configuration_to_the_daemons() {
	run_a_device
	local open
	# Certificates are public, their folder is certd's.
	open=$(find "$SIGNET_STATE_DIR"/{keyd,certd,provisiond} \
		"$SIGNET_CONFIG_DIR" -type f -perm /077 -not -name '*.cer')
	assert_equal "" "$open" "files that others may read"
	assert_equal "" "$(find "$SIGNET_STATE_DIR"/{keyd,certd,provisiond} \
		-type d -perm /077)" "folders that others may enter"
}

run_tests \
	keeps_the_pin_in_its_file_alone \
	leaves_no_private_key_but_the_test_pki_s \
	dumps_no_core \
	shows_no_pin_in_processes \
	keeps_state_and_configuration_to_the_daemons
