#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# signet-cloud from the outside, as an administrator: its command line, and curl
# with a shared access signature made by openssl.
. "$(dirname "$0")/../../support/harness.sh"
. "$(dirname "$0")/../../support/plant.sh"

# --- enrollment on the command line ------------------------------------------

refused_with() { # EXIT-STATUS COMMAND...
	local result=0
	"${@:2}" >/dev/null 2>&1 || result=$?
	assert_equal "$1" $result "exit status of '${*:2}'"
}

enrolls_an_id_once() {
	plant
	enroll_pump
	refused_with 1 cloud enroll individual --certificate "$DEVICE/self1.pem"
	refused_with 64 cloud enroll individual --colour red
	stop cloud
}

# --- the service API ----------------------------------------------------------

changes_an_enrollment_by_its_etag() {
	local record members=.attestation.x509.clientCertificates.primary
	plant
	leaf stranger stranger
	service PUT /enrollments/rest-1 -d "$(enrollment rest-1 stranger)"
	assert_status 200 "creating an enrollment"
	record=$body
	assert_equal null "$(jq -r $members.certificate <<<"$record")" \
		"its certificate, which is not shown"
	assert_equal "$(thumbprint stranger)" \
		"$(jq -r $members.info.sha256Thumbprint <<<"$record")" "its thumbprint"
	service PUT /enrollments/rest-1 -d "$record"
	assert_error 409 409201 "overwriting it without If-Match"
	service PUT /enrollments/rest-1 -H 'If-Match: "stale"' -d "$record"
	assert_error 412 412001 "a stale etag"
	service PUT /enrollments/rest-1 -H "If-Match: $(jq -r .etag <<<"$record")" \
		-d "$(jq '.deviceId = "renamed"' <<<"$record")"
	assert_status 200 "get, change, put, which keeps the certificate"
	assert_equal renamed "$(jq -r .deviceId <<<"$body")" "what was changed"
	service GET /ENROLLMENTS/rest-1
	assert_status 200 "path words in another case"
	service DELETE /enrollments/rest-1
	assert_equal '204 ' "$status $body" "deleting it"
	service GET /enrollments/rest-1
	assert_error 404 404201 "asking for it afterwards"
	stop cloud
}

answers_queries_in_pages() {
	plant
	enroll_pump
	enroll_blocked
	leaf stranger stranger
	service PUT /enrollments/rest-1 -d "$(enrollment rest-1 stranger)"
	service POST /enrollments/query -H 'x-ms-max-item-count: 2' \
		-d '{"query":"SELECT * FROM enrollments"}'
	assert_equal 2 "$(jq length <<<"$body")" "length of the first page"
	service POST /enrollments/query -H 'x-ms-max-item-count: 2' \
		-H "x-ms-continuation: $(header x-ms-continuation)" -d '{"query":"*"}'
	assert_equal 1 "$(jq length <<<"$body")" "length of the last page"
	assert_equal '' "$(header x-ms-continuation)" "its continuation"
	stop cloud
}

# Devices dev-001 and dev-rsa of the group, and pump-17.
plant_with_three_devices() {
	plant
	enroll_pump
	openssl genrsa -out "$DEVICE/rsa.key" 2048 2>/dev/null
	member rsa dev-rsa
	provision dev-001 dev1-chain.pem dev1.key
	provision dev-rsa rsa-chain.pem rsa.key
	provision ind-001 self1.pem self1.key
}

shows_groups_and_their_registrations() {
	plant_with_three_devices
	service PUT /enrollmentGroups/line-8 -d "$(enrollment x self1)"
	assert_error 400 400004 "a group of a leaf"
	service GET /enrollmentGroups/line-7
	assert_status 200 "a group"
	service POST /registrations/line-7/query
	assert_equal 'dev-001 dev-rsa' \
		"$(jq -r '[.[].registrationId] | join(" ")' <<<"$body")" \
		"the registrations of a group"
	service GET /registrations/dev-rsa
	assert_equal 'assigned plant' "$(jq -r '.status + " " +
		(.x509.signingCertificateInfo.subjectName |
			sub("CN=(?<a>[a-z]*).*"; "\(.a)"))' <<<"$body")" "a registration"
	stop cloud
}

refuses_signatures_that_are_no_good() {
	plant
	enroll_pump
	authorized "$(signature service_connection_string "${url#https://}" 1000000000)"
	assert_status 401 "an expired signature"
	assert_matches "$(message)" '*expired*' "what is said of it"
	authorized "$(signature service_connection_string other.example "$(soon)")"
	assert_status 401 "a signature for another host"
	authorized "$(signature hub_connection_string "${url#https://}" "$(soon)")"
	assert_status 401 "a signature by a policy of the hub"
	request "$url/enrollments/ind-001?api-version=2021-10-01"
	assert_status 401 "no signature"
	stop cloud
}

# --- the hub ------------------------------------------------------------------

shows_the_devices_of_the_hub() {
	plant_with_three_devices
	hub GET /devices/dev-001
	assert_equal "selfSigned $(thumbprint dev1)" "$(jq -r '.authentication |
		.type + " " + .x509Thumbprint.primaryThumbprint' <<<"$body")" "a device"
	# A slash before the query.
	hub GET /devices/
	assert_equal 'dev-001 dev-rsa pump-17' \
		"$(jq -r '[.[].deviceId] | join(" ")' <<<"$body")" "the devices"
	hub GET /twins/dev-001
	assert_equal 'a 5' "$(jq -r \
		'"\(.tags.site) \(.properties.desired.interval)"' <<<"$body")" \
		"the twin, which began as the enrollment says"
	hub GET /devices/nobody
	assert_status 404 "an unknown device"
	assert_matches "$(message)" 'ErrorCode:DeviceNotFound;*' "an unknown device"
	stop cloud
}

run_tests \
	enrolls_an_id_once \
	changes_an_enrollment_by_its_etag \
	answers_queries_in_pages \
	shows_groups_and_their_registrations \
	refuses_signatures_that_are_no_good \
	shows_the_devices_of_the_hub
