#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# All that a tester can do in signet-cloud without a browser and without HTTP:
# enrollments of each kind, CA certificates.
. "$(dirname "$0")/../../support/harness.sh"
. "$(dirname "$0")/../../support/plant.sh"

# A server, and a plant of which nothing is enrolled.
bare_plant() {
	device_create
	ca root 'plant root'
	member_of_root dev1 dev-001
	start cloud
	use cloud
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

misused() { # WHY ENROLL-ARGUMENT...
	local status=0
	output=$(signet-cloud enroll "${@:2}" --data "$data" 2>&1) || status=$?
	assert_equal 64 $status "the status of 'enroll ${*:2}'"
	assert_contains "$output" "$1" "what is wrong with 'enroll ${*:2}'"
}

takes_no_option_that_would_say_nothing() {
	bare_plant
	misused "'enroll group' does not take --device-id" group --symmetric-key \
		--group-id g --device-id d
	misused "'enroll group' does not take --registration-id" group \
		--symmetric-key --group-id g --registration-id r
	misused "'enroll group' does not take --endorsement-key" group \
		--group-id g --endorsement-key "$DEVICE/root.pem"
	misused "'enroll individual' does not take --group-id" individual \
		--symmetric-key --registration-id r --group-id g
	misused "'enroll keys' does not take --edge" keys --registration-id r --edge
	misused "'enroll delete' does not take --certificate" delete \
		--registration-id r --certificate "$DEVICE/root.pem"
	misused "--webhook is for --allocation-policy custom" individual \
		--symmetric-key --registration-id r --webhook https://localhost:1/
	misused "--allocation-policy custom needs --webhook" individual \
		--symmetric-key --registration-id r --allocation-policy custom
	misused "--secondary needs --certificate" individual --symmetric-key \
		--registration-id r --secondary "$DEVICE/root.pem"
	misused "--secondary-ca needs --ca" individual --symmetric-key \
		--registration-id r --secondary-ca plant
	assert_equal '[]' "$(cloud show enrollments -o json | jq -c .)" \
		"what is enrolled"
	stop cloud
}

warns_of_a_certificate_that_nobody_can_register_by() {
	local said
	bare_plant
	leaf self1 ind-001
	leaf self2 ind-002
	said=$(cloud enroll individual --certificate "$DEVICE/self1.pem" \
		--secondary "$DEVICE/self2.pem" --registration-id IND-001 2>&1 >/dev/null)
	assert_equal "signet-cloud: warning: the common name of '$DEVICE/self2.pem' is \
not 'ind-001': nobody can register by it" "$said" "what is said of the second"
	assert_equal ind-001 "$(cloud show enrollments -o json | jq -r '.[].registrationId')" \
		"what is enrolled"
	said=$(cloud enroll individual --certificate "$DEVICE/self2.pem" 2>&1 >/dev/null)
	assert_equal '' "$said" "what is said of one under its own name"
	stop cloud
}

# --- what is in the hub -------------------------------------------------------

# A device that is assigned, of an enrolled group.
plant_with_a_device() {
	bare_plant
	cloud enroll group --group-id line-7 --certificate "$DEVICE/root.pem" \
		--initial-twin '{"tags": {"site": "a"}}' >/dev/null
	provision dev-001 dev1-chain.pem dev1.key
}

say() { # TEXT [CURL-ARGUMENT...]
	telemetry dev-001 dev1-chain.pem dev1.key "$@"
	assert_status 204 "telemetry"
}

shows_messages_with_their_properties() {
	plant_with_a_device
	say first -H 'iothub-app-level: high' -H 'IoTHub-MessageId: m-1' \
		-H 'iothub-contenttype: application/json' -H 'Content-Type:'
	printf 'second\0' >"$DEVICE/binary"
	say "@$DEVICE/binary" -H "Content-Type: $(printf '\377')"
	say "$(printf 'third \033[31m')"
	assert_equal '["first",null,"high","m-1","application/json"]' "$(cloud messages -o json |
		jq -c '.[0] | [.body, .contentType, .properties.level,
			.systemProperties.messageId, .systemProperties.contentType]')" \
		"the first message"
	assert_equal 'c2Vjb25kAA==' "$(cloud messages -o json | jq -r '.[1].bodyBase64')" \
		"one that is no text"
	assert_equal 1 "$(cloud messages --last 1 -o json | jq length)" "the last one"
	refused cloud messages --last 0
	assert_contains "$output" '--last must be above 0' "none of them"
	assert_equal '[]' "$(cloud messages --device nobody -o json)" "another device's"
	assert_contains "$(cloud messages)" m-1 "the table"
	assert_lacks "$(cloud messages)" "$(printf '\033')" "an escape in the table"
	stop cloud
}

