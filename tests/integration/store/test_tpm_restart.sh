#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# A TPM that goes away and comes back while keyd signs with a key in it: keyd
# is the same process before and after, says meanwhile what is wrong, and signs
# again within five seconds.
readonly TOKEN=tpm
. "$(dirname "$0")/../../support/tokens.sh"

# As packaged it is the promise; with sanitizers that it happens at all.
if is_sanitized; then
	readonly MANY=40 RECOVERY=60
else
	readonly MANY=10000 RECOVERY=5
fi
readonly SOME=40

# Signs on one connection until it is killed, and writes down when each request
# was answered and how: "seconds.micros status body".
sign_on_and_on() {
	mkfifo "$DEVICE/fifo"
	curl -sN --unix-socket "$SIGNET_RUNTIME_DIR/keyd.sock" --rate 400/s \
		-H 'content-type: application/json' \
		--data "$(signing ES256)" \
		-w '\n%{http_code}\n' \
		"http://keyd.sock/keys/ec-key/sign?api-version=2026-12-01#[1-1000000]" \
		>"$DEVICE/fifo" &
	echo $! >"$DEVICE/curl.pid"
	while read -r answer && read -r status; do
		echo "$EPOCHREALTIME $status $answer"
	done <"$DEVICE/fifo" >"$DEVICE/answers" &
	echo $! >"$DEVICE/reader.pid"
}

stop_signing() {
	local pid
	for pid in curl reader; do
		kill "$(cat "$DEVICE/$pid.pid")" 2>/dev/null || true
		rm "$DEVICE/$pid.pid"
	done
}

answered() { # STATUS [SINCE]
	awk -v status="$1" -v since="${2:-0}" '$2 == status && $1 > since' \
		"$DEVICE/answers"
}

have_been_answered() { # COUNT STATUS [SINCE]
	[ "$(answered "${@:2}" | wc -l)" -ge "$1" ]
}

# Takes the TPM away and brings it back while COUNT signatures are made, and again
# if that took too long: the machine may be busy with others.
endures() { # COUNT AWAY BACK SECONDS-BETWEEN
	local pid recovered tries=1
	device_with_token_of_ours
	create ec-key ec-p256
	pid=$(cat "$DEVICE/keyd.pid")
	sign_on_and_on
	eventually 120 have_been_answered $(($1 / 2)) 200
	until recovers_soon "$@"; do
		tries=$((tries + 1))
		[ $tries -le 3 ] || fail "it took $RECOVERY s or longer, three times"
	done
	stop_signing

	assert_equal "200 503 " "$(awk '{ print $2 }' "$DEVICE/answers" | sort -u |
		tr '\n' ' ')" "the kinds of answers"
	assert_tells_why
	# From then on nothing fails.
	assert_equal 0 "$(answered 503 "$recovered" | wc -l)" "failures after that"
	assert_last_signature
	assert_equal "ok: " "$(health keyd)" "health"
	assert_equal "$pid" "$(keyd GET /health | jq .pid)" "keyd's pid"
}

# Sets $recovered, when it has signed again.
recovers_soon() { # COUNT AWAY BACK SECONDS-BETWEEN
	local away=$EPOCHREALTIME back
	"$2"
	eventually 60 have_been_answered 1 503 "$away"
	sleep "$4"
	"$3"
	back=$EPOCHREALTIME
	eventually 300 have_been_answered $(($1 / 2)) 200 "$back"
	recovered=$(answered 200 "$back" | sed -n '1s/ .*//p')
	awk -v a="$back" -v b="$recovered" -v most=$RECOVERY 'BEGIN {
		printf "signed again after %.2f s\n", b - a; exit b - a >= most }'
}

# A failure names the token, the function and what it returned.
assert_tells_why() {
	local message
	message=$(answered 503 | sed -n '1s/^[^{]*//p' | jq -r .message)
	assert_matches "$message" "*token 'device': C_*: CKR_* (*)" "the first failure"
}

assert_last_signature() {
	answer=$(answered 200 | sed -n '$s/^[^{]*//p')
	assert_signed ec-key ES256
}

signs_again_when_the_tpm_has_lost_power() {
	endures $MANY tpm_power_off tpm_power_on 0
}

signs_again_when_the_tpm_was_away_for_long() {
	endures $SOME tpm_power_off tpm_power_on 8
}

signs_again_when_the_resource_manager_was_restarted() {
	endures $SOME tpm_manager_stop tpm_manager_start 1
}

signs_again_when_the_tpm_has_hung() {
	device_with_token_of_ours "token_timeout: 2"
	create ec-key ec-p256
	tpm_hang
	assert_equal 503 "$(sign_status ec-key)" "while it hangs"
	assert_matches "$(keyd POST /keys/ec-key/sign "$(signing ES256)" | jq -r .message)" \
		"*token 'device'*C_Sign*" "what hangs"
	# Whoever needs no token is served.
	assert_equal ec-key "$(keyd GET /keypair/ec-key | jq -r .keyHandle |
		sed 's/^sr=//; s/&.*//' | base64 -d | jq -r .key_id.KeyPair)" "a handle"
	tpm_wake
	eventually 60 signs ec-key
	eventually 20 is_healthy
}

signs_when_the_tpm_comes_after_keyd() {
	device_with_token_of_ours
	create ec-key ec-p256
	daemon_stop keyd
	tpm_power_off
	daemon_start keyd
	assert_contains "$(health keyd)" \
		"degraded: PKCS#11 module '$TOKEN_MODULE': C_Initialize: CKR_" "health"
	tpm_power_on
	eventually 60 signs ec-key
	assert_equal "ok: " "$(health keyd)" "health"
}

run_tests \
	signs_again_when_the_tpm_has_hung \
	signs_when_the_tpm_comes_after_keyd \
	signs_again_when_the_tpm_has_lost_power \
	signs_again_when_the_tpm_was_away_for_long \
	signs_again_when_the_resource_manager_was_restarted
