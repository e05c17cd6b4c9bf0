#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# libsignet-pkcs11.so in other people's programs, with a real keyd behind it.
. "$(dirname "$0")/../../support/apps.sh"

# OTHER_UID may use the first of the two keys.
device_with_principal() { device_with_keys "$(principal "$OTHER_UID" 'ec*')"; }

tool() { # PKCS11-TOOL-ARGUMENT...
	pkcs11-tool --module "$SIGNET_PKCS11_MODULE" "$@" 2>&1
}

# The public half of a key, as the module tells it, in PEM.
public_key() { # LABEL
	pkcs11-tool --module "$SIGNET_PKCS11_MODULE" --read-object \
		--type pubkey --label "$1" 2>/dev/null | openssl pkey -pubin -inform DER
}

# --- listing ----------------------------------------------------------------

pkcs11_tool_lists_the_keys() {
	device_with_keys
	output=$(tool --list-objects)
	assert_contains "$output" "Private Key Object; EC" "objects"
	assert_contains "$output" "Private Key Object; RSA" "objects"
	assert_contains "$output" "Public Key Object; EC  EC_POINT 256 bits" "objects"
	assert_contains "$output" "Public Key Object; RSA 2048 bits" "objects"
	assert_contains "$output" "Access:     sensitive" "objects"
	assert_equal 4 "$(grep -c "label: " <<<"$output")" "number of objects"
}

p11tool_lists_the_keys() {
	device_with_keys
	output=$(p11tool --provider "$SIGNET_PKCS11_MODULE" --list-all \
		'pkcs11:token=Signet' 2>&1)
	assert_contains "$output" "object=ec-key;type=private" "p11tool"
	assert_contains "$output" "object=rsa-key;type=public" "p11tool"
}

a_uid_sees_its_own_keys_only() {
	device_with_principal
	output=$(as_uid "$OTHER_UID" pkcs11-tool \
		--module "$SIGNET_PKCS11_MODULE" --list-objects 2>&1)
	assert_contains "$output" "ec-key" "what a principal sees"
	assert_lacks "$output" "rsa-key" "what a principal sees"
	as_uid "$OTHER_UID" sh -c 'echo sign | pkcs11_probe ec-key' | tail -n 1 |
		grep -qx ok || fail "a principal cannot sign with its key"
}

a_uid_without_rights_sees_no_key() {
	device_with_keys
	output=$(as_uid "$STRANGER_UID" pkcs11-tool \
		--module "$SIGNET_PKCS11_MODULE" --list-objects 2>&1)
	assert_lacks "$output" "Key Object" "what a stranger sees"
	refused as_uid "$STRANGER_UID" p11tool \
		--provider "$SIGNET_PKCS11_MODULE" --list-all 'pkcs11:token=Signet'
	assert_contains "$output" "No matching objects" "what a stranger sees"
	# Nor does one that may not even open the socket.
	chmod 600 "$SIGNET_RUNTIME_DIR/keyd.sock"
	output=$(as_uid "$STRANGER_UID" pkcs11-tool \
		--module "$SIGNET_PKCS11_MODULE" --list-objects 2>&1)
	assert_lacks "$output" "Key Object" "what an outsider sees"
}

# --- signing ----------------------------------------------------------------

p11tool_signs_with_both_keys() {
	device_with_keys
	local label
	for label in ec-key rsa-key; do
		p11tool --provider "$SIGNET_PKCS11_MODULE" --test-sign \
			"$(uri_of $label)" >"$DEVICE/p11tool.log" 2>&1 ||
			fail "p11tool --test-sign $label"
	done
}

# Signs a digest with pkcs11-tool and verifies with openssl.
pkcs11_tool_signs() { # LABEL VERIFY-OPTIONS TOOL-OPTION...
	local label=$1 verify=$2
	shift 2
	public_key "$label" >"$DEVICE/public.pem"
	tool --sign --id "$(id_of "$label")" --input-file "$DEVICE/input" \
		--output-file "$DEVICE/signature" "$@" >"$DEVICE/tool.log" ||
		fail "pkcs11-tool --sign $label $*"
	# shellcheck disable=SC2086
	openssl pkeyutl -verify -pubin -inkey "$DEVICE/public.pem" \
		-in "$DEVICE/digest" -sigfile "$DEVICE/signature" $verify >"$DEVICE/tool.log" ||
		fail "signature with $label is wrong: $*"
}

