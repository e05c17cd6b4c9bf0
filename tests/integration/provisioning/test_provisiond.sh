#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# signet-provisiond with its real neighbours, where it matters how it behaves
# towards DPS and towards its callers: waiting, falling back, trying again.
. "$(dirname "$0")/../../support/harness.sh"

readonly AGENT=2001
readonly OTHER=2002

# A device with certificate and key in files, enrolled by its root.
prepare() { # [SERVE-OPTION]...
	device_create
	pki root
	pki intermediate
	pki device-identity dev1
	cloud_start "$@"
	enroll_group "$DEVICE/pki/$ROOT"
	config_provision "file://$(chain_of dev1)" "file://$(key_of dev1)"
}

without_asking_dps_at_each_start() {
	echo '  always_reprovision_on_startup: false' >>"$DEVICE/config.yaml"
}

# The same cloud again, at the same port.
cloud_again() { cloud_start --port "${DPS_URL##*:}"; }

restart_provisiond() { # [SIGNAL]
	service_end provisiond "$@"
	signetctl system start >/dev/null
}

ask() { # METHOD PATH [API-VERSION]; sets $status and $body
	local answer
	answer=$(curl -s --max-time 90 \
		--unix-socket "$SIGNET_RUNTIME_DIR/provisiond.sock" -X "$1" \
		-H 'content-type: application/json' --data '{"type":"aziot"}' \
		-w '\n%{http_code}' \
		"http://provisiond.sock$2?api-version=${3:-2020-09-01}")
	status=${answer##*$'\n'}
	body=${answer%$'\n'*}
}

# The identity; the call waits until there is one.
assert_device() { # DEVICE-ID
	ask POST /identities/device
	assert_equal 200 "$status" "status of the identity ($body)"
	assert_equal "$1" "$(jq -r .spec.deviceId <<<"$body")" "device id"
	assert_equal "${DPS_URL#https://}" "$(jq -r .spec.hubName <<<"$body")" "hub"
}

assert_reprovision() { # STATUS
	ask POST /identities/device/reprovision
	assert_equal "$1" "$status" "status of reprovision ($body)"
}

message() { provisioning_status | jq -r .message; }
has_message() { [[ $(message) == *"$1"* ]]; }
has_no_message() { [ -z "$(message)" ]; }
has_status() { [ "$(provisioning_status | jq -r .status)" = "$1" ]; }

# --- tests --------------------------------------------------------------------

lets_callers_wait_while_it_provisions() {
	local caller
	prepare
	cloud fault 503 1000 --on status >/dev/null
	apply_and_start
	eventually 60 has_message "cannot answer now"
	has_status provisioning || fail "it does not go on"
	assert_equal 000 "$(call provisiond POST /identities/device '{"type":"aziot"}' \
		--max-time 1 -o /dev/null -w '%{http_code}' || true)" "an answer meanwhile"
	assert_device dev1 &
	caller=$!
	cloud fault clear >/dev/null
	wait "$caller"
	assert_device dev1
	assert_contains "$body" '"certId":"device-id"' "the identity"
	assert_contains "$body" '"keyHandle":"sr=' "the identity"
	assert_equal 600 "$(stat -c %a "$SIGNET_STATE_DIR/provisiond/device_info.json")" \
		"mode of the record"
}

# Who may know the identity may use its key, and can hand it to nobody.
# They say why, or show what there is without it.
says_what_it_waits_for() {
	local caller
	prepare
	cloud fault 503 1000 --on register >/dev/null
	apply_and_start
	eventually 60 has_message "cannot answer now"
	refused signetctl list
	assert_matches "$output" "modules: the device is being provisioned: *cannot answer now*" \
		"what it says of modules"
	assert_contains "$output" device-id "what it shows of keys and certificates"
	signetctl telemetry send hello >/dev/null 2>"$DEVICE/said" &
	caller=$!
	is_said() { grep -q "waiting: the device is being provisioned: .*cannot answer now" "$DEVICE/said"; }
	eventually 60 is_said
	cloud fault clear >/dev/null
	wait "$caller" || fail "the message is not sent: $(cat "$DEVICE/said")"
}

an_agent_uses_the_key_that_it_is_given() {
	local handle sign
	prepare
	printf 'principals:\n  - { user: "%s", identity: [device] }\n' "$AGENT" \
		>>"$DEVICE/config.yaml"
	apply_and_start
	assert_device dev1
	handle=$(CALLER=$AGENT call provisiond GET /identities/identity |
		jq -er .spec.auth.keyHandle)
	sign="{\"keyHandle\":\"$handle\",\"algorithm\":\"ECDSA\",\"parameters\":
		{\"digest\":\"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\"}}"
	assert_equal 200 "$(CALLER=$AGENT keyd_status POST /sign "$sign")" "its use"
	assert_equal 401 "$(CALLER=$OTHER keyd_status POST /sign "$sign")" \
		"its use by another"
	assert_equal 401 "$(CALLER=$AGENT keyd_status GET /keypair/device-id)" \
		"asking keyd for the key"
}

reprovisions_and_answers_when_it_is_done() {
	prepare --assign-rounds 1
	apply_and_start
	assert_device dev1
	mv "$SIGNET_STATE_DIR/provisiond/device_info.json" "$DEVICE/before"
	assert_reprovision 204
	assert_equal dev1 "$(jq -r .device_id \
		"$SIGNET_STATE_DIR/provisiond/device_info.json")" "the new record"
}

a_refusal_voids_the_assignment_until_dps_thinks_again() {
	prepare
	apply_and_start
	assert_device dev1
	cloud fault --on register 401
	assert_reprovision 404
	assert_contains "$body" "does not accept the certificate of 'dev1'" "why"
	ask POST /identities/device
	assert_equal 400 "$status" "status of the identity"
	assert_contains "$body" "does not accept the certificate of 'dev1'" "why"
	[ ! -e "$SIGNET_STATE_DIR/provisiond/device_info.json" ] ||
		fail "the record is still there"
	assert_reprovision 204
	assert_device dev1
}

# All that there is meets a device at its start in test_provisioning_failures.sh.
readonly WITHOUT_AUTHORITY='
500 100 --on register
gateway 100
wrong-name
'

# Whatever is no word of DPS itself: the device has its identity all the time.
an_answer_without_authority_voids_nothing() {
	local fault asker record
	prepare
	record=$SIGNET_STATE_DIR/provisiond/device_info.json
	apply_and_start
	assert_device dev1
	while read -r fault; do
		[ -n "$fault" ] || continue
		echo "# $fault"
		# shellcheck disable=SC2086
		cloud fault $fault >/dev/null
		ask POST /identities/device/reprovision &
		asker=$!
		eventually 20 has_message DPS
		assert_device dev1
		[ -s "$record" ] || fail "the record is gone"
		cloud fault clear
		wait "$asker"
		assert_reprovision 204
		assert_equal "" "$(message)" "the message"
	done <<<"$WITHOUT_AUTHORITY"
}

restarts_from_its_record_without_dps() {
	prepare
	without_asking_dps_at_each_start
	apply_and_start
	assert_device dev1
	cloud_stop
	restart_provisiond
	assert_device dev1
	assert_equal "" "$(message)" "the message"
}

falls_back_to_its_record_while_dps_is_away() {
	prepare
	apply_and_start
	assert_device dev1
	cloud_stop
	restart_provisiond
	assert_device dev1
	has_message "cannot connect" || fail "message: $(message)"
	cloud_again
	eventually 60 has_no_message
	assert_device dev1
}

registers_again_for_another_certificate() {
	prepare
	without_asking_dps_at_each_start
	apply_and_start
	assert_device dev1
	pki device-identity dev2
	config_provision "file://$(chain_of dev2)" "file://$(key_of dev2)"
	without_asking_dps_at_each_start
	signetctl config apply --from "$DEVICE/config.yaml" >/dev/null
	signetctl system restart >/dev/null
	assert_device dev2
}

a_certificate_that_is_put_back_needs_no_dps() {
	prepare
	without_asking_dps_at_each_start
	apply_and_start
	assert_device dev1
	cloud_stop
	cp "$(chain_of dev1)" "$DEVICE/good.pem"
	cp "$DEVICE/pki/$ROOT" "$(chain_of dev1)"
	kill -HUP "$(daemon_pid provisiond)"
	eventually 60 has_status failed
	cp "$DEVICE/good.pem" "$(chain_of dev1)"
	kill -HUP "$(daemon_pid provisiond)"
	eventually 60 has_status provisioned
	assert_device dev1
	assert_equal "" "$(message)" "the message"
}

another_payload_takes_no_identity_away() {
	prepare
	without_asking_dps_at_each_start
	echo '{"model":"x1"}' >"$DEVICE/payload.json"
	echo "  payload: { uri: \"file://$DEVICE/payload.json\" }" >>"$DEVICE/config.yaml"
	apply_and_start
	assert_device dev1
	cloud_stop
	echo '{"model":"x2"}' >"$DEVICE/payload.json"
	kill -HUP "$(daemon_pid provisiond)"
	eventually 60 has_message "cannot connect"
	assert_device dev1
	cloud_again
	eventually 90 has_no_message
	assert_device dev1
}

survives_a_kill_at_any_moment() {
	local pause
	prepare --assign-rounds 1
	without_asking_dps_at_each_start
	apply_and_start
	for pause in 0 0.1 0.2 0.4 0.8 1.6; do
		service_end provisiond KILL
		rm -f "$SIGNET_STATE_DIR"/provisiond/*
		signetctl system start >/dev/null
		sleep "$pause"
		restart_provisiond KILL
		assert_device dev1
	done
}

waits_for_a_keyd_that_comes_late() {
	prepare
	signetctl config apply --from "$DEVICE/config.yaml" >/dev/null
	signet-certd 2>"$DEVICE/certd.log" &
	echo $! >"$DEVICE/certd.pid"
	signet-provisiond 2>"$DEVICE/provisiond.log" &
	echo $! >"$DEVICE/provisiond.pid"
	eventually 20 has_message keyd.sock
	has_status provisioning || fail "callers do not wait for keyd"
	signet-keyd 2>"$DEVICE/keyd.log" &
	echo $! >"$DEVICE/keyd.pid"
	assert_device dev1
}

asks_again_what_dps_could_not_answer() {
	prepare
	cloud fault --on register 503 2
	cloud fault --on status 429 1
	cloud fault --on status drop 1
	apply_and_start
	assert_device dev1
}

sets_a_broken_record_aside() {
	prepare
	local record=$SIGNET_STATE_DIR/provisiond/device_info.json
	mkdir -p "${record%/*}"
	echo '{"hub":' >"$record"
	apply_and_start
	assert_device dev1
	assert_equal '{"hub":' "$(cat "$record.corrupt")" "what is kept"
	assert_contains "$(cat "$SIGNET_STATE_DIR/log/provisiond.log")" \
		"'$record' holds no assignment" "the log"
}

stays_up_with_a_bad_configuration() {
	prepare
	signetctl config apply --from "$DEVICE/config.yaml" >/dev/null
	sed -i 's/scope_id/scope/' "$SIGNET_CONFIG_DIR/provisiond/config.yaml"
	signetctl system start >/dev/null 2>&1 || true
	eventually 20 test -S "$SIGNET_RUNTIME_DIR/provisiond.sock"
	ask GET /health 2026-12-01
	assert_equal degraded "$(jq -r .status <<<"$body")" "health"
	assert_contains "$body" "unknown key 'scope'" "health"
	ask POST /identities/device
	assert_equal 503 "$status" "status of the identity"
	assert_contains "$body" "unknown key 'scope'" "the identity"
}

# --- 'config apply' on a device that is, or is not, provisioned ---

other_scope() { sed "s/scope_id: .*/scope_id: \"0ne0000000$1\"/" "$DEVICE/config.yaml" >"$DEVICE/other.yaml"; }

apply_other() { signetctl config apply --from "$DEVICE/other.yaml" "$@" 2>&1; }

provisiond_file() { cat "$SIGNET_CONFIG_DIR/provisiond/config.yaml"; }

what_dps_refuses_a_device_for_is_taken_back() {
	prepare
	apply_and_start
	wait_until_provisioned
	local before
	before=$(provisiond_file)
	other_scope 7
	# It is over when DPS has answered.
	refused apply_other --wait 600
	assert_contains "$output" "provisiond cannot work with it: " "why it is taken back"
	assert_contains "$output" "does not know the id scope" "why it is taken back"
	assert_contains "$output" "the configuration is as it was" "the message"
	assert_contains "$output" "the device is provisioned anew" "the note"
	assert_equal "$before" "$(provisiond_file)" "provisiond's file"
	assert_device dev1
}

what_dps_has_not_answered_to_is_not_taken_back() {
	prepare
	apply_and_start
	wait_until_provisioned
	cloud_stop
	other_scope 7
	output=$(apply_other --wait 0) || fail "it is not applied: $output"
	assert_contains "$output" "whether the device can be provisioned with it is not known yet" "the note"
	assert_contains "$(provisiond_file)" 0ne00000007 "provisiond's file"
	# What is stored is that of the old configuration, and is there still.
	sed -i "\$a\\  always_reprovision_on_startup: false" "$DEVICE/config.yaml"
	signetctl config apply --from "$DEVICE/config.yaml" >/dev/null 2>&1 || fail "it is not applied"
	assert_device dev1
}

a_device_that_was_not_provisioned_may_be_refused() {
	prepare
	printf 'provisioning: { source: none }\n' >"$DEVICE/other.yaml"
	apply_other >/dev/null
	signetctl system start >/dev/null
	assert_equal ok "$(call provisiond GET /health | jq -r .status)" "health without a device"
	other_scope 7
	output=$(apply_other) || fail "it is not applied: $output"
	wait_until_failed
	assert_contains "$sentence" "does not know the id scope" "the sentence"
	other_scope 8
	output=$(apply_other) || fail "it is not applied: $output"
	assert_contains "$(provisiond_file)" 0ne00000008 "provisiond's file"
}

trusts_nobody_but_the_trust_bundle() {
	prepare
	sed -i "1itrust_bundle_cert: \"file://$DEVICE/pki/$ROOT\"" "$DEVICE/config.yaml"
	apply_and_start
	wait_until_failed
	assert_contains "$sentence" "do not trust the certificate of" "the sentence"
}

run_tests \
	lets_callers_wait_while_it_provisions \
	says_what_it_waits_for \
	an_agent_uses_the_key_that_it_is_given \
	reprovisions_and_answers_when_it_is_done \
	a_refusal_voids_the_assignment_until_dps_thinks_again \
	an_answer_without_authority_voids_nothing \
	restarts_from_its_record_without_dps \
	falls_back_to_its_record_while_dps_is_away \
	registers_again_for_another_certificate \
	a_certificate_that_is_put_back_needs_no_dps \
	another_payload_takes_no_identity_away \
	survives_a_kill_at_any_moment \
	waits_for_a_keyd_that_comes_late \
	asks_again_what_dps_could_not_answer \
	sets_a_broken_record_aside \
	stays_up_with_a_bad_configuration \
	what_dps_refuses_a_device_for_is_taken_back \
	what_dps_has_not_answered_to_is_not_taken_back \
	a_device_that_was_not_provisioned_may_be_refused \
	trusts_nobody_but_the_trust_bundle
