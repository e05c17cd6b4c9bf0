#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# What keyd does, by each algorithm and with keys of both stores, is what OpenSSL
# expects, and the other way round.
. "$(dirname "$0")/../../support/harness.sh"

# "file-..." is a key in a file, "token-..." one in the token.
start_keyd() { # KEY-ID...
	local id lines=()
	for id in "$@"; do
		if [[ $id == file-* ]]; then
			lines+=("  $id: \"file://$DEVICE/$id.pem\"")
		else
			lines+=("  $id: \"pkcs11:token=device;object=$id\"")
		fi
	done
	keyd_configure "$SOFTHSM_MODULE" "$(token_uri)" "preloaded_keys:" "${lines[@]}"
	daemon_start keyd
}

file_key() { # ID OPENSSL-OPTION...
	openssl genpkey -out "$DEVICE/$1.pem" "${@:2}" 2>/dev/null
	openssl pkey -in "$DEVICE/$1.pem" -pubout -out "$DEVICE/$1.pub"
}

token_key() { # ID HEX-ID KEY-TYPE
	token_key_create "$@"
	GNUTLS_PIN=$PIN p11tool --provider "$SOFTHSM_MODULE" --export-pubkey \
		--outfile "$DEVICE/$1.pub" \
		"pkcs11:token=device;object=$1;type=public" 2>/dev/null
}

sign() { # ID ALGORITHM; the signature goes to a file
	local digest
	echo "to be signed" >"$DEVICE/message"
	digest=$(openssl dgst "-sha${2:2}" -binary "$DEVICE/message" | base64 -w0)
	keyd POST "/keys/$1/sign" "{\"algorithm\":\"$2\",\"digest\":\"$digest\"}" |
		jq -er .signature | base64 -d >"$DEVICE/signature"
}

assert_verified() { # ID ALGORITHM [OPENSSL-OPTION...]
	assert_equal "Verified OK" "$(openssl dgst "-sha${2:2}" "${@:3}" \
		-verify "$DEVICE/$1.pub" -signature "$DEVICE/signature" \
		"$DEVICE/message" 2>&1)" "$2 with $1"
}

# r and s, one after the other, as the DER that OpenSSL reads.
raw_to_der() {
	local hex
	hex=$(od -An -v -tx1 "$DEVICE/signature" | tr -d ' \n')
	printf 'asn1=SEQUENCE:pair\n[pair]\nr=INTEGER:0x%s\ns=INTEGER:0x%s\n' \
		"${hex:0:${#hex}/2}" "${hex:${#hex}/2}" >"$DEVICE/asn1"
	openssl asn1parse -genconf "$DEVICE/asn1" -noout -out "$DEVICE/signature"
}

signs_by_every_rsa_algorithm() {
	local id bits
	device_create
	token_create
	file_key file-rsa -algorithm RSA -pkeyopt rsa_keygen_bits:2048
	token_key token-rsa 01 rsa:2048
	start_keyd file-rsa token-rsa
	for id in file-rsa token-rsa; do
		for bits in 256 384 512; do
			sign "$id" "RS$bits"
			assert_verified "$id" "RS$bits"
			sign "$id" "PS$bits"
			assert_verified "$id" "PS$bits" \
				-sigopt rsa_padding_mode:pss \
				-sigopt rsa_pss_saltlen:digest
		done
	done
}

signs_by_every_ec_algorithm() {
	local id bits
	local -A curve=([256]=prime256v1 [384]=secp384r1 [512]=secp521r1)
	device_create
	token_create
	for bits in 256 384 512; do
		file_key "file-$bits" -algorithm EC \
			-pkeyopt "ec_paramgen_curve:${curve[$bits]}"
		token_key "token-$bits" "0${bits:0:1}" "EC:${curve[$bits]}"
	done
	start_keyd {file,token}-{256,384,512}
	for bits in 256 384 512; do
		for id in "file-$bits" "token-$bits"; do
			sign "$id" "ES$bits"
			raw_to_der
			assert_verified "$id" "ES$bits"
		done
	done
}

# The public half of a key that keyd made.
made_key() { # ID [OPTION]...
	signetctl key create "$@" >/dev/null
	signetctl key export-public "$1" >"$DEVICE/$1.pub"
}

to_base64() { base64 -w0 "$1"; } # FILE

signs_messages_by_eddsa() {
	local id
	device_create
	token_create
	file_key file-ed -algorithm ed25519
	start_keyd file-ed
	made_key token-ed --algorithm ed25519
	echo "to be signed" >"$DEVICE/message"
	for id in file-ed token-ed; do
		keyd POST "/keys/$id/sign" "{\"algorithm\":\"EdDSA\",
			\"message\":\"$(to_base64 "$DEVICE/message")\"}" |
			jq -er .signature | base64 -d >"$DEVICE/signature"
		assert_equal "Signature Verified Successfully" "$(openssl pkeyutl \
			-verify -pubin -inkey "$DEVICE/$id.pub" -rawin \
			-in "$DEVICE/message" -sigfile "$DEVICE/signature")" "$id"
	done
}

is_valid() { # ID ALGORITHM
	keyd POST "/keys/$1/verify" "{\"algorithm\":\"$2\",
		\"message\":\"$(to_base64 "$DEVICE/message")\",
		\"signature\":\"$(to_base64 "$DEVICE/signature")\"}" | jq .valid
}

