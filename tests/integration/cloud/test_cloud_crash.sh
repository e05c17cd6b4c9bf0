#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# signet-cloud is killed while it is being written to: what it has acknowledged
# is there when it comes back.
. "$(dirname "$0")/../../support/harness.sh"
. "$(dirname "$0")/../../support/plant.sh"

readonly WRITERS=4 EACH=500 ENOUGH=60

# The requests of one writer as curl reads them; each acknowledgement is told as
# "STATUS ID", in $DEVICE/acknowledged.WRITER.
write_requests() { # WRITER METHOD BODY ETAG-HEADER
	local i
	for ((i = 0; i < EACH; i++)); do
		printf '%s\n' "url = \"$url/enrollments/w$1-$i?api-version=2021-10-01\"" \
			"request = \"$2\"" "header = \"Authorization: $authorization\"" \
			'header = "Content-Type: application/json"' "$4" "$3" \
			'output = /dev/null' "write-out = \"%{http_code} w$1-$i\\n\"" \
			'max-time = 20' "cacert = \"$data/ca.pem\"" next
	done
}

# Lets all writers send METHOD, and kills the server in their midst.
kill_amid() { # METHOD BODY [HEADER]
	local writer pids=() before
	authorization=$(signature service_connection_string "${url#https://}" "$(soon)")
	before=$(grep -c " '/enrollments/w" "$DEVICE/cloud.log" || true)
	for ((writer = 0; writer < WRITERS; writer++)); do
		write_requests $writer "$1" "$2" "${3:-}" >"$DEVICE/requests.$writer"
		curl -s -K "$DEVICE/requests.$writer" \
			>"$DEVICE/acknowledged.$writer" 2>/dev/null &
		pids+=($!)
	done
	enough() {
		[ "$(grep -c " '/enrollments/w" "$DEVICE/cloud.log")" -ge $((before + ENOUGH)) ]
	}
	eventually 60 enough
	daemon_kill cloud
	wait "${pids[@]}" || true
	start cloud
	use cloud
}

acknowledged() { # STATUS: prints the ids, sorted
	cat "$DEVICE"/acknowledged.* | sed -n "s/^$1 //p" | sort
}

stored() {
	cloud show enrollments -o json | jq -r "${1:-.[]} | .registrationId" | sort
}

assert_some() { # COUNT WHAT: the kill came late enough
	[ "$1" -gt 0 ] || fail "$2: nothing was acknowledged"
}

assert_sound() {
	assert_equal ok "$(python3 -c 'import sqlite3, sys
print(sqlite3.connect(sys.argv[1]).execute("PRAGMA integrity_check").fetchone()[0])' \
		"$data/cloud.db")" "the database"
}

readonly BODY='data = "{\"attestation\":{\"type\":\"symmetricKey\"},\"deviceId\":\"DEVICE\"}"'

loses_nothing_that_it_has_acknowledged() {
	device_create
	start cloud --etags lenient
	use cloud

	kill_amid PUT "${BODY/DEVICE/first}"
	assert_some "$(acknowledged 200 | wc -l)" "creating"
	assert_equal '' "$(comm -23 <(acknowledged 200) <(stored))" \
		"what was acknowledged and is not there"
	assert_sound

	kill_amid PUT "${BODY/DEVICE/second}" 'header = "If-Match: *"'
	assert_some "$(acknowledged 200 | wc -l)" "changing"
	assert_equal '' "$(comm -23 <(acknowledged 200) \
		<(stored '.[] | select(.deviceId == "second")'))" \
		"what was changed and is not so"

	kill_amid DELETE ''
	assert_some "$(acknowledged 204 | wc -l)" "deleting"
	assert_equal '' "$(comm -12 <(acknowledged 204) <(stored))" \
		"what was deleted and is there"
	assert_sound
	stop cloud
}

# A device that was told "assigned" is assigned, and its message is kept.
remembers_devices_and_messages() {
	local round
	plant
	for round in 1 2 3; do
		provision dev-001 dev1-chain.pem dev1.key
		telemetry dev-001 dev1-chain.pem dev1.key "message $round"
		assert_status 204 "telemetry"
		daemon_kill cloud
		start cloud
		use cloud
		service GET /registrations/dev-001
		assert_equal assigned "$(jq -r .status <<<"$body")" "the registration"
		assert_equal $round "$(cloud show messages -o json | jq length)" \
			"its messages"
	done
	stop cloud
}

run_tests loses_nothing_that_it_has_acknowledged remembers_devices_and_messages
