#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# keyd's TPM against swtpm, and what DPS hands it against signet-cloud: by the
# calls that clients of aziot-tpmd make.
. "$(dirname "$0")/../../support/harness.sh"
. "$(dirname "$0")/../../support/plant.sh"
. "$(dirname "$0")/../../support/tpm.sh"

readonly AUTH_KEY=0x81000100

# keyd with a TPM and no token; further lines of its configuration.
tpm_keyd() { # [LINE]...
	mkdir -p "$SIGNET_CONFIG_DIR/keyd"
	{
		echo "tpm: { tcti: 'swtpm:path=$DEVICE/tpm/tpm', users: [$(id -u)]" \
			"${HIERARCHIES:+, hierarchy_authorization: $HIERARCHIES} }"
		printf '%s\n' "$@"
	} >"$SIGNET_CONFIG_DIR/keyd/config.yaml"
	daemon_start keyd
}

tpmd() { # METHOD PATH [JSON]
	call tpmd "$@"
}

# As a client of aziot-tpmd calls; prints the status.
aziot_status() { # METHOD PATH [JSON]
	curl -s --max-time 60 --unix-socket "$SIGNET_RUNTIME_DIR/tpmd.sock" -X "$1" \
		${3:+-H 'content-type: application/json' --data "$3"} \
		-o "$DEVICE/answer" -w '%{http_code}' \
		"http://tpmd.sock$2?api-version=2020-09-01"
}

public_of() { # HANDLE
	tpm2_readpublic -Q -c "$1" -o "$DEVICE/public"
	base64 -w0 "$DEVICE/public"
}

tpm_state() { keyd GET /health | jq -r .tpm.state; }
tpm_is() { [ "$(tpm_state)" = "$1" ]; } # STATE

# The key of the present challenge, taken in.
import() { # BASE64
	tpmd POST /import_auth_key "{\"key\":\"$1\"}"
}

# The same on a busy machine, where keyd may have given the TPM up.
imports() { # BASE64
	[[ $(import "$1") != *message* ]]
}

mac_of() { # FILE
	tpmd POST /sign_with_auth_key "{\"data\":\"$(base64 -w0 "$1")\"}" |
		jq -r .digest
}

enroll_tpm() { # ID
	cloud enroll individual --registration-id "$1" \
		--endorsement-key "$DEVICE/ek.b64" >/dev/null
}

# Step one, or, with an Authorization header, step two.
tpm_register() { # ID [AUTHORIZATION]
	request -X PUT "$url/$scope/registrations/$1/register?api-version=2019-03-31" \
		-H 'Content-Type: application/json' ${2:+-H "Authorization: $2"} \
		-d "$(tpmd GET /get_tpm_keys | jq --arg id "$1" '{registrationId: $id,
			tpm: {endorsementKey: .endorsement_key,
			storageRootKey: .storage_root_key}}')"
}

# A device whose TPM DPS knows; its challenge is in $challenge.
challenged() {
	plant
	tpm_bare_start
	tpm_keyd "$@"
	endorsement_key_write "$DEVICE/ek.b64"
	enroll_tpm tpm-1
	tpm_register tpm-1
	assert_status 401 "the first step"
	challenge=$(jq -r .authenticationKey <<<"$body")
}

signed() { # RESOURCE [POLICY]
	local expiry
	expiry=$(soon)
	printf '%s\n%s' "$1" "$expiry" >"$DEVICE/to-sign"
	printf 'SharedAccessSignature sr=%s&sig=%s&se=%s%s' "$1" \
		"$(jq -rn --arg s "$(mac_of "$DEVICE/to-sign")" '$s|@uri')" \
		"$expiry" "${2:+&skn=$2}"
}

makes_the_keys_that_dps_wraps_for_where_they_are_looked_for() {
	device_create
	tpm_bare_start
	tpm_keyd
	eventually 60 tpm_is ok
	assert_equal "$(public_of 0x81010001) $(public_of 0x81000001)" \
		"$(tpmd GET /get_tpm_keys | jq -r '.endorsement_key + " " + .storage_root_key')" \
		"the keys, as other programs see them"
	tpm2_createek -Q -G rsa -c "$DEVICE/ek.ctx" -u "$DEVICE/made"
	assert_equal "$(base64 -w0 "$DEVICE/made")" "$(public_of 0x81010001)" \
		"the endorsement key by the TCG's template"
	daemon_stop keyd
	daemon_start keyd
	assert_equal "$(public_of 0x81000001)" \
		"$(tpmd GET /get_tpm_keys | jq -r .storage_root_key)" "the same later"
	daemon_stop keyd
}

