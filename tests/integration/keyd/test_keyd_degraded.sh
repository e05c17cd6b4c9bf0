#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# signet-keyd with a token, PIN, module or configuration that is no good: it
# stays up, says what is wrong, and goes on when that is mended.
. "$(dirname "$0")/../../support/harness.sh"

readonly SPY_MODULE=/usr/lib/x86_64-linux-gnu/pkcs11-spy.so
readonly TOKEN=pkcs11:token=device

# A device whose keyd has made the key "web", and has ended.
device_with_key() {
	device_with_keyd
	assert_equal 200 "$(keyd_status POST /keypair '{"keyId":"web"}')" "making a key"
	daemon_stop keyd
}

# --- PINs -------------------------------------------------------------------------

a_wrong_pin_is_tried_once() {
	local i
	device_with_key
	export PKCS11SPY=$SOFTHSM_MODULE PKCS11SPY_OUTPUT=$DEVICE/spy
	echo 0000 >"$DEVICE/other-pin"
	keyd_configure "$SPY_MODULE" "$TOKEN?pin-source=file:$DEVICE/other-pin"
	daemon_start keyd
	assert_matches "$(cat "$DEVICE/keyd.log")" \
		"*token 'device': C_Login: CKR_PIN_INCORRECT (correct the PIN)*" "the log"
	for i in 1 2 3; do
		assert_equal 503 "$(keyd_status GET /keypair/web)" "request $i"
	done
	assert_matches "$(health keyd)" "degraded: *CKR_PIN_INCORRECT*that it has refused is not tried again*" "health"
	assert_equal 1 "$(grep -c 'C_Login$' "$PKCS11SPY_OUTPUT")" "logins"
	# Another PIN is tried at once.
	cp "$DEVICE/pin" "$DEVICE/other-pin"
	assert_equal 200 "$(keyd_status GET /keypair/web)" "with another PIN"
	assert_equal 2 "$(grep -c 'C_Login$' "$PKCS11SPY_OUTPUT")" "logins"
}

no_pin_is_in_the_log() {
	device_with_key
	echo 0000 >"$DEVICE/pin"
	daemon_start keyd
	assert_matches "$(health keyd)" "degraded: *CKR_PIN_INCORRECT*that it has refused is not tried again*" "health"
	echo "$PIN" >"$DEVICE/pin"
	assert_equal 200 "$(keyd_status GET /keypair/web)" "with the right PIN"
	assert_logs_lack_pin
}

# --- configurations that are no good ------------------------------------------------

# A keyd that finds fault with its configuration, and stays up.
assert_complains() { # MODULE TOKEN-URI HEALTH-PATTERN
	keyd_configure "$1" "$2"
	daemon_start keyd
	assert_matches "$(health keyd)" "$3" "health"
}

a_token_is_found_when_it_comes() {
	device_create
	token_create
	assert_complains "$SOFTHSM_MODULE" \
		"pkcs11:token=later?pin-source=file:$DEVICE/pin" \
		"degraded: no token matches 'pkcs11:token=later'; there are: 'device'*"
	assert_equal 503 "$(keyd_status POST /keypair '{"keyId":"a"}')" "before"
	token_create later
	is_well() { [ "$(health keyd)" = "ok: " ]; }
	eventually 20 is_well
	assert_equal 200 "$(keyd_status POST /keypair '{"keyId":"a"}')" "afterwards"
	daemon_stop keyd
}

a_pin_file_that_is_not_there_is_named() {
	device_create
	token_create
	assert_complains "$SOFTHSM_MODULE" "$TOKEN?pin-source=file:$DEVICE/no-pin" \
		"degraded: token 'device': cannot read the PIN*$DEVICE/no-pin*"
	daemon_stop keyd
}

a_pin_that_is_nowhere_is_missed() {
	device_with_key
	assert_complains "$SOFTHSM_MODULE" "$TOKEN" \
		"degraded: token 'device' needs a PIN; add pin-source to token.uri"
	# The keys are not denied.
	assert_equal 503 "$(keyd_status GET /keypair/web)" "asking for a key"
	daemon_stop keyd
}

# The line that names it is gone, not what is in it: whoever asks is to come again.
a_key_is_not_gone_with_the_name_of_its_token() {
	device_with_key
	sed -i '/^token:/d' "$SIGNET_CONFIG_DIR/keyd/config.yaml"
	daemon_start keyd
	assert_equal 503 "$(keyd_status GET /keypair/web)" "a key of the token"
	assert_contains "$(call keyd GET /keypair/web)" "no token is configured" "why"
	assert_equal 400 "$(keyd_status GET /keypair/other)" "a key that never was"
	daemon_stop keyd
	keyd_configure "$SOFTHSM_MODULE" "$(token_uri)"
	daemon_start keyd
	assert_equal 200 "$(keyd_status GET /keypair/web)" "with the token"
	daemon_stop keyd
}

a_tokens_uri_names_no_object() {
	device_create
	token_create
	assert_complains "$SOFTHSM_MODULE" \
		"$TOKEN;object=a?pin-source=file:$DEVICE/pin" \
		"degraded: token.uri: the URI must name a token, and no object in it"
	daemon_stop keyd
}

a_module_that_is_not_there_is_named() {
	device_create
	assert_complains /nonexistent.so "$TOKEN" \
		"degraded: cannot load PKCS#11 module '/nonexistent.so'*"
	daemon_stop keyd
}

a_mistake_in_the_configuration_is_named() {
	local file
	device_create
	file=$SIGNET_CONFIG_DIR/keyd/config.yaml
	mkdir "${file%/*}"
	echo "tokn: {}" >"$file"
	daemon_start keyd
	assert_matches "$(health keyd)" "degraded: $file:1:1: *token*" "health"
	assert_equal 503 "$(keyd_status GET /keys)" "a request"
	daemon_stop keyd
}

run_tests \
	a_wrong_pin_is_tried_once \
	no_pin_is_in_the_log \
	a_token_is_found_when_it_comes \
	a_pin_file_that_is_not_there_is_named \
	a_pin_that_is_nowhere_is_missed \
	a_key_is_not_gone_with_the_name_of_its_token \
	a_tokens_uri_names_no_object \
	a_module_that_is_not_there_is_named \
	a_mistake_in_the_configuration_is_named
