#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Custom allocation: signet-cloud asks a webhook, over HTTPS, which hub a device
# is assigned to.
. "$(dirname "$0")/../../support/harness.sh"
. "$(dirname "$0")/../../support/plant.sh"

# A plant with two hubs, and a webhook whose answers are files in $hook. The
# server knows of a proxy that is not there: webhooks are on its own machine.
webhook_plant() { # [SERVE-OPTION...]
	device_create
	ca root 'plant root'
	member_of_root dev1 dev-001
	certificate hook localhost root 30 \
		"subjectAltName=DNS:localhost
extendedKeyUsage=serverAuth"
	hook=$DEVICE/webhook
	mkdir "$hook"
	python3 "$(dirname "$0")/../../support/webhook.py" "$hook" \
		"$DEVICE/hook.pem" "$DEVICE/hook.key" >"$DEVICE/webhook.log" 2>&1 &
	echo $! >"$DEVICE/webhook.pid"
	eventually 30 test -e "$hook/port"
	https_proxy=http://127.0.0.1:1 no_proxy='' start cloud "$@" \
		--hub near.example=5 --hub far.example=80 --webhook-ca "$DEVICE/root.pem" \
		--webhook-timeout "${webhook_timeout:-60}"
	use cloud
}

enroll_line() { # WEBHOOK-NAME [OPTION...]
	cloud enroll group --group-id line-7 --certificate "$DEVICE/root.pem" \
		--allocation-policy custom --replace \
		--webhook "https://localhost:$(cat "$hook/port")/$1?code=s3cret" "${@:2}" \
		>/dev/null
}

asked() { # JQ-FILTER: of what the webhook was told
	jq -rc "$1" "$hook/$webhook.request"
}

assigns_where_the_webhook_says_and_passes_its_words_on() {
	local webhook=far
	webhook_plant
	echo '{"iotHubHostName": "Far.Example", "payload": {"greeting": "hello"},
		"initialTwin": {"tags": {"site": "b"},
			"properties": {"desired": {"interval": 7}}}}' >"$hook/far.answer"
	enroll_line far --edge
	device PUT "/$scope/registrations/dev-001/register" dev1-chain.pem dev1.key \
		-d '{"registrationId": "dev-001", "payload": {"model": "x1"}}'
	assert_status 202 "register"
	finish dev-001 dev1-chain.pem dev1.key
	assert_equal 'assigned far.example hello' "$(jq -r '.registrationState |
		"\(.status) \(.assignedHub) \(.payload.greeting)"' <<<"$body")" \
		"what the device is told"
	assert_equal '["dev-001",{"model":"x1"}]' \
		"$(asked '.deviceRuntimeContext | [.registrationId, .payload]')" \
		"what the webhook was told of the device"
	assert_equal '["line-7",true,["near.example","far.example"]]' \
		"$(asked '[.enrollmentGroup.enrollmentGroupId,
			.enrollmentGroup.capabilities.iotEdge, .linkedHubs]')" \
		"what it was told of the enrollment"
	assert_equal "https://localhost:$(cat "$hook/port")/far?****" \
		"$(asked .enrollmentGroup.customAllocationDefinition.webhookUrl)" \
		"its own URL, without the key in it"
	hub GET /twins/dev-001
	assert_equal 'b 7' "$(jq -r '"\(.tags.site) \(.properties.desired.interval)"' \
		<<<"$body")" "the twin, which is the webhook's"
	stop cloud
}

# Polls the operation of the last answer to its end.
finish() { # ID CERTIFICATE KEY
	local operation
	operation=$(jq -r .operationId <<<"$body")
	while [ "$status" = 202 ]; do
		device GET "/$scope/registrations/$1/operations/$operation" "$2" "$3"
	done
}

goes_to() { # WEBHOOK-NAME HUB SUBSTATUS SITE [ENROLL-OPTION...]
	enroll_line "$1" --initial-twin '{"tags":{"site":"enrolled"}}' "${@:5}"
	register dev-001 dev1-chain.pem dev1.key
	finish dev-001 dev1-chain.pem dev1.key
	assert_equal "$2 $3" "$(jq -r '.registrationState |
		"\(.assignedHub) \(.substatus)"' <<<"$body")" "where '$1' sends it"
	hub GET /twins/dev-001
	assert_status 200 "its twin by '$1'"
	assert_equal "$4" "$(jq -r .tags.site <<<"$body")" "its twin by '$1'"
}

# What the tests of a move have webhooks answer.
moving_answers() {
	local twin='"initialTwin": {"tags": {"site": "hooked"}}'
	echo '{"iotHubHostName": "far.example", "initialTwin": null}' >"$hook/far.answer"
	echo "{\"iotHubHostName\": \"near.example\", $twin}" >"$hook/near.answer"
	echo "{\"iotHubHostName\": \"far.example\", $twin}" >"$hook/back.answer"
}

# A twin of the webhook counts for devices that begin anew, and null is none.
moves_a_device_by_the_policy_of_its_enrollment() {
	local webhook=near
	webhook_plant
	moving_answers
	goes_to far far.example initialAssignment enrolled
	goes_to near near.example deviceDataMigrated enrolled
	assert_equal '["far.example","dev-001","CN=dev-001"]' \
		"$(asked '.deviceRuntimeContext | [.currentIotHubHostName,
			.currentDeviceId,
			.x509.clientCertificates.primary.info.subjectName]')" \
		"what the webhook was told of the device"
	assert_equal null "$(jq -c .deviceRuntimeContext.currentDeviceId \
		"$hook/far.request")" "the name of a device that has none"
	goes_to back far.example deviceDataReset hooked --reprovision reset
	fails_with 400207 near "a webhook that moves what is never to move" \
		--reprovision never
	assert_equal '["far.example"]' "$(asked .linkedHubs)" "all that it may choose from"
	goes_to back far.example initialAssignment hooked --reprovision never
	stop cloud
}

