#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# pkcs11-tool and p11tool with libsignet-pkcs11.so: all that they can do with
# keys of keyd, and what they may not.
. "$(dirname "$0")/../../support/apps.sh"

# A keyd whose keys we may use and manage, and OTHER_UID what is said.
device_for_tools() { # [RIGHTS-OF-OTHER_UID]
	device_with_keyd \
		"  - { user: \"$OTHER_UID\", keys: [\"*\"], rights: [${1:-use}] }"
	echo "a message" >"$DEVICE/message"
}

as_user() { as_uid "$OTHER_UID" "$@"; } # COMMAND...

tool() { # PKCS11-TOOL-ARGUMENT...
	pkcs11-tool --module "$SIGNET_PKCS11_MODULE" "$@" 2>&1
}

generate() { # LABEL KEY-TYPE [OPTION]...
	tool --keypairgen --label "$1" --key-type "$2" "${@:3}" \
		>"$DEVICE/generate.log" || fail "pkcs11-tool --keypairgen $*"
	public_key "$1"
}

# As keyd tells it: pkcs11-tool reads no public key on P-384 or P-521.
public_key() { # LABEL
	keyd GET "/keys/$1/public" | jq -r .pem >"$DEVICE/$1.pem"
}

# --- making and destroying --------------------------------------------------

pkcs11_tool_makes_keys_of_every_kind() {
	device_for_tools
	local type
	for type in EC:prime256v1 EC:secp384r1 EC:secp521r1 EC:edwards25519 \
		rsa:2048 rsa:3072; do
		generate "key-${type#*:}" "$type"
		openssl pkey -pubin -in "$DEVICE/key-${type#*:}.pem" -noout ||
			fail "the public key of $type"
	done
	output=$(keyd GET /keys)
	assert_equal 6 "$(jq '.keys | length' <<<"$output")" "number of keys"
	assert_equal '["sign","derive"]' \
		"$(jq -c '.keys[] | select(.id == "key-prime256v1").usage' <<<"$output")" \
		"usage of an EC key"
	assert_equal '["sign","decrypt"]' \
		"$(jq -c '.keys[] | select(.id == "key-2048").usage' <<<"$output")" \
		"usage of an RSA key"
	assert_equal Ed25519 \
		"$(jq -r '.keys[] | select(.id == "key-edwards25519").curve' <<<"$output")" "the curve"
}

pkcs11_tool_makes_no_key_twice() {
	device_for_tools
	generate web EC:prime256v1
	cp "$DEVICE/web.pem" "$DEVICE/first.pem"
	refused tool --keypairgen --label web --key-type EC:prime256v1
	assert_contains "$output" "CKR_ATTRIBUTE_VALUE_INVALID" "making it twice"
	public_key web
	cmp "$DEVICE/first.pem" "$DEVICE/web.pem" || fail "it is another key now"
}

pkcs11_tool_makes_no_key_without_a_label() {
	device_for_tools
	refused tool --keypairgen --id 01 --key-type EC:prime256v1
	assert_contains "$output" "CKR_TEMPLATE_INCOMPLETE" "making it without label"
}

# Also of the certificate, and of what is there after a restart of keyd.
pkcs11_tool_chooses_the_id_of_a_key() {
	device_for_tools
	generate web EC:prime256v1 --id 0aff
	generate mail EC:prime256v1
	daemon_stop keyd
	daemon_start keyd
	assert_equal Cv8= "$(keyd GET /keys/web | jq -r .pkcs11Id)" "the id in keyd"
	output=$(tool --list-objects --type privkey)
	assert_matches "$output" '*web*ID:*0aff*' "what pkcs11-tool lists"
	tool --sign --id 0aff --mechanism ECDSA-SHA256 --signature-format openssl \
		--input-file "$DEVICE/message" --output-file "$DEVICE/signature" \
		>"$DEVICE/sign.log" || fail "signing by the id"
	openssl dgst -sha256 -verify "$DEVICE/web.pem" \
		-signature "$DEVICE/signature" "$DEVICE/message" >"$DEVICE/openssl.log" ||
		fail "the signature"
	refused tool --sign --id "$(id_of web)" --mechanism ECDSA-SHA256 \
		--input-file "$DEVICE/message" --output-file "$DEVICE/signature"
}

pkcs11_tool_deletes_keys() {
	device_for_tools
	generate web EC:prime256v1
	# CKR_ACTION_PROHIBITED, which pkcs11-tool has no name for.
	refused tool --delete-object --type pubkey --label web
	assert_contains "$output" "0x1b" "deleting half a key"
	tool --delete-object --type privkey --label web >"$DEVICE/delete.log" ||
		fail "pkcs11-tool --delete-object"
	assert_equal 0 "$(keyd GET /keys | jq '.keys | length')" "number of keys"
	output=$(tool --list-objects)
	assert_lacks "$output" "web" "objects afterwards"
}

