#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The command openssl with keys of keyd, by the pkcs11 engine.
. "$(dirname "$0")/../../support/apps.sh"

readonly KEYS=(ec-key rsa-key)

message_create() { echo "a message" >"$DEVICE/message"; }

# openssl COMMAND... with a key of keyd: OPTION says what the key is for.
openssl_with() { # LABEL OPTION COMMAND ARGUMENT...
	local label=$1 option=$2 command=$3
	shift 3
	with_engine openssl "$command" -engine pkcs11 -keyform engine \
		"$option" "$(uri_of "$label")" "$@"
}

# --- signatures -------------------------------------------------------------

dgst_signs() {
	device_with_keys
	message_create
	local label hash
	for label in "${KEYS[@]}"; do
		certificate_create "$label"
		openssl x509 -in "$DEVICE/$label.pem" -noout -pubkey >"$DEVICE/public.pem"
		for hash in sha256 sha384 sha512; do
			accepted openssl_with "$label" -sign dgst "-$hash" \
				-out "$DEVICE/signature" "$DEVICE/message"
			accepted openssl dgst "-$hash" -verify "$DEVICE/public.pem" \
				-signature "$DEVICE/signature" "$DEVICE/message"
		done
	done
}

dgst_signs_with_pss() {
	device_with_keys
	message_create
	certificate_create rsa-key
	openssl x509 -in "$DEVICE/rsa-key.pem" -noout -pubkey >"$DEVICE/public.pem"
	local pss=(-sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest)
	accepted openssl_with rsa-key -sign dgst -sha256 "${pss[@]}" \
		-out "$DEVICE/signature" "$DEVICE/message"
	accepted openssl dgst -sha256 -verify "$DEVICE/public.pem" "${pss[@]}" \
		-signature "$DEVICE/signature" "$DEVICE/message"
}

req_makes_requests() {
	device_with_keys
	local label
	for label in "${KEYS[@]}"; do
		accepted openssl_with "$label" -key req -new -subj "/CN=$label" \
			-out "$DEVICE/request.pem"
		accepted openssl req -in "$DEVICE/request.pem" -noout -verify -subject
		assert_contains "$output" "CN = $label" "the request"
	done
}

cms_signs() {
	device_with_keys
	message_create
	local label
	for label in "${KEYS[@]}"; do
		certificate_create "$label"
		accepted openssl_with "$label" -inkey cms -sign -binary \
			-signer "$DEVICE/$label.pem" -in "$DEVICE/message" \
			-outform PEM -out "$DEVICE/signed.pem"
		accepted openssl cms -verify -binary -content "$DEVICE/message" \
			-in "$DEVICE/signed.pem" -inform PEM -purpose any \
			-CAfile "$DEVICE/$label.pem" -out "$DEVICE/verified"
		cmp "$DEVICE/message" "$DEVICE/verified"
		# Another message is not what was signed.
		refused openssl cms -verify -binary -content "$DEVICE/pin" \
			-in "$DEVICE/signed.pem" -inform PEM -purpose any \
			-CAfile "$DEVICE/$label.pem"
	done
}

# --- decryption -------------------------------------------------------------

# A message for the holder of a key, and what openssl makes of it with the key.
cms_decrypts() { # LABEL [ENCRYPT-OPTION]...
	openssl cms -encrypt -binary -aes256 -in "$DEVICE/message" -outform PEM \
		-out "$DEVICE/encrypted" -recip "$DEVICE/$1.pem" "${@:2}"
	accepted openssl_with "$1" -inkey cms -decrypt -binary \
		-recip "$DEVICE/$1.pem" -in "$DEVICE/encrypted" -inform PEM \
		-out "$DEVICE/decrypted"
	cmp "$DEVICE/message" "$DEVICE/decrypted"
}

cms_decrypts_with_keys_that_may() {
	device_with_keys
	message_create
	key_create rsa-decrypts rsa-2048 sign,decrypt
	key_create ec-derives ec-p256 sign,derive
	certificate_create rsa-decrypts
	certificate_create ec-derives
	cms_decrypts rsa-decrypts
	cms_decrypts rsa-decrypts -keyopt rsa_padding_mode:oaep
	cms_decrypts rsa-decrypts -keyopt rsa_padding_mode:oaep \
		-keyopt rsa_oaep_md:sha256
	cms_decrypts ec-derives
}

pkeyutl_derives_what_its_peer_derives() {
	device_with_keys
	key_create derives ec-p256 sign,derive
	certificate_create derives
	openssl x509 -in "$DEVICE/derives.pem" -noout -pubkey >"$DEVICE/public.pem"
	openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$DEVICE/peer"
	openssl pkey -in "$DEVICE/peer" -pubout -out "$DEVICE/peer.pub"
	accepted openssl_with derives -inkey pkeyutl -derive \
		-peerkey "$DEVICE/peer.pub" -out "$DEVICE/secret"
	openssl pkeyutl -derive -inkey "$DEVICE/peer" \
		-peerkey "$DEVICE/public.pem" -out "$DEVICE/expected"
	cmp "$DEVICE/expected" "$DEVICE/secret"
}

