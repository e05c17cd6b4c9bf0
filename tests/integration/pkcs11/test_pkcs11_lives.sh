#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# libsignet-pkcs11.so in programs that live long, fork, load it often, and see
# keyd go, hang and come back.
. "$(dirname "$0")/../../support/harness.sh"

# A keyd with a key on P-256 in a token.
device_with_key() {
	device_with_keyd
	key_create ec-key
}

key_create() { # ID
	local answer
	answer=$(keyd POST /keypair "{\"keyId\":\"$1\",\"preferredAlgorithms\":\"ec-p256\"}")
	assert_contains "$answer" '"keyHandle"' "creating key $1"
}

# A program that keeps its session and key: probe COMMAND, then $answer.
start_probe() { # LABEL
	coproc PROBE { pkcs11_probe "$1" 2>"$DEVICE/probe.log"; }
	read -r -t 300 answer <&"${PROBE[0]}" || fail "the probe says nothing"
	assert_equal ok "$answer" "finding the key"
}

probe() { # COMMAND EXPECTED
	echo "$1" >&"${PROBE[1]}"
	read -r -t 300 answer <&"${PROBE[0]}" || fail "the probe says nothing to '$1'"
	assert_equal "$2" "$answer" "$1"
}

a_program_survives_a_restart_of_keyd() {
	device_with_key
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
	device_with_key
	start_probe ec-key
	probe threads ok
}

a_child_signs_and_so_does_its_parent() {
	device_with_key
	start_probe ec-key
	probe sign ok
	probe fork ok
	probe threads ok
	probe fork ok
}

children_sign_that_were_made_while_threads_signed() {
	device_with_key
	start_probe ec-key
	probe storm ok
	probe sign ok
}

a_child_that_was_made_without_keyd_recovers() {
	device_with_key
	start_probe ec-key
	daemon_stop keyd
	probe child ok
	probe child-find 0x30
	daemon_start keyd
	probe child-find ok
	probe child-sign ok
	daemon_stop keyd
	probe child-sign 0x30
	daemon_start keyd
	probe child-sign ok
	probe sign ok
}

# keyd is stopped, so that it accepts and never answers.
a_program_does_not_wait_for_ever_for_a_keyd_that_hangs() {
	device_with_key
	start_probe ec-key
	probe sign ok
	freeze "$(cat "$DEVICE/keyd.pid")"
	probe sign 0x30
	kill -CONT "$(cat "$DEVICE/keyd.pid")"
	probe sign ok
}

a_program_never_signs_with_another_key_that_took_the_id() {
	device_with_key
	start_probe ec-key
	probe sign ok
	assert_equal 204 "$(keyd_status DELETE /keys/ec-key)" "deleting the key"
	probe sign 0x60
	key_create ec-key
	probe sign 0x60
	probe find ok
	probe sign ok
}

a_program_may_load_and_unload_the_module_a_thousand_times() {
	device_with_key
	pkcs11_reload ec-key 1000 2>"$DEVICE/reload.log" ||
		fail "loading often: $(tail -n 20 "$DEVICE/reload.log")"
}

# Nothing else goes over the socket, and nobody waits for it but by reading;
# whether an answer was there at the first look is the scheduler's affair, and
# the first that was not sets the socket's time-out.
a_signature_is_one_message_and_one_answer() {
	device_with_key
	printf 'sign\nsign\nsign\n' | ASAN_OPTIONS=detect_leaks=0 strace -o \
		"$DEVICE/calls" -e trace=%net,poll,ppoll pkcs11_probe ec-key >"$DEVICE/probe.log" ||
		fail "strace"
	assert_equal "ok ok ok ok" "$(xargs <"$DEVICE/probe.log")" "signatures"
	assert_equal "sendmsg recvfrom sendmsg recvfrom" \
		"$(sed -n '/ EAGAIN /d; /^setsockopt(/d; s/^\([a-z]*\)(.*/\1/p' "$DEVICE/calls" |
			tail -n 4 | xargs)" \
		"system calls of two signatures"
}

run_tests \
	a_signature_is_one_message_and_one_answer \
	a_program_survives_a_restart_of_keyd \
	a_program_signs_in_many_threads \
	a_child_signs_and_so_does_its_parent \
	children_sign_that_were_made_while_threads_signed \
	a_child_that_was_made_without_keyd_recovers \
	a_program_does_not_wait_for_ever_for_a_keyd_that_hangs \
	a_program_never_signs_with_another_key_that_took_the_id \
	a_program_may_load_and_unload_the_module_a_thousand_times
