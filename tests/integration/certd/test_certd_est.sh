#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# signet-certd enrolls at signet-cloud's EST server and keeps what it got fresh:
# with keys in a token behind signet-keyd, and with a server that does what
# servers do. What takes as long as certificates live is in test_certd_est_lives.sh.
. "$(dirname "$0")/../../support/harness.sh"
. "$(dirname "$0")/../../support/plant.sh"
. "$(dirname "$0")/../../support/est.sh"

health_says() { [[ $(call certd GET /health | jq -r .message) == *"$1"* ]]; } # TEXT
finds() { [[ $(call certd GET /certificates/est-id | jq -c .findings) == *"$1"* ]]; } # TEXT

# The identity first, for which a request does not wait for ever.
is_ordered() { # ID
	order "$1"
	[ "$status" = 201 ]
}

# --- tests -------------------------------------------------------------------

enrolls_its_identity_and_then_others_with_it() {
	est_device
	cloud est csrattrs key:P-384,ecdsa-with-SHA384 >/dev/null
	configure "$BY_PASSWORD
identity_cert: est-id
identity_pk: est-id" "device-id: { method: est, common_name: dev-1 }"
	daemon_start certd
	eventually 60 is_ordered device-id
	pem device-id | openssl verify -CAfile "$DEVICE/cloud/ca.pem" \
		-untrusted <(pem device-id) >/dev/null
	assert_equal "subject=CN = dev-1" \
		"$(pem est-id | openssl x509 -noout -subject)" "the identity"
	assert_pair est-id
	assert_contains "$(pem est-id | openssl x509 -noout -text)" "P-384" \
		"the kind of key that the server wishes for"
	assert_equal est "$(call certd GET /certificates/est-id/explain |
		jq -r '.settings[] | select(.key == "method").value')" "the identity's method"
	assert_equal '[true,"est","est-id"]' "$(call certd GET /certificates/est-id |
		jq -c '.policy | [.renewed, .method, .key]')" "the identity's policy"
	# The second was asked for with the first, not by password.
	assert_equal '"certificate CN=dev-1"' \
		"$(cloud show certificates -o json | jq '.[-1].requestedBy')" "by whom"
	assert_equal 202 "$(call certd POST /certificates/est-id/renew '' \
		-o /dev/null -w '%{http_code}')" "renewing the identity"
	stop
}

# An EST identity and a certificate that its user proves, both on their way at any
# moment of it. What has been promised is kept in the end.
leaves_pairs_whenever_it_is_killed_amid_two_renewals() {
	est_device
	configure "$BY_PASSWORD
identity_cert: est-id
identity_pk: est-id" "device-id: { method: est, common_name: dev-1, renewal: { prove: user } }"
	daemon_start certd
	eventually 60 has_certificate est-id
	renew() { call certd POST "/certificates/$1/renew" >/dev/null; } # ID
	renew device-id
	eventually 60 has_certificate device-id
	local pause identity device
	identity=$(fingerprint est-id)
	device=$(fingerprint device-id)
	confirm_what_waits() {
		local digest
		digest=$(candidate device-id | jq -r '.digest // empty')
		[ -z "$digest" ] || call certd POST /certificates/device-id/candidate/confirm \
			"{\"digest\": \"$digest\"}" >/dev/null
	}
	for pause in 0.1 0.3 0.5; do
		renew est-id
		renew device-id
		sleep "$pause"
		daemon_kill certd
		daemon_start certd
		eventually 60 has_pair est-id
		eventually 60 has_pair device-id
		confirm_what_waits
	done
	# What was interrupted in a way that is no passing trouble waits by its life.
	is_renewed() { is_another_than "$1" "$2" || { renew "$1" && false; }; } # ID FINGERPRINT
	are_others() {
		confirm_what_waits
		is_renewed est-id "$identity" && is_renewed device-id "$device"
	}
	eventually 60 are_others
	eventually 60 has_pair est-id
	eventually 60 has_pair device-id
	stop
}