signs_for_dps_and_the_hub_with_what_they_handed_out() {
	local operation token
	challenged
	import "$challenge" >/dev/null
	token=$(signed "$scope%2Fregistrations%2Ftpm-1" registration)
	tpm_register tpm-1 "$token"
	assert_status 202 "the second step"
	operation=$(jq -r .operationId <<<"$body")
	is_assigned() {
		request "$url/$scope/registrations/tpm-1/operations/$operation?api-version=2019-03-31" \
			-H "Authorization: $token"
		[ "$(jq -r .status <<<"$body")" = assigned ]
	}
	eventually 60 is_assigned
	is_assigned
	import "$(jq -r .registrationState.tpm.authenticationKey <<<"$body")" >/dev/null
	request -X POST "$url/devices/tpm-1/messages/events?api-version=2021-04-12" \
		-H "Authorization: $(signed "localhost%2Fdevices%2Ftpm-1")" \
		--data-binary 'from the TPM'
	assert_status 204 "sending to the hub"
	assert_equal "import ok sign ok" \
		"$(cat "$SIGNET_STATE_DIR"/keyd/audit/audit*.log |
			jq -rs '[.[] | select(.key == "tpm-auth-key")] | .[:2] |
				map(.op + " " + .result) | join(" ")')" "on record"
	daemon_stop keyd
	stop cloud
}

signs_what_is_longer_than_one_command_takes() {
	challenged
	import "$challenge" >/dev/null
	local length
	for length in 0 1 1023 1024 1025 2048 5000; do
		head -c $length /dev/urandom >"$DEVICE/data"
		tpm2_hmac -Q -c $AUTH_KEY -o "$DEVICE/mac" "$DEVICE/data"
		assert_equal "$(base64 -w0 "$DEVICE/mac")" "$(mac_of "$DEVICE/data")" \
			"the MAC of $length bytes"
	done
	daemon_stop keyd
	stop cloud
}

answers_as_aziot_tpmd_does() {
	challenged
	assert_equal 500 "$(aziot_status POST /sign_with_auth_key '{"data":"QQ=="}')" \
		"signing before there is a key"
	assert_contains "$(tpmd POST /sign_with_auth_key '{"data":"QQ=="}')" \
		'"code":"not-found"' "the same, in our version"
	assert_equal 200 "$(aziot_status POST /import_auth_key "{\"key\":\"$challenge\"}")" \
		"importing"
	assert_equal '{}' "$(cat "$DEVICE/answer")" "the answer to an import"
	assert_equal 200 "$(aziot_status POST /sign_with_auth_key '{"data":"QQ=="}')" "signing"
	assert_equal 400 "$(aziot_status POST /sign_with_auth_key)" "no body"
	assert_equal 400 "$(aziot_status PUT /get_tpm_keys)" "another method"
	assert_equal 404 "$(aziot_status GET /keys)" "keyd's own calls"
	daemon_stop keyd
	stop cloud
}

keeps_the_key_when_it_is_given_what_is_not_for_it() {
	local mac
	challenged
	import "$challenge" >/dev/null
	mac=$(printf x >"$DEVICE/x" && mac_of "$DEVICE/x")
	base64 -d <<<"$challenge" >"$DEVICE/blob"
	# Within the encrypted credential, and within the wrapped key.
	local offset
	for offset in 40 400; do
		cp "$DEVICE/blob" "$DEVICE/wrong"
		printf '\xff\x00\xff\x00' |
			dd of="$DEVICE/wrong" bs=1 seek=$offset conv=notrunc 2>/dev/null
		assert_contains "$(import "$(base64 -w0 "$DEVICE/wrong")")" \
			'"code":"invalid"' "a blob that is wrong at $offset"
	done
	assert_contains "$(import "$(head -c 700 "$DEVICE/blob" | base64 -w0)")" \
		'cut short' "a blob that ends early"
	assert_equal "$mac" "$(mac_of "$DEVICE/x")" "the key is still there"
	assert_equal ok "$(tpm_state)" "the TPM's state"
	# Ten times as often as it has places for what a failure would leave.
	local i
	for i in $(seq 30); do
		import "$(base64 -w0 "$DEVICE/wrong")" >/dev/null
	done
	assert_equal "$mac" "$(mac_of "$DEVICE/x")" "nothing is left in the TPM"
	daemon_stop keyd
	stop cloud
}

leaves_keys_of_others_where_they_are() {
	challenged
	tpm2_createprimary -Q -C o -G ecc -c "$DEVICE/other.ctx"
	tpm2_evictcontrol -Q -C o -c "$DEVICE/other.ctx" $AUTH_KEY
	tpm2_flushcontext -t
	assert_contains "$(import "$challenge")" auth_key_index "the advice"
	tpm2_readpublic -Q -c $AUTH_KEY -o "$DEVICE/public"
	daemon_stop keyd
	stop cloud
}

