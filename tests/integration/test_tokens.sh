#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# test_tokens.sh softhsm|tpm|nss: the same tests on tokens of different makers.
# What a token cannot do stands in the table of docs/guides/hsm.md; keyd must
# say why.
readonly TOKEN=${1:?softhsm, tpm or nss}
. "$(dirname "$0")/../support/tokens.sh"

# --- requests -----------------------------------------------------------------

pair() { jq -n --arg id "$1" --arg kind "$2" '{keyId: $id, preferredAlgorithms: $kind}'; }

create() { # ID KIND; a key that every token can make
	assert_lacks "$(keyd POST /keypair "$(pair "$@")")" message "creating $1"
}

handle_of() { keyd GET "/keypair/$1" | jq -r .keyHandle; }

digest() { # HASH; of the message, in base64
	openssl dgst "-$1" -binary "$DEVICE/message" | base64 -w0
}

# The public key as another program reads it in the token.
public_of() { # ID
	token_key_public "$1" >"$DEVICE/$1.public"
}

# --- what signatures must be ----------------------------------------------------

# r and s, one after the other, as the DER that OpenSSL reads.
to_der() { # FILE
	local hex
	hex=$(od -An -v -tx1 "$1" | tr -d ' \n')
	printf 'asn1=SEQUENCE:pair\n[pair]\nr=INTEGER:0x%s\ns=INTEGER:0x%s\n' \
		"${hex:0:${#hex}/2}" "${hex:${#hex}/2}" >"$DEVICE/asn1"
	openssl asn1parse -genconf "$DEVICE/asn1" -noout -out "$1"
}

# The signature in $answer is one of the message.
assert_signature() { # ID ALGORITHM
	local hash=sha${2:2} options=()
	jq -r .signature <<<"$answer" | base64 -d >"$DEVICE/signature"
	case $2 in
	ES*) to_der "$DEVICE/signature" ;;
	PS*) options=(-sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest) ;;
	esac
	public_of "$1"
	accepted openssl dgst "-$hash" "${options[@]}" \
		-verify "$DEVICE/$1.public" -signature "$DEVICE/signature" \
		"$DEVICE/message"
}

assert_signs() { # ID ALGORITHM; as the table says
	if granted "$2" POST "/keys/$1/sign" \
		"{\"algorithm\":\"$2\",\"digest\":\"$(digest "sha${2:2}")\"}"; then
		assert_signature "$1" "$2"
	fi
}

# --- making keys ----------------------------------------------------------------

makes_keys_that_nobody_can_copy() {
	local kind flags
	device_with_keyd
	for kind in ec-p256 rsa-2048 rsa-4096; do
		granted "$kind" POST /keypair "$(pair "a-$kind" "$kind")" || continue
		flags=$(keyd GET "/keys/a-$kind" | jq -c \
			'[.sensitive, .extractable, .alwaysSensitive, .neverExtractable]')
		assert_equal '[true,false,true,true]' "$flags" "the flags of $kind"
		assert_equal 2 "$(token_objects | grep -c "label: *a-$kind")" \
			"objects of $kind in the token"
	done
}

signs_by_each_algorithm() {
	local algorithm
	device_with_keyd
	create ec-key ec-p256
	create rsa-key rsa-2048
	assert_signs ec-key ES256
	for algorithm in {RS,PS}{256,384,512}; do
		assert_signs rsa-key "$algorithm"
	done
}

tells_the_public_half() {
	local handle
	device_with_keyd
	create ec-key ec-p256
	create rsa-key rsa-2048
	public_of rsa-key
	handle=$(handle_of rsa-key)
	assert_equal "$(openssl rsa -pubin -in "$DEVICE/rsa-key.public" -noout -modulus)" \
		"Modulus=$(keyd POST /parameters/rsa-modulus "{\"keyHandle\":\"$handle\"}" |
			jq -r .value | base64 -d | od -An -v -tx1 | tr -d ' \n' | tr a-f A-F)" \
		"the modulus"
	public_of ec-key
	assert_equal "$(openssl pkey -pubin -in "$DEVICE/ec-key.public" -outform DER | tail -c 65 | base64 -w0)" \
		"$(keyd GET /keys/ec-key | jq -r '.parameters["ec-point-uncompressed"]')" \
		"the point"
}

# --- moving, removing, staying ----------------------------------------------------

a_moved_key_has_its_new_name_in_the_token() {
	device_with_keyd
	create old ec-p256
	create new ec-p256
	assert_equal 204 "$(keyd_status POST /keypair/new '{"from":"old"}')" "moving"
	assert_equal "label: new label: new" \
		"$(echo $(token_objects | grep -o 'label: *[a-z]*'))" "what is there"
	answer=$(keyd POST /keys/new/sign \
		"{\"algorithm\":\"ES256\",\"digest\":\"$(digest sha256)\"}")
	assert_signature new ES256
}

a_deleted_key_leaves_nothing_in_the_token() {
	device_with_keyd
	local kind
	for kind in ec-p256 rsa-2048; do
		create doomed "$kind"
		assert_equal 204 "$(keyd_status DELETE /keypair \
			"{\"keyHandle\":\"$(handle_of doomed)\"}")" "deleting"
		assert_lacks "$(token_objects)" doomed "what is left"
	done
}