# Far from the end of its life, and nobody has asked for it: it begins again as it
# began. Whoever asks for another meanwhile waits.
begins_again_when_the_key_of_its_identity_is_lost() {
	est_device
	configure "$BY_PASSWORD
identity_cert: est-id
identity_pk: est-id" "web: { method: est, common_name: dev-1 }
app: { method: est, common_name: dev-1 }"
	daemon_start certd
	eventually 60 is_ordered web
	local old key
	old=$(fingerprint est-id)
	key=$(key_public est-id)
	signetctl key delete est-id
	eventually 60 is_ordered web
	is_another_than est-id "$old" || fail "the identity is the old one"
	assert_pair est-id
	[ "$(key_public est-id)" != "$key" ] || fail "the key is the old one"
	assert_equal '["user edward","certificate CN=dev-1","user edward","certificate CN=dev-1"]' \
		"$(cloud show certificates -o json | jq -c '[.[].requestedBy]')" "by whom"
	log_says "keyd does not have its key 'est-id' any more" || fail "the log is silent"
	# Where there is nothing to begin with it is told, and asked for again.
	daemon_stop certd
	sed -i "/username\|password/d" "$SIGNET_CONFIG_DIR/certd/config.yaml"
	signetctl key delete est-id
	daemon_start certd
	eventually 30 log_says "nothing valid to prove ourselves with"
	# A glance at keyd is short, and says nothing if keyd does not answer in time.
	eventually 20 health_says "certificate 'est-id': keyd does not have its key 'est-id'"
	eventually 20 finds "keyd does not have its key 'est-id'"
	call certd POST /certificates/app/renew >/dev/null
	eventually 30 log_says "the EST identity 'est-id' cannot be used: keyd does not have its key"
	# With a key and no certificate for it nothing works, either.
	daemon_stop certd
	configure "${BY_PASSWORD/sesame/wrong}
identity_cert: est-id
identity_pk: est-id" "web: { method: est, common_name: dev-1 }"
	daemon_start certd
	eventually 60 health_says "certificate 'est-id' is not for the key that keyd has"
	stop
}

enrolls_by_password_and_by_a_birth_certificate() {
	est_device
	birth_files dev-1
	configure "$BY_PASSWORD" "web: { method: est }
born: { method: est, est: { bootstrap_identity_cert: birth, bootstrap_identity_pk: birth } }"
	preload_birth
	sed -i "/username\|password/d" "$SIGNET_CONFIG_DIR/certd/config.yaml"
	daemon_start certd
	order web
	assert_equal 400 "$status" "with nothing to prove ourselves: $answer"
	order born
	assert_equal 201 "$status" "with a birth certificate: $answer"
	daemon_stop certd
	configure "$BY_PASSWORD" "web: { method: est }"
	daemon_start certd
	order web
	assert_equal 201 "$status" "by password: $answer"
	stop
}

# Each certificate has a user and a password of its own, or those for all: never
# another's.
enrolls_as_the_user_of_each_certificate() {
	est_device
	echo open >"$DEVICE/password"
	cloud est user frida --password-file "$DEVICE/password"
	requester() { cloud show certificates -o json | jq -r '.[-1].requestedBy'; }
	configure "trusted_certs: [est-ca]
username: edward
password: wrong" "own: { method: est, est: { username: frida, password: open } }
mixed: { method: est, est: { username: frida, password: sesame } }
plain: { method: est }"
	daemon_start certd
	order own
	assert_equal 201 "$status" "by its own password: $answer"
	assert_equal "user frida" "$(requester)" "by whom"
	order mixed
	assert_contains "$answer" "does not accept who we are" "by another user's password"
	order plain
	assert_contains "$answer" "does not accept who we are" "by the wrong one for all"
	daemon_stop certd
	configure "$BY_PASSWORD" "wrong: { method: est, est: { username: frida, password: wrong } }
plain: { method: est }"
	daemon_start certd
	order wrong
	assert_contains "$answer" "does not accept who we are" "by its own, which is wrong"
	order plain
	assert_equal 201 "$status" "by the one for all: $answer"
	assert_equal "user edward" "$(requester)" "by whom then"
	stop
}

