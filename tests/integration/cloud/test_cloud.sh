#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# signet-cloud from the outside, as a device: curl with a client certificate.
. "$(dirname "$0")/../../support/harness.sh"
. "$(dirname "$0")/../../support/plant.sh"

# --- devices that may ---------------------------------------------------------

assigns_a_device_over() { # VERSION
	local tls=(--tlsv"$1" --tls-max "$1")
	plant
	provision dev-001 dev1-chain.pem dev1.key "${tls[@]}"
	assert_equal "assigned dev-001 localhost:$port 1" "$state" "the device"
	telemetry dev-001 dev1-chain.pem dev1.key hello "${tls[@]}"
	assert_status 204 "its telemetry"
	assert_equal "hello EC P-256 TLS$1" "$(cloud show messages -o json |
		jq -r '[.[] | select(.deviceId == "dev-001") | .body + " " +
			.keyAlgorithm + " " + .tlsVersion] | join(",")')" \
		"what is kept of it"
	stop cloud
}

assigns_a_device_of_a_group_over_tls_1_2() { assigns_a_device_over 1.2; }
assigns_a_device_of_a_group_over_tls_1_3() { assigns_a_device_over 1.3; }

assigns_a_device_with_an_rsa_key() {
	plant
	openssl genrsa -out "$DEVICE/rsa.key" 2048 2>/dev/null
	member rsa dev-rsa
	provision dev-rsa rsa-chain.pem rsa.key
	assert_equal "assigned dev-rsa localhost:$port 1" "$state" "the device"
	stop cloud
}

assigns_an_individual_enrollment_by_either_certificate() {
	plant
	enroll_pump
	provision ind-001 self1.pem self1.key
	assert_equal "assigned pump-17 localhost:$port 1" "$state" "by the primary"
	telemetry pump-17 self1.pem self1.key hi
	assert_status 204 "telemetry by the primary"
	provision ind-001 self2.pem self2.key
	assert_equal "assigned pump-17 localhost:$port 1" "$state" "by the secondary"
	telemetry pump-17 self2.pem self2.key hi \
		-H 'Transfer-Encoding: chunked' -H 'Content-Type:'
	assert_status 204 "chunked telemetry by the secondary"
	device POST "/$scope/registrations/ind-001" self1.pem self1.key -d '{}'
	assert_status 200 "looking the registration up"
	assert_equal pump-17 "$(jq -r .deviceId <<<"$body")" "the device looked up"
	stop cloud
}

takes_a_registration_id_in_capitals_for_the_same_one() {
	plant
	provision dev-001 dev1-chain.pem dev1.key
	provision DEV-001 dev1-chain.pem dev1.key
	assert_equal "assigned dev-001 localhost:$port 1" "$state" "the device"
	stop cloud
}

says_when_to_come_back() {
	plant
	register dev-001 dev1-chain.pem dev1.key
	assert_status 202 "register"
	assert_equal 1 "$(header Retry-After)" "Retry-After"
	assert_equal 'application/json; charset=utf-8' "$(header Content-Type)" \
		"Content-Type"
	assert_equal assigning "$(jq -r .status <<<"$body")" "the registration"
	device GET "/$scope/registrations/dev-001/operations/5.none" \
		dev1-chain.pem dev1.key
	assert_error 404 404203 "an unknown operation"
	stop cloud
}

# --- devices that may not -----------------------------------------------------

