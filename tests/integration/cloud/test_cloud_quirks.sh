#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Where nobody knows for sure what Azure does: what signet-cloud answers by
# default, and what by its quirks. (Those of TPMs, of webhooks and of modules,
# and what devices make of them all, have tests of their own.)
. "$(dirname "$0")/../../support/harness.sh"
. "$(dirname "$0")/../../support/plant.sh"

hub_name=(--hub plant.example) # whichever port the server has

# The same server, from now on with these quirks.
choose() { # NAME=VALUE...
	local -a options
	mapfile -t options < <(printf -- '--quirk\n%s\n' "$@")
	stop cloud
	start cloud "${hub_name[@]}" "${options[@]}"
	use cloud
}

# --- certificates -------------------------------------------------------------

registers_with() { # STATUS ID CERTIFICATE KEY WHAT
	register "${@:2:3}"
	assert_status "$1" "$5"
}

judges_certificates_as_told() {
	plant "${hub_name[@]}"
	member old dev-old -1
	leaf pinned ind-old '' -1
	certificate server dev-server intermediate 30 extendedKeyUsage=serverAuth
	chain server intermediate
	cloud enroll individual --certificate "$DEVICE/pinned.pem" >/dev/null
	registers_with 401 dev-old old-chain.pem old.key "a chain that has expired"
	registers_with 401 ind-old pinned.pem pinned.key "an enrolled leaf that has expired"
	registers_with 202 dev-server server-chain.pem server.key "no clientAuth"
	registers_with 202 DEV-001 dev1-chain.pem dev1.key "a name in capitals"

	choose chain-dates=ignored pinned-dates=ignored key-usage=checked \
		common-name=exact
	registers_with 202 dev-old old-chain.pem old.key "a chain that has expired"
	registers_with 202 ind-old pinned.pem pinned.key "an enrolled leaf that has expired"
	registers_with 401 dev-server server-chain.pem server.key "no clientAuth"
	registers_with 401 DEV-001 dev1-chain.pem dev1.key "a name in capitals"
	stop cloud
}

# --- what DPS writes into the hub ----------------------------------------------

assert_in_hub() { # PATH JQ-FILTER EXPECTED WHAT
	hub GET "$1"
	assert_equal "$3" "$(jq -r "$2" <<<"$body")" "$4"
}

assert_substatus() { # EXPECTED WHAT
	provision dev-001 dev1-chain.pem dev1.key
	assert_equal "$1" "$(jq -r .registrationState.substatus <<<"$body")" "$2"
}

tells_the_hub_what_it_is_told_to() {
	local prints='.authentication.x509Thumbprint | "\(.primaryThumbprint) \(.secondaryThumbprint)"'
	plant "${hub_name[@]}"
	enroll_pump
	member dev2 dev-002
	provision ind-001 self2.pem self2.key
	assert_in_hub /devices/pump-17 "$prints" \
		"$(thumbprint self1) $(thumbprint self2)" "an individual's thumbprints"
	provision dev-001 dev1-chain.pem dev1.key
	assert_in_hub /devices/dev-001 "$prints" \
		"$(thumbprint dev1) $(thumbprint dev1)" "thumbprints of a group's device"
	assert_in_hub /twins/dev-001 .version 2 "the version of a new twin"
	assert_substatus initialAssignment "the same hub again"

	choose thumbprints=shown second-thumbprint=none initial-twin-version=1 \
		same-hub=told
	provision ind-001 self2.pem self2.key
	assert_in_hub /devices/pump-17 "$prints" "$(thumbprint self2) null" \
		"an individual's thumbprints"
	provision dev-002 dev2-chain.pem dev2.key
	assert_in_hub /twins/dev-002 '"\(.version) \(.tags.site)"' "1 a" \
		"the version of a new twin"
	assert_substatus reprovisionedToInitialAssignment "the same hub again"
	stop cloud
}

remembers_devices_as_told() {
	plant "${hub_name[@]}"
	leaf renewed dev-001 intermediate
	chain renewed intermediate
	provision dev-001 dev1-chain.pem dev1.key
	provision dev-001 renewed-chain.pem renewed.key
	telemetry dev-001 renewed-chain.pem renewed.key hello
	assert_status 204 "the certificate of the last registration"
	cloud device delete dev-001 >/dev/null
	telemetry dev-001 dev1-chain.pem dev1.key hello
	assert_status 401 "a device that the hub does not know"
	provision dev-001 dev1-chain.pem dev1.key
	telemetry dev-001 dev1-chain.pem dev1.key hello
	assert_status 204 "a device that was deleted, and has registered"

	choose same-hub-credentials=kept deleted-device=stays unknown-device=404
	provision dev-001 renewed-chain.pem renewed.key
	telemetry dev-001 renewed-chain.pem renewed.key hello
	assert_status 401 "the certificate of the last registration"
	cloud device delete dev-001 >/dev/null
	provision dev-001 dev1-chain.pem dev1.key
	assert_matches "$state" 'assigned dev-001 *' "what it is told"
	telemetry dev-001 dev1-chain.pem dev1.key hello
	assert_status 404 "a device that was deleted, and has registered"
	stop cloud
}

