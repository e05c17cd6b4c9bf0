#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# What signet-certd has from an EST server, for as long as it lives: identities are
# renewed or outlived, and an answer that is wrong replaces nothing. It takes as long
# as certificates live, and as a stall may last.
. "$(dirname "$0")/../../support/harness.sh"
. "$(dirname "$0")/../../support/plant.sh"
. "$(dirname "$0")/../../support/est.sh"

# --- the end of an identity ----------------------------------------------------

renews_its_identity_with_a_new_key_before_it_ends() {
	device_with_identity --est-lifetime 40
	local round old key
	# Used up by the first try: only what asks for it by reenrolling meets it.
	cloud fault wrong-key 1 --on reenroll >/dev/null
	for round in 1 2; do
		old=$(fingerprint est-id)
		key=$(key_public est-id)
		eventually 90 is_another_than est-id "$old"
		eventually 30 log_says "renewed"
		[ "$(key_public est-id)" != "$key" ] || fail "round $round: the same key"
		assert_pair est-id
	done
	pem est-id | openssl x509 -noout -checkend 0 >/dev/null ||
		fail "it has expired"
	log_says "attempt 1 to renew it failed" || fail "nothing was asked for by reenrolling"
	log_says "for another key" || fail "the log does not say what was wrong"
	assert_equal '"certificate CN=dev-1"' \
		"$(cloud show certificates -o json | jq '.[-1].requestedBy')" "by whom"
	stop
}

# The server is away for as long as the identity lives.
outlives_its_identity() { # BY-WHOM
	cloud_stop
	local old
	old=$(fingerprint est-id)
	log_fails() { log_says "attempt 2 to renew it failed"; }
	has_expired() { ! pem est-id | openssl x509 -noout -checkend 0; }
	eventually 60 has_expired
	eventually 60 log_fails
	assert_equal "$old" "$(fingerprint est-id)" "what is in place meanwhile"
	cloud_start --est-lifetime 3600 --port "$(sed 's|.*:\([0-9]*\)/.*|\1|' <<<"$est_url")"
	eventually 90 is_another_than est-id "$old"
	assert_pair est-id
	assert_equal "$1" \
		"$(cloud show certificates -o json | jq -r '.[-1].requestedBy')" "by whom"
	stop
}

falls_back_to_the_password_when_its_identity_has_expired() {
	device_with_identity --est-lifetime 15
	outlives_its_identity "user edward"
}

falls_back_to_the_file_when_its_identity_has_expired() {
	est_device --est-lifetime 15
	birth_files born-1
	configure "trusted_certs: [est-ca]
bootstrap_identity_cert: birth
bootstrap_identity_pk: birth" \
		"est-id: { method: est, common_name: dev-1, est: { identity_cert: est-id, identity_pk: est-id } }"
	preload_birth
	daemon_start certd
	eventually 60 has_certificate est-id
	outlives_its_identity "certificate CN=born-1"
}

# What nobody renews ends all the same: a copy that was imported, and a file that the
# configuration names.
logs_the_end_of_what_nobody_renews() {
	est_device --est-lifetime 40
	configure "$BY_PASSWORD" "web: { method: est, common_name: dev-1 }"
	sed -i "s|^preloaded_certs:|&\n  born: \"file://$DEVICE/born.pem\"|" \
		"$SIGNET_CONFIG_DIR/certd/config.yaml"
	daemon_start certd
	order web dev-1
	assert_equal 201 "$status" "an order: $answer"
	pem web >"$DEVICE/born.pem"
	call certd PUT /certificates/copy "$(jq -n --arg pem "$(pem web)" '{pem: $pem}')" >/dev/null
	for id in copy born; do
		eventually 60 log_says "certificate '$id' expired on "
		assert_equal 1 "$(grep -cF "certificate '$id' expired on " "$DEVICE/certd.log")" \
			"how often it is said of '$id'"
	done
	stop
}

# --- a table of faults ---------------------------------------------------------

metric() { call certd GET /metrics | sed -n "s/^signet_certificate_$1} //p"; } # NAME{LABELS
failures() { metric "attempts_total{id=\"$1\",result=\"failure\""; }           # ID

# An order that fails as it should changes nothing but what is told of it.
assert_row() { # ID STATUS CODE PART-OF-THE-MESSAGE WHAT
	local before old
	old=$(pem "$1")
	before=$(failures "$1")
	order "$1" dev-1
	assert_equal "$2" "$status" "$5: $answer"
	assert_contains "$(jq -r .message <<<"$answer")" "$4" "$5"
	assert_equal "$old" "$(pem "$1")" "the certificate after '$5'"
	assert_equal "$((${before:-0} + 1))" "$(failures "$1")" "failures after '$5'"
	assert_equal 1 "$(metric "last_error{id=\"$1\",code=\"$3\"")" "the metric after '$5'"
	assert_contains "$(call certd GET "/certificates/$1" | jq -r .attempts.lastError)" \
		"$4" "what is said of the certificate after '$5'"
}

keeps_the_old_certificate_when_the_answer_is_wrong() {
	local fault status_wanted code part port stall
	est_device
	port=$(sed 's|.*:\([0-9]*\)/.*|\1|' <<<"$est_url")
	# The same server by a name that is not in its certificate, and one where
	# everybody may connect and nobody answers.
	forward 127.0.0.2 "TCP:localhost:$port"
	silent_start
	configure "$BY_PASSWORD" "web: { method: est, common_name: dev-1 }
named: { method: est, common_name: dev-1, est: { url: \"https://127.0.0.2:$forwarded/.well-known/est\" } }
stalled: { method: est, common_name: dev-1, est: { url: \"$silent_url\" } }"
	daemon_start certd
	order web dev-1
	assert_equal 201 "$status" "the first one: $answer"
	for id in named stalled; do
		call certd PUT "/certificates/$id" "$(jq -n --arg pem "$(pem web)" '{pem: $pem}')" >/dev/null
	done
	# It takes a minute; the rest goes on meanwhile.
	(assert_row stalled 503 timeout "did not answer" "a stall") &
	stall=$!
	eventually 60 are_connected 1
	while IFS='|' read -r fault status_wanted code part; do
		# shellcheck disable=SC2086
		cloud fault ${fault/ / 9 } --on enroll >/dev/null
		assert_row web "$status_wanted" "$code" "$part" "$fault"
		cloud fault clear >/dev/null
	done <<'ROWS'
wrong-key |404|upstream|is for another key
wrong-subject |404|upstream|issued for the subject '/CN=stranger'
no-eku |404|upstream|Client
ca |404|upstream|that of a CA
truncated |404|upstream|PKCS#7
clock-ahead |404|upstream|is valid only from
pending 3600|503|unavailable|has not decided yet
401 |404|upstream|does not accept who we are
500 |503|unavailable|The tester ordered this
redirect |404|upstream|https://localhost:9
ROWS
	assert_row named 404 upstream "we do not trust the certificate of" "another name in TLS"
	wait $stall || fail "a stall"
	order web dev-1
	assert_equal 201 "$status" "when all is well again: $answer"
	assert_equal "" "$(metric 'last_error{id="web",code="upstream"')" "the metric then"
	forward_end
	stop
}

run_tests_side_by_side renews_its_identity_with_a_new_key_before_it_ends \
	falls_back_to_the_password_when_its_identity_has_expired \
	falls_back_to_the_file_when_its_identity_has_expired \
	logs_the_end_of_what_nobody_renews \
	keeps_the_old_certificate_when_the_answer_is_wrong
