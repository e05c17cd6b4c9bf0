#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# signet-certd keeps certificates of the local CA fresh, with keys in a token:
# candidates that somebody has to prove, and a daemon that is killed amid it.
. "$(dirname "$0")/../../support/harness.sh"
. "$(dirname "$0")/../../support/certd.sh"

stop() {
	daemon_stop certd
	daemon_stop keyd
}

# --- looking -----------------------------------------------------------------

wait_for_candidate() {
	curl -s --max-time 70 --unix-socket "$SIGNET_RUNTIME_DIR/certd.sock" \
		"http://certd.sock/certificates/web/candidate?api-version=2026-12-01&wait=none"
}

# --- tests -------------------------------------------------------------------

renews_what_is_asked_for_with_a_new_key() {
	device_with_pair ""
	local old key
	eventually 60 is_idle
	old=$(fingerprint web)
	key=$(key_public web)
	assert_equal 202 "$(call certd POST /certificates/web/renew '' \
		-o /dev/null -w '%{http_code}')" "asking for it"
	eventually 60 is_another_than web "$old"
	eventually 60 is_idle
	[ "$(key_public web)" != "$key" ] || fail "it has the same key"
	has_pair || fail "the pair is none"
	assert_equal 400 "$(keyd_status GET /keys/web-next)" "the key of the candidate"
	stop
}

# Somebody has chosen it: another would shut out whom it was chosen for. certd gets a
# certificate for the key that it finds.
keeps_the_kind_of_key() {
	device_with_pair ""
	local kind text old key
	has_kind() { [[ $(pem web | openssl x509 -noout -text) == *"$1"* ]]; } # TEXT
	while read -r kind text; do
		eventually 60 is_idle
		daemon_stop certd
		signetctl key delete web
		signetctl key create web --algorithm "$kind" >/dev/null
		daemon_start certd
		eventually 60 has_pair
		eventually 60 is_idle
		has_kind "$text" || fail "the certificate is not for the $kind key"
		old=$(fingerprint web)
		key=$(key_public web)
		call certd POST /certificates/web/renew >/dev/null
		eventually 60 is_another_than web "$old"
		eventually 60 is_idle
		[ "$(key_public web)" != "$key" ] || fail "it has the same key"
		has_pair || fail "the pair is none"
		has_kind "$text" || fail "the new key is no $kind"
	done <<-'END'
		rsa-3072 Public-Key: (3072 bit)
		ec-p384 NIST CURVE: P-384
	END
	stop
}

keeps_the_old_pair_until_its_user_confirms_the_new_one() {
	device_with_pair "prove: user"
	eventually 60 is_idle
	local digest old
	old=$(fingerprint web)
	assert_equal 400 "$(call certd GET /certificates/web/candidate '' \
		-o /dev/null -w '%{http_code}')" "before there is one"
	wait_for_candidate >"$DEVICE/waited" &
	call certd POST /certificates/web/renew >/dev/null
	wait $!
	digest=$(candidate | jq -r .digest)
	assert_equal "$digest" "$(jq -r .digest "$DEVICE/waited")" "what came to who waited"
	assert_equal web-next "$(candidate | jq -r .key)" "its key"
	assert_equal "$(key_public web-next)" \
		"$(candidate | jq -r .pem | openssl x509 -noout -pubkey)" "the pair"
	assert_equal "$old" "$(fingerprint web)" "what is in place"
	assert_equal 400 "$(verdict confirm '{"digest":"00"}')" "another digest"
	daemon_stop certd
	daemon_start certd
	assert_equal "$digest" "$(candidate | jq -r .digest)" "after a restart"
	assert_equal 204 "$(verdict reject \
		"{\"digest\":\"$digest\",\"reason\":\"no way\"}")" "rejecting"
	assert_contains "$(journal)" "no way" "the journal"
	assert_equal "$old" "$(fingerprint web)" "what is in place then"
	has_pair || fail "the old pair is none"
	daemon_stop certd
	daemon_start certd
	assert_contains "$(call certd GET /certificates/web | jq -r .attempts.lastError)" \
		"no way" "the last error after a restart"
	assert_equal 0 "$(call certd GET /certificates/web | jq .attempts.failed)" \
		"what is counted"
	call certd POST /certificates/web/renew >/dev/null
	eventually 60 has_candidate
	digest=$(candidate | jq -r .digest)
	assert_equal 204 "$(verdict confirm "{\"digest\":\"$digest\"}")" "confirming"
	assert_equal 204 "$(verdict confirm "{\"digest\":\"$digest\"}")" "confirming again"
	eventually 60 is_another_than web "$old"
	eventually 60 is_idle
	has_pair || fail "the new pair is none"
	assert_equal 401 "$(CALLER=65534 verdict confirm '{"digest":"00"}')" "a stranger"
	stop
}

