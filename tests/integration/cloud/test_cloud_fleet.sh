#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# A fleet of signet-cloud bench registers with a server; tests/bench/fleet is
# the large one.
. "$(dirname "$0")/../../support/harness.sh"
. "$(dirname "$0")/../../support/plant.sh"

assigned() { # JSON: what a bench has to say of itself
	jq -r '"\(.assigned) assigned, \(.stored) stored, \(.failed) failed"' <<<"$1"
}

# Thousands; fewer where sanitizers make all slow.
registers_a_fleet_in_a_group() {
	local report devices=5000 clients=500
	! is_sanitized || devices=100 clients=25
	device_create
	start cloud
	report=$(cloud bench --devices "$devices" --clients "$clients" -o json)
	assert_equal "$devices assigned, $devices stored, 0 failed" \
		"$(assigned "$report")" "the fleet"
	assert_equal true "$(jq '.perSecond > 0 and .registerMs.p50 > 0 and
		.registerMs.p99 >= .registerMs.p50 and
		.assignedMs.p50 >= .registerMs.p50 and
		.server.rssKiB >= .server.pssKiB and .server.pssKiB > 0' <<<"$report")" \
		"its figures: $report"
	assert_equal "$devices fleet-000000 $(printf 'fleet-%06d' $((devices - 1)))" \
		"$(cloud show devices -o json |
			jq -r 'map(.deviceId) | "\(length) \(first) \(last)"')" \
		"the hub's devices"
	assert_equal "$devices" "$(cloud show registrations -o json |
		jq '[.[] | select(.x509.enrollmentGroupId == "fleet")] | length')" \
		"the registrations of the group"
	assert_contains "$(cloud bench --devices 5)" 'assigned       5 (stored 5)' \
		"a second fleet, for people"
	stop cloud
}

is_under_way() { # COUNT
	[ "$(cloud show registrations -o json |
		jq '[.[] | select(.status == "assigned")] | length')" -ge "$1" ]
}

loses_no_device_when_the_server_is_killed_amid_a_fleet() {
	local port bench
	device_create
	start cloud --assign-rounds 2
	use cloud
	cloud bench --devices 60 --clients 20 -o json >"$DEVICE/report" &
	bench=$!
	eventually 60 is_under_way 5
	daemon_kill cloud
	start cloud --assign-rounds 2 --port "$port"
	wait "$bench" || fail "the fleet: $(cat "$DEVICE/report")"
	assert_equal '60 assigned, 60 stored, 0 failed' \
		"$(assigned "$(cat "$DEVICE/report")")" "the fleet"
	stop cloud
}

says_which_device_was_refused() {
	device_create
	start cloud
	cloud fault --on register 401
	refused cloud bench --devices 3
	assert_contains "$output" 'assigned       2 (stored 2), failed 1' "the report"
	assert_contains "$output" '1 of 3 devices were not assigned; the first: DPS does not accept' \
		"what it ends with"
	stop cloud
	refused cloud bench --devices 1
	assert_contains "$output" 'is the server running?' "without a server"
}

run_tests \
	registers_a_fleet_in_a_group \
	loses_no_device_when_the_server_is_killed_amid_a_fleet \
	says_which_device_was_refused