tells_messages_as_they_come() {
	plant_with_a_device
	say before
	signet-cloud messages --data "$data" --follow >"$DEVICE/followed" &
	echo $! >"$DEVICE/follower.pid"
	signet-cloud messages --data "$data" --device dev-001 --last 1 -fo json \
		>"$DEVICE/followed.json" &
	echo $! >"$DEVICE/json-follower.pid"
	eventually 30 grep -q before "$DEVICE/followed"
	eventually 30 grep -q before "$DEVICE/followed.json"
	say "$(printf 'after \033[31m')"
	eventually 30 grep -q after "$DEVICE/followed"
	eventually 30 grep -q after "$DEVICE/followed.json"
	assert_matches "$(tail -n 1 "$DEVICE/followed")" '20* dev-001 after ?\[31m' "its line"
	assert_equal 'before,after' "$(jq -sr 'map(.body[:6] | rtrimstr(" ")) | join(",")' \
		"$DEVICE/followed.json")" "one line of JSON for each, once"
	end "$(cat "$DEVICE/follower.pid")"
	end "$(cat "$DEVICE/json-follower.pid")"
	stop cloud
}

changes_devices_and_twins() {
	plant_with_a_device
	assert_equal selfSigned "$(cloud device show dev-001 |
		jq -r .authentication.type)" "the device"
	assert_matches "$(cloud show devices)" \
		"DEVICE-ID*HUB*dev-001*localhost:${url##*:}*" "the hub's devices"
	cloud device disable dev-001
	telemetry dev-001 dev1-chain.pem dev1.key no
	assert_status 401 "telemetry of a disabled device"
	cloud device enable dev-001
	say yes
	assert_equal 'a 7' "$(cloud twin patch dev-001 \
		'{"properties": {"desired": {"interval": 7}}}' |
		jq -r '"\(.tags.site) \(.properties.desired.interval)"')" "a patched twin"
	echo '{"tags": null, "properties": {"desired": {"a b": 1}}}' >"$DEVICE/patch"
	refused cloud twin patch dev-001 "@$DEVICE/patch"
	refused cloud twin patch dev-001 '{'
	assert_equal 7 "$(cloud twin show dev-001 | jq .properties.desired.interval)" \
		"the twin after bad patches"
	hub PUT /devices/dev-001/modules/m -d '{}'
	assert_equal m "$(cloud twin show dev-001 --module m | jq -r .moduleId)" \
		"a module's twin"
	refused cloud twin show dev-001 --module other
	assert_contains "$output" "no module 'other'" "a module that is not there"
	cloud device delete dev-001
	refused cloud device show dev-001
	assert_contains "$output" "no device 'dev-001'" "a device that was deleted"
	provision dev-001 dev1-chain.pem dev1.key
	assert_equal null "$(cloud twin show dev-001 | jq .properties.desired.interval)" \
		"the twin of a device that registers anew"
	stop cloud
}

makes_devices_that_nobody_enrolled() {
	local print
	plant
	member loner loner
	print=$(thumbprint loner)
	jq -n --arg print "$print" '{capabilities: {iotEdge: true},
		authentication: {type: "selfSigned", x509Thumbprint:
			{primaryThumbprint: $print, secondaryThumbprint: $print}}}' \
		>"$DEVICE/loner.json"
	assert_equal 'loner true' "$(cloud device create loner "@$DEVICE/loner.json" |
		jq -r '"\(.deviceId) \(.capabilities.iotEdge)"')" "what was made"
	telemetry loner loner-chain.pem loner.key hello
	assert_status 204 "telemetry of it"
	assert_equal 1 "$(cloud twin show loner | jq .version)" "its twin"
	assert_equal 'sas 44 hub.example' "$(cloud device create --hub hub.example by-key |
		jq -r '"\(.authentication.type)" + " " +
			"\(.authentication.symmetricKey.primaryKey | length)"') $(cloud \
		show devices -o json | jq -r '.[] |
			select(.deviceId == "by-key") | .hub')" "one with keys that are made"
	refused cloud device create loner
	assert_contains "$output" "'loner' already" "one that there is"
	refused cloud device create 'a b'
	refused cloud device create other '[]'
	refused cloud device create other '{"authentication": {"type": "magic"}}'
	refused cloud device show other
	stop cloud
}

run_tests \
	shows_messages_with_their_properties \
	tells_messages_as_they_come \
	changes_devices_and_twins \
	makes_devices_that_nobody_enrolled \
	enrolls_a_device_by_keys_that_are_made_or_given \
	enrolls_a_group_by_keys_and_derives_those_of_its_devices \
	proves_possession_of_a_ca_and_names_it \
	trusts_a_ca_at_once_if_told_so_and_nothing_else \
	says_all_that_the_service_api_can \
	takes_no_option_that_would_say_nothing \
	warns_of_a_certificate_that_nobody_can_register_by
