#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# A device in the world: by hand instead of by DPS, behind a parent or a proxy,
# with a clock that is wrong, moved to another hub, or beside another device of
# the same name.
. "$(dirname "$0")/../../support/harness.sh"
. "$(dirname "$0")/../../support/plant.sh"
. "$(dirname "$0")/../../support/provisiond.sh"
. "$(dirname "$0")/../../support/proxy.sh"

is_in_hub() { [ "$(provisioning_status | jq -r .assigned_hub)" = "$1" ]; } # HUB

# --- by hand -----------------------------------------------------------------

a_manual_device_needs_no_dps_behind_its_parent() {
	file_device_create
	cloud_stop
	provisiond_configure_manual "method: sas, device_id_pk: secret" \
		"local_gateway_hostname: parent.example"
	daemon_start provisiond
	wait_until_provisioned
	assert_equal "dev1 sas parent.example" \
		"$(member '"\(.spec.deviceId) \(.spec.auth.type) \(.spec.gatewayHost)"')" \
		"the identity"
	assert_equal "${DPS_URL#https://}" "$(member .spec.hubName)" "the hub"
	daemon_stop provisiond
	provisiond_configure_manual \
		"method: x509, identity_cert: device-id, identity_pk: device-id"
	daemon_start provisiond
	wait_until_provisioned
	assert_equal "dev1 x509 ${DPS_URL#https://}" \
		"$(member '"\(.spec.deviceId) \(.spec.auth.type) \(.spec.gatewayHost)"')" \
		"the identity by certificate"
	[ ! -e "$SIGNET_STATE_DIR/provisiond/device_info.json" ] ||
		fail "something is stored that the configuration says"
	file_device_stop
}

# --- a proxy -----------------------------------------------------------------

goes_through_a_proxy_that_wants_a_password() {
	file_device_create
	enroll_group "$DEVICE/pki/$ROOT"
	provisiond_by_certificate
	proxy_start "line7:se7en"
	export no_proxy='' https_proxy="http://line7:wrong@$proxy"
	daemon_start provisiond
	wait_until_failed
	assert_contains "$sentence" "the proxy wants a user and a password" "why"
	assert_lacks "$(cat "$DEVICE/provisiond.log")" wrong "the log"
	daemon_stop provisiond
	export https_proxy="http://line7:se7en@$proxy"
	proxy_deny 502
	daemon_start provisiond
	eventually 60 says "the proxy does not connect us to '${DPS_URL#https://}': it answers 502"
	assert_equal provisioning "$(provisioning_status | jq -r .status)" "what may pass"
	proxy_deny 403
	look_again
	wait_until_failed
	assert_contains "$sentence" "it answers 403" "what somebody has to allow"
	proxy_allow
	look_again
	wait_until_provisioned
	assert_contains "$(proxy_requests)" "200 localhost:" "the proxy"
	daemon_stop provisiond
	# What no_proxy spares the proxy needs none.
	proxy_stop
	export no_proxy=localhost
	rm "$SIGNET_STATE_DIR/provisiond/device_info.json"
	daemon_start provisiond
	wait_until_provisioned
	file_device_stop
}

# What it answers, and by which status.
module() { # METHOD [MODULE] [JSON]
	call provisiond "$1" "/identities/modules${2:+/$2}?type=aziot" "${3:-}" \
		-w ' %{http_code}'
}

# Connections are kept, so that only their end shows what went through them.
manages_modules_through_a_proxy_and_not_past_it() {
	local m1='{"type":"aziot","moduleId":"m1"}' method
	file_device_create
	register_key
	provisiond_configure_manual "method: sas, device_id_pk: secret"
	echo 'cloud_retries: 0' >>"$(provisiond_file)"
	proxy_start "line7:se7en"
	export no_proxy='' https_proxy="http://line7:se7en@$proxy"
	daemon_start provisiond
	wait_until_provisioned
	assert_matches "$(module POST '' "$m1")" '*"moduleId":"m1"*200' "the creation"
	assert_matches "$(module GET m1)" '*"moduleId":"m1"*200' "the module"
	assert_matches "$(module PUT m1 "$m1")" '*"moduleId":"m1"*200' "the update"
	assert_matches "$(module GET)" '*"moduleId":"m1"*200' "the list"
	assert_equal " 204" "$(module DELETE m1)" "the removal"
	assert_equal "200 ${DPS_URL#https://}" "$(proxy_requests)" "what the proxy was asked for"
	proxy_stop
	assert_matches "$(module POST '' "$m1")" '*proxy of https_proxy*404' "without the proxy"
	daemon_stop provisiond

	proxy_start "line7:se7en"
	export https_proxy="http://line7:wrong@$proxy"
	daemon_start provisiond
	wait_until_provisioned
	for method in GET PUT DELETE; do
		assert_matches "$(module $method m1 "$m1")" \
			'*the proxy wants a user and a password*404' "$method"
	done
	assert_matches "$(module POST '' "$m1")" \
		'*the proxy wants a user and a password*404' "a creation"
	assert_equal "407 ${DPS_URL#https://}" "$(proxy_requests)" "what it refused"
	daemon_stop provisiond

	proxy_deny 403
	export https_proxy="http://line7:se7en@$proxy"
	daemon_start provisiond
	wait_until_provisioned
	assert_matches "$(module POST '' "$m1")" \
		"*the proxy does not connect us*it answers 403*404" "a hub that is not allowed"
	assert_lacks "$(cat "$DEVICE/provisiond.log")" wrong "the log"
	file_device_stop
}