# --- requests and answers -------------------------------------------------------

register_with_csr() {
	device PUT "/$scope/registrations/dev-001/register" dev1-chain.pem dev1.key \
		-d '{"registrationId": "dev-001", "csr": "MII="}'
}

# What an SDK that updates sends: the answer to its GET.
put_what_was_got() {
	service GET /enrollments/ind-001
	service PUT /enrollments/ind-001 -H 'If-Match: *' -d "$body"
}

without_version() { # PATH; of the hub
	request "$url$1" \
		-H "Authorization: $(signature hub_connection_string localhost "$(soon)")"
}

speaks_as_told() {
	plant "${hub_name[@]}"
	enroll_pump
	register_with_csr
	assert_status 202 "a csr"
	assert_equal '' "$(header Location)" "Location"
	put_what_was_got
	assert_status 200 "a PUT with the info of its certificates alone"
	[ -n "$(header ETag)" ] || fail "there is no ETag"
	without_version /twins/nobody
	assert_status 400 "no api-version at the hub"
	request "$url/enrollments/ind-001?api-version=1999-01-01"
	assert_error 400 400001 "another api-version"

	choose csr=refused location=sent info-only=refused etag-header=none \
		api-version=ignored
	register_with_csr
	assert_error 400 400004 "a csr"
	register dev-001 dev1-chain.pem dev1.key
	assert_matches "$(header Location)" \
		"*/$scope/registrations/dev-001/operations/$(jq -r .operationId <<<"$body")*" \
		"Location"
	request -X PUT "$url/$scope/registrations/dev-001/register?api-version=%0d%0a" \
		--cert "$DEVICE/dev1-chain.pem" --key "$DEVICE/dev1.key" -d '{}'
	assert_matches "$(header Location)" "*?api-version=2021-06-01" \
		"Location for another api-version"
	put_what_was_got
	assert_error 400 400004 "a PUT with the info of its certificates alone"
	service GET /enrollments/ind-001
	assert_equal '' "$(header ETag)" "the header ETag"
	assert_matches "$(jq -r .etag <<<"$body")" '"*"' "the etag of the record"
	without_version /twins/nobody
	assert_status 404 "no api-version at the hub"
	request "$url/enrollments/ind-001?api-version=1999-01-01"
	assert_error 401 401002 "another api-version"
	stop cloud
}

numbers_errors_as_told() {
	local number
	plant "${hub_name[@]}"
	choose 400001=404001 401002=403999 404000=400999 404201=404299 \
		404202=410001 404203=404298 404204=404297 412001=409999
	without() { request "$url$1"; }
	without /enrollments/x
	assert_error 404 404001 "no api-version"
	without '/enrollments/x?api-version=2021-10-01'
	assert_error 403 403999 "no signature"
	service GET /nothing/of/the/kind
	assert_error 400 400999 "no such path"
	service GET /enrollments/nobody
	assert_error 404 404299 "no enrollment"
	service GET /registrations/nobody
	assert_error 410 410001 "no registration"
	device GET "/$scope/registrations/dev-001/operations/5.none" \
		dev1-chain.pem dev1.key
	assert_error 404 404298 "no operation"
	service GET /enrollmentGroups/nobody
	assert_error 404 404297 "no group"
	service PUT /enrollmentGroups/line-7 -H 'If-Match: "stale"' \
		-d '{"enrollmentGroupId": "line-7"}'
	assert_error 409 409999 "a stale etag"
	# A fault that was ordered has a number like any other error.
	choose 429001=429999 500001=500999 503001=503999
	for number in 429 500 503; do
		cloud fault --on enrollments "$number" >/dev/null
		service GET /enrollments/nobody
		assert_error "$number" "${number}999" "an error that was ordered"
	done
	stop cloud
}

run_tests \
	judges_certificates_as_told \
	tells_the_hub_what_it_is_told_to \
	remembers_devices_as_told \
	speaks_as_told \
	numbers_errors_as_told
