#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# What is between signet-certd and its EST server: a proxy, or one that never
# answers.
. "$(dirname "$0")/../../support/harness.sh"
. "$(dirname "$0")/../../support/plant.sh"
. "$(dirname "$0")/../../support/est.sh"
. "$(dirname "$0")/../../support/proxy.sh"

readonly CROWD=12   # more than certd has threads for one thing
readonly SERVERS=19 # that are stuck

# --- a proxy -----------------------------------------------------------------

# certd with a proxy in its environment, and nothing of ours.
certd_restart() { # [VARIABLE=VALUE]...
	[ ! -f "$DEVICE/certd.pid" ] || daemon_stop certd
	env -u https_proxy -u HTTPS_PROXY -u no_proxy -u NO_PROXY "$@" \
		"$SIGNET_BUILD/bin/signet-certd" >>"$DEVICE/certd.log" 2>&1 &
	echo $! >"$DEVICE/certd.pid"
	eventually 20 call certd GET /health
}

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
	assert_equal "200 ${host%%/*}" "$(proxy_requests)" "what the proxy was asked for"

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
	[ -n "$(proxy_requests)" ] || fail "the proxy was passed by"
	proxy_stop
	certd_restart "HTTPS_PROXY=http://$proxy" "NO_PROXY=elsewhere.local,localhost"
	order web
	assert_equal 201 "$status" "past the proxy, which is gone: $answer"
	certd_restart "https_proxy=http://$proxy"
	order web
	assert_equal 503 "$status" "by a proxy that is not there: $answer"
	assert_contains "$answer" "the proxy of https_proxy: " "which of them is not there"
	stop
}

# --- a server that never answers ----------------------------------------------

# A request for certificate ID; its status is in $DEVICE/ID.status when it ends.
# The next order may replace the file that it is made of.
order_behind() { # ID
	local request
	request=$(jq -n --arg id "$1" --rawfile csr "$DEVICE/order.csr" \
		'{certId: $id, csr: $csr}')
	curl -s --max-time 600 -o /dev/null -w '%{http_code}' \
		--unix-socket "$SIGNET_RUNTIME_DIR/certd.sock" \
		-H 'content-type: application/json' --data "$request" \
		"http://certd.sock/certificates?api-version=2026-12-01" \
		>"$DEVICE/$1.status" &
	echo $! >"$DEVICE/$1.pid"
}

lane() { # FIGURE LANE
	call certd GET /metrics | sed -n "s/^signet_http_lane_$1{lane=\"$2\"} //p"
}
is_crowded() { [ "$(lane waiting "$1")" -gt 0 ]; } # LANE

renewed_since() { [ "$(fingerprint own)" != "$1" ]; } # FINGERPRINT

# Or told that it takes too long, if we were not quick enough to see that.
assert_unanswered() { # ID...
	local id
	for id in "$@"; do
		[[ $(cat "$DEVICE/$id.status") == ?(503) ]] ||
			fail "$id was not stuck: $(cat "$DEVICE/$id.status")"
	done
}