# --- the clock ---------------------------------------------------------------

waits_for_a_clock_that_says_1970() {
	file_device_create
	cloud enroll individual --registration-id dev1 --key-file "$DEVICE/key" \
		--secondary-key-file "$DEVICE/key" >/dev/null
	provisiond_configure_dps \
		"method: symmetric_key, registration_id: dev1, symmetric_key: secret"
	echo "-$(date +%s)" >"$DEVICE/clock"
	with_clock daemon_start provisiond
	eventually 60 says "which cannot be: DPS"
	assert_equal provisioning "$(provisioning_status | jq -r .status)" "the status"
	echo 0 >"$DEVICE/clock"
	kill -HUP "$(cat "$DEVICE/provisiond.pid")"
	wait_until_provisioned
	file_device_stop
}

# Its battery is empty, too, when it has an assignment: that is in use then.
a_certificate_and_its_assignment_outlast_a_clock_that_says_1970() {
	file_device_create
	enroll_group "$DEVICE/pki/$ROOT"
	provisiond_by_certificate
	echo "-$(date +%s)" >"$DEVICE/clock"
	with_clock daemon_start provisiond
	eventually 60 says "which cannot be"
	assert_equal provisioning "$(provisioning_status | jq -r .status)" "the status"
	echo 0 >"$DEVICE/clock"
	look_again
	wait_until_provisioned
	daemon_stop provisiond
	cp "$SIGNET_STATE_DIR/provisiond/device_info.json" "$DEVICE/before"

	rm "$DEVICE/provisiond.log"
	echo "-$(date +%s)" >"$DEVICE/clock"
	with_clock daemon_start provisiond
	eventually 60 says "which cannot be"
	wait_until_provisioned
	assert_equal dev1 "$(member .spec.deviceId)" "the identity by the wrong clock"
	notes "which cannot be" || fail "nothing is said of the clock"
	cmp "$DEVICE/before" "$SIGNET_STATE_DIR/provisiond/device_info.json"
	echo 0 >"$DEVICE/clock"
	look_again
	eventually 60 is_well
	assert_equal dev1 "$(member .spec.deviceId)" "the identity by the right clock"
	file_device_stop
}

# Without a certificate the first thing to wait for is that certd makes one.
waits_until_certd_believes_the_clock() {
	device_of_group
	config_issued dev1 \
		"file://$DEVICE/pki/private/azure-iot-test-only.intermediate.key.pem"
	signetctl config apply --from "$DEVICE/config.yaml" >/dev/null
	daemon_start keyd
	echo "-$(date +%s)" >"$DEVICE/clock"
	with_clock daemon_start certd
	daemon_start provisiond
	eventually 60 says "the clock shows a time that is over"
	assert_equal provisioning "$(provisioning_status | jq -r .status)" "the status"
	assert_contains "$(provisioning_status | jq -r .message)" \
		"the clock shows a time that is over" "what it waits for"
	echo 0 >"$DEVICE/clock"
	kill -HUP "$(cat "$DEVICE/provisiond.pid")"
	wait_until_provisioned
	file_device_stop
}

# --- another certificate -----------------------------------------------------

takes_a_certificate_that_is_put_in_place_of_one_that_is_refused() {
	file_device_create
	enroll_group "$DEVICE/pki/$ROOT"
	cloud enroll disable --group-id line-7 >/dev/null
	provisiond_by_certificate
	daemon_start provisiond
	wait_until_failed
	cloud enroll enable --group-id line-7 >/dev/null
	pki device-identity dev1 --force
	# The key in the file is another one, too: keyd has to read it.
	kill -HUP "$(cat "$DEVICE/provisiond.pid")"
	wait_until_provisioned
	file_device_stop
}

# --- what it proves itself with is gone --------------------------------------

# keyd deletes what its handle names.
delete_key() { # pair|secret ID
	local load=/key delete=/key
	[ "$1" != pair ] || load=/keypair delete=/keypair
	keyd DELETE $delete "{\"keyHandle\":$(keyd GET "$load/$2" | jq .keyHandle)}"
}

