#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# What of the secrets is in signet-keyd's memory, and where: an attacker who can
# read its swap or a dump finds none.
. "$(dirname "$0")/../../support/harness.sh"

readonly LONG_PIN=tenor-vivid-quarry-58
readonly SIGN='{"algorithm":"ES256",
	"digest":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="}'

# Where the bytes are in keyd's memory; only root may look.
in_memory() { # HEX...
	as_root "$SIGNET_BUILD/bin/memory_search" "$(cat "$DEVICE/keyd.pid")" "$@"
}

hex_of() { printf %s "$1" | xxd -p | tr -d '\n'; }

token_with_long_pin() {
	softhsm2-util --init-token --free --label device \
		--pin "$LONG_PIN" --so-pin "$PIN" >/dev/null
	(umask 077 && echo "$LONG_PIN" >"$DEVICE/pin")
}

# A preloaded key "file" in a file.
keyd_with_file_key() { # ALGORITHM-OPTION...
	openssl genpkey "$@" -out "$DEVICE/file.pem" 2>/dev/null
	keyd_configure "$SOFTHSM_MODULE" "$(token_uri)" \
		"preloaded_keys: { file: \"file://$DEVICE/file.pem\" }"
	daemon_start keyd
}

# A number of the private key as hexadecimal digits.
number_of() { # NAME
	openssl pkey -in "$DEVICE/file.pem" -noout -text |
		sed -n "/^$1:/,/^[a-z]/{/^ /p}" | tr -d ' :\n' | sed 's/^00//'
}

# The lines of the PEM but for the first and the last, which say little.
pem_lines() {
	sed '1,2d;$d' "$DEVICE/file.pem" | sed '$d' | while read -r line; do
		hex_of "$line"
		echo
	done
}

# --- tests --------------------------------------------------------------------

the_search_finds_what_is_there() {
	device_with_keyd
	assert_contains "$(in_memory "$(hex_of "$SIGNET_STATE_DIR/keyd")")" \
		"open" "a path that keyd has in memory"
}

the_pin_is_forgotten_once_keyd_has_logged_in() {
	device_create
	token_with_long_pin
	keyd_configure "$SOFTHSM_MODULE" "$(token_uri)"
	daemon_start keyd
	assert_equal 200 "$(keyd_status POST /keypair '{"keyId":"a"}')" "a key"
	assert_equal 200 "$(keyd_status POST /keys/a/sign "$SIGN")" "a signature"
	assert_equal "" "$(in_memory "$(hex_of "$LONG_PIN")")" "the PIN"
}

a_wrong_pin_is_forgotten_too() {
	device_create
	token_create
	(umask 077 && echo "$LONG_PIN" >"$DEVICE/pin")
	keyd_configure "$SOFTHSM_MODULE" "$(token_uri)"
	daemon_start keyd
	assert_equal 503 "$(keyd_status POST /keypair '{"keyId":"a"}')" "a key"
	assert_equal "" "$(in_memory "$(hex_of "$LONG_PIN")")" "the PIN"
}

a_file_s_ec_key_is_in_locked_memory_only() {
	device_create
	token_create
	keyd_with_file_key -algorithm EC -pkeyopt ec_paramgen_curve:P-256
	assert_equal 200 "$(keyd_status POST /keys/file/sign "$SIGN")" "a signature"
	local found
	found=$(in_memory "$(number_of priv)" $(pem_lines))
	assert_contains "$found" locked "where the key is"
	assert_lacks "$found" open "where the key is"
}

# But for the primes, which OpenSSL also has as moduli, where it has moduli.
a_file_s_rsa_key_is_in_locked_memory_only() {
	device_create
	token_create
	keyd_with_file_key -algorithm RSA -pkeyopt rsa_keygen_bits:2048
	assert_equal 200 "$(keyd_status POST /keys/file/sign \
		"${SIGN/ES256/RS256}")" "a signature"
	local found
	found=$(in_memory "$(number_of privateExponent)" "$(number_of exponent1)" \
		 $(pem_lines))
	assert_contains "$found" locked "where the key is"
	assert_lacks "$found" open "where the key is"
}

# All that a limit has to have room for.
locks_its_heap_of_secrets_and_no_more_than_it_may() {
	device_create
	token_create
	ulimit -l 4096
	keyd_configure "$SOFTHSM_MODULE" "$(token_uri)"
	daemon_start keyd
	local locked
	locked=$(awk '/^VmLck:/ { print $2 }' "/proc/$(cat "$DEVICE/keyd.pid")/status")
	[ "$locked" -ge 256 ] || fail "$locked kB are locked"
	[ "$locked" -le 4096 ] || fail "$locked kB are locked, beyond the limit"
}

run_tests \
	the_search_finds_what_is_there \
	the_pin_is_forgotten_once_keyd_has_logged_in \
	a_wrong_pin_is_forgotten_too \
	a_file_s_ec_key_is_in_locked_memory_only \
	a_file_s_rsa_key_is_in_locked_memory_only \
	locks_its_heap_of_secrets_and_no_more_than_it_may
