#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Symmetric keys where they can be: made by keyd or preloaded, in the token or
# in a file.
. "$(dirname "$0")/../../support/harness.sh"

tool() {
	pkcs11-tool --module "$SOFTHSM_MODULE" --token-label device --login \
		--pin "$PIN" "$@"
}

# A keyd that has no token for the keys that it makes.
device_without_token() { # [LINE]...
	device_create
	mkdir -p "$SIGNET_CONFIG_DIR/keyd"
	{
		printf 'principals: [{ user: "%s", keys: ["*"], rights: [%s] }]\n' \
			"$(id -u)" "use, export, manage"
		printf '%s\n' "$@"
	} >"$SIGNET_CONFIG_DIR/keyd/config.yaml"
	daemon_start keyd
}

create() { # ID USAGE; the handle
	keyd POST /key "{\"keyId\":\"$1\",\"usage\":\"$2\"}" | jq -re .keyHandle
}

import() { # ID FILE [USAGE]; the handle
	keyd POST /key "{\"keyId\":\"$1\",\"usage\":\"${3:-sign}\",
		\"keyBytes\":\"$(base64 -w0 <"$2")\"}" | jq -re .keyHandle
}

handle_of() { keyd GET "/key/$1" | jq -re .keyHandle; }

mac() { # HANDLE; base64
	keyd POST /sign "{\"keyHandle\":\"$1\",\"algorithm\":\"HMAC-SHA256\",
		\"parameters\":{\"message\":\"$(printf 'a message' | base64)\"}}" |
		jq -re .signature
}

# What OpenSSL makes of it with the bytes of a file.
expected_mac() { # FILE
	printf 'a message' | openssl dgst -sha256 -mac HMAC \
		-macopt "hexkey:$(od -An -v -tx1 "$1" | tr -d " \n")" -binary | base64 -w0
}

secrets_in_token() { tool -O --type secrkey 2>/dev/null | grep -c "label: *$1" || true; }

macs_by_keys_that_are_preloaded() {
	device_with_keyd
	head -c 40 /dev/urandom >"$DEVICE/mac.key"
	head -c 32 /dev/urandom >"$DEVICE/other.key"
	import shared "$DEVICE/other.key" >/dev/null
	daemon_stop keyd
	keyd_configure "$SOFTHSM_MODULE" "$(token_uri)" \
		"preloaded_keys:" \
		"  in-file: \"file://$DEVICE/mac.key\"" \
		"  in-token: \"pkcs11:token=device;object=shared;type=secret-key\""
	daemon_start keyd
	assert_equal "$(expected_mac "$DEVICE/mac.key")" \
		"$(mac "$(handle_of in-file)")" "by the file"
	assert_equal "$(expected_mac "$DEVICE/other.key")" \
		"$(mac "$(handle_of in-token)")" "by the token"

	# They are the operator's.
	assert_equal 400 "$(keyd_status DELETE /key \
		"{\"keyHandle\":\"$(handle_of in-file)\"}")" "deleting it"
	assert_equal 400 "$(keyd_status POST /key \
		'{"keyId":"in-file","usage":"sign","keyBytes":"AAAA"}')" "replacing it"
	assert_equal 40 "$(stat -c %s "$DEVICE/mac.key")" "size of the file"

	# A new file is a new key, at once; an empty one is none.
	head -c 33 /dev/urandom >"$DEVICE/new.key"
	mv "$DEVICE/new.key" "$DEVICE/mac.key"
	assert_equal "$(expected_mac "$DEVICE/mac.key")" \
		"$(mac "$(handle_of in-file)")" "by the new file"
	: >"$DEVICE/mac.key"
	assert_equal 400 "$(keyd_status GET /key/in-file)" "an empty file"
}

an_imported_key_replaces_the_one_in_the_token() {
	local handle size
	device_with_keyd
	handle=$(create shared sign)
	for size in 1 32 64 200; do
		head -c "$size" /dev/urandom >"$DEVICE/secret"
		import shared "$DEVICE/secret" >/dev/null
		assert_equal "$(expected_mac "$DEVICE/secret")" "$(mac "$handle")" \
			"by $size bytes"
		assert_equal 1 "$(secrets_in_token shared)" "keys in the token"
	done
	daemon_stop keyd
	daemon_start keyd
	assert_equal "$(expected_mac "$DEVICE/secret")" "$(mac "$handle")" \
		"after a restart"
	assert_equal 204 "$(keyd_status DELETE /key "{\"keyHandle\":\"$handle\"}")" delete
	assert_equal 0 "$(secrets_in_token shared)" "what is left"
}

no_key_goes_to_a_file_in_silence() {
	local answer
	device_without_token
	answer=$(keyd POST /key '{"keyId":"k","usage":"sign"}')
	assert_contains "$answer" "symmetric_keys: file" "the way out"
	assert_equal "" "$(ls "$SIGNET_STATE_DIR/keyd/keys" 2>/dev/null || true)" "files"
}

keeps_keys_in_files_where_that_is_allowed() {
	local handle file
	device_without_token "symmetric_keys: file"
	handle=$(create device-id sign)
	# aziot's name for it.
	file=$SIGNET_STATE_DIR/keyd/keys/deviceid-bd732105ef89cf8edd2606a5309c8a26b7b5599a4e124a0fe6199b6b2f60e655.key
	assert_equal "600 32" "$(stat -c '%a %s' "$file")" "the file"
	assert_equal "$(expected_mac "$file")" "$(mac "$handle")" "a MAC"
	assert_equal "file://$file true" "$(keyd GET /keys/device-id |
		jq -r '"\(.location) \(.extractable)"')" "what is said of it"

	head -c 48 /dev/urandom >"$DEVICE/secret"
	import device-id "$DEVICE/secret" >/dev/null
	cmp "$DEVICE/secret" "$file" || fail "the file has not the new bytes"
	daemon_kill keyd
	daemon_start keyd
	assert_equal "$(expected_mac "$DEVICE/secret")" "$(mac "$handle")" \
		"after keyd was killed"
	assert_equal 204 "$(keyd_status DELETE /key "{\"keyHandle\":\"$handle\"}")" delete
	[ ! -e "$file" ] || fail "the file is still there"
}

uses_a_key_file_that_aziot_left() {
	local folder
	device_without_token "symmetric_keys: file"
	folder=$SIGNET_STATE_DIR/keyd/keys
	mkdir -p "$folder"
	head -c 32 /dev/zero >"$folder/aziotidentitydmasterid-91b92c2c06a5a5dda5fbc9c48b4d428d930b9c1b8b2956a1044ccbc7a266afc9.key"
	assert_equal "$(head -c 32 /dev/zero >"$DEVICE/zeros" &&
		expected_mac "$DEVICE/zeros")" \
		"$(mac "$(handle_of aziot_identityd_master_id)")" "by its bytes"
}

run_tests \
	macs_by_keys_that_are_preloaded \
	an_imported_key_replaces_the_one_in_the_token \
	no_key_goes_to_a_file_in_silence \
	keeps_keys_in_files_where_that_is_allowed \
	uses_a_key_file_that_aziot_left
