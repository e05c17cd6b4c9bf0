#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# A renewed pair of signet-certd that comes no further: nobody proves it, or the
# journal that knows of it is lost.
. "$(dirname "$0")/../../support/harness.sh"
. "$(dirname "$0")/../../support/certd.sh"

stop() {
	daemon_stop certd
	daemon_stop keyd
}

# That of a renewed pair web, whose certificate in place is $old; certd is stopped.
lose_the_journal_of_a_candidate() {
	device_with_pair "prove: user"
	eventually 60 is_idle
	old=$(fingerprint web)
	call certd POST /certificates/web/renew >/dev/null
	eventually 60 has_candidate
	daemon_stop certd
	rm "$SIGNET_STATE_DIR"/certd/renewal/web-*.json
}

# Nobody proves the candidate, from the first moment on and two days later.
tells_of_a_candidate_that_nobody_proves() {
	device_with_pair "prove: user"
	eventually 60 is_idle
	standing() { call certd GET /certificates | jq -c '.certificates[] | select(.id == "web").renewal'; }
	assert_equal "idle false" "$(standing | jq -r '"\(.stage) \(.late)"')" "before"
	call certd POST /certificates/web/renew >/dev/null
	eventually 60 has_candidate
	local since file
	since=$(standing | jq -r .candidateSince)
	assert_equal "candidate false" "$(standing | jq -r '"\(.stage) \(.late)"')" "the list"
	assert_contains "$(call certd GET /certificates/web | jq -c .findings)" \
		"waits since $since" "the findings"
	assert_contains "$(call certd GET /certificates/web/explain | jq -c .notes)" \
		"waits since $since" "what explain says"
	assert_contains "$(signetctl cert list)" "web: a new certificate waits" "cert list"
	assert_contains "$(signetctl cert explain web 2>&1)" "a new certificate waits" "cert explain"
	assert_equal "$(date -d "$since" +%s)" "$(call certd GET /metrics |
		sed -n 's/^signet_certificate_candidate_since_seconds{id="web"} //p')" "the metric"
	assert_equal "ok: " "$(health certd)" "the health at first"
	daemon_stop certd
	file=$(echo "$SIGNET_STATE_DIR"/certd/renewal/web-*.json)
	jq -c ".candidateSince -= 172800" "$file" >"$DEVICE/journal"
	cat "$DEVICE/journal" >"$file"
	daemon_start certd
	assert_matches "$(health certd)" \
		"degraded: certificate 'web': its renewal waits since *" "the health after days"
	assert_equal true "$(standing | jq .late)" "the list after days"
	assert_equal 1 "$(call certd GET /metrics |
		sed -n 's/^signet_certificate_renewal_late{id="web"} //p')" "the metric after days"
	verdict confirm "$(candidate | jq '{digest}')" >/dev/null
	eventually 60 is_idle
	assert_equal "ok: " "$(health certd)" "the health at the end"
	stop
}

# That of a pair that waits for proof: what it made is not known to be its own.
renews_although_its_journal_is_lost() {
	local old
	lose_the_journal_of_a_candidate
	daemon_start certd
	call certd POST /certificates/web/renew >/dev/null
	eventually 60 has_candidate
	assert_equal web-next-2 "$(candidate | jq -r .key)" "the key"
	findings() { call certd GET /certificates/web | jq -c .findings; }
	has_advice() { [[ $(findings) == *"signetctl key delete web-next'"* ]]; }
	eventually 60 has_advice
	verdict confirm "$(candidate | jq '{digest}')" >/dev/null
	eventually 60 is_another_than web "$old"
	eventually 60 is_idle
	has_pair || fail "the pair is none"
	signetctl key delete web-next >/dev/null
	assert_equal "[]" "$(findings)" "the findings when it is deleted"
	daemon_stop keyd
	assert_equal "[]" "$(findings)" "the findings when keyd does not say"
	daemon_stop certd
}

# ... when the key has been switched, and the certificate not.
mends_a_pair_of_which_the_journal_is_lost() {
	local old
	lose_the_journal_of_a_candidate
	keyd POST /keypair/web '{"from":"web-next"}' >/dev/null
	daemon_start certd
	eventually 60 has_candidate
	assert_equal web "$(candidate | jq -r .key)" "the key"
	verdict confirm "$(candidate | jq '{digest}')" >/dev/null
	eventually 60 is_another_than web "$old"
	eventually 60 is_idle
	has_pair || fail "the pair is none"
	stop
}

# keyd's configuration, which certd does not read, says where the key is.
says_at_once_that_a_preloaded_key_cannot_be_replaced() {
	device_create
	token_create
	openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 \
		-out "$DEVICE/web.key"
	keyd_configure "$SOFTHSM_MODULE" "$(token_uri)" \
		"preloaded_keys: { web: \"file://$DEVICE/web.key\" }"
	mkdir -p "$SIGNET_CONFIG_DIR/certd"
	cat >"$SIGNET_CONFIG_DIR/certd/config.yaml" <<YAML
cert_issuance: { certs: { web: { method: self_signed, common_name: web, renewal: {} } } }
principals: [{ user: "$(id -u)", certs: ["*"] }]
YAML
	daemon_start keyd
	daemon_start certd
	local reason="key 'web' is loaded from elsewhere"
	is_said() { [[ $(health certd) == "degraded: certificate 'web': $reason"* ]]; }
	eventually 60 is_said
	eventually 20 grep -qF "certificate 'web': $reason" "$DEVICE/certd.log"
	assert_contains "$(call certd GET /certificates/web/explain | jq -c .notes)" "$reason" "explain"
	call certd POST /certificates/web/renew >/dev/null
	eventually 60 has_certificate web
	assert_contains "$(call certd GET /certificates/web | jq -c .findings)" "$reason" "the findings"
	call certd POST /certificates/web/renew >/dev/null
	is_refused() { [[ $(call certd GET /certificates/web | jq -r .attempts.lastError) == "$reason"* ]]; }
	eventually 60 is_refused
	assert_equal 400 "$(keyd_status GET /keys/web-next)" "a key for nothing"
	stop
}

run_tests says_at_once_that_a_preloaded_key_cannot_be_replaced \
	tells_of_a_candidate_that_nobody_proves \
	renews_although_its_journal_is_lost \
	mends_a_pair_of_which_the_journal_is_lost
