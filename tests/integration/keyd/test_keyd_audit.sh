#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The audit log of a keyd that works, is killed, and runs out of disk.
. "$(dirname "$0")/../../support/harness.sh"

log() { cat "$SIGNET_STATE_DIR"/keyd/audit/audit*.log; }

keyd_with_a_key() { # [CONFIGURATION-LINE]...
	device_with_keyd "$@"
	keyd POST /keypair '{"keyId":"web","preferredAlgorithms":"ec-p256"}' >/dev/null
}

SIGN=$(jq -nc --arg d "$(head -c 32 /dev/zero | base64)" \
	'{algorithm: "ES256", digest: $d}')
readonly SIGN

puts_on_record_who_did_what() {
	keyd_with_a_key
	keyd POST /keys/web/sign "$SIGN" >/dev/null
	CALLER=4711 keyd POST /keys/web/sign "$SIGN" >/dev/null
	assert_equal "start
create web ec-p256 $(id -u) ok
sign web ES256 $(id -u) ok
call web /keys/{}/sign 4711 denied" "$(log |
		jq -r 'if .key then "\(.op) \(.key) \(.alg) \(.uid) \(.result)" else .op end')" \
		"the log"
	log | jq -se 'map(select(.op == "sign")) | all(.pid > 1 and .us > 0)' >/dev/null ||
		fail "no process, or no duration"
	signetctl audit verify >/dev/null
	assert_equal "700 600" "$(stat -c %a "$SIGNET_STATE_DIR/keyd/audit" \
		"$SIGNET_STATE_DIR/keyd/audit/audit.log" | xargs)" "modes"
}

# Signs until keyd is gone, and counts the signatures that were given.
sign_until_killed() {
	local count=0
	while [ "$(keyd_status POST /keys/web/sign "$SIGN")" = 200 ]; do
		count=$((count + 1))
		echo $count >"$DEVICE/count"
	done
}

loses_no_record_when_keyd_is_killed() {
	keyd_with_a_key
	local signer given recorded
	sign_until_killed &
	signer=$!
	eventually 60 test -s "$DEVICE/count"
	sleep 1
	daemon_kill keyd
	wait "$signer"
	given=$(cat "$DEVICE/count")
	recorded=$(log | jq -s 'map(select(.op == "sign" and .result == "ok")) | length')
	[ "$recorded" -ge "$given" ] || fail "$given signatures, $recorded records"
	[ "$recorded" -le $((given + 1)) ] || fail "$given signatures, $recorded records"
	signetctl audit verify >/dev/null
	daemon_start keyd
	signetctl audit verify >/dev/null
	assert_equal start "$(log | jq -r .op | tail -n 1)" "what a start adds"
}

sets_a_line_that_was_cut_off_aside() {
	keyd_with_a_key
	daemon_kill keyd
	printf '{"seq":3,"time":"2026-12-' >>"$SIGNET_STATE_DIR/keyd/audit/audit.log"
	assert_contains "$(signetctl audit verify)" "note: the last line is not complete" \
		"verify"
	daemon_start keyd
	assert_equal "the audit log is whole" "$(signetctl audit verify | cut -d: -f1)" "verify"
	assert_equal '{"seq":3,"time":"2026-12-' \
		"$(log | jq -r 'select(.op == "torn") | .text')" "what was cut off"
}

names_the_line_that_somebody_changed() {
	keyd_with_a_key
	keyd POST /keys/web/sign "$SIGN" >/dev/null
	keyd POST /keys/web/sign "$SIGN" >/dev/null
	daemon_stop keyd
	sed -i '3s/"uid":[0-9]*/"uid":1/' "$SIGNET_STATE_DIR/keyd/audit/audit.log"
	refused signetctl audit verify
	assert_contains "$output" "audit.log:3: the hash of record 3 is wrong" "verify"
	sed -i 3d "$SIGNET_STATE_DIR/keyd/audit/audit.log"
	refused signetctl audit verify
	assert_contains "$output" "audit.log:3: record 3 is missing before this line" "verify"
	sed -i '3,$d' "$SIGNET_STATE_DIR/keyd/audit/audit.log"
	refused signetctl audit verify
	assert_contains "$output" "records 3 to 5 are missing at the end" "verify"
	daemon_start keyd
	refused signetctl audit verify
	assert_contains "$output" "audit.log:3: records 3 to 5 are missing" "after a start"
	assert_contains "$(cat "$DEVICE/keyd.log")" "somebody has removed some" "keyd's log"
}

# Files cannot grow any more, or can again, as a disk is full for a while.
fill_disk() {
	local size
	size=$(stat -c %s "$SIGNET_STATE_DIR/keyd/audit/audit.log")
	prlimit --pid "$(cat "$DEVICE/keyd.pid")" --fsize="$size:unlimited"
}

free_disk() {
	prlimit --pid "$(cat "$DEVICE/keyd.pid")" --fsize=unlimited:unlimited
}

refuses_what_it_cannot_record() {
	trap '' XFSZ
	keyd_with_a_key
	fill_disk
	local answer
	answer=$(keyd POST /keys/web/sign "$SIGN")
	assert_contains "$answer" "the audit log cannot be written" "a signature"
	assert_equal unavailable "$(jq -r .code <<<"$answer")" "the code"
	assert_equal 503 "$(keyd_status POST /keys/web/sign "$SIGN")" "another"
	assert_equal 503 "$(keyd_status DELETE /keys/web)" "a change"
	assert_equal 200 "$(keyd_status GET /keys)" "what is not recorded"
	free_disk
	assert_equal 200 "$(keyd_status POST /keys/web/sign "$SIGN")" "a signature then"
	assert_equal "create sign sign" "$(log | jq -r 'select(.key).op' | xargs)" \
		"the log, with the signature that was not given"
	signetctl audit verify >/dev/null
}

goes_on_without_a_record_if_it_may() {
	trap '' XFSZ
	keyd_with_a_key "audit: best-effort"
	fill_disk
	assert_equal 200 "$(keyd_status POST /keys/web/sign "$SIGN")" "a signature"
	free_disk
	assert_equal 200 "$(keyd_status POST /keys/web/sign "$SIGN")" "another"
	daemon_stop keyd
	signetctl audit verify >/dev/null
}

records_nothing_if_it_is_off() {
	keyd_with_a_key "audit: off"
	assert_equal 200 "$(keyd_status POST /keys/web/sign "$SIGN")" "a signature"
	[ ! -e "$SIGNET_STATE_DIR/keyd/audit" ] || fail "there is a log"
}

is_verified_while_keyd_turns_its_files() {
	keyd_with_a_key "audit_max_size: 65536" "audit_files: 1000"
	local signer
	sign_until_killed &
	signer=$!
	has_turned() { compgen -G "$SIGNET_STATE_DIR/keyd/audit/audit-*.log"; }
	until has_turned >/dev/null; do
		signetctl audit verify >/dev/null || fail "$(signetctl audit verify)"
		kill -0 "$signer" || fail "keyd does not sign any more"
	done
	daemon_stop keyd
	wait "$signer"
	signetctl audit verify >/dev/null
}

run_tests \
	puts_on_record_who_did_what \
	loses_no_record_when_keyd_is_killed \
	sets_a_line_that_was_cut_off_aside \
	names_the_line_that_somebody_changed \
	refuses_what_it_cannot_record \
	goes_on_without_a_record_if_it_may \
	records_nothing_if_it_is_off \
	is_verified_while_keyd_turns_its_files
