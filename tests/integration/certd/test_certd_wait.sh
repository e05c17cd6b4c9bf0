#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Who waits for a certificate to change: hundreds at once, and none for nothing.
. "$(dirname "$0")/../../support/harness.sh"

readonly CROWD=300

certd_device() {
	device_with_token
	mkdir -p "$SIGNET_CONFIG_DIR/certd"
	printf 'principals: [{ user: "%s", certs: ["*"] }]\n' "$(id -u)" \
		>"$SIGNET_CONFIG_DIR/certd/config.yaml"
	pki root
	pki device-identity old --issuer root
	pki device-identity new --issuer root
	daemon_start keyd
	daemon_start certd
	put old
}

put() { # NAME
	local answer
	answer=$(call certd PUT /certificates/web \
		"$(jq -n --rawfile pem "$(leaf_of "$1")" '{pem: $pem}')")
	assert_contains "$answer" BEGIN "importing $1"
}

etag() { call certd GET /certificates/web | jq -r .etag; }

# Each answer into $DEVICE/answers/NUMBER.
crowd_waits() { # ETAG SECONDS
	local number
	mkdir "$DEVICE/answers"
	for ((number = 0; number < CROWD; number++)); do
		printf 'url = "http://certd.sock/certificates/web?api-version=2026-12-01&wait=%s&timeout=%s"\n' "$1" "$2"
		printf 'output = "%s/answers/%d"\n' "$DEVICE" "$number"
	done >"$DEVICE/crowd"
	curl -s --no-progress-meter --parallel --parallel-immediate --parallel-max "$CROWD" \
		--max-time 60 --unix-socket "$SIGNET_RUNTIME_DIR/certd.sock" \
		-w '%{http_code}\n' -K "$DEVICE/crowd" >"$DEVICE/statuses" &
	crowd=$!
}

waiting() {
	call certd GET /metrics | sed -n 's/^signet_certd_waiting //p'
}

until_waiting() { # COUNT
	local attempt
	for ((attempt = 0; attempt < 300; attempt++)); do
		[ "$(waiting)" = "$1" ] && return
		sleep 0.1
	done
	fail "$(waiting) calls wait, not $1"
}

statuses() { sort "$DEVICE/statuses" | uniq -c | tr -s ' ' | sed 's/^ //'; }

wakes_hundreds_when_a_certificate_changes() {
	local before after
	certd_device
	before=$(etag)
	crowd_waits "$before" 50
	until_waiting "$CROWD"
	# It holds up nobody else.
	assert_equal "$before" "$(etag)" "a call beside them"
	put new
	wait "$crowd"
	assert_equal "$CROWD 200" "$(statuses)" "answers"
	after=$(etag)
	assert_equal "$CROWD $after" \
		"$(jq -r .etag "$DEVICE"/answers/* | sort | uniq -c | sed 's/^ *//')" "etags"
	assert_equal 0 "$(waiting)" "calls that still wait"
	daemon_stop certd
	daemon_stop keyd
}

answers_who_waits_in_vain_with_nothing() {
	local status
	certd_device
	status=$(call certd GET /certificates/web "" -o "$DEVICE/body" -w '%{http_code}' \
		--url-query "wait=$(etag)" --url-query timeout=1)
	assert_equal 204 "$status" "status"
	[ ! -s "$DEVICE/body" ] || fail "there is a body"
	status=$(call certd GET /certificates/web "" -o "$DEVICE/body" -w '%{http_code}' \
		--url-query "wait=$(etag)" --url-query timeout=0)
	assert_equal 400 "$status" "a timeout of nothing"
}

wakes_who_waits_for_one_that_is_deleted() {
	certd_device
	CROWD_ETAG=$(etag)
	crowd_waits "$CROWD_ETAG" 50
	until_waiting "$CROWD"
	assert_equal 204 "$(call certd DELETE /certificates/web "" -w '%{http_code}')" "delete"
	wait "$crowd"
	assert_equal "$CROWD 400" "$(statuses)" "answers"
}

stops_at_once_though_hundreds_wait() {
	certd_device
	crowd_waits "$(etag)" 50
	until_waiting "$CROWD"
	daemon_stop certd
	wait "$crowd" || true
	assert_equal "$CROWD 204" "$(statuses)" "answers"
}

# In vain, it is woken more often than it waits.
waits_no_longer_than_it_wants_to_however_often_it_is_woken() {
	local round
	certd_device
	call certd GET /certificates/web "" -o /dev/null -w '%{http_code}' \
		--url-query "wait=$(etag)" --url-query timeout=2 >"$DEVICE/status" &
	for ((round = 0; round < 150; round++)); do
		[ ! -s "$DEVICE/status" ] || break
		put old
		sleep 0.1
	done
	[ "$round" -lt 150 ] || fail "it still waits"
	assert_equal 204 "$(cat "$DEVICE/status")" "status"
}

wakes_who_waits_for_a_list_when_a_member_changes() {
	local before waits
	certd_device
	daemon_stop certd
	echo 'preloaded_certs: { bundle: [inner, none], inner: [web] }' \
		>>"$SIGNET_CONFIG_DIR/certd/config.yaml"
	daemon_start certd
	before=$(call certd GET /certificates/bundle | jq -r .etag)
	call certd GET /certificates/bundle "" \
		--url-query "wait=$before" --url-query timeout=50 >"$DEVICE/bundle" &
	waits=$!
	until_waiting 1
	put new
	wait "$waits"
	assert_equal "$(cat "$(leaf_of new)")" "$(jq -r .pem "$DEVICE/bundle")" "the list then"
	daemon_stop certd
	daemon_stop keyd
}

forgets_who_has_left() {
	certd_device
	crowd_waits "$(etag)" 50
	until_waiting "$CROWD"
	kill "$crowd"
	wait "$crowd" 2>/dev/null || true
	until_waiting 0
	put new
}

run_tests \
	wakes_hundreds_when_a_certificate_changes \
	answers_who_waits_in_vain_with_nothing \
	wakes_who_waits_for_one_that_is_deleted \
	stops_at_once_though_hundreds_wait \
	waits_no_longer_than_it_wants_to_however_often_it_is_woken \
	wakes_who_waits_for_a_list_when_a_member_changes \
	forgets_who_has_left
