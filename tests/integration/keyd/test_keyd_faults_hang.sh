#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# signet-keyd on a token whose calls do not return: who goes on, who is told
# what, and that all is well again when they do return.
. "$(dirname "$0")/../../support/harness.sh"
. "$(dirname "$0")/../../support/faults.sh"

health_says() { # PATTERN
	# shellcheck disable=SC2053
	[[ $(health keyd) == $1 ]]
}

is_told() { # PATTERN
	# shellcheck disable=SC2053
	[[ $(sign_and_tell) == $1 ]]
}

# Whoever hangs has the answer 503 by now, or soon.
all_are_answered() { # NUMBER
	local i
	for ((i = 1; i <= $1; i++)); do
		eventually 20 test -s "$DEVICE/hung.$i"
		assert_equal 503 "$(cat "$DEVICE/hung.$i")" "who hung"
	done
}

# --- tests --------------------------------------------------------------------

a_call_that_hangs_keeps_nobody_else_waiting() {
	device_with_faults "token_timeout: 1"
	order C_Sign.hang 1
	sign_and_hang 1
	eventually 20 health_says \
		"degraded: token 'device': C_Sign has not returned for * s (*"
	sign_times 1
	assert_equal "200 200 200" "$(sign) $(sign) $(sign)" "others"
	assert_equal 200 "$(create b)" "a change"
	all_are_answered 1
	revoke C_Sign.hang
	eventually 20 is_healthy
	assert_equal 1 "$(calls C_Initialize)" "starts of the module"
}

# The place of the call that hangs is free again when it has been answered for, and
# nobody has to come for that to be seen.
a_call_that_waits_for_a_place_does_not_wait_for_the_next_caller() {
	has_one_place() {
		keyd GET /metrics | grep -x 'signet_http_lane_places{lane="token"} 1'
	}
	device_with_faults "token_timeout: 1" "sessions: 2"
	order C_Sign.hang 1
	sign_and_hang 1
	eventually 20 has_one_place
	assert_equal 200 "$(sign)" "who comes then"
	all_are_answered 1
	revoke C_Sign.hang
	eventually 20 is_healthy
}

when_all_sessions_hang_callers_are_told_at_once() {
	local began
	device_with_faults "token_timeout: 3" "sessions: 2"
	order C_Sign.hang
	sign_and_hang 1
	sign_and_hang 2
	eventually 20 is_told \
		"*token 'device': in 2 sessions: C_Sign has not returned for * s (*503"
	# Each would wait for 3 seconds.
	began=$SECONDS
	sign_times 40
	((SECONDS - began < 100)) || fail "40 refusals took $((SECONDS - began)) s"
	assert_equal 200 "$(keyd_status GET /keys)" "a list meanwhile"
	assert_equal hangs "$(keyd GET /health | jq -r '.tokens[0].state')" \
		"the token's state"
	all_are_answered 2
	revoke C_Sign.hang
	eventually 20 signs
	eventually 20 is_healthy
}

# keyd's own token, and "other" with the key b, which both hang as ordered.
start_with_two_tokens() { # [CONFIGURATION-LINE]...
	token_create device
	token_create other
	pkcs11-tool --module "$SOFTHSM_MODULE" --token-label other --login \
		--pin "$PIN" --keypairgen --key-type EC:prime256v1 \
		--label b --id 0b --usage-sign >/dev/null 2>&1
	faults_start "sessions: 2" "$@" \
		"preloaded_keys: { b: \"pkcs11:token=other;object=b?pin-source=file:$DEVICE/pin\" }"
	assert_equal "200 200" "$(sign) $(sign_with b)" "both tokens"
}

# By a handle, as aziot's clients do.
sign_by_handle() { # KEY; prints the status
	call keyd POST /sign "$(jq -nc --arg h "$(keyd GET "/keypair/$1" |
		jq -r .keyHandle)" '{keyHandle: $h, algorithm: "ECDSA", parameters:
		{digest: "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="}}')" \
		-o /dev/null -w '%{http_code}'
}

# All sessions of the token of a key, and two requests more that wait for them.
hang_all_sessions_of() { # KEY
	local before i
	before=$(calls C_Sign)
	order C_Sign.hang 2
	for i in 1 2 3 4; do
		sign_with "$1" >"$DEVICE/hung.$i" &
	done
	eventually 20 has_called C_Sign $((before + 2))
}

assert_nobody_is_answered() {
	assert_equal "" "$(cat "$DEVICE"/hung.*)" "answers while the token hangs"
}

# Not only when the hang was noticed: it will be after token_timeout.
a_token_that_hangs_holds_up_no_other() {
	local hanging other
	device_create
	start_with_two_tokens "token_timeout: 60"
	for hanging in a b; do
		[ $hanging = a ] && other=b || other=a
		hang_all_sessions_of $hanging
		assert_equal "200 200 200" \
			"$(sign_with $other) $(sign_with $other) $(sign_by_handle $other)" \
			"with '$other' while the token of '$hanging' hangs"
		assert_equal ok "$(keyd GET /health | jq -r .status)" "health"
		assert_nobody_is_answered
		revoke C_Sign.hang
		wait_for_signatures
	done
}