has_it_the_other_way_if_told() {
	local webhook=near
	webhook_plant --quirk webhook-x509=registration --quirk webhook-twin=resets \
		--quirk webhook-null-twin=empty --quirk 400207=400299
	moving_answers
	goes_to far far.example initialAssignment null
	goes_to near near.example deviceDataReset hooked
	assert_equal CN=dev-001 \
		"$(asked .deviceRuntimeContext.x509.certificateInfo.subjectName)" \
		"what the webhook was told of the certificate"
	goes_to far far.example deviceDataReset null
	fails_with 400299 nobody "a webhook that cuts the connection"
	stop cloud
}

fails_with() { # CODE WEBHOOK-NAME WHAT [ENROLL-OPTION...]
	enroll_line "$2" "${@:4}"
	register dev-001 dev1-chain.pem dev1.key
	finish dev-001 dev1-chain.pem dev1.key
	assert_equal "failed $1" "$(jq -r '.registrationState |
		"\(.status) \(.errorCode)"' <<<"$body")" "$3"
}

fails_when_the_webhook_has_no_good_answer() {
	webhook_plant
	echo '{"iotHubHostName": "far.example"}' | tee "$hook"/{denied,broken,good}.answer >/dev/null
	echo 403 >"$hook/denied.status"
	echo 500 >"$hook/broken.status"
	echo '{"payload": 1}' >"$hook/silent.answer"
	echo 'far.example' >"$hook/text.answer"
	echo '{"iotHubHostName": "elsewhere.example"}' >"$hook/stranger.answer"
	echo '{"iotHubHostName": "far.example", "initialTwin": {"tags": 7}}' \
		>"$hook/tags.answer"
	echo '{"iotHubHostName": "far.example",
		"initialTwin": {"properties": {"desired": 7}}}' >"$hook/desired.answer"
	fails_with 400209 denied "a webhook that turns DPS away"
	fails_with 400207 broken "a webhook that fails"
	fails_with 400208 silent "a webhook that names no hub"
	fails_with 400207 text "a webhook that answers no JSON"
	fails_with 400207 stranger "a webhook that names a hub that is not linked"
	fails_with 400207 tags "a webhook whose twin has no good tags"
	fails_with 400207 desired "a webhook whose twin has no good properties"
	fails_with 400207 nobody "a webhook that cuts the connection"
	enroll_line good
	register dev-001 dev1-chain.pem dev1.key
	finish dev-001 dev1-chain.pem dev1.key
	assert_equal 'assigned far.example' "$(jq -r '.registrationState |
		"\(.status) \(.assignedHub)"' <<<"$body")" "the device afterwards"
	stop cloud
}

asks_no_webhook_that_it_does_not_trust() {
	webhook_plant
	echo '{"iotHubHostName": "far.example"}' >"$hook/far.answer"
	stop cloud
	start cloud --hub near.example --hub far.example # without --webhook-ca
	use cloud
	fails_with 400207 far "a webhook whose certificate is not trusted"
	[ ! -e "$hook/far.request" ] || fail "the webhook was told something"
	stop cloud
}

serves_others_while_a_webhook_takes_its_time() {
	local operation poll
	webhook_plant
	leaf other dev-002
	cloud enroll individual --certificate "$DEVICE/other.pem" >/dev/null
	echo '{"iotHubHostName": "far.example"}' >"$hook/slow.answer"
	touch "$hook/slow.hold"
	enroll_line slow
	register dev-001 dev1-chain.pem dev1.key
	operation=$(jq -r .operationId <<<"$body")
	for poll in first second; do
		device GET "/$scope/registrations/dev-001/operations/$operation" \
			dev1-chain.pem dev1.key
		assert_equal '202 assigning' "$status $(jq -r .status <<<"$body")" \
			"the $poll poll"
	done
	eventually 30 test -e "$hook/slow.request"
	provision dev-002 other.pem other.key
	assert_matches "$state" 'assigned dev-002*' "another device meanwhile"
	rm "$hook/slow.hold"
	# The time of the first call may be over; then a new registration helps.
	gets_far() {
		register dev-001 dev1-chain.pem dev1.key
		finish dev-001 dev1-chain.pem dev1.key
		[ "$(jq -r .registrationState.assignedHub <<<"$body")" = far.example ]
	}
	eventually 30 gets_far
	stop cloud
}

ends_while_a_webhook_takes_its_time() {
	local webhook_timeout=5
	webhook_plant
	touch "$hook/slow.hold"
	enroll_line slow
	register dev-001 dev1-chain.pem dev1.key
	for _ in first second; do
		device GET "/$scope/registrations/dev-001/operations/$(
			jq -r .operationId <<<"$body")" dev1-chain.pem dev1.key
	done
	eventually 30 test -e "$hook/slow.request"
	stop cloud
}

fails_when_the_webhook_takes_too_long() {
	local webhook_timeout=1
	webhook_plant
	touch "$hook/slow.hold"
	fails_with 400207 slow "a webhook that takes too long"
	assert_matches "$(jq -r .registrationState.errorMessage <<<"$body")" \
		"*did not answer within 1000 ms" "why"
	stop cloud
}

run_tests \
	serves_others_while_a_webhook_takes_its_time \
	ends_while_a_webhook_takes_its_time \
	fails_when_the_webhook_takes_too_long \
	assigns_where_the_webhook_says_and_passes_its_words_on \
	moves_a_device_by_the_policy_of_its_enrollment \
	has_it_the_other_way_if_told \
	fails_when_the_webhook_has_no_good_answer \
	asks_no_webhook_that_it_does_not_trust