says_that_its_key_is_not_of_the_kind_that_the_server_wants() {
	est_device
	configure "$BY_PASSWORD" "web: { method: est, common_name: dev-1, renewal: { rotate_key: false } }"
	daemon_start certd
	call certd POST /certificates/web/renew >/dev/null
	eventually 60 log_says "renewed"
	cloud est csrattrs key:P-384 >/dev/null
	cloud fault 401 9 --on reenroll >/dev/null
	call certd POST /certificates/web/renew >/dev/null
	eventually 60 log_says "what is not in the request: ec-p384"
	stop
}

# The server does what it is asked for, but for what it is used for now that is of
# no use.
keeps_the_old_pair_if_the_new_certificate_cannot_serve() {
	est_device
	local web='web: { method: est, common_name: dev-1 }' old key
	configure "$BY_PASSWORD" "$web"
	daemon_start certd
	renew() { assert_equal '"renewing"' "$(call certd POST /certificates/web/renew | jq .status)"; }
	renew
	eventually 60 has_certificate web
	eventually 30 log_says "renewed"
	old=$(fingerprint web)
	key=$(key_public web)
	daemon_stop certd
	configure "$BY_PASSWORD" "$web
below: { method: local_ca, issuer: { cert: web, pk: web } }"
	daemon_start certd
	renew
	eventually 60 log_says "the certificate is to be a CA's"
	assert_equal "$old" "$(fingerprint web)" "the certificate that is in place"
	assert_equal "$key" "$(key_public web)" "the key that is in place"
	daemon_stop certd
	configure "$BY_PASSWORD" "$web"
	daemon_start certd
	renew
	eventually 60 is_another_than web "$old"
	assert_pair web
	stop
}

# A candidate has to get through a handshake with the server, with its own key and
# certificate: what the server takes back at once never takes the old one's place.
keeps_the_old_pair_if_the_server_refuses_the_new_one() {
	local old key serial
	device_with_identity
	old=$(fingerprint est-id)
	key=$(key_public est-id)
	cloud fault revoked >/dev/null --on reenroll
	call certd POST /certificates/est-id/renew >/dev/null
	eventually 60 log_says "refuses our certificate: TLS alert 'certificate revoked'"
	assert_equal "$old" "$(fingerprint est-id)" "the certificate that is in place"
	assert_equal "$key" "$(key_public est-id)" "the key that is in place"
	# It was the candidate that was shown.
	serial=$(cloud show certificates -o json | jq -r '.[] | select(.revoked).serial')
	grep -qF "a handshake shows the revoked certificate $serial" "$DEVICE/cloud.log" ||
		fail "the server did not see the candidate"
	assert_contains "$(jq -r .error "$SIGNET_STATE_DIR"/certd/renewal/*.json)" \
		"proving the new certificate" "the journal"
	assert_contains "$(call certd GET /certificates/est-id | jq -r .attempts.lastError)" \
		"certificate revoked" "what is said of the certificate"
	assert_equal '["idle",null]' "$(jq -c '[.stage, .certificate]' \
		"$SIGNET_STATE_DIR"/certd/renewal/*.json)" "the candidate"
	# A later attempt goes on, by the old pair, with another key.
	call certd POST /certificates/est-id/renew >/dev/null
	eventually 60 is_another_than est-id "$old"
	[ "$(key_public est-id)" != "$key" ] || fail "the same key"
	assert_pair est-id
	assert_equal '"certificate CN=dev-1"' \
		"$(cloud show certificates -o json | jq '.[-1].requestedBy')" "by whom"
	stop
}

assert_good_for() { # ID PURPOSE
	pem "$1" | openssl verify -CAfile "$DEVICE/cloud/ca.pem" -purpose "$2" \
		-untrusted <(pem "$1") >/dev/null || fail "'$1' is not good for $2"
}