keys_that_sign_do_nothing_else() {
	device_with_keys
	message_create
	certificate_create rsa-key
	certificate_create ec-key
	openssl pkeyutl -encrypt -certin -inkey "$DEVICE/rsa-key.pem" \
		-in "$DEVICE/message" -out "$DEVICE/encrypted"
	refused openssl_with rsa-key -inkey pkeyutl -decrypt -in "$DEVICE/encrypted"
	assert_contains "$output" "Key function not permitted" "decrypting"
	openssl x509 -in "$DEVICE/ec-key.pem" -noout -pubkey >"$DEVICE/public.pem"
	refused openssl_with ec-key -inkey pkeyutl -derive -peerkey "$DEVICE/public.pem"
	assert_contains "$output" "Key function not permitted" "deriving"
}

# --- TLS --------------------------------------------------------------------

s_client_authenticates() { # VERSION
	device_with_keys
	server_start "$1" "${KEYS[@]}"
	local label
	for label in "${KEYS[@]}"; do
		openssl_with "$label" -key s_client -connect "127.0.0.1:$port" "-$1" \
			-cert "$DEVICE/$label.pem" -CAfile "$DEVICE/server.pem" \
			-verify_return_error -ign_eof >"$DEVICE/client.log" 2>&1 \
			< <(printf 'GET / HTTP/1.0\r\n\r\n') ||
			fail "s_client with $label: $(tail -n 5 "$DEVICE/client.log")"
		assert_seen "$DEVICE/client.log" "$label"
	done
}

s_client_authenticates_in_tls_1_2() { s_client_authenticates tls1_2; }
s_client_authenticates_in_tls_1_3() { s_client_authenticates tls1_3; }

# A server whose own key is keyd's.
s_server_serves() { # VERSION
	device_with_keys
	local label
	for label in "${KEYS[@]}"; do
		certificate_create "$label"
		openssl_with "$label" -key s_server -accept 127.0.0.1:0 -www "-$1" \
			-cert "$DEVICE/$label.pem" >"$DEVICE/$label.log" 2>&1 &
		echo $! >"$DEVICE/$label.pid"
		eventually 20 grep -q '^ACCEPT' "$DEVICE/$label.log"
		port=$(sed -n 's/^ACCEPT .*:\([0-9]*\)$/\1/p' "$DEVICE/$label.log")
		accepted curl -sS --max-time 60 --cacert "$DEVICE/$label.pem" \
			--resolve "localhost:$port:127.0.0.1" "https://localhost:$port/"
		assert_contains "$output" "Secure Renegotiation" "the page of $label"
	done
}

s_server_serves_tls_1_2() { s_server_serves tls1_2; }
s_server_serves_tls_1_3() { s_server_serves tls1_3; }

# --- refusals ---------------------------------------------------------------

a_stranger_is_told_that_there_is_no_key() {
	device_with_keys
	message_create
	export OPENSSL_CONF=$SIGNET_BUILD/conf/openssl-signet.cnf
	refused as_uid "$STRANGER_UID" openssl dgst -engine pkcs11 \
		-keyform engine -sha256 -sign "$(uri_of ec-key)" "$DEVICE/message"
	assert_contains "$output" "private key was not found" "a stranger"
}

a_principal_has_no_more_than_its_keys() {
	device_with_keys "$(principal "$OTHER_UID" 'ec*')"
	message_create
	export OPENSSL_CONF=$SIGNET_BUILD/conf/openssl-signet.cnf
	accepted as_uid "$OTHER_UID" openssl dgst -engine pkcs11 -keyform engine \
		-sha256 -sign "$(uri_of ec-key)" -hex "$DEVICE/message"
	refused as_uid "$OTHER_UID" openssl dgst -engine pkcs11 \
		-keyform engine -sha256 -sign "$(uri_of rsa-key)" "$DEVICE/message"
	assert_contains "$output" "private key was not found" "a key of others"
}

says_that_the_device_is_at_fault_while_keyd_is_away() {
	device_with_keys
	message_create
	daemon_stop keyd
	refused openssl_with ec-key -sign dgst -sha256 "$DEVICE/message"
	assert_contains "$output" "Device error" "without keyd"
}

run_tests \
	dgst_signs \
	dgst_signs_with_pss \
	req_makes_requests \
	cms_signs \
	cms_decrypts_with_keys_that_may \
	pkeyutl_derives_what_its_peer_derives \
	keys_that_sign_do_nothing_else \
	s_client_authenticates_in_tls_1_2 \
	s_client_authenticates_in_tls_1_3 \
	s_server_serves_tls_1_2 \
	s_server_serves_tls_1_3 \
	a_stranger_is_told_that_there_is_no_key \
	a_principal_has_no_more_than_its_keys \
	says_that_the_device_is_at_fault_while_keyd_is_away
