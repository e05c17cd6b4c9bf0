#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Daemons that die at bad moments: the device ends up provisioned all the same.
. "$(dirname "$0")/../../support/harness.sh"

prepare() { # [SERVE-OPTION]...
	device_create
	token_create
	pki root
	pki intermediate
	cloud_start "$@"
	enroll_group "$DEVICE/pki/$ROOT"
	config_issued dev1 \
		"file://$DEVICE/pki/private/azure-iot-test-only.intermediate.key.pem"
}

is_assigned() {
	wait_until_provisioned
	signetctl telemetry send "alive" >/dev/null
	assert_equal alive "$(cloud show messages -o json |
		jq -r '.[-1].body')" "the message that arrived"
}

# Kills a daemon at several moments of a provisioning that takes its time.
survives_a_kill_of() { # DAEMON
	local delay
	prepare --assign-rounds 2
	for delay in 0 0.2 0.7 1.5; do
		apply_and_start
		sleep "$delay"
		service_end "$1" KILL
		signetctl system restart >/dev/null
		is_assigned
		signetctl system stop >/dev/null
		rm -rf "$SIGNET_STATE_DIR"/{certd,provisiond}
	done
}

survives_a_kill_of_keyd_while_provisioning() { survives_a_kill_of keyd; }
survives_a_kill_of_certd_while_provisioning() { survives_a_kill_of certd; }
survives_a_kill_of_provisiond_while_provisioning() { survives_a_kill_of provisiond; }

goes_on_when_keyd_is_restarted_in_the_middle() {
	prepare --assign-rounds 4
	apply_and_start
	sleep 0.5
	service_end keyd
	signetctl system start >/dev/null
	is_assigned
}

uses_the_same_key_after_a_kill() {
	prepare
	apply_and_start
	is_assigned
	local before after
	before=$(keyd GET /keys/device-id | jq -c .parameters)
	service_end keyd KILL
	signetctl system start >/dev/null
	after=$(keyd GET /keys/device-id | jq -c .parameters)
	assert_equal "$before" "$after" "the device key"
	is_assigned
}

run_tests \
	survives_a_kill_of_keyd_while_provisioning \
	survives_a_kill_of_certd_while_provisioning \
	survives_a_kill_of_provisiond_while_provisioning \
	goes_on_when_keyd_is_restarted_in_the_middle \
	uses_the_same_key_after_a_kill