signs_after_the_tpm_was_off() {
	local mac
	challenged
	import "$challenge" >/dev/null
	printf x >"$DEVICE/x"
	mac=$(mac_of "$DEVICE/x")
	tpm_power_off
	assert_contains "$(tpmd POST /sign_with_auth_key '{"data":"QQ=="}')" \
		'"code":"unavailable"' "signing without the TPM"
	assert_equal trouble "$(tpm_state)" "the state without the TPM"
	tpm_power_on
	assert_equal "$mac" "$(mac_of "$DEVICE/x")" "the key after a power cut"
	assert_equal "ok: " "$(health keyd)" "all is well"
	daemon_stop keyd
	stop cloud
}

keeps_its_other_keys_when_there_is_no_tpm() {
	device_create
	token_create
	keyd_configure "$SOFTHSM_MODULE" "$(token_uri)" \
		"tpm: { tcti: 'device:$DEVICE/no-such-tpm', users: [$(id -u)] }"
	daemon_start keyd
	eventually 20 tpm_is trouble
	assert_equal degraded "$(keyd GET /health | jq -r .status)" "the health"
	assert_contains "$(health keyd)" "device:$DEVICE/no-such-tpm" "what is missing"
	assert_contains "$(tpmd GET /get_tpm_keys)" "no-such-tpm" "the same on tpmd.sock"
	assert_equal 200 "$(keyd_status POST /keypair '{"keyId":"web"}')" "a key of the token"
	daemon_stop keyd
}

answers_who_calls_while_the_tpm_hangs() {
	challenged "token_timeout: 1"
	eventually 30 imports "$challenge"
	tpm_hang
	# Nobody may measure how long this takes; it has to end by itself.
	assert_contains "$(tpmd POST /sign_with_auth_key '{"data":"QQ=="}')" \
		'does not answer' "the call that hangs"
	assert_contains "$(tpmd POST /sign_with_auth_key '{"data":"QQ=="}')" \
		'does not answer' "the next one"
	assert_contains "$(health keyd)" 'the TPM does not answer' "the health"
	tpm_wake
	eventually 30 tpm_is ok
	assert_contains "$(tpmd POST /sign_with_auth_key '{"data":"QQ=="}')" digest "afterwards"
	daemon_stop keyd
	stop cloud
}

ends_in_time_while_the_tpm_hangs() {
	challenged "token_timeout: 1"
	eventually 30 imports "$challenge"
	tpm_hang
	tpmd POST /sign_with_auth_key '{"data":"QQ=="}' >/dev/null
	kill "$(cat "$DEVICE/keyd.pid")"
	eventually 60 is_gone "$(cat "$DEVICE/keyd.pid")"
	wait "$(cat "$DEVICE/keyd.pid")" || fail "keyd ended with $?"
	rm "$DEVICE/keyd.pid"
	tpm_wake
	stop cloud
}

obeys_the_owner_of_the_tpm() {
	device_create
	tpm_bare_start
	tpm2_changeauth -Q -c o 'the owner'
	tpm2_changeauth -Q -c e 'the endorsement'
	tpm_keyd
	eventually 60 tpm_is trouble
	assert_contains "$(health keyd)" hierarchy_authorization "the advice"
	daemon_stop keyd
	HIERARCHIES="{ owner: 'the owner', endorsement: 'the endorsement' }" tpm_keyd
	eventually 60 tpm_is ok
	assert_equal "" "$(grep -rl -e 'the owner' -e 'the endorsement' "$DEVICE"/*.log || true)" \
		"logs with an authorization"
	daemon_stop keyd
}

serves_its_users_alone() {
	local uid=4711
	challenged
	import "$challenge" >/dev/null
	assert_contains "$(CALLER=$uid tpmd POST /sign_with_auth_key '{"data":"QQ=="}')" \
		'"code":"denied"' "another uid signs"
	assert_contains "$(CALLER=$uid tpmd POST /import_auth_key "{\"key\":\"$challenge\"}")" \
		'"code":"denied"' "another uid imports"
	assert_contains "$(CALLER=$uid tpmd GET /get_tpm_keys)" '"code":"denied"' \
		"another uid looks"
	assert_equal 3 "$(cat "$SIGNET_STATE_DIR"/keyd/audit/audit*.log |
		jq -s "[.[] | select(.uid == $uid and .result == \"denied\")] | length")" \
		"denials on record"
	daemon_stop keyd
	stop cloud
}