says_that_its_key_was_deleted_and_goes_on_with_it_when_it_is_back() {
	local bytes
	file_device_create
	bytes="{\"keyId\":\"made\",\"usage\":\"derive,sign\",
		\"keyBytes\":\"$(base64 -w0 "$DEVICE/secret")\"}"
	keyd POST /key "$bytes" >/dev/null
	cloud enroll individual --registration-id dev1 --key-file "$DEVICE/key" \
		--secondary-key-file "$DEVICE/key" >/dev/null
	provisiond_configure_dps \
		"method: symmetric_key, registration_id: dev1, symmetric_key: made"
	daemon_start provisiond
	wait_until_provisioned
	delete_key secret made
	# Whoever uses it next is the first to see it.
	refused signetctl identity show
	eventually 60 notes "the device is provisioned, but: symmetric key 'made'"
	[ -e "$SIGNET_STATE_DIR/provisiond/device_info.json" ] ||
		fail "the assignment is gone"
	keyd POST /key "$bytes" >/dev/null
	# By itself it would be seen within a minute.
	kill -HUP "$(cat "$DEVICE/provisiond.pid")"
	is_well() { [ "$(health provisiond)" = "ok: " ]; }
	eventually 90 is_well
	has_registered 2 || fail "DPS was not asked"
	file_device_stop
}

registers_with_a_new_key_when_the_one_of_an_issued_certificate_is_gone() {
	file_device_create
	enroll_group "$DEVICE/pki/$ROOT"
	pki intermediate
	keyd_configure "$SOFTHSM_MODULE" "$(token_uri)" "preloaded_keys: {
  ca: \"file://$DEVICE/pki/private/azure-iot-test-only.intermediate.key.pem\" }"
	cat >"$SIGNET_CONFIG_DIR/certd/config.yaml" <<YAML
preloaded_certs: { ca: "file://$DEVICE/pki/$INTERMEDIATE" }
cert_issuance:
  local_ca: { cert: ca, pk: ca }
  certs: { device-id: { method: local_ca, common_name: dev1 } }
principals: [{ user: "$(id -u)", certs: ["*"] }]
YAML
	daemon_stop certd
	daemon_stop keyd
	daemon_start keyd
	daemon_start certd
	provisiond_configure_dps "method: x509, registration_id: dev1, identity_cert: { method: local_ca }"
	daemon_start provisiond
	wait_until_provisioned
	delete_key pair device-id
	kill -HUP "$(cat "$DEVICE/provisiond.pid")"
	eventually 60 has_registered 2
	wait_until_provisioned
	assert_equal dev1 "$(member .spec.deviceId)" "the identity"
	file_device_stop
}

# --- DPS moves it ------------------------------------------------------------

# The group's devices belong to HUB from now on.
allocate() { # HUB REPROVISION-OPTION...
	cloud enroll delete --group-id line-7 >/dev/null
	cloud enroll group --group-id line-7 --certificate "$DEVICE/pki/$ROOT" \
		--hub "$1" "${@:2}" >/dev/null
}

follows_dps_to_another_hub() {
	file_device_create --hub first.example --hub second.example
	cloud enroll group --group-id line-7 --certificate "$DEVICE/pki/$ROOT" \
		--hub first.example >/dev/null
	provisiond_by_certificate
	daemon_start provisiond
	eventually 60 is_in_hub first.example
	allocate second.example
	call provisiond POST /identities/device/reprovision
	assert_equal second.example "$(member .spec.hubName)" "the hub, data migrated"
	says "DPS has moved the device from hub 'first.example' to 'second.example'" ||
		fail "nothing is said of the move"
	allocate first.example --reprovision reset
	call provisiond POST /identities/device/reprovision
	assert_equal first.example "$(member .spec.hubName)" "the hub, data reset"
	assert_equal first.example \
		"$(jq -r .hub "$SIGNET_STATE_DIR/provisiond/device_info.json")" \
		"what is stored"
	file_device_stop
}

# A fault of the hub, and a call that meets it.
meets_401_at_the_hub() {
	cloud fault 401 --on modules >/dev/null
	curl -s -o /dev/null --max-time 60 \
		--unix-socket "$SIGNET_RUNTIME_DIR/provisiond.sock" \
		"http://provisiond.sock/identities/modules?type=aziot&api-version=2020-09-01"
	eventually 20 no_fault_is_left
}

no_fault_is_left() { [ "$(cloud fault list -o json | jq length)" = 0 ]; }