# keyd does not answer, so that no more than the promise is there.
keeps_a_promise_when_it_is_killed_right_behind_it() {
	device_with_pair ""
	eventually 60 is_idle
	local old
	old=$(fingerprint web)
	freeze "$(cat "$DEVICE/keyd.pid")"
	assert_equal 202 "$(call certd POST /certificates/web/renew '' \
		-o /dev/null -w '%{http_code}')" "asking for it"
	daemon_kill certd
	assert_equal idle "$(journal | jq -r .stage)" "what has been done"
	kill -CONT "$(cat "$DEVICE/keyd.pid")"
	daemon_start certd
	eventually 60 is_another_than web "$old"
	eventually 60 is_idle
	assert_equal null "$(journal | jq -c .wish)" "what is left to do"
	has_pair || fail "the new pair is none"
	stop
}

leaves_a_pair_whenever_it_is_killed() {
	device_with_pair ""
	eventually 60 is_idle
	local round old
	for round in 0 2 4 6 8 11 15 20; do
		old=$(fingerprint web)
		call certd POST /certificates/web/renew >/dev/null
		sleep "0.$(printf '%02d' "$round")"
		daemon_kill certd
		daemon_start certd
		# Between the switch of the key and that of the certificate there is
		# a moment, which a new certd ends.
		eventually 60 has_pair
		if is_idle && [ "$(fingerprint web)" = "$old" ]; then
			call certd POST /certificates/web/renew >/dev/null
		fi
		eventually 60 is_another_than web "$old"
		eventually 60 is_idle
		has_pair || fail "at the end of round $round: $(journal)"
	done
	stop
}

obeys_its_rules_when_it_is_only_renewed_if_told_to() {
	device_with_pair "automatic: 'false', prove: user"
	eventually 60 is_idle
	local old key
	old=$(fingerprint web)
	key=$(key_public web)
	assert_equal 202 "$(call certd POST /certificates/web/renew '' \
		-o /dev/null -w '%{http_code}')" "asking for it"
	eventually 60 has_candidate
	assert_equal "$old" "$(fingerprint web)" "what is in place"
	verdict confirm "$(candidate | jq '{digest}')" >/dev/null
	eventually 60 is_another_than web "$old"
	eventually 60 is_idle
	[ "$(key_public web)" != "$key" ] || fail "it has the same key"
	stop
}