keys_outlive_a_restart() {
	local handle
	device_with_keyd
	create ec-key ec-p256
	handle=$(handle_of ec-key)
	daemon_stop keyd
	daemon_start keyd
	answer=$(keyd POST /sign "{\"keyHandle\":\"$handle\",\"algorithm\":\"ECDSA\",
		\"parameters\":{\"digest\":\"$(digest sha256)\"}}")
	jq -r .signature <<<"$answer" | base64 -d >"$DEVICE/signature"
	public_of ec-key
	accepted openssl dgst -sha256 -verify "$DEVICE/ec-key.public" \
		-signature "$DEVICE/signature" "$DEVICE/message"
}

# --- keys that others made ----------------------------------------------------------

adopts_keys_by_their_label() {
	device_create
	token_of_ours_create
	echo "to be signed" >"$DEVICE/message"
	token_key_create theirs-ec 01
	token_key_create theirs-rsa 02 rsa:2048
	keyd_configure "$TOKEN_MODULE" "$(token_uri)"
	daemon_start keyd
	assert_equal "theirs-ec theirs-rsa" \
		"$(keyd GET /keys | jq -r '[.keys[].id] | sort | join(" ")')" "the list"
	assert_signs theirs-ec ES256
	assert_signs theirs-rsa PS256
}

# A URI with attribute=value in place of, or added to, what names the key.
uri_with() { # ATTRIBUTE...
	local IFS=';'
	echo "pkcs11:$*?pin-source=file:$DEVICE/pin"
}

uses_keys_by_every_attribute_of_a_uri() {
	local info attribute name lines=() i=0
	device_create
	token_of_ours_create
	echo "to be signed" >"$DEVICE/message"
	token_key_create web 0a00ff
	token_key_create other 0b
	# As p11tool, which is not ours, writes the token's URI.
	info=$(p11tool --provider "$TOOL_MODULE" --list-token-urls 2>/dev/null |
		grep ';token=device')
	info=${info#pkcs11:}
	for attribute in "$info;object=web" "token=device;object=web" \
		"token=device;id=%0a%00%ff" "token=device;id=%0A%00%FF;object=web" \
		"token=device;object=web;type=private" "token=device;object=%77eb"; do
		lines+=("  web-$((++i)): \"$(uri_with "$attribute")\"")
	done
	lines+=("  web: \"$(uri_with token=device)\"") # by the id of the entry
	keyd_configure "$TOKEN_MODULE" "$(token_uri)" "preloaded_keys:" "${lines[@]}"
	daemon_start keyd
	public_of web
	for name in web $(seq -f 'web-%.0f' "$i"); do
		answer=$(keyd POST "/keys/$name/sign" \
			"{\"algorithm\":\"ES256\",\"digest\":\"$(digest sha256)\"}")
		assert_lacks "$answer" message "signing with $name"
		jq -r .signature <<<"$answer" | base64 -d >"$DEVICE/signature"
		to_der "$DEVICE/signature"
		accepted openssl dgst -sha256 -verify "$DEVICE/web.public" \
			-signature "$DEVICE/signature" "$DEVICE/message"
	done
}

# --- TLS --------------------------------------------------------------------------

authenticates() { # VERSION
	local label
	device_with_keyd
	create ec-key ec-p256
	create rsa-key rsa-2048
	server_start "$1"
	for label in ec-key rsa-key; do
		with_engine openssl s_client -connect "127.0.0.1:$port" "-$1" \
			-engine pkcs11 -keyform engine -key "$(uri_of "$label")" \
			-cert "$DEVICE/$label.pem" -CAfile "$DEVICE/server.pem" \
			-verify_return_error -ign_eof >"$DEVICE/client.log" 2>&1 \
			< <(printf 'GET / HTTP/1.0\r\n\r\n') ||
			fail "s_client with $label: $(tail -n 5 "$DEVICE/client.log")"
		assert_seen "$DEVICE/client.log" "$label"
	done
}

authenticates_in_tls_1_2() { authenticates tls1_2; }
authenticates_in_tls_1_3() { authenticates tls1_3; }

# --- a wrong PIN -------------------------------------------------------------------

says_that_the_pin_is_wrong() {
	device_create
	token_of_ours_create
	echo 000000 >"$DEVICE/wrong"
	keyd_configure "$TOKEN_MODULE" "pkcs11:token=device?pin-source=file:$DEVICE/wrong"
	daemon_start keyd
	assert_matches "$(health keyd)" "degraded: *token 'device'*PIN*" "health"
	assert_contains "$(cat "$DEVICE/keyd.log")" \
		"token 'device': C_Login: CKR_PIN_INCORRECT (correct the PIN)" "the log"
}

run_tests \
	makes_keys_that_nobody_can_copy \
	signs_by_each_algorithm \
	tells_the_public_half \
	a_moved_key_has_its_new_name_in_the_token \
	a_deleted_key_leaves_nothing_in_the_token \
	keys_outlive_a_restart \
	adopts_keys_by_their_label \
	uses_keys_by_every_attribute_of_a_uri \
	authenticates_in_tls_1_2 \
	authenticates_in_tls_1_3 \
	says_that_the_pin_is_wrong
