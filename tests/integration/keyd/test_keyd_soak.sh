#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# keyd after much work: it has the descriptors, threads, sessions and, as
# packaged, the memory that it had before.
. "$(dirname "$0")/../../support/apps.sh"
. "$(dirname "$0")/../../support/faults.sh"

readonly MEMORY_MAX_KB=8192 # anonymous memory

# The sanitizers keep what is released; they count leaks when keyd stops.
# By each way, before and again after the first look.
is_sanitized && SIGNATURES=2000 || SIGNATURES=6000

# No other user may look into keyd, not even its own.
of_keyd() { # FILE COMMAND...
	as_root "${@:2}" "/proc/$(cat "$DEVICE/keyd.pid")/$1"
}

descriptors() { of_keyd fd ls | wc -l; }
threads() { of_keyd task ls | wc -l; }
memory_kb() { of_keyd smaps_rollup cat | awk '/^Pss_Anon:/ { print $2 }'; }

# Signs by bench_sign, which verifies a sample, until it has been COUNT times.
# With a MODULE the signatures are made through it.
sign_many() { # COUNT LABEL [BENCH-OPTION]...
	local done=0 label=$2 count=$1
	shift 2
	while [ $done -lt "$count" ]; do
		accepted bench_sign --key "$label" --check "$DEVICE/$label.public" \
			--clients 8 --milliseconds 500 "$@"
		[ "$(jq .verified <<<"$output")" -gt 0 ] || fail "no signature is verified"
		done=$((done + $(jq '.per_second / 2 | floor' <<<"$output")))
	done
}

readonly BY_MODULE=(--module "$SIGNET_PKCS11_MODULE" --token Signet)

sign_in_every_way() { # COUNT
	sign_many "$1" ec-key
	sign_many "$1" ec-key "${BY_MODULE[@]}"
	sign_many "$(($1 / 10))" rsa-key --operation rsa
	sign_many "$(($1 / 10))" rsa-key --operation rsa "${BY_MODULE[@]}"
}

# Between keyd and its token is a module that counts calls. bench_sign finds
# the public halves in files.
device_that_counts() {
	device_create
	export FAULTY_MODULE=$SOFTHSM_MODULE
	export FAULTY_ORDERS=$DEVICE/orders
	mkdir "$FAULTY_ORDERS"
	keyd_with_keys "$SIGNET_BUILD/tests/support/libfaulty_pkcs11.so"
	local label
	for label in ec-key rsa-key; do
		certificate_create "$label"
		openssl x509 -in "$DEVICE/$label.pem" -noout -pubkey >"$DEVICE/$label.public"
	done
}

sessions() { echo $(($(calls C_OpenSession) - $(calls C_CloseSession))); }

# --- before and after -------------------------------------------------------

# All that keyd grows into at first, such as memory per thread, is there.
remember() {
	sessions_before=$(sessions)
	descriptors_before=$(descriptors)
	threads_before=$(threads)
	memory_before=$(memory_kb)
}

has_descriptors_of_before() { [ "$(descriptors)" -le "$descriptors_before" ]; }

# Growth is less than the smallest leak per request would have made.
assert_as_before() { # WHAT GROWTH-KB
	eventually 30 has_descriptors_of_before
	# Who waits long for what others make in SoftHSM has one, 16 at most.
	[ "$(threads)" -le $((threads_before + 16)) ] ||
		fail "threads after $1: $threads_before before, $(threads) now"
	assert_equal "$sessions_before" "$(sessions)" "sessions after $1"
	if ! is_sanitized; then
		local memory
		memory=$(memory_kb)
		echo "# $1: $memory_before kB before, $memory kB after"
		[ "$memory" -le $((memory_before + $2)) ] ||
			fail "$1: memory grew from $memory_before to $memory kB"
		[ "$memory" -le $MEMORY_MAX_KB ] || fail "$1: $memory kB of memory"
	fi
	daemon_stop keyd
}

tens_of_thousands_of_signatures_leave_nothing_behind() {
	device_that_counts
	sign_in_every_way $SIGNATURES
	remember
	sign_in_every_way $SIGNATURES
	assert_as_before "many signatures" 256
}

# COUNT requests on a few connections; METHOD and JSON as usual.
many() { # COUNT METHOD PATH [JSON]
	curl -s -o /dev/null --max-time 100 --parallel --parallel-max 8 \
		--unix-socket "$SIGNET_RUNTIME_DIR/keyd.sock" -X "$2" \
		${4:+-H 'content-type: application/json' --data "$4"} \
		"http://keyd.sock$3?api-version=2026-12-01&n=[1-$1]" \
		2>"$DEVICE/curl.log" # its meter
}

fail_in_many_ways() { # COUNT
	many "$1" GET /keys/none
	many "$1" GET /none
	many "$1" POST /keys/ec-key/sign '{"algorithm":"ES256","digest":"AA=="}'
	many "$1" POST /keys/ec-key/sign '{"algorithm":"ES256",'
	many "$1" POST /keypair '{"keyId":"x","preferredAlgorithms":"none"}'
	CALLER=$STRANGER_UID call keyd POST /keys/ec-key/sign \
		'{"algorithm":"ES256","digest":"AA=="}' >/dev/null
}

# Clients that are killed while keyd works for them.
leave_without_a_word() { # COUNT
	local i client
	for ((i = 0; i < $1; i++)); do
		bench_sign --key rsa-key --check "$DEVICE/rsa-key.public" --operation rsa \
			--clients 16 --milliseconds 10000 >/dev/null &
		client=$!
		sleep 0.2
		kill -KILL "$client"
		wait "$client" 2>/dev/null || true
	done
}

failures_and_deserters_leave_nothing_behind() {
	device_that_counts
	fail_in_many_ways 300
	leave_without_a_word 5
	sign_many 2000 ec-key
	remember
	fail_in_many_ways 1000
	leave_without_a_word 10
	sign_many 2000 ec-key
	assert_as_before "failures" 256
}

make_and_remove_keys() { # COUNT
	local i handle
	for ((i = 0; i < $1; i++)); do
		handle=$(keyd POST /keypair '{"keyId":"passing","preferredAlgorithms":"ec-p256"}' |
			jq -r .keyHandle)
		keyd GET /keys >/dev/null
		keyd POST /keypair/renamed '{"from":"passing"}'
		handle=$(keyd GET /keypair/renamed | jq -r .keyHandle)
		keyd DELETE /keypair "{\"keyHandle\":\"$handle\"}"
	done
}

token_objects() {
	pkcs11-tool --module "$SOFTHSM_MODULE" --token-label device --login \
		--pin "$PIN" --list-objects 2>/dev/null | grep -c 'Object;'
}

keys_that_come_and_go_leave_nothing_behind() {
	device_that_counts
	local objects
	objects=$(token_objects)
	sign_many 500 ec-key    # with each session that there may be
	make_and_remove_keys 40 # by threads whose heaps grow with the first ones
	remember
	make_and_remove_keys 30
	assert_equal "$objects" "$(token_objects)" "objects in the token"
	# SoftHSM remembers every object that it has seen, also when it is gone:
	# about 4 kB for each round.
	assert_as_before "keys that come and go" 384
}

run_tests \
	tens_of_thousands_of_signatures_leave_nothing_behind \
	failures_and_deserters_leave_nothing_behind \
	keys_that_come_and_go_leave_nothing_behind
