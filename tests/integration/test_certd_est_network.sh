#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# What is between signet-certd and its EST server: a proxy, or one that never
# answers.
. "$(dirname "$0")/../support/harness.sh"
. "$(dirname "$0")/../support/plant.sh"
. "$(dirname "$0")/../support/est.sh"

readonly CROWD=12 # more than certd has threads for EST

# --- a proxy -----------------------------------------------------------------

proxy_start() { # [USER:PASSWORD]
	mkdir -p "$DEVICE/proxy"
	python3 "$(dirname "$0")/../support/proxy.py" "$DEVICE/proxy" "$@" \
		2>"$DEVICE/proxy.log" &
	echo $! >"$DEVICE/proxy.pid"
	eventually 20 test -s "$DEVICE/proxy/port"
	proxy=127.0.0.1:$(cat "$DEVICE/proxy/port")
	touch "$DEVICE/proxy/log"
}

# certd with a proxy in its environment, and nothing of ours.
certd_restart() { # [VARIABLE=VALUE]...
	[ ! -f "$DEVICE/certd.pid" ] || daemon_stop certd
	env -u https_proxy -u HTTPS_PROXY -u no_proxy -u NO_PROXY "$@" \
		"$SIGNET_BUILD/bin/signet-certd" >>"$DEVICE/certd.log" 2>&1 &
	echo $! >"$DEVICE/certd.pid"
	eventually 20 call certd GET /health
}

connections() { sort -u "$DEVICE/proxy/log"; }

tunnels_through_a_proxy_that_wants_a_password() {
	est_device
	proxy_start "peter:parker-42"
	configure "$BY_PASSWORD
identity_cert: est-id
identity_pk: est-id" "device-id: { method: est, common_name: dev-1 }"
	certd_restart "https_proxy=http://peter:parker-42@$proxy"
	order device-id
	assert_equal 201 "$status" "through the proxy: $answer"
	# The identity, whose key is in the token, has proved itself inside.
	assert_equal '"certificate CN=dev-1"' \
		"$(cloud show certificates -o json | jq '.[-1].requestedBy')" "by whom"
	local host=${est_url#https://}
	assert_equal "200 ${host%%/*}" "$(connections)" "what the proxy was asked for"

	certd_restart "https_proxy=http://peter:wrong-42@$proxy"
	order device-id
	[ "$status" != 201 ] || fail "the proxy's password was wrong"
	assert_contains "$answer" "the proxy wants a user and a password" "with a wrong password"
	assert_lacks "$answer$(cat "$DEVICE/certd.log")" "wrong-42" "what is said"
	assert_lacks "$(cat "$DEVICE/certd.log")" "parker-42" "the log"
	stop
}

passes_by_the_proxy_where_it_is_not_to_be_used() {
	est_device
	proxy_start
	configure "$BY_PASSWORD" "web: { method: est, common_name: dev-1 }"
	certd_restart "HTTPS_PROXY=http://$proxy" "NO_PROXY=elsewhere.local"
	order web
	assert_equal 201 "$status" "by the proxy: $answer"
	[ -n "$(connections)" ] || fail "the proxy was passed by"
	: >"$DEVICE/proxy/log"
	certd_restart "HTTPS_PROXY=http://$proxy" "NO_PROXY=elsewhere.local,localhost"
	order web
	assert_equal 201 "$status" "past the proxy: $answer"
	assert_equal "" "$(connections)" "what the proxy was asked for"
	end "$(cat "$DEVICE/proxy.pid")"
	rm "$DEVICE/proxy.pid"
	certd_restart "https_proxy=http://$proxy"
	order web
	assert_equal 503 "$status" "by a proxy that is not there: $answer"
	assert_contains "$answer" "the proxy of https_proxy: " "which of them is not there"
	stop
}

# --- a server that never answers ----------------------------------------------

stalled() { grep -c "cacerts' stalled" "$DEVICE/cloud.log"; }
have_stalled() { [ "$(stalled)" -ge "$1" ]; } # NUMBER

# A request for certificate ID; its status is in $DEVICE/ID.status when it ends.
order_behind() { # ID
	curl -s --max-time 120 -o /dev/null -w '%{http_code}' \
		--unix-socket "$SIGNET_RUNTIME_DIR/certd.sock" \
		-H 'content-type: application/json' \
		--data "$(jq -n --arg id "$1" --rawfile csr "$DEVICE/order.csr" \
			'{certId: $id, csr: $csr}')" \
		"http://certd.sock/certificates?api-version=2026-12-01" \
		>"$DEVICE/$1.status" &
	echo $! >"$DEVICE/$1.pid"
}

renewed_since() { [ "$(fingerprint own)" != "$1" ]; } # FINGERPRINT

delays_nothing_else_while_a_server_is_stuck() {
	local number old
	est_device
	configure "$BY_PASSWORD" "ca: { method: self_signed, profile: ca, common_name: ca }
own: { method: local_ca, common_name: own, issuer: { cert: ca, pk: ca }, renewal: { rotate_key: \"true\" } }
side: { method: local_ca, common_name: side, issuer: { cert: ca, pk: ca } }
est-id: { method: est, common_name: dev-1, est: { identity_cert: est-id, identity_pk: est-id } }
$(for ((number = 0; number < CROWD; number++)); do echo "web-$number: { method: est, common_name: w }"; done)"
	cloud fault stall 300 100 --on cacerts >/dev/null
	certd_restart
	eventually 60 have_stalled 1
	call keyd POST /keypair '{"keyId":"ca"}' >/dev/null
	call certd POST /certificates/ca/renew >/dev/null
	has_certificate ca || fail "a CA beside an enrollment that is stuck"
	call certd POST /certificates/own/renew >/dev/null
	eventually 60 has_certificate own
	order side
	assert_equal 201 "$status" "an order beside one: $answer"
	for ((number = 0; number < CROWD; number++)); do
		order_behind "web-$number"
	done
	# All places for EST are taken, and some wait for one.
	eventually 60 have_stalled 9
	# Issuing, renewing, reading: by the same daemon, meanwhile.
	old=$(fingerprint own)
	call certd POST /certificates/own/renew >/dev/null
	eventually 60 renewed_since "$old"
	order side
	assert_equal 201 "$status" "an order beside many: $answer"
	call certd PUT /certificates/copy "$(call certd GET /certificates/own | jq '{pem}')" |
		grep -q BEGIN || fail "an import beside"
	for ((number = 0; number < CROWD; number++)); do
		[ ! -s "$DEVICE/web-$number.status" ] ||
			fail "web-$number was not stuck: $(cat "$DEVICE/web-$number.status")"
	done
	stop
}

run_tests tunnels_through_a_proxy_that_wants_a_password \
	passes_by_the_proxy_where_it_is_not_to_be_used \
	delays_nothing_else_while_a_server_is_stuck
