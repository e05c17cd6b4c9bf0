#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# What keyd signs, by each algorithm and with keys of both stores, is what
# OpenSSL takes for a signature.
. "$(dirname "$0")/../support/harness.sh"

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

run_tests \
	signs_by_every_rsa_algorithm \
	signs_by_every_ec_algorithm