asks_dps_when_the_hub_turns_it_away_if_told_to() {
	file_device_create
	enroll_group "$DEVICE/pki/$ROOT"
	provisiond_by_certificate "dynamic_reprovisioning: false"
	daemon_start provisiond
	wait_until_provisioned
	meets_401_at_the_hub
	assert_equal 1 "$(registrations)" "registrations of a device that is not dynamic"
	daemon_stop provisiond
	provisiond_by_certificate "always_reprovision_on_startup: false" \
		"dynamic_reprovisioning: true"
	daemon_start provisiond
	wait_until_provisioned
	assert_equal 1 "$(registrations)" "registrations after a start"
	meets_401_at_the_hub
	eventually 60 has_registered 2
	file_device_stop
}

# --- a payload ---------------------------------------------------------------

# A webhook that allocates devices: to far.example.
webhook_start() {
	hook=$DEVICE/webhook
	ca hookca 'hook root'
	certificate hook localhost hookca 30 \
		"subjectAltName=DNS:localhost
extendedKeyUsage=serverAuth"
	mkdir "$hook"
	echo '{"iotHubHostName": "far.example"}' >"$hook/far.answer"
	python3 "$(dirname "$0")/../../support/webhook.py" "$hook" \
		"$DEVICE/hook.pem" "$DEVICE/hook.key" >"$DEVICE/webhook.log" 2>&1 &
	echo $! >"$DEVICE/webhook.pid"
	eventually 30 test -e "$hook/port"
}

gives_who_allocates_it_the_payload() {
	local hook
	device_create
	token_create
	pki root
	pki device-identity dev1
	echo unused >"$DEVICE/secret"
	webhook_start
	cloud_start --hub near.example --hub far.example \
		--webhook-ca "$DEVICE/hookca.pem" --webhook-timeout 60
	cloud enroll group --group-id line-7 --certificate "$DEVICE/pki/$ROOT" \
		--allocation-policy custom \
		--webhook "https://localhost:$(cat "$hook/port")/far" >/dev/null
	echo '{"model": "x1"}' >"$DEVICE/payload.json"
	provisiond_by_certificate "payload: { uri: \"file://$DEVICE/payload.json\" }"
	file_device_start
	daemon_start provisiond
	wait_until_provisioned
	assert_equal far.example "$(member .spec.hubName)" "the hub"
	assert_equal '{"model":"x1"}' \
		"$(jq -c .deviceRuntimeContext.payload "$hook/far.request")" \
		"what the webhook was told"
	assert_equal '{"model":"x1"}' "$(provisioning_status | jq -c .payload)" \
		"what is shown"
	file_device_stop
}

# --- one name, two devices ---------------------------------------------------

the_hub_knows_the_one_of_two_devices_that_registered_last() {
	file_device_create
	enroll_group "$DEVICE/pki/$ROOT"
	provisiond_by_certificate
	daemon_start provisiond
	wait_until_provisioned
	local first second
	first=$(curl -s -o /dev/null -w '%{http_code}' --cacert "$DEVICE/cloud/ca.pem" \
		--cert "$(chain_of dev1)" --key "$(key_of dev1)" --data one "$(events)")
	assert_equal 204 "$first" "the first device alone"
	cp "$(chain_of dev1)" "$DEVICE/one.pem"
	cp "$(key_of dev1)" "$DEVICE/one.key"
	file_device_stop
	pki device-identity dev1 --force
	rm -r "$SIGNET_STATE_DIR/provisiond"
	file_device_start
	daemon_start provisiond
	wait_until_provisioned
	first=$(curl -s -o /dev/null -w '%{http_code}' --cacert "$DEVICE/cloud/ca.pem" \
		--cert "$DEVICE/one.pem" --key "$DEVICE/one.key" --data one "$(events)")
	second=$(curl -s -o /dev/null -w '%{http_code}' --cacert "$DEVICE/cloud/ca.pem" \
		--cert "$(chain_of dev1)" --key "$(key_of dev1)" --data two "$(events)")
	assert_equal "401 204" "$first $second" "the first device, and the second"
	file_device_stop
}

events() { echo "$DPS_URL/devices/dev1/messages/events?api-version=2021-04-12"; }

run_tests a_manual_device_needs_no_dps_behind_its_parent \
	goes_through_a_proxy_that_wants_a_password \
	manages_modules_through_a_proxy_and_not_past_it \
	waits_for_a_clock_that_says_1970 \
	a_certificate_and_its_assignment_outlast_a_clock_that_says_1970 \
	waits_until_certd_believes_the_clock \
	takes_a_certificate_that_is_put_in_place_of_one_that_is_refused \
	says_that_its_key_was_deleted_and_goes_on_with_it_when_it_is_back \
	registers_with_a_new_key_when_the_one_of_an_issued_certificate_is_gone \
	follows_dps_to_another_hub \
	asks_dps_when_the_hub_turns_it_away_if_told_to \
	gives_who_allocates_it_the_payload \
	the_hub_knows_the_one_of_two_devices_that_registered_last