# Whoever makes the request, and whatever it says of it: certd, or a program whose
# request has no extensions.
gets_and_expects_what_the_profile_is() {
	local profiles='web: { method: est, profile: server, common_name: dev-1 }
own: { method: est, profile: server, common_name: dev-1 }
ca-1: { method: est, profile: ca, common_name: ca-1, path_length: 1 }
leaf: { method: local_ca, common_name: leaf, issuer: { cert: ca-1, pk: ca-1 } }'
	est_device
	configure "$BY_PASSWORD" "$profiles"
	daemon_start certd
	order web dev-1
	assert_equal 404 "$status" "a client's certificate for a server: $answer"
	assert_contains "$answer" "TLS Web Server" "what is missing"
	order ca-1 ca-1
	assert_equal 404 "$status" "a client's certificate for a CA: $answer"
	assert_contains "$answer" "not that of a CA" "what is missing"
	call certd POST /certificates/own/renew >/dev/null
	eventually 60 log_says "lacks the extended key usage 'TLS Web Server"

	cloud est usages server,ca
	order web dev-1
	assert_equal 201 "$status" "a server's: $answer"
	assert_good_for web sslserver
	call certd POST /certificates/own/renew >/dev/null
	eventually 60 has_certificate own
	assert_good_for own sslserver
	assert_pair own
	call certd POST /certificates/ca-1/renew >/dev/null
	eventually 60 log_says "has the path length 0 instead of 1"

	cloud est usages client,ca:1
	call certd POST /certificates/ca-1/renew >/dev/null
	eventually 60 has_certificate ca-1
	call keyd POST /keypair '{"keyId":"leaf"}' >/dev/null
	call certd POST /certificates/leaf/renew >/dev/null
	eventually 60 has_certificate leaf
	assert_good_for leaf sslclient
	stop
}

tries_again_what_is_pending_or_in_trouble() {
	device_with_identity
	daemon_stop certd
	configure "$BY_PASSWORD" "web: { method: est, common_name: dev-1 }"
	daemon_start certd
	cloud fault pending 2 1 --on enroll >/dev/null
	cloud fault 500 1 --on enroll >/dev/null
	order web dev-1
	assert_equal 201 "$status" "202, 202, 500 and then 200: $answer"
	cloud fault 500 9 --on enroll >/dev/null
	order web dev-1
	assert_equal 503 "$status" "500 for ever: $answer"
	assert_contains "$answer" "The tester ordered this" "what the server says"
	stop
}