verifies_what_openssl_signs() {
	device_create
	token_create
	file_key file-rsa -algorithm RSA -pkeyopt rsa_keygen_bits:2048
	file_key file-ed -algorithm ed25519
	start_keyd file-rsa file-ed
	echo "to be signed" >"$DEVICE/message"
	openssl dgst -sha384 -sign "$DEVICE/file-rsa.pem" -sigopt \
		rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest \
		-out "$DEVICE/signature" "$DEVICE/message"
	assert_equal true "$(is_valid file-rsa PS384)" "PS384"
	assert_equal false "$(is_valid file-rsa PS256)" "PS384 as PS256"
	openssl dgst -sha256 -sign "$DEVICE/file-rsa.pem" \
		-out "$DEVICE/signature" "$DEVICE/message"
	assert_equal true "$(is_valid file-rsa RS256)" "RS256"
	openssl pkeyutl -sign -inkey "$DEVICE/file-ed.pem" -rawin \
		-in "$DEVICE/message" -out "$DEVICE/signature"
	assert_equal true "$(is_valid file-ed EdDSA)" "EdDSA"
	echo "another" >"$DEVICE/message"
	assert_equal false "$(is_valid file-ed EdDSA)" "EdDSA of another message"
}

# What keyd makes of what OpenSSL encrypts.
decrypted() { # ID ALGORITHM [OPENSSL-OPTION]...
	printf 'a secret' | openssl pkeyutl -encrypt -pubin \
		-inkey "$DEVICE/$1.pub" "${@:3}" -out "$DEVICE/ciphertext"
	keyd POST "/keys/$1/decrypt" "{\"algorithm\":\"$2\",
		\"ciphertext\":\"$(to_base64 "$DEVICE/ciphertext")\"}" |
		jq -er .plaintext | base64 -d
}

decrypts_what_openssl_encrypts() {
	local id hash
	device_create
	token_create
	file_key file-rsa -algorithm RSA -pkeyopt rsa_keygen_bits:2048
	start_keyd file-rsa
	made_key token-rsa --algorithm rsa-2048 --usage decrypt
	for id in file-rsa token-rsa; do
		assert_equal "a secret" "$(decrypted $id RSA1_5)" "RSA1_5 with $id"
		assert_equal "a secret" "$(decrypted $id RSA-OAEP \
			-pkeyopt rsa_padding_mode:oaep)" "RSA-OAEP with $id"
		for hash in 256 384 512; do
			assert_equal "a secret" "$(decrypted $id RSA-OAEP-$hash \
				-pkeyopt rsa_padding_mode:oaep \
				-pkeyopt rsa_oaep_md:sha$hash \
				-pkeyopt rsa_mgf1_md:sha$hash)" \
				"RSA-OAEP-$hash with $id"
		done
	done
}

agrees_with_openssl() {
	local id curve
	device_create
	token_create
	for curve in 256 384 521; do
		file_key file-$curve -algorithm EC \
			-pkeyopt ec_paramgen_curve:P-$curve
		openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-$curve \
			-out "$DEVICE/theirs-$curve.pem"
	done
	start_keyd file-{256,384,521}
	for curve in 256 384 521; do
		made_key token-$curve --algorithm ec-p$curve --usage derive
		for id in file-$curve token-$curve; do
			openssl pkeyutl -derive -inkey "$DEVICE/theirs-$curve.pem" \
				-peerkey "$DEVICE/$id.pub" -out "$DEVICE/secret"
			assert_equal "$(to_base64 "$DEVICE/secret")" \
				"$(keyd POST /keys/$id/derive "$(openssl pkey \
				-in "$DEVICE/theirs-$curve.pem" -pubout |
				jq -Rs '{algorithm: "ECDH", pem: .}')" |
				jq -er .secret)" "$id"
		done
	done
}

macs_as_openssl_does() {
	local id
	device_create
	token_create
	printf '0123456789abcdef0123456789abcdef' >"$DEVICE/file-mac.pem"
	start_keyd file-mac
	signetctl key import token-mac "$DEVICE/file-mac.pem" --symmetric >/dev/null
	for id in file-mac token-mac; do
		assert_equal "$(printf 'a message' | openssl dgst -sha256 -hmac \
			0123456789abcdef0123456789abcdef -binary | base64)" \
			"$(keyd POST /keys/$id/sign '{"algorithm":"HS256",
			"message":"YSBtZXNzYWdl"}' | jq -er .signature)" "$id"
	done
}

# With values that aziot-keyd has of a master key of 32 zero bytes.
derives_from_a_file_that_aziot_left() {
	local name handle derived
	name=aziotidentitydmasterid-91b92c2c06a5a5dda5fbc9c48b4d428d930b9c1b8b2956a1044ccbc7a266afc9.key
	device_create
	token_create
	mkdir -p "$SIGNET_STATE_DIR/keyd/keys"
	(umask 077 && head -c 32 /dev/zero >"$SIGNET_STATE_DIR/keyd/keys/$name")
	keyd_configure "$SOFTHSM_MODULE" "$(token_uri)"
	daemon_start keyd
	handle=$(keyd POST /key '{"keyId":"aziot_identityd_master_id",
		"usage":"derive,sign"}' | jq -er .keyHandle)
	derived=$(keyd POST /derivedkey "{\"baseKeyHandle\":\"$handle\",
		\"derivationData\":\"$(printf m1:637:primary | base64)\"}" |
		jq -er .keyHandle)
	assert_equal O1laCgfU7Du8/W8CmqYOSCKw9MhKj9+pTyg7MjHvZok= \
		"$(keyd POST /derivedkey/export "{\"keyHandle\":\"$derived\"}" |
			jq -er .key)" "the key of a module"
}

run_tests \
	signs_by_every_rsa_algorithm \
	signs_by_every_ec_algorithm \
	signs_messages_by_eddsa \
	verifies_what_openssl_signs \
	decrypts_what_openssl_encrypts \
	agrees_with_openssl \
	macs_as_openssl_does \
	derives_from_a_file_that_aziot_left