# What is in the file counts from the next request on; a mistake changes nothing.
reads_anew_who_may_use_the_tpm() {
	local uid=4711 file
	device_create
	tpm_bare_start
	tpm_keyd
	file=$SIGNET_CONFIG_DIR/keyd/config.yaml
	serves() { CALLER=$uid tpmd GET /get_tpm_keys | grep -q endorsement_key; }
	complains() { health keyd | grep -q "$1"; }
	serves && fail "another uid is served"
	sed -i "s/users: \[.*\]/users: [$(id -u), $uid]/" "$file"
	kill -HUP "$(cat "$DEVICE/keyd.pid")"
	eventually 20 serves
	sed -i "s/users: \[.*\]/users: [nobody-of-that-name]/" "$file"
	kill -HUP "$(cat "$DEVICE/keyd.pid")"
	eventually 20 complains "tpm.users: .*nobody-of-that-name"
	serves || fail "a mistake in the file has changed who is served"
	sed -i "s/users: \[.*\]/users: [$(id -u)]/" "$file"
	kill -HUP "$(cat "$DEVICE/keyd.pid")"
	is_served_no_more() { ! serves; }
	eventually 20 is_served_no_more
	eventually 20 tpm_is ok
	daemon_stop keyd
}

# Some TPMs come with an endorsement key on a curve, where ours would be.
says_what_to_do_with_an_endorsement_key_that_dps_cannot_use() {
	device_create
	tpm_bare_start
	tpm2_createek -Q -G ecc -c 0x81010001 -u "$DEVICE/curve"
	tpm2_flushcontext -t
	tpm_keyd
	eventually 60 tpm_is trouble
	assert_contains "$(health keyd)" \
		"endorsement key: the key at 0x81010001 is no RSA key that DPS could wrap for" "why"
	assert_contains "$(health keyd)" "tpm2_evictcontrol -C o -c 0x81010001" "the advice"
	assert_equal "$(base64 -w0 "$DEVICE/curve")" "$(public_of 0x81010001)" \
		"the key, which is somebody's"
	tpm2_evictcontrol -Q -C o -c 0x81010001
	assert_equal "$(tpmd GET /get_tpm_keys | jq -r .endorsement_key)" \
		"$(public_of 0x81010001)" "the key that is made then"
	assert_equal ok "$(tpm_state)" "the TPM's state"
	daemon_stop keyd
}

# As systemd starts keyd: both sockets are there before it.
takes_the_socket_that_was_made_for_it() {
	device_create
	tpm_bare_start
	tpm_keyd
	daemon_stop keyd
	activate() {
		systemd-socket-activate -l "$SIGNET_RUNTIME_DIR/keyd.sock" \
			-l "$SIGNET_RUNTIME_DIR/tpmd.sock" --fdname=signet-keyd.socket:tpmd \
			-E SIGNET_RUNTIME_DIR -E SIGNET_CONFIG_DIR -E SIGNET_STATE_DIR \
			"$SIGNET_BUILD/bin/signet-keyd" >>"$DEVICE/keyd.log" 2>&1 &
		echo $! >"$DEVICE/keyd.pid"
		eventually 20 test -S "$SIGNET_RUNTIME_DIR/tpmd.sock"
	}
	activate
	assert_contains "$(tpmd GET /get_tpm_keys)" endorsement_key "through systemd's socket"
	assert_contains "$(tpmd GET /keys)" '"code":"not-found"' "keyd's own calls"
	assert_contains "$(keyd GET /keys)" keys "the other socket"
	daemon_stop keyd
	echo '{}' >"$SIGNET_CONFIG_DIR/keyd/config.yaml"
	rm "$SIGNET_RUNTIME_DIR"/*.sock
	activate
	assert_contains "$(tpmd GET /get_tpm_keys)" 'no section tpm' "a socket without a TPM"
	assert_equal "ok: " "$(health keyd)" "what keyd says of itself"
	daemon_stop keyd
}

run_tests makes_the_keys_that_dps_wraps_for_where_they_are_looked_for \
	signs_for_dps_and_the_hub_with_what_they_handed_out \
	signs_what_is_longer_than_one_command_takes answers_as_aziot_tpmd_does \
	keeps_the_key_when_it_is_given_what_is_not_for_it \
	leaves_keys_of_others_where_they_are signs_after_the_tpm_was_off \
	keeps_its_other_keys_when_there_is_no_tpm \
	answers_who_calls_while_the_tpm_hangs ends_in_time_while_the_tpm_hangs \
	obeys_the_owner_of_the_tpm serves_its_users_alone \
	reads_anew_who_may_use_the_tpm \
	says_what_to_do_with_an_endorsement_key_that_dps_cannot_use \
	takes_the_socket_that_was_made_for_it