# A birth certificate with the last two days of its life before it.
born_long_ago() {
	local made
	for made in root "device-identity dev-1"; do
		# shellcheck disable=SC2086
		signetctl testpki $made --dir "$DEVICE/pki" --not-before 2020-01-01T00:00:00Z \
			--not-after "$(date -u -d '2 days' +%FT%TZ)" >/dev/null
	done
	cp "$DEVICE"/pki/certs/*-dev-1-full-chain.cert.pem "$DEVICE/birth-chain.pem"
	daemon_stop keyd
	keyd_configure "$SOFTHSM_MODULE" "$(token_uri)" \
		"preloaded_keys: { birth: \"file://$(echo "$DEVICE"/pki/private/*-dev-1.key.pem)\" }"
	daemon_start keyd
}

trusts_a_server_by_fingerprint_or_not_at_all() {
	est_device
	local print port
	port=$(sed 's|.*:\([0-9]*\)/.*|\1|' <<<"$est_url")
	# Where the same server is, by a name that its certificate does not have.
	forward 127.0.0.2 "TCP:localhost:$port"
	print=$(openssl x509 -in "$DEVICE/cloud/ca.pem" -noout -fingerprint -sha256)
	configure "fingerprint: \"${print#*=}\"
username: edward
password: sesame" "web: { method: est }
no-ca: { method: est, est: { url: \"https://127.0.0.2:$forwarded/.well-known/est\" } }"
	daemon_start certd
	order web
	assert_equal 201 "$status" "by fingerprint: $answer"
	order no-ca
	assert_contains "$answer" "we do not trust the certificate of" "another name"
	forward_end
	daemon_stop certd
	configure "fingerprint: \"$(printf '0%.0s' {1..64})\"
username: edward
password: sesame" "web: { method: est }"
	daemon_start certd
	order web
	assert_contains "$answer" "fingerprint" "another fingerprint"
	daemon_stop certd
	configure "username: edward
password: sesame" "web: { method: est }"
	daemon_start certd
	order web
	assert_contains "$answer" "est.trusted_certs" "nobody to trust"
	assert_contains "$(health certd)" "degraded: certificate 'web': est: nothing says who" \
		"what is said before anybody asks"
	daemon_stop certd
	configure "$BY_PASSWORD" "web: { method: est, est: { url: \"http://127.0.0.1:9\" } }"
	daemon_start certd
	order web
	assert_contains "$answer" "'url' is http" "plain http"
	assert_contains "$(health certd)" "degraded: certificate 'web': est: 'url' is http" \
		"what is said before anybody asks"
	daemon_stop certd
	configure "${BY_PASSWORD/est-ca/est-cb}" "web: { method: est }"
	daemon_start certd
	assert_contains "$(health certd)" "est.trusted_certs: there is no certificate 'est-cb'" \
		"an anchor that is not there"
	daemon_stop certd
	born_long_ago
	configure "$BY_PASSWORD
identity_cert: birth
identity_pk: birth" "web: { method: est }"
	preload_birth
	daemon_start certd
	assert_contains "$(health certd)" \
		"degraded: certificate 'birth', with which EST is asked, is a file that" \
		"an identity that nobody renews and that ends soon"
	assert_equal true "$(call certd GET /health | jq .passing)" "whether all works still"
	stop
}

# http is by a tunnel to the server, which itself speaks https only.
lets_pass_what_aziot_does_with_a_warning_each() {
	local authority
	est_device
	configure "username: edward
password: sesame" "web: { method: est, common_name: dev-1 }"
	daemon_start certd
	order web
	assert_equal 400 "$status" "with nobody to trust: $answer"
	daemon_stop certd
	# What the system trusts is in SSL_CERT_FILE here.
	echo "compat: aziot" >>"$SIGNET_CONFIG_DIR/certd/config.yaml"
	daemon_start certd
	order web
	assert_equal 201 "$status" "by the system's roots: $answer"
	log_says "certificate 'web': its EST server may be whoever the system" ||
		fail "no warning about the system's roots"
	daemon_stop certd

	authority=${est_url#https://}
	forward 127.0.0.1 "OPENSSL:${authority%%/*},cafile=$DEVICE/cloud/ca.pem"
	est_url=http://127.0.0.1:$forwarded/.well-known/est
	configure "username: edward
password: sesame" "web: { method: est, common_name: dev-1 }"
	echo "compat: aziot" >>"$SIGNET_CONFIG_DIR/certd/config.yaml"
	daemon_start certd
	order web
	assert_equal 201 "$status" "by http: $answer"
	log_says "certificate 'web': its EST server is asked by http" ||
		fail "no warning about http"
	forward_end
	stop
}

run_tests enrolls_its_identity_and_then_others_with_it \
	leaves_pairs_whenever_it_is_killed_amid_two_renewals \
	begins_again_when_the_key_of_its_identity_is_lost \
	enrolls_by_password_and_by_a_birth_certificate \
	enrolls_as_the_user_of_each_certificate \
	keeps_the_old_pair_if_the_new_certificate_cannot_serve \
	keeps_the_old_pair_if_the_server_refuses_the_new_one \
	gets_and_expects_what_the_profile_is \
	says_that_its_key_is_not_of_the_kind_that_the_server_wants \
	tries_again_what_is_pending_or_in_trouble \
	trusts_a_server_by_fingerprint_or_not_at_all \
	lets_pass_what_aziot_does_with_a_warning_each