who_may_only_use_keys_neither_makes_nor_deletes_them() {
	device_for_tools
	generate web EC:prime256v1
	refused as_user pkcs11-tool --module "$SIGNET_PKCS11_MODULE" \
		--delete-object --type privkey --label web
	assert_contains "$output" "0x1b" "deleting without right"
	refused as_user pkcs11-tool --module "$SIGNET_PKCS11_MODULE" \
		--keypairgen --label own --key-type EC:prime256v1
	assert_contains "$output" "CKR_TOKEN_WRITE_PROTECTED" "making without right"
	assert_equal '["web"]' "$(keyd GET /keys | jq -c '[.keys[].id]')" "keys"
}

p11tool_makes_and_deletes_keys() {
	device_for_tools "use, manage"
	p11_kit_register
	local kind
	for kind in "ecc --curve=secp256r1" "rsa --bits=2048"; do
		# shellcheck disable=SC2086
		as_user p11tool --generate-$kind --label web 'pkcs11:token=Signet' \
			>"$DEVICE/p11tool.pem" 2>"$DEVICE/p11tool.log" ||
			fail "p11tool --generate-$kind"
		openssl pkey -pubin -in "$DEVICE/p11tool.pem" -noout ||
			fail "what p11tool --generate-$kind printed"
		accepted as_user p11tool --test-sign \
			'pkcs11:token=Signet;object=web;type=private'
		accepted as_user p11tool --batch --delete \
			'pkcs11:token=Signet;object=web;type=private'
		assert_equal 0 "$(keyd GET /keys | jq '.keys | length')" "keys left"
	done
}

# --- using ------------------------------------------------------------------

# Signs a message with pkcs11-tool, and lets both it and openssl verify.
signs_and_verifies() { # LABEL MECHANISM OPENSSL-OPTION...
	local label=$1 mechanism=$2
	shift 2
	tool --sign --id "$(id_of "$label")" --mechanism "$mechanism" \
		--signature-format openssl --input-file "$DEVICE/message" \
		--output-file "$DEVICE/signature" >"$DEVICE/sign.log" ||
		fail "pkcs11-tool --sign $label $mechanism"
	openssl pkeyutl -verify -pubin -inkey "$DEVICE/$label.pem" \
		-rawin -in "$DEVICE/message" -sigfile "$DEVICE/signature" "$@" \
		>"$DEVICE/openssl.log" 2>&1 || fail "openssl on $label $mechanism"
	output=$(tool --verify --id "$(id_of "$label")" --mechanism "$mechanism" \
		--signature-format openssl --input-file "$DEVICE/message" \
		--signature-file "$DEVICE/signature")
	assert_contains "$output" "Signature is valid" "$label $mechanism"
	echo "another message" >"$DEVICE/other"
	output=$(tool --verify --id "$(id_of "$label")" --mechanism "$mechanism" \
		--signature-format openssl --input-file "$DEVICE/other" \
		--signature-file "$DEVICE/signature") || true
	assert_contains "$output" "Invalid signature" "$label $mechanism, another message"
}

pkcs11_tool_signs_and_verifies_with_elliptic_keys() {
	device_for_tools
	generate p256 EC:prime256v1
	generate p384 EC:secp384r1
	generate p521 EC:secp521r1
	local label bits
	for label in p256 p384 p521; do
		for bits in 256 384 512; do
			signs_and_verifies "$label" "ECDSA-SHA$bits" -digest "sha$bits"
		done
	done
}

pkcs11_tool_signs_and_verifies_with_edwards_keys() {
	device_for_tools
	generate ed EC:edwards25519
	signs_and_verifies ed EDDSA
}

pkcs11_tool_signs_and_verifies_with_rsa_keys() {
	device_for_tools
	generate rsa rsa:2048
	local bits
	for bits in 256 384 512; do
		signs_and_verifies rsa SHA$bits-RSA-PKCS -digest sha$bits
		signs_and_verifies rsa SHA$bits-RSA-PKCS-PSS -digest sha$bits \
			-pkeyopt rsa_padding_mode:pss -pkeyopt rsa_pss_saltlen:digest
	done
}

decrypts() { # HASH PADDING-MODE TOOL-OPTION...
	local hash=$1 mode=$2 options=()
	shift 2
	[ "$mode" != oaep ] ||
		options=(-pkeyopt "rsa_oaep_md:$hash" -pkeyopt "rsa_mgf1_md:$hash")
	openssl pkeyutl -encrypt -pubin -inkey "$DEVICE/rsa.pem" \
		-pkeyopt "rsa_padding_mode:$mode" "${options[@]}" \
		-in "$DEVICE/message" -out "$DEVICE/ciphertext"
	tool --decrypt --id "$(id_of rsa)" --input-file "$DEVICE/ciphertext" \
		--output-file "$DEVICE/plaintext" "$@" >"$DEVICE/decrypt.log" ||
		fail "pkcs11-tool --decrypt $*"
	cmp "$DEVICE/message" "$DEVICE/plaintext" || fail "decrypted wrongly: $*"
}

