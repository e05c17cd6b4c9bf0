#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Programs of GnuTLS with keys of keyd, which they find by p11-kit.
. "$(dirname "$0")/../../support/apps.sh"

readonly KEYS=(ec-key rsa-key)

registered_device() { # [PATTERN]
	device_with_keys "$(principal "$OTHER_UID" "${1:-*}")"
	p11_kit_register
}

as_user() { as_uid "$OTHER_UID" "$@"; } # COMMAND...

# --- p11tool ----------------------------------------------------------------

p11tool_finds_the_token() {
	registered_device
	accepted as_user p11tool --list-token-urls
	assert_equal "pkcs11:model=keyd;manufacturer=Signet;serial=1;token=Signet" \
		"$output" "the tokens"
}

p11tool_lists_the_keys() {
	registered_device
	accepted as_user p11tool --list-all 'pkcs11:token=Signet'
	local label type
	for label in "${KEYS[@]}"; do
		for type in private public; do
			assert_contains "$output" "object=$label;type=$type" "p11tool"
		done
	done
	assert_contains "$output" "Private key (EC/ECDSA-SECP256R1)" "p11tool"
	assert_contains "$output" "Private key (RSA-2048)" "p11tool"
	assert_equal 4 "$(grep -c 'URL: ' <<<"$output")" "the number of objects"
}

p11tool_signs() {
	registered_device
	local label
	for label in "${KEYS[@]}"; do
		accepted as_user p11tool --test-sign "$(uri_of "$label")"
		assert_contains "$output" "ok" "p11tool --test-sign $label"
	done
}

certtool_makes_requests() {
	registered_device
	printf 'cn = "a gateway"\n' >"$DEVICE/template"
	local label
	for label in "${KEYS[@]}"; do
		accepted as_user certtool --generate-request \
			--template "$DEVICE/template" --load-privkey "$(uri_of "$label")" \
			--load-pubkey "pkcs11:token=Signet;object=$label;type=public"
		accepted openssl req -noout -verify -subject <<<"$output"
		assert_contains "$output" "CN = a gateway" "the request"
	done
}

# --- TLS --------------------------------------------------------------------

priority() { echo "NORMAL:-VERS-ALL:+VERS-$1"; } # e.g. TLS1.3

gnutls_cli_authenticates() { # VERSION OPENSSL-VERSION
	registered_device
	server_start "$2" "${KEYS[@]}"
	local label
	for label in "${KEYS[@]}"; do
		printf 'GET / HTTP/1.0\r\n\r\n' | as_user timeout 60 gnutls-cli \
			--port "$port" --priority "$(priority "$1")" \
			--x509cafile "$DEVICE/server.pem" \
			--x509certfile "$DEVICE/$label.pem" \
			--x509keyfile "$(uri_of "$label")" \
			localhost >"$DEVICE/client.log" 2>&1 ||
			fail "gnutls-cli with $label: $(tail -n 5 "$DEVICE/client.log")"
		assert_seen "$DEVICE/client.log" "$label"
	done
}

gnutls_cli_authenticates_in_tls_1_2() { gnutls_cli_authenticates TLS1.2 tls1_2; }
gnutls_cli_authenticates_in_tls_1_3() { gnutls_cli_authenticates TLS1.3 tls1_3; }

# gnutls-serv with a key of keyd, on $port.
gnutls_serv_start() { # LABEL VERSION
	port=$(free_port)
	as_user gnutls-serv --http --noticket --port "$port" \
		--priority "$(priority "$2")" --x509certfile "$DEVICE/$1.pem" \
		--x509keyfile "$(uri_of "$1")" >"$DEVICE/$1.log" 2>&1 &
	echo $! >"$DEVICE/$1.pid"
	label=$1
	eventually 20 page
}

page() {
	curl -sS --max-time 60 --cacert "$DEVICE/$label.pem" \
		--resolve "localhost:$port:127.0.0.1" "https://localhost:$port/"
}

gnutls_serv_serves() { # VERSION
	registered_device
	for label in "${KEYS[@]}"; do
		certificate_create "$label"
		gnutls_serv_start "$label" "$1"
		accepted page
		assert_contains "$output" "Protocol version:</TD><TD>$1<" "the page of $label"
	done
}

gnutls_serv_serves_tls_1_2() { gnutls_serv_serves TLS1.2; }
gnutls_serv_serves_tls_1_3() { gnutls_serv_serves TLS1.3; }

gnutls_serv_survives_restarts_of_keyd() {
	registered_device
	for label in "${KEYS[@]}"; do
		certificate_create "$label"
		gnutls_serv_start "$label" TLS1.3
		daemon_stop keyd
		refused page
		refused page
		daemon_start keyd
		accepted page
		daemon_kill keyd
		daemon_start keyd
		accepted page
	done
}

# --- refusals ---------------------------------------------------------------

a_stranger_sees_no_keys() {
	registered_device
	refused as_uid "$STRANGER_UID" p11tool --list-all 'pkcs11:token=Signet'
	assert_contains "$output" "No matching objects" "what a stranger sees"
	refused as_uid "$STRANGER_UID" p11tool --test-sign "$(uri_of ec-key)"
	assert_contains "$output" "Cannot import private key" "a stranger who signs"
}

a_principal_sees_its_own_keys() {
	registered_device 'ec*'
	accepted as_user p11tool --list-all 'pkcs11:token=Signet'
	assert_contains "$output" "object=ec-key" "what a principal sees"
	assert_lacks "$output" "object=rsa-key" "what a principal sees"
	accepted as_user p11tool --test-sign "$(uri_of ec-key)"
	refused as_user p11tool --test-sign "$(uri_of rsa-key)"
	assert_contains "$output" "Cannot import private key" "a key of others"
}

run_tests \
	p11tool_finds_the_token \
	p11tool_lists_the_keys \
	p11tool_signs \
	certtool_makes_requests \
	gnutls_cli_authenticates_in_tls_1_2 \
	gnutls_cli_authenticates_in_tls_1_3 \
	gnutls_serv_serves_tls_1_2 \
	gnutls_serv_serves_tls_1_3 \
	gnutls_serv_survives_restarts_of_keyd \
	a_stranger_sees_no_keys \
	a_principal_sees_its_own_keys