delays_nothing_else_while_a_server_is_stuck() {
	local old stuck
	est_device
	silent_start
	mapfile -t stuck < <(seq -f 'stuck-%g' $CROWD)
	# Two URLs of one server, which share its places.
	configure "$BY_PASSWORD" "ca: { method: self_signed, profile: ca, common_name: ca }
own: { method: local_ca, common_name: own, issuer: { cert: ca, pk: ca }, renewal: { rotate_key: \"true\" } }
side: { method: local_ca, common_name: side, issuer: { cert: ca, pk: ca } }
est-id: { method: est, common_name: dev-1, est: { identity_cert: est-id, identity_pk: est-id } }
other: { method: est, common_name: dev-1 }
stuck-id: { method: est, common_name: s, est: { url: \"$silent_url\", identity_cert: stuck-id, identity_pk: stuck-id } }
$(printf '%s: { method: est, common_name: s, est: { url: "'"$silent_url"'/%d" } }\n' \
		$(for old in "${!stuck[@]}"; do echo "${stuck[old]}" $((old % 2)); done))"
	certd_restart
	eventually 60 are_connected 1
	# Its own thread hangs, that of the other server does not.
	eventually 60 has_certificate est-id
	call keyd POST /keypair '{"keyId":"ca"}' >/dev/null
	call certd POST /certificates/ca/renew >/dev/null
	has_certificate ca || fail "a CA beside an enrollment that is stuck"
	call certd POST /certificates/own/renew >/dev/null
	eventually 60 has_certificate own
	order side
	assert_equal 201 "$status" "an order beside one: $answer"
	for old in "${stuck[@]}"; do
		order_behind "$old"
	done
	# All places for this server are taken, and some wait for one.
	eventually 60 is_crowded "est-2"
	# Issuing, renewing, reading: by the same daemon, meanwhile.
	order other
	assert_equal 201 "$status" "an order at another EST server: $answer"
	old=$(fingerprint own)
	call certd POST /certificates/own/renew >/dev/null
	eventually 60 renewed_since "$old"
	old=$(fingerprint est-id)
	call certd POST /certificates/est-id/renew >/dev/null
	eventually 60 is_another_than est-id "$old"
	order side
	assert_equal 201 "$status" "an order beside many: $answer"
	assert_contains "$(call certd PUT /certificates/copy \
		"$(call certd GET /certificates/own | jq '{pem}')")" BEGIN "an import beside"
	assert_unanswered "${stuck[@]}"
	stop
}

# How many requests wait for EST servers, each in the lane of its server.
asked_of_servers() {
	call certd GET /metrics |
		awk '/^signet_http_lane_running{lane="est-/ { sum += $2 } END { print sum + 0 }'
}
are_all_asked() { [ "$(asked_of_servers)" -ge "$1" ]; } # NUMBER

has_a_lane_for_each_server_however_many_are_stuck() {
	local id old stuck
	est_device
	silent_start $SERVERS
	mapfile -t stuck < <(seq -f 'stuck-%g' $SERVERS)
	# The one that answers is the last.
	configure "$BY_PASSWORD" "$(for id in "${!stuck[@]}"; do
		printf '%s: { method: est, est: { url: "%s" } }\n' "${stuck[id]}" "${silent_urls[id]}"
	done)
est-id: { method: est, common_name: dev-1, est: { identity_cert: est-id, identity_pk: est-id } }
other: { method: est, common_name: dev-1 }"
	certd_restart
	eventually 60 has_certificate est-id
	order other
	assert_equal 201 "$status" "an order before: $answer"
	for id in "${stuck[@]}"; do
		order_behind "$id"
	done
	eventually 60 are_all_asked $SERVERS
	order other
	assert_equal 201 "$status" "an order beside so many: $answer"
	old=$(fingerprint est-id)
	call certd POST /certificates/est-id/renew >/dev/null
	eventually 60 is_another_than est-id "$old"
	assert_unanswered "${stuck[@]}"
	stop
}

# Nor does a token that hangs: what is there can be read.
reads_while_keyd_does_not_answer() {
	local began waiting wanted=201
	est_device
	mapfile -t waiting < <(seq -f 'waits-%g' $CROWD)
	configure "$BY_PASSWORD" "ca: { method: self_signed, profile: ca, common_name: ca }
side: { method: local_ca, common_name: side, issuer: { cert: ca, pk: ca } }
$(printf '%s: { method: local_ca, issuer: { cert: ca, pk: ca } }\n' "${waiting[@]}")"
	certd_restart
	call keyd POST /keypair '{"keyId":"ca"}' >/dev/null
	call certd POST /certificates/ca/renew >/dev/null
	order side
	assert_equal 201 "$status" "an order: $answer"
	freeze "$(cat "$DEVICE/keyd.pid")"
	began=$SECONDS
	for id in "${waiting[@]}"; do
		order_behind "$id"
	done
	eventually 60 is_crowded issue
	has_certificate side || fail "a certificate beside orders that hang"
	assert_contains "$(call certd GET /certificate-objects)" '"side"' "what PKCS#11 shows"
	assert_unanswered "${waiting[@]}"
	kill -CONT "$(cat "$DEVICE/keyd.pid")"
	for id in "${waiting[@]}"; do
		eventually 60 test -s "$DEVICE/$id.status"
	done
	# None waits for more than half a minute.
	((SECONDS - began < 25)) || wanted='@(201|503)'
	for id in "${waiting[@]}"; do
		assert_matches "$(cat "$DEVICE/$id.status")" "$wanted" "$id, when keyd is back"
	done
	stop
}

run_tests tunnels_through_a_proxy_that_wants_a_password \
	passes_by_the_proxy_where_it_is_not_to_be_used \
	delays_nothing_else_while_a_server_is_stuck \
	has_a_lane_for_each_server_however_many_are_stuck \
	reads_while_keyd_does_not_answer