# The CA was made for 10 days; now it is to be good for 100, and its child 30;
# and then for 300, as a program asks for 200 days.
renews_a_ca_for_a_child_that_does_not_fit_into_its_life() {
	device_create
	token_create
	keyd_configure "$SOFTHSM_MODULE" "$(token_uri)"
	mkdir -p "$SIGNET_CONFIG_DIR/certd"
	configure_ca() { # EXPIRY-DAYS
		cat >"$SIGNET_CONFIG_DIR/certd/config.yaml" <<YAML
cert_issuance:
  renewal: { window: 80% }
  certs:
    ca: { method: self_signed, profile: ca, common_name: ca, expiry_days: $1, renewal: { ${2:-} } }
    web: { method: local_ca, issuer: { cert: ca, pk: ca }, common_name: web, expiry_days: 30 }
    app: { method: local_ca, issuer: { cert: ca, pk: ca }, renewal: { automatic: "false" }, expiry_days: 200 }
principals: [{ user: "$(id -u)", certs: ["*"] }]
YAML
	}
	configure_ca 10
	daemon_start keyd
	daemon_start certd
	call certd POST /certificates/ca/renew >/dev/null
	eventually 60 has_certificate ca
	local old
	old=$(fingerprint ca)
	call certd POST /certificates/web/renew >/dev/null
	refuses() { grep -q "'web': attempt 1 to renew it failed" "$DEVICE/certd.log"; }
	eventually 60 refuses
	assert_equal "$old" "$(fingerprint ca)" "a CA that would be no longer good"
	daemon_stop certd
	configure_ca 100
	daemon_start certd
	call certd POST /certificates/web/renew >/dev/null
	eventually 60 is_another_than ca "$old"
	call certd POST /certificates/web/renew >/dev/null
	eventually 60 has_certificate web
	daemon_stop certd
	configure_ca 300 "prove: user"
	daemon_start certd
	openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
		-keyout "$DEVICE/app.key" -out "$DEVICE/app.csr" -subj /CN=app 2>/dev/null
	ask() { # [MEMBERS]; prints the answer and its status
		call certd POST /certificates "$(jq -n --rawfile csr "$DEVICE/app.csr" \
			"{certId: \"app\", csr: \$csr} + {$*}")" -w '%{http_code}'
	}
	# Who may not, or asks for nonsense, is told so, and has no CA renewed.
	assert_matches "$(ask 'issuer: {certId: "ca", privateKeyHandle: "forged"}')" \
		"*privateKeyHandle*40[0-9]" "a forged handle"
	assert_matches "$(ask 'csr: "none"')" "*cannot issue*400" "no request"
	assert_matches "$(ask)" "*CA 'ca' ends before the 200 days*is renewed first*503" \
		"what does not fit yet"
	# Until who uses the CA has proved the new one there is no use in hurry.
	eventually 60 has_candidate ca
	assert_matches "$(ask)" "*CA 'ca' ends before the 200 days*waits for who uses it*503" \
		"what waits for a user of the CA"
	call certd POST /certificates/ca/candidate/confirm \
		"$(candidate ca | jq '{digest}')" >/dev/null
	is_issued() { [[ $(ask) == *201 ]]; }
	eventually 60 is_issued
	assert_equal app "$(pem app | openssl x509 -noout -subject | sed 's/.*= *//')" "whose it is"
	stop
}

says_what_keeps_it_from_renewing() {
	device_with_pair ""
	eventually 60 is_idle
	daemon_stop keyd
	call certd POST /certificates/web/renew >/dev/null
	log_says() { grep -q "attempt 1 to renew it failed.*keyd" "$DEVICE/certd.log"; }
	eventually 60 log_says
	assert_contains "$(call certd GET /certificates/web | jq -r .attempts.lastError)" \
		"keyd" "what is said of the certificate"
	last_error() {
		call certd GET /metrics |
			grep '^signet_certificate_last_error{id="web",code="[a-z_]*"} 1$'
	}
	last_error >/dev/null || fail "no metric says that it fails"
	daemon_start keyd
	# By itself it may just have begun again.
	eventually 60 has_pair
	call certd POST /certificates/web/renew >/dev/null
	is_over() { ! last_error; }
	eventually 60 is_over
	stop
}

run_tests renews_what_is_asked_for_with_a_new_key \
	keeps_the_kind_of_key \
	keeps_the_old_pair_until_its_user_confirms_the_new_one \
	keeps_a_promise_when_it_is_killed_right_behind_it \
	leaves_a_pair_whenever_it_is_killed \
	obeys_its_rules_when_it_is_only_renewed_if_told_to \
	renews_a_ca_for_a_child_that_does_not_fit_into_its_life \
	says_what_keeps_it_from_renewing
