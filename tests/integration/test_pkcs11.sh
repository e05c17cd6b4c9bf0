#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# libsignet-pkcs11.so in other people's programs, with a real keyd behind it.
. "$(dirname "$0")/../support/harness.sh"

readonly OTHER_UID=61234
readonly STRANGER_UID=61235

create_key() { # ID PREFERRED-ALGORITHM
	local answer
	answer=$(keyd POST /keypair \
		"{\"keyId\":\"$1\",\"preferredAlgorithms\":\"$2\"}")
	assert_contains "$answer" '"keyHandle"' "creating key $1"
}

# A keyd with an EC and an RSA key in a token; OTHER_UID may use the first.
device_with_keys() {
	device_create
	token_create
	keyd_configure "$SOFTHSM_MODULE" "$(token_uri)" \
		"  - { user: \"$OTHER_UID\", keys: [\"ec*\"] }"
	daemon_start keyd
	create_key ec-key ec-p256
	create_key rsa-key rsa-2048
}

tool() { # PKCS11-TOOL-ARGUMENT...
	pkcs11-tool --module "$SIGNET_PKCS11_MODULE" "$@" 2>&1
}

uri_of() { echo "pkcs11:token=Signet;object=$1;type=private"; }

# The public half of a key, as the module tells it, in PEM.
public_key() { # LABEL
	pkcs11-tool --module "$SIGNET_PKCS11_MODULE" --read-object \
		--type pubkey --label "$1" 2>/dev/null | openssl pkey -pubin -inform DER
}

# OpenSSL with the engine, as conf/openssl-signet.cnf sets it up.
with_engine() { # COMMAND...
	OPENSSL_CONF=$SIGNET_BUILD/conf/openssl-signet.cnf "$@"
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
	device_with_keys
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

# The CKA_ID of a key as pkcs11-tool wants it: it signs by id only.
id_of() { printf %s "$1" | od -An -v -tx1 | tr -d ' \n'; }

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

pkcs11_tool_is_content_with_its_own_test() {
	device_with_keys
	output=$(tool --test --allow-sw) || fail "pkcs11-tool --test: $output"
	assert_contains "$output" "No errors" "pkcs11-tool --test"
	assert_contains "$output" "signature functions seem to work" "pkcs11-tool --test"
}

# --- TLS --------------------------------------------------------------------

client_certificate() { # LABEL
	with_engine openssl req -new -x509 -days 2 -subj "/CN=$1" -engine pkcs11 \
		-keyform engine -key "$(uri_of "$1")" -out "$DEVICE/$1.pem" \
		2>"$DEVICE/req.log" || fail "openssl req with $1: $(cat "$DEVICE/req.log")"
}

# An s_server that wants a certificate; its port is in $port.
start_server() { # VERSION
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
		-days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost \
		-keyout "$DEVICE/server.key" -out "$DEVICE/server.pem" 2>/dev/null
	cat "$DEVICE"/{ec,rsa}-key.pem >"$DEVICE/clients.pem"
	openssl s_server -accept 127.0.0.1:0 -www "-$1" -Verify 1 \
		-verify_return_error -CAfile "$DEVICE/clients.pem" \
		-cert "$DEVICE/server.pem" -key "$DEVICE/server.key" \
		>"$DEVICE/server.log" 2>&1 &
	echo $! >"$DEVICE/server.pid"
	eventually 20 grep -q '^ACCEPT' "$DEVICE/server.log"
	port=$(sed -n 's/^ACCEPT .*:\([0-9]*\)$/\1/p' "$DEVICE/server.log" | head -n 1)
}

authenticates() { # VERSION
	device_with_keys
	client_certificate ec-key
	client_certificate rsa-key
	start_server "$1"
	local label
	for label in ec-key rsa-key; do
		with_engine openssl s_client -connect "127.0.0.1:$port" "-$1" \
			-engine pkcs11 -keyform engine -key "$(uri_of $label)" \
			-cert "$DEVICE/$label.pem" -CAfile "$DEVICE/server.pem" \
			-verify_return_error -ign_eof >"$DEVICE/client.log" 2>&1 \
			< <(printf 'GET / HTTP/1.0\r\n\r\n') ||
			fail "s_client with $label: $(tail -n 5 "$DEVICE/client.log")"
		grep -q "CN *= *$label" "$DEVICE/client.log" ||
			fail "the server has not seen the certificate of $label"
		with_engine curl -sS --max-time 20 --engine pkcs11 --key-type ENG \
			--key "$(uri_of $label)" --cert "$DEVICE/$label.pem" \
			--cacert "$DEVICE/server.pem" -o "$DEVICE/page" \
			--resolve "localhost:$port:127.0.0.1" "https://localhost:$port/" ||
			fail "curl with $label"
	done
}

authenticates_in_tls_1_2() { authenticates tls1_2; }
authenticates_in_tls_1_3() { authenticates tls1_3; }

# --- long lives -------------------------------------------------------------

# A program that keeps its session and key: probe COMMAND, then $answer.
start_probe() { # LABEL
	coproc PROBE { pkcs11_probe "$1" 2>"$DEVICE/probe.log"; }
	read -r -t 60 answer <&"${PROBE[0]}" || fail "the probe says nothing"
	assert_equal ok "$answer" "finding the key"
}

probe() { # COMMAND EXPECTED
	echo "$1" >&"${PROBE[1]}"
	read -r -t 60 answer <&"${PROBE[0]}" || fail "the probe says nothing to '$1'"
	assert_equal "$2" "$answer" "$1"
}

a_program_survives_a_restart_of_keyd() {
	device_with_keys
	start_probe ec-key
	probe sign ok
	daemon_stop keyd
	probe sign 0x30
	probe find 0x30
	daemon_start keyd
	probe sign ok
	# Also when it does not notice that keyd has been away.
	daemon_stop keyd
	daemon_start keyd
	probe sign ok
	probe find ok
	probe sign ok
}

a_program_signs_in_many_threads() {
	device_with_keys
	start_probe ec-key
	probe threads ok
}

a_child_signs_and_so_does_its_parent() {
	device_with_keys
	start_probe ec-key
	probe sign ok
	probe fork ok
	probe threads ok
	probe fork ok
}

run_tests \
	pkcs11_tool_lists_the_keys \
	p11tool_lists_the_keys \
	a_uid_sees_its_own_keys_only \
	a_uid_without_rights_sees_no_key \
	p11tool_signs_with_both_keys \
	pkcs11_tool_signs_with_every_mechanism \
	pkcs11_tool_is_content_with_its_own_test \
	authenticates_in_tls_1_2 \
	authenticates_in_tls_1_3 \
	a_program_survives_a_restart_of_keyd \
	a_program_signs_in_many_threads \
	a_child_signs_and_so_does_its_parent