refuses_devices_and_says_why() {
	plant
	enroll_pump
	enroll_blocked
	ca rogue 'plant intermediate'
	member wrong dev-999
	leaf fake dev-001 rogue
	chain fake rogue
	member old dev-old -1
	leaf stranger stranger

	register dev-001 wrong-chain.pem wrong.key
	assert_refused "*'dev-999' is not the registration id 'dev-001'*" \
		"a wrong common name"
	register dev-001 fake-chain.pem fake.key
	assert_refused 'CA certificate not found.*' "a rogue CA of the same name"
	register dev-old old-chain.pem old.key
	assert_refused "*'CN=dev-old' expired on 20*" "an expired leaf"
	register dev-001 dev1.pem dev1.key
	assert_refused \
		"CA certificate not found. The issuer 'CN=plant intermediate'*intermediate*" \
		"a missing intermediate"
	register stranger stranger.pem stranger.key
	assert_refused 'CA certificate not found.' "not enrolled"
	register blocked blocked-chain.pem blocked.key
	assert_refused "*'blocked' is disabled.*" \
		"a disabled individual before its enabled group"
	register ind-001 stranger.pem stranger.key
	assert_refused '*neither the primary*' \
		"an individual enrollment of another certificate"
	request -X PUT \
		"$url/$scope/registrations/dev-001/register?api-version=2021-06-01" -d '{}'
	assert_refused '*no client certificate*' "no certificate"
	stop cloud
}

refuses_requests_that_are_no_good() {
	plant
	device PUT /0ne00000002/registrations/dev-001/register \
		dev1-chain.pem dev1.key -d '{}'
	assert_status 404 "a wrong ID scope"
	request -X PUT "$url/$scope/registrations/dev-001/register" -d '{}'
	assert_error 400 400001 "a missing api-version"
	stop cloud
}

refuses_telemetry_of_others() {
	plant
	member wrong dev-999
	provision dev-001 dev1-chain.pem dev1.key
	telemetry dev-001 wrong-chain.pem wrong.key no
	assert_status 401 "telemetry with another certificate"
	assert_matches "$(message)" '*register again*' "what it is told to do"
	telemetry nobody dev1-chain.pem dev1.key no
	assert_status 401 "telemetry of an unknown device"
	stop cloud
}

refuses_a_disabled_group() {
	plant
	provision dev-001 dev1-chain.pem dev1.key
	cloud enroll disable --group-id line-7
	register dev-001 dev1-chain.pem dev1.key
	assert_refused "*'line-7' is disabled.*" "a disabled group"
	cloud enroll enable --group-id line-7
	register dev-001 dev1-chain.pem dev1.key
	assert_status 202 "when it is enabled again"
	stop cloud
}

# --- TLS ----------------------------------------------------------------------

shakes_hands_by() { # S_CLIENT-OPTION
	local handshake
	plant
	# The pause lets tickets arrive that come after the handshake.
	handshake=$(sleep 0.5 | timeout 20 openssl s_client \
		-connect "127.0.0.1:$port" -CAfile "$data/ca.pem" \
		-verify_ip 127.0.0.1 "$1" 2>/dev/null || true)
	assert_contains "$handshake" 'Verify return code: 0' \
		"the server's certificate for 127.0.0.1"
	assert_contains "$handshake" 'No client certificate CA names sent' "CA names"
	assert_equal 0 "$(grep -ci 'session ticket' <<<"$handshake" || true)" \
		"session tickets"
	stop cloud
}

sends_no_ca_names_and_no_tickets_in_tls_1_2() { shakes_hands_by -tls1_2; }
sends_no_ca_names_and_no_tickets_in_tls_1_3() { shakes_hands_by -tls1_3; }

# --- two at once, restarts, switches ------------------------------------------

