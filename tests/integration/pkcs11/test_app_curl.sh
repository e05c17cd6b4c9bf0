#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# curl, and a program that lives on with libcurl, with client certificates
# whose keys are keyd's.
. "$(dirname "$0")/../../support/apps.sh"

# curl's options for the server of server_start and a key of keyd.
curl_options() { # LABEL
	options=(-sS --max-time 60 --cacert "$DEVICE/server.pem"
		--resolve "localhost:$port:127.0.0.1"
		--engine pkcs11 --key-type ENG --key "$(uri_of "$1")"
		--cert "$DEVICE/$1.pem")
}

curl_authenticates() { # VERSION
	device_with_keys
	server_start "$1" ec-key rsa-key
	local label options
	for label in ec-key rsa-key; do
		curl_options "$label"
		accepted with_engine curl "${options[@]}" -o "$DEVICE/page" \
			"https://localhost:$port/"
		assert_seen "$DEVICE/page" "$label"
	done
}

curl_authenticates_in_tls_1_2() { curl_authenticates tls1_2; }
curl_authenticates_in_tls_1_3() { curl_authenticates tls1_3; }

a_stranger_is_told_that_its_key_is_of_no_use() {
	device_with_keys
	server_start tls1_3 ec-key
	local options
	curl_options ec-key
	export OPENSSL_CONF=$SIGNET_BUILD/conf/openssl-signet.cnf
	refused as_uid "$STRANGER_UID" curl "${options[@]}" \
		"https://localhost:$port/"
	assert_contains "$output" "failed to load private key from crypto engine" "a stranger"
}

# --- a long life ------------------------------------------------------------

# A program that lives on: it gets the page once per line that we send it.
# Sessions of TLS are not resumed, so each time the key must sign.
probe_start() { # LABEL
	coproc PROBE {
		OPENSSL_CONF=$SIGNET_BUILD/conf/openssl-signet.cnf \
			curl_probe "https://localhost:$port/" "localhost:$port:127.0.0.1" \
			"$DEVICE/server.pem" "$DEVICE/$1.pem" "$(uri_of "$1")" \
			2>"$DEVICE/probe.log"
	}
	echo "$PROBE_PID" >"$DEVICE/probe.pid"
}

probe_get() { # prints "ok", or what libcurl says
	local answer
	echo get >&"${PROBE[1]}"
	read -r -t 60 answer <&"${PROBE[0]}" || fail "the program says nothing"
	echo "$answer"
}

survives_a_restart_of_keyd() { # VERSION LABEL
	device_with_keys
	server_start "$1" "$2"
	probe_start "$2"
	assert_equal ok "$(probe_get)" "the first transfer"
	assert_equal ok "$(probe_get)" "the second transfer"

	daemon_stop keyd
	assert_lacks "$(probe_get)" ok "a transfer without keyd"
	assert_lacks "$(probe_get)" ok "another transfer without keyd"
	daemon_start keyd
	assert_equal ok "$(probe_get)" "the first transfer behind it"

	# Also when the program does not notice that keyd has been away.
	daemon_kill keyd
	daemon_start keyd
	assert_equal ok "$(probe_get)" "the transfer after a kill"
	assert_equal ok "$(probe_get)" "the next one"
}

a_program_survives_restarts_of_keyd_with_an_ec_key() {
	survives_a_restart_of_keyd tls1_3 ec-key
}

a_program_survives_restarts_of_keyd_with_an_rsa_key() {
	survives_a_restart_of_keyd tls1_2 rsa-key
}

probe_succeeds() { [ "$(probe_get)" = ok ]; }

a_program_waits_three_seconds_at_most_for_keyd_to_be_there() {
	device_with_keys
	server_start tls1_3 ec-key
	probe_start ec-key
	assert_equal ok "$(probe_get)" "the first transfer"
	daemon_stop keyd
	assert_fails_soon probe_succeeds
}

run_tests \
	curl_authenticates_in_tls_1_2 \
	curl_authenticates_in_tls_1_3 \
	a_stranger_is_told_that_its_key_is_of_no_use \
	a_program_survives_restarts_of_keyd_with_an_ec_key \
	a_program_survives_restarts_of_keyd_with_an_rsa_key \
	a_program_waits_three_seconds_at_most_for_keyd_to_be_there
