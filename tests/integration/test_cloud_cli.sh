#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# All that a tester can do in signet-cloud without a browser and without HTTP:
# enrollments of each kind, CA certificates.
. "$(dirname "$0")/../support/harness.sh"
. "$(dirname "$0")/../support/plant.sh"

# A server, and a plant of which nothing is enrolled.
bare_plant() {
	device_create
	ca root 'plant root'
	member_of_root dev1 dev-001
	start cloud
	use cloud
}

member_of_root() { # NAME CN
	leaf "$1" "$2" root
	chain "$1" root
}

# A signature for a registration or a device, by a key in base64.
signed_by() { # BASE64-KEY RESOURCE [POLICY]
	local expiry mac
	expiry=$(soon)
	mac=$(printf '%s\n%s' "$2" "$expiry" | openssl dgst -sha256 -mac HMAC \
		-macopt "hexkey:$(base64 -d <<<"$1" | od -An -tx1 | tr -d ' \n')" \
		-binary | base64 -w0)
	printf 'SharedAccessSignature sr=%s&sig=%s&se=%s%s' "$2" \
		"$(jq -rn --arg s "$mac" '$s|@uri')" "$expiry" "${3:+&skn=$3}"
}

# Registers by a key, to the end; sets $status and $body.
register_by() { # BASE64-KEY ID
	local token operation
	token=$(signed_by "$1" "$scope/registrations/$2" registration)
	request -X PUT "$url/$scope/registrations/$2/register?api-version=2019-03-31" \
		-H "Authorization: $token" -d '{}'
	while [ "$status" = 202 ]; do
		operation=$(jq -r .operationId <<<"$body")
		request "$url/$scope/registrations/$2/operations/$operation?api-version=2019-03-31" \
			-H "Authorization: $token"
	done
}

key_of_enrollment() { # MEMBER OPTION...
	cloud enroll keys "${@:2}" | jq -r ".$1"
}

# --- symmetric keys -----------------------------------------------------------

enrolls_a_device_by_keys_that_are_made_or_given() {
	local given
	bare_plant
	given=$(openssl rand -base64 32)
	echo "$given" >"$DEVICE/given"
	cloud enroll individual --symmetric-key --registration-id made >/dev/null
	cloud enroll individual --key-file "$DEVICE/given" --registration-id given \
		--device-id pump-1 >/dev/null
	assert_equal "$given" "$(key_of_enrollment primaryKey --registration-id given)" \
		"the key that was given"
	register_by "$given" given
	assert_equal 'assigned pump-1' \
		"$(jq -r '.registrationState | .status + " " + .deviceId' <<<"$body")" \
		"the device by its given key"
	register_by "$(key_of_enrollment secondaryKey --registration-id made)" made
	assert_equal assigned "$(jq -r .status <<<"$body")" "the device by a made key"
	register_by "$given" made
	assert_status 401 "a device by another's key"
	# What an update does not name, it keeps.
	cloud enroll individual --symmetric-key --registration-id given --replace >/dev/null
	assert_equal "$given" "$(key_of_enrollment primaryKey --registration-id given)" \
		"the key after an update"
	stop cloud
}

enrolls_a_group_by_keys_and_derives_those_of_its_devices() {
	local derived
	bare_plant
	cloud enroll group --symmetric-key --group-id line-8 >/dev/null
	derived=$(key_of_enrollment primaryKey --group-id line-8 --registration-id DEV-9)
	register_by "$derived" dev-9
	assert_equal assigned "$(jq -r .status <<<"$body")" "a device by its derived key"
	register_by "$derived" dev-10
	assert_status 401 "another device by that key"
	register_by "$(key_of_enrollment primaryKey --group-id line-8)" dev-9
	assert_status 401 "a device by the group's own key"
	cloud enroll group --group-id line-7 --certificate "$DEVICE/root.pem" >/dev/null
	refused cloud enroll keys --group-id line-7
	assert_contains "$output" "not by symmetric keys" "keys of a group without"
	stop cloud
}

# --- CA certificates ----------------------------------------------------------