pkcs11_tool_signs_with_every_mechanism() {
	device_with_keys
	echo "a message" | openssl dgst -sha256 -binary >"$DEVICE/digest"
	cp "$DEVICE/digest" "$DEVICE/input"
	pkcs11_tool_signs ec-key "" --mechanism ECDSA --signature-format openssl
	pkcs11_tool_signs rsa-key \
		"-pkeyopt digest:sha256 -pkeyopt rsa_padding_mode:pss -pkeyopt rsa_pss_saltlen:digest" \
		--mechanism RSA-PKCS-PSS --hash-algorithm SHA256
	# RSA-PKCS takes a DigestInfo (RFC 8017 section 9.2).
	{ printf '\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20' &&
		cat "$DEVICE/digest"; } >"$DEVICE/input"
	pkcs11_tool_signs rsa-key "-pkeyopt digest:sha256" --mechanism RSA-PKCS
}

# --- decrypting and agreeing, as the engine of OpenSSL does it ---------------

# A keyd with the keys rsa, that decrypts, and ec, that derives.
device_with_other_keys() {
	device_with_keyd
	local key
	for key in "rsa rsa-2048 decrypt" "ec ec-p256 derive"; do
		# shellcheck disable=SC2086
		set -- $key
		keyd POST /keypair "{\"keyId\":\"$1\",\"preferredAlgorithms\":\"$2\",
			\"usage\":\"$3\"}" >/dev/null
		keyd GET "/keys/$1/public" | jq -r .pem >"$DEVICE/$1.pem"
	done
	echo "a message" >"$DEVICE/message"
}

openssl_decrypts() { # PADDING-OPTION...
	local options=()
	local option
	for option in "$@"; do options+=(-pkeyopt "$option"); done
	openssl pkeyutl -encrypt -pubin -inkey "$DEVICE/rsa.pem" "${options[@]}" \
		-in "$DEVICE/message" -out "$DEVICE/ciphertext"
	accepted with_engine openssl pkeyutl -decrypt -engine pkcs11 -keyform engine \
		-inkey "$(uri_of rsa)" "${options[@]}" -in "$DEVICE/ciphertext" \
		-out "$DEVICE/plaintext"
	cmp "$DEVICE/message" "$DEVICE/plaintext" || fail "decrypted wrongly: $*"
}

openssl_decrypts_with_a_key_of_keyd() {
	device_with_other_keys
	openssl_decrypts rsa_padding_mode:pkcs1
	openssl_decrypts rsa_padding_mode:oaep
	openssl_decrypts rsa_padding_mode:oaep rsa_oaep_md:sha256 rsa_mgf1_md:sha256
}

openssl_agrees_on_a_secret_with_a_key_of_keyd() {
	device_with_other_keys
	openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 \
		-out "$DEVICE/peer.key" 2>"$DEVICE/openssl.log"
	openssl pkey -in "$DEVICE/peer.key" -pubout -out "$DEVICE/peer.pem"
	openssl pkeyutl -derive -inkey "$DEVICE/peer.key" \
		-peerkey "$DEVICE/ec.pem" -out "$DEVICE/expected"
	accepted with_engine openssl pkeyutl -derive -engine pkcs11 -keyform engine \
		-inkey "$(uri_of ec)" -peerkey "$DEVICE/peer.pem" -out "$DEVICE/secret"
	cmp "$DEVICE/expected" "$DEVICE/secret" || fail "they do not agree"
}

run_tests \
	pkcs11_tool_lists_the_keys \
	p11tool_lists_the_keys \
	a_uid_sees_its_own_keys_only \
	a_uid_without_rights_sees_no_key \
	p11tool_signs_with_both_keys \
	pkcs11_tool_signs_with_every_mechanism \
	openssl_decrypts_with_a_key_of_keyd \
	openssl_agrees_on_a_secret_with_a_key_of_keyd