two_servers_have_nothing_in_common() {
	plant
	enroll_pump
	start two --disabled-answer 200 --etags lenient --hub hub.example \
		--assign-rounds 3 --quirk location=sent --quirk 404201=404299
	use two
	signet-cloud enroll individual --data "$data" \
		--certificate "$DEVICE/self1.pem" >/dev/null
	provision ind-001 self1.pem self1.key
	assert_equal 'assigned ind-001 hub.example 3' "$state" "the second's own hub"
	signet-cloud enroll disable --data "$data" --registration-id ind-001
	register ind-001 self1.pem self1.key
	assert_status 200 "a disabled device, which may be told by 200"
	assert_equal disabled "$(jq -r .registrationState.status <<<"$body")" \
		"what it is told"
	service PUT /enrollments/ind-001 -d "$(enrollment ind-001 self2)"
	assert_status 200 "a PUT that overwrites, with lenient etags"
	service GET /enrollments/nobody
	assert_equal '404 404299' "$status $(jq .errorCode <<<"$body")" \
		"a number that the tester chose"
	assert_equal 0 "$(cloud show devices -o json |
		jq '[.[] | select(.deviceId == "ind-001")] | length')" \
		"what the first server knows of it"
	daemon_kill two
	start two
	use two
	provision ind-001 self2.pem self2.key
	assert_matches "$state" 'assigned*' "an enrollment after kill -9"
	service GET /enrollments/nobody
	assert_equal 404201 "$(jq .errorCode <<<"$body")" "a number, without the quirk"
	stop two
	[ ! -e "$data/cloud.json" ] || fail "an orderly end leaves cloud.json"
	stop cloud
}

cannot_serve() { # WHY SERVE-OPTION...
	local said
	said=$(signet-cloud serve "${@:2}" 2>&1) && fail "a second server: $said"
	assert_contains "$said" "$1" "why not"
}

leaves_a_directory_to_the_server_that_has_it() {
	local before
	plant
	before=$(cat "$data/cloud.json")
	cannot_serve "is served by process $(cat "$DEVICE/cloud.pid")" \
		--data "$data" --port 0
	assert_equal "$before" "$(cat "$data/cloud.json")" "cloud.json"
	echo kept >"$DEVICE/others"
	cannot_serve "port $port" --data "$DEVICE/two" --port "$port" \
		--pid-file "$DEVICE/others"
	assert_equal kept "$(cat "$DEVICE/others")" "a file of somebody else"
	cannot_serve '--hub has an empty name' --data "$DEVICE/two" --hub ''
	cannot_serve '--hub has an empty name' --data "$DEVICE/two" --hub '=5'
	cannot_serve "--hub names 'A.example' twice" --data "$DEVICE/two" \
		--hub a.example=5 --hub A.example
	cannot_serve '--dps has an empty name' --data "$DEVICE/two" --dps ''
	provision dev-001 dev1-chain.pem dev1.key
	assert_equal "assigned dev-001 localhost:$port 1" "$state" "the first's device"
	stop cloud
}

leaves_a_directory_of_another_version_alone() {
	local what
	version() { # SQL
		python3 -c 'if True:
			import sqlite3, sys
			with sqlite3.connect(sys.argv[1], isolation_level=None) as database:
				print(database.execute(sys.argv[2]).fetchone())' \
			"$DEVICE/old/cloud.db" "PRAGMA user_version $1"
	}
	device_create
	signet-cloud init --data "$DEVICE/old" >/dev/null
	version "= 1" >/dev/null
	for what in serve show; do
		output=$(signet-cloud $what --data "$DEVICE/old" 2>&1) &&
			fail "$what reads it: $output"
		assert_contains "$output" "name a new directory by --data" "what $what says"
	done
	assert_equal "(1,)" "$(version '')" "the version afterwards"
}

run_tests \
	assigns_a_device_of_a_group_over_tls_1_2 \
	assigns_a_device_of_a_group_over_tls_1_3 \
	assigns_a_device_with_an_rsa_key \
	assigns_an_individual_enrollment_by_either_certificate \
	takes_a_registration_id_in_capitals_for_the_same_one \
	says_when_to_come_back \
	refuses_devices_and_says_why \
	refuses_requests_that_are_no_good \
	refuses_telemetry_of_others \
	refuses_a_disabled_group \
	sends_no_ca_names_and_no_tickets_in_tls_1_2 \
	sends_no_ca_names_and_no_tickets_in_tls_1_3 \
	two_servers_have_nothing_in_common \
	leaves_a_directory_to_the_server_that_has_it \
	leaves_a_directory_of_another_version_alone