proves_possession_of_a_ca_and_names_it() {
	local code
	bare_plant
	cloud cert add plant --certificate "$DEVICE/root.pem"
	refused cloud enroll group --group-id line-7 --ca plant
	assert_contains "$output" "is not verified" "naming it before it is verified"
	code=$(cloud cert code plant)
	leaf wrong other root
	leaf proof "$code" root
	refused cloud cert verify plant --certificate "$DEVICE/wrong.pem"
	assert_contains "$output" "common name must be the verification code" \
		"a certificate for another name"
	leaf stranger "$code"
	refused cloud cert verify plant --certificate "$DEVICE/stranger.pem"
	assert_contains "$output" "not signed by the CA" "a certificate by another"
	assert_equal 'plant false' "$(cloud cert list -o json |
		jq -r '.[] | "\(.name) \(.properties.isVerified)"')" "the CA so far"
	cloud cert verify plant --certificate "$DEVICE/proof.pem"
	assert_contains "$(cloud cert list)" 'plant root' "the table of CAs"

	cloud enroll group --group-id line-7 --ca plant >/dev/null
	provision dev-001 dev1-chain.pem dev1.key
	assert_equal "assigned dev-001 localhost:$port 1" "$state" "its device"
	refused cloud cert delete plant
	assert_contains "$output" "enrollments name" "deleting it while it is named"
	cloud enroll delete --group-id line-7
	cloud cert delete plant
	assert_equal '[]' "$(cloud cert list -o json)" "the CAs afterwards"
	stop cloud
}

trusts_a_ca_at_once_if_told_so_and_nothing_else() {
	bare_plant
	refused cloud cert add dev --certificate "$DEVICE/dev1.pem"
	assert_contains "$output" "not a CA certificate" "a certificate of a device"
	refused cloud cert add none --certificate /dev/null
	openssl x509 -in "$DEVICE/root.pem" -outform DER -out "$DEVICE/root.der"
	cloud cert add plant --certificate "$DEVICE/root.der" --verified
	refused cloud cert add plant --certificate "$DEVICE/root.pem"
	assert_contains "$output" "exists" "adding it twice"
	cloud enroll individual --registration-id dev-001 --ca plant >/dev/null
	provision dev-001 dev1-chain.pem dev1.key
	assert_matches "$state" 'assigned dev-001 *' "an individual by its CA"
	refused cloud cert code nobody
	refused cloud cert
	stop cloud
}

# --- what else an enrollment says ---------------------------------------------

says_all_that_the_service_api_can() {
	bare_plant
	cloud enroll individual --symmetric-key --registration-id full \
		--reprovision never --allocation-policy custom \
		--webhook https://localhost:1/ --hub a.example --hub b.example \
		--edge --disabled --initial-twin '{"tags": {"site": "a"}}' >/dev/null
	assert_equal '["custom",["a.example","b.example"],"disabled",true,"a",false,false,"https://localhost:1/"]' \
		"$(cloud show enrollments -o json | jq -c '.[0] | [.allocationPolicy,
			.iotHubs, .provisioningStatus, .capabilities.iotEdge,
			.initialTwin.tags.site, .reprovisionPolicy.updateHubAssignment,
			.reprovisionPolicy.migrateDeviceData,
			.customAllocationDefinition.webhookUrl]')" "the enrollment"
	refused cloud enroll individual --symmetric-key --ca plant --registration-id x
	assert_contains "$output" "one of --certificate" "two ways of attestation"
	refused cloud enroll individual --symmetric-key
	assert_contains "$output" "--registration-id" "an enrollment without a name"
	refused cloud enroll individual --symmetric-key --registration-id x --reprovision maybe
	assert_contains "$output" "'migrate', 'reset' or 'never'" "a wrong policy"
	refused cloud enroll individual --registration-id x --endorsement-key "$DEVICE/root.pem"
	assert_contains "$output" "endorsementKey" "what is no key of a TPM"
	assert_equal 1 "$(cloud show enrollments -o json | jq length)" \
		"what is enrolled"
	stop cloud
}

run_tests \
	enrolls_a_device_by_keys_that_are_made_or_given \
	enrolls_a_group_by_keys_and_derives_those_of_its_devices \
	proves_possession_of_a_ca_and_names_it \
	trusts_a_ca_at_once_if_told_so_and_nothing_else \
	says_all_that_the_service_api_can