wait_for_signatures() {
	local i
	for i in 1 2 3 4; do
		eventually 20 test -s "$DEVICE/hung.$i"
		assert_equal 200 "$(cat "$DEVICE/hung.$i")" "who hung"
		rm "$DEVICE/hung.$i"
	done
}

keys_that_are_never_made_keep_nobody_from_signing() {
	device_with_faults "generation_timeout: 1" "token_timeout: 1"
	assert_equal 200 "$(sign)" "the first signature, which finds the key"
	order C_GenerateKeyPair.hang
	create b >"$DEVICE/hung.1" &
	eventually 20 health_says "degraded: *C_GenerateKeyPair has not returned*"
	assert_equal "200 200" "$(sign) $(sign)" "signatures"
	all_are_answered 1
	revoke C_GenerateKeyPair.hang
	eventually 20 is_healthy
	eventually 20 creates c
}

a_login_that_hangs_is_told_to_all_who_wait_for_it() {
	device_with_faults "token_timeout: 1"
	order C_Login.hang
	order sessions-lost
	sign_and_hang 1 C_Login
	eventually 20 is_told "*token 'device': C_Login has not returned*503"
	health_says "degraded: *C_Login has not returned*" ||
		fail "health: $(health keyd)"
	all_are_answered 1
	revoke C_Login.hang
	eventually 20 is_healthy
	assert_equal 200 "$(sign)" "when it is over"
}

a_token_that_hangs_when_keyd_starts_keeps_it_from_nothing_else() {
	local function
	device_with_faults "token_timeout: 1"
	for function in C_Initialize C_GetSlotList C_Login; do
		restart_with $function.hang ""
		eventually 20 is_told "*$function has not returned*503"
		assert_equal 200 "$(keyd_status GET /health)" "health"
		revoke $function.hang
		eventually 20 signs
		eventually 20 is_healthy
	done
}

# It does not wait for its threads then.
keyd_stops_although_calls_hang() {
	export TSAN_OPTIONS=${TSAN_OPTIONS:-}:report_thread_leaks=0
	device_with_faults "token_timeout: 1" "sessions: 2"
	order C_Sign.hang
	sign_and_hang 1
	sign_and_hang 2
	all_are_answered 2
	daemon_stop keyd
}

# A service manager that writes down what keyd tells it.
manager_start() {
	python3 -c '
import socket, sys
listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
listener.bind(sys.argv[1])
while True:
    print(listener.recv(4096).decode(), flush=True)
' "$DEVICE/notify" >"$DEVICE/told" 2>"$DEVICE/manager.log" &
	echo $! >"$DEVICE/manager.pid"
	eventually 20 test -S "$DEVICE/notify"
	export NOTIFY_SOCKET=$DEVICE/notify WATCHDOG_USEC=400000
}

pings() { grep -c WATCHDOG=1 "$DEVICE/told" || true; }

pings_go_on() {
	local before
	before=$(pings)
	sleep 1
	(($(pings) > before))
}

pings_stop() { ! pings_go_on; }

the_watchdog_is_told_of_life_while_a_session_answers() {
	device_create
	manager_start
	token_create
	faults_start "token_timeout: 1" "sessions: 2"
	eventually 20 pings_go_on
	order C_Sign.hang 1
	sign_and_hang 1
	all_are_answered 1
	eventually 20 pings_go_on
	revoke C_Sign.hang
	eventually 20 is_healthy
	order C_Sign.hang
	sign_and_hang 2
	sign_and_hang 3
	eventually 20 pings_stop
	revoke C_Sign.hang
	eventually 20 pings_go_on
}

# A restart would take the keys of the first from those who use them.
the_watchdog_acts_for_no_token_but_keyds_own() {
	device_create
	manager_start
	start_with_two_tokens "token_timeout: 1"
	hang_all_sessions_of b
	all_are_answered 4
	assert_contains "$(call keyd POST /keys/b/sign "$SIGN")" \
		"token 'other': in 2 sessions: C_Sign has not returned" "who asks for b"
	eventually 20 pings_go_on
	assert_equal 200 "$(sign)" "the own token"
}

run_tests \
	a_call_that_hangs_keeps_nobody_else_waiting \
	a_call_that_waits_for_a_place_does_not_wait_for_the_next_caller \
	when_all_sessions_hang_callers_are_told_at_once \
	a_token_that_hangs_holds_up_no_other \
	keys_that_are_never_made_keep_nobody_from_signing \
	a_login_that_hangs_is_told_to_all_who_wait_for_it \
	a_token_that_hangs_when_keyd_starts_keeps_it_from_nothing_else \
	keyd_stops_although_calls_hang \
	the_watchdog_is_told_of_life_while_a_session_answers \
	the_watchdog_acts_for_no_token_but_keyds_own
