#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# What goes wrong on the wire because a tester wants it to: in the handshake,
# in the answer, or by the clock. Ordered on the command line and by HTTP.
. "$(dirname "$0")/../../support/harness.sh"
. "$(dirname "$0")/../../support/plant.sh"

administer() { # METHOD PATH [CURL-ARGUMENT...]
	request -X "$1" "$url$2" "${@:3}" \
		-H "Authorization: Bearer $(jq -r .admin_token "$data/cloud.json")"
}

register_dev_001() { register dev-001 dev1-chain.pem dev1.key "$@"; }

answers_as_it_is_told() {
	local name
	plant
	for name in 401 404 500; do
		cloud fault "$name"
		register_dev_001
		assert_status "$name" "fault $name"
	done
	cloud fault 429 1 7
	register_dev_001
	assert_equal '429 7' "$status $(header Retry-After)" "fault 429"
	cloud fault --on telemetry 503 1
	register_dev_001
	assert_status 202 "register while telemetry fails"
	provision dev-001 dev1-chain.pem dev1.key
	telemetry dev-001 dev1-chain.pem dev1.key x
	assert_status 503 "telemetry while it fails"
	cloud fault drop
	register_dev_001
	assert_matches "$status" '*curl *' "fault drop"
	cloud fault slow 1 4
	provision dev-001 dev1-chain.pem dev1.key
	assert_equal "assigned dev-001 localhost:$port 4" "$state" "fault slow"
	cloud fault failed
	provision dev-001 dev1-chain.pem dev1.key
	assert_matches "$state" 'failed*' "fault failed"
	assert_equal 400207 "$(jq -r .registrationState.errorCode <<<"$body")" \
		"the code of fault failed"
	stop cloud
}

# curl tells the reason in words and by its exit status.
refused_handshake() { # PATTERN WHAT
	local words code=0
	words=$(curl -sS --max-time 60 --cacert "$data/ca.pem" \
		"$url/.well-known/est/cacerts" 2>&1 >/dev/null) || code=$?
	assert_equal 60 $code "$2: curl's exit status, which said '$words'"
	assert_matches "$words" "$1" "$2"
}

shows_a_certificate_that_is_no_good() {
	plant
	cloud fault wrong-name
	cloud fault expired-certificate 2
	refused_handshake '*certificate*name*' "a certificate for another name"
	refused_handshake '*expired*' "a certificate that has expired"
	refused_handshake '*expired*' "the second time"
	provision dev-001 dev1-chain.pem dev1.key
	assert_matches "$state" 'assigned*' "when the faults are used up"
	stop cloud
}

keeps_a_client_waiting_and_serves_the_others() {
	local started=$SECONDS waiting
	plant
	cloud fault stall 1 600
	register_dev_001 --max-time 600 &
	waiting=$!
	stalls() { [ "$(cloud fault list -o json | jq length)" = 0 ]; }
	eventually 60 stalls
	end "$waiting" # a client that gives up
	cloud fault stall 1 2
	register_dev_001
	assert_equal '000curl 52' "$status" "the end of a short stall"
	provision dev-001 dev1-chain.pem dev1.key
	assert_matches "$state" 'assigned*' "another client meanwhile"
	stop cloud # though a connection still waits
	[ $((SECONDS - started)) -lt 300 ] || fail "the end waited for the stall"
}

judges_by_a_wrong_clock() {
	local ahead
	plant
	cloud fault --on register clock-ahead 1 $((40 * 86400))
	register_dev_001
	assert_refused "*expired on 20*" "a certificate by a clock ahead"
	ahead=$(($(date -d "$(header Date)" +%s) - $(date +%s)))
	[ $ahead -gt $((39 * 86400)) ] || fail "its Date is $ahead seconds ahead"
	assert_equal 1 "$(grep -ci '^Date:' "$DEVICE/headers")" "how many dates"
	cloud fault --on enrollments clock-ahead 1 3600
	service GET /enrollments/nobody
	assert_refused "*expired*" "a signature by a clock ahead"
	service GET /enrollments/nobody
	assert_error 404 404201 "by the right clock"
	stop cloud
}

is_ordered_listed_and_forgotten() {
	local id
	plant
	cloud fault --on register 503 3 9
	cloud fault drop
	assert_equal '503 register 3 9' "$(cloud fault list -o json | jq -r '.[0] |
		"\(.name) \(.endpoint) \(.remaining) \(.argument)"')" "the first order"
	assert_contains "$(cloud fault list)" 'REMAINING' "the table"
	id=$(cloud fault list -o json | jq '.[1].id')
	cloud fault clear "$id"
	refused cloud fault clear "$id"
	assert_contains "$output" "no fault $id" "clearing it again"
	refused cloud fault --on register wrong-name
	assert_contains "$output" "for 'handshake'" "a fault for another endpoint"
	administer POST /faults -d '{"name": "stall", "endpoint": "twins"}'
	assert_equal '503 stall' "$(jq -r '[.[].name] | join(" ")' <<<"$body")" \
		"orders by HTTP and on the command line"
	administer DELETE /faults
	assert_status 204 "forgetting all"
	assert_equal '[]' "$(cloud fault list -o json)" "what is left"
	request -X POST "$url/faults" -d '{"name": "drop"}'
	assert_error 401 401002 "an order by a stranger"
	stop cloud
}

run_tests \
	answers_as_it_is_told \
	shows_a_certificate_that_is_no_good \
	keeps_a_client_waiting_and_serves_the_others \
	judges_by_a_wrong_clock \
	is_ordered_listed_and_forgotten
