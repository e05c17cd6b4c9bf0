#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# GET /metrics of keyd, read as Prometheus reads it.
. "$(dirname "$0")/../../support/harness.sh"

# Prints "name{label=value,...} value" of each sample; fails for what the
# format does not allow, and for a sample that is there twice.
read_metrics() {
	keyd GET /metrics | /usr/bin/python3 -c '
import sys
from prometheus_client.parser import text_string_to_metric_families
seen = set()
for family in text_string_to_metric_families(sys.stdin.read()):
    assert family.documentation and family.type != "unknown", family
    for s in family.samples:
        key = (s.name, tuple(sorted(s.labels.items())))
        assert key not in seen, key
        seen.add(key)
        labels = ",".join(f"{k}={v}" for k, v in sorted(s.labels.items()))
        print(f"{s.name}{{{labels}}} {s.value:g}")'
}

metric() { # NAME{LABELS}
	read_metrics | awk -v name="$1" '$1 == name {print $2}'
}

serial_of_token() {
	softhsm2-util --show-slots |
		awk '/Serial number:/ {serial = $3} /Label: *device/ {print serial}'
}

create_key() {
	keyd POST /keypair '{"keyId":"secret-name","preferredAlgorithms":"ec-p256"}' >/dev/null
}

sign() {
	keyd POST /keys/secret-name/sign "$(jq -nc \
		--arg d "$(head -c 32 /dev/zero | base64)" '{algorithm: "ES256", digest: $d}')"
}

counts_what_is_asked_and_how_it_is_answered() {
	device_with_keyd
	create_key
	sign >/dev/null
	sign >/dev/null
	keyd POST /keys/secret-name/sign '{}' >/dev/null
	local route='method=POST,route=/keys/{}/sign'
	assert_equal 2 "$(metric "signet_http_requests_total{$route,status=200}")" \
		"signatures"
	assert_equal 1 "$(metric "signet_http_requests_total{$route,status=422}")" \
		"malformed requests"
	assert_equal 3 "$(metric "signet_http_request_duration_seconds_count{$route}")" \
		"durations"
	# The lane of tokens; the call itself is in another one.
	assert_equal 0 "$(metric 'signet_http_lane_waiting{lane=token}')" "the queue"
	[ "$(metric 'signet_http_lane_served_total{lane=token}')" -ge 3 ] ||
		fail "signatures run in no lane"
	assert_equal 1 "$(metric 'signet_http_answers_total{class=4xx}')" "refusals"
	assert_equal 1 "$(metric 'signet_http_requests_total{method=POST,route=/keypair,status=200}')" \
		"creations, which are made on another thread"
}

shows_how_the_token_is() {
	device_with_keyd "sessions: 2"
	create_key
	local token
	token="serial=$(serial_of_token)"
	assert_equal 1 "$(metric "signet_token_state{$token,state=open,token=device}")" \
		"the token is open"
	assert_equal 0 "$(metric "signet_token_state{$token,state=hangs,token=device}")" \
		"the token hangs"
	assert_equal 1 "$(metric "signet_token_logins_total{$token,token=device}")" "logins"
	assert_equal 2 "$(metric "signet_token_sessions{$token,state=limit,token=device}")" \
		"sessions at most"
	assert_equal 0 "$(metric "signet_token_sessions{$token,state=hung,token=device}")" \
		"sessions that hang"
	assert_equal 1 "$(metric "signet_build_info{daemon=keyd,version=$(
		signet-keyd --version | cut -d' ' -f2)}")" "build"
	assert_equal 0 "$(metric 'signet_degraded{}')" "degraded"
	assert_equal 0 "$(metric 'signet_audit_failing{}')" "audit fails"
}

counts_what_the_token_refuses() {
	device_create
	token_create
	(umask 077 && echo 000000 >"$DEVICE/wrong")
	keyd_configure "$SOFTHSM_MODULE" "pkcs11:token=device?pin-source=file:$DEVICE/wrong"
	daemon_start keyd
	refused_pin() {
		[ "$(metric "signet_token_errors_total{ckr=CKR_PIN_INCORRECT,function=C_Login,serial=$(
			serial_of_token),token=device}")" = 1 ]
	}
	eventually 20 refused_pin
	assert_equal 1 "$(metric "signet_token_login_refusals_total{serial=$(
		serial_of_token),token=device}")" "refusals"
}

names_no_key_and_no_caller() {
	device_with_keyd
	create_key
	sign >/dev/null
	local text
	text=$(CALLER=4711 keyd GET /metrics)
	assert_contains "$text" signet_http_requests_total "metrics for anyone"
	assert_lacks "$text" secret-name "metrics"
	assert_lacks "$text" '"4711"' "labels" # there are numbers of all kinds
}

is_there_when_keyd_cannot_work() {
	device_create
	mkdir -p "$SIGNET_CONFIG_DIR/keyd"
	echo 'nonsense: 1' >"$SIGNET_CONFIG_DIR/keyd/config.yaml"
	daemon_start keyd
	assert_equal 1 "$(metric 'signet_degraded{}')" "degraded"
}

run_tests \
	counts_what_is_asked_and_how_it_is_answered \
	shows_how_the_token_is \
	counts_what_the_token_refuses \
	names_no_key_and_no_caller \
	is_there_when_keyd_cannot_work