# More than 512 KiB do not go to keyd in one request.
pkcs11_tool_signs_long_messages_up_to_a_limit() {
	device_for_tools
	generate ec EC:prime256v1
	head -c 524288 /dev/zero >"$DEVICE/message"
	signs_and_verifies ec ECDSA-SHA256 -digest sha256
	echo >>"$DEVICE/message"
	refused tool --sign --id "$(id_of ec)" --mechanism ECDSA-SHA256 \
		--input-file "$DEVICE/message" --output-file "$DEVICE/signature"
	assert_contains "$output" "CKR_DATA_LEN_RANGE" "signing too much"
}

pkcs11_tool_decrypts() {
	device_for_tools
	generate rsa rsa:2048
	decrypts none pkcs1 --mechanism RSA-PKCS
	decrypts sha1 oaep --mechanism RSA-PKCS-OAEP --hash-algorithm SHA-1
	decrypts sha256 oaep --mechanism RSA-PKCS-OAEP --hash-algorithm SHA256
	decrypts sha512 oaep --mechanism RSA-PKCS-OAEP --hash-algorithm SHA512
}

pkcs11_tool_derives() {
	device_for_tools
	local label
	for label in prime256v1 secp384r1 secp521r1; do
		generate "$label" "EC:$label"
		openssl genpkey -algorithm EC -pkeyopt "ec_paramgen_curve:$label" \
			-out "$DEVICE/peer.pem" 2>"$DEVICE/openssl.log"
		openssl pkey -in "$DEVICE/peer.pem" -pubout -outform DER -out "$DEVICE/peer.der"
		openssl pkeyutl -derive -inkey "$DEVICE/peer.pem" \
			-peerkey "$DEVICE/$label.pem" -out "$DEVICE/expected"
		tool --derive --id "$(id_of "$label")" --mechanism ECDH1-DERIVE \
			--input-file "$DEVICE/peer.der" --output-file "$DEVICE/secret" \
			>"$DEVICE/derive.log" || fail "pkcs11-tool --derive $label"
		cmp "$DEVICE/expected" "$DEVICE/secret" || fail "another secret: $label"
	done
}

pkcs11_tool_is_content_with_its_own_test() {
	device_for_tools
	generate ec EC:prime256v1
	generate rsa rsa:2048
	output=$(tool --test --allow-sw) || fail "pkcs11-tool --test: $output"
	assert_contains "$output" "No errors" "pkcs11-tool --test"
	assert_contains "$output" "all 4 signature functions seem to work" \
		"pkcs11-tool --test"
}

pkcs11_tool_lists_what_there_is() {
	device_for_tools
	generate rsa rsa:2048
	output=$(tool --list-mechanisms)
	assert_contains "$output" "ECDSA, keySize={256,521}, sign, verify, EC F_P" "mechanisms"
	assert_contains "$output" "RSA-PKCS-OAEP, keySize={1024,8192}, decrypt" "mechanisms"
	assert_contains "$output" "ECDH1-DERIVE, keySize={256,521}, derive" "mechanisms"
	output=$(tool --list-objects)
	assert_contains "$output" "Usage:      decrypt, sign" "objects"
	assert_contains "$output" "Access:     sensitive, always sensitive, never extractable, local" "objects"
	output=$(tool --generate-random 32 --output-file "$DEVICE/random") ||
		fail "pkcs11-tool --generate-random: $output"
	assert_equal 32 "$(stat -c %s "$DEVICE/random")" "bytes of random numbers"
}

run_tests \
	pkcs11_tool_makes_keys_of_every_kind \
	pkcs11_tool_makes_no_key_twice \
	pkcs11_tool_makes_no_key_without_a_label \
	pkcs11_tool_chooses_the_id_of_a_key \
	pkcs11_tool_deletes_keys \
	who_may_only_use_keys_neither_makes_nor_deletes_them \
	p11tool_makes_and_deletes_keys \
	pkcs11_tool_signs_and_verifies_with_elliptic_keys \
	pkcs11_tool_signs_and_verifies_with_edwards_keys \
	pkcs11_tool_signs_and_verifies_with_rsa_keys \
	pkcs11_tool_signs_long_messages_up_to_a_limit \
	pkcs11_tool_decrypts \
	pkcs11_tool_derives \
	pkcs11_tool_is_content_with_its_own_test \
	pkcs11_tool_lists_what_there_is
