#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# signet-cloud's EST server as EST clients use it: curl for HTTP, openssl for
# requests and PKCS#7.
. "$(dirname "$0")/../../support/harness.sh"
. "$(dirname "$0")/../../support/plant.sh"

est_plant() { # SERVE-OPTION...
	device_create
	signet-cloud init --data "$DEVICE/cloud" >/dev/null
	echo sesame >"$DEVICE/password"
	cloud est user edward --password-file "$DEVICE/password"
	start cloud "$@"
	use cloud
	est_url=$(jq -r .est_url "$data/cloud.json")
}

est() { # METHOD OPERATION [CURL-ARGUMENT...]
	request -X "$1" "$est_url/$2" "${@:3}"
}

# The base64 of a new request for NAME, by a key of that name.
csr() { # NAME [CN]
	[ -e "$DEVICE/$1.key" ] || key "$1"
	openssl req -new -key "$DEVICE/$1.key" -subj "/CN=${2:-$1}" -outform DER |
		base64 >"$DEVICE/$1.b64"
}

enroll() { # OPERATION NAME [CURL-ARGUMENT...]
	csr "$2"
	est POST "$1" -H 'Content-Type: application/pkcs10' \
		--data-binary "@$DEVICE/$2.b64" "${@:3}"
}

# The certificates of the last answer as PEM.
certificates() {
	base64 -d <<<"$body" | openssl pkcs7 -inform DER -print_certs |
		sed -n '/^-----BEGIN/,/^-----END/p'
}

enroll_edward() { # NAME [CURL-ARGUMENT...]
	enroll simpleenroll "$1" -u edward:sesame "${@:2}"
	assert_status 200 "enrolling by password"
	certificates >"$DEVICE/$1.pem"
}

issues_certificates_that_openssl_verifies() {
	est_plant
	est GET cacerts
	assert_status 200 "the CA certificates"
	assert_equal base64 "$(header Content-Transfer-Encoding)" "their encoding"
	certificates >"$DEVICE/est-ca.pem"
	assert_equal 2 "$(grep -c BEGIN "$DEVICE/est-ca.pem")" "how many there are"
	enroll_edward dev-1
	openssl verify -CAfile "$DEVICE/est-ca.pem" -purpose sslclient \
		"$DEVICE/dev-1.pem" >/dev/null
	assert_equal "$(openssl pkey -in "$DEVICE/dev-1.key" -pubout)" \
		"$(openssl x509 -in "$DEVICE/dev-1.pem" -noout -pubkey)" "its key"
	assert_equal "CN = dev-1" "$(cloud show certificates -o json |
		jq -r '.[0].subject' | sed 's/=/ = /')" "what the server noted"
	stop cloud
}

trusts_what_it_gives_out_as_its_own_server() {
	est_plant
	request --insecure "$est_url/cacerts"
	certificates >"$DEVICE/est-ca.pem"
	curl -sS --max-time 60 --cacert "$DEVICE/est-ca.pem" \
		-o /dev/null "$est_url/csrattrs" ||
		fail "the server's certificate is not by the CA that it names"
	stop cloud
}

renews_with_the_certificate_alone() {
	est_plant
	enroll_edward dev-1
	cp "$DEVICE/dev-1.pem" "$DEVICE/old.pem"
	cp "$DEVICE/dev-1.key" "$DEVICE/old.key"
	rm "$DEVICE/dev-1.key"
	enroll simplereenroll dev-1 --cert "$DEVICE/old.pem" --key "$DEVICE/old.key"
	assert_status 200 "renewing with a new key"
	certificates | openssl x509 -noout -checkhost x >/dev/null
	csr other
	est POST simplereenroll -H 'Content-Type: application/pkcs10' \
		--data-binary "@$DEVICE/other.b64" \
		--cert "$DEVICE/old.pem" --key "$DEVICE/old.key"
	assert_status 400 "renewing for somebody else"
	assert_contains "$body" "another subject" "the reason"
	enroll simplereenroll dev-1 -u edward:sesame
	assert_status 401 "renewing by password"
	stop cloud
}

lets_devices_of_a_trusted_maker_enroll() {
	est_plant
	ca maker maker
	leaf birth birth maker
	chain birth maker
	enroll simpleenroll dev-1 --cert "$DEVICE/birth-chain.pem" --key "$DEVICE/birth.key"
	assert_status 401 "a maker that is not trusted"
	cloud est trust "$DEVICE/maker.pem"
	enroll simpleenroll dev-1 --cert "$DEVICE/birth-chain.pem" --key "$DEVICE/birth.key"
	assert_status 200 "a maker that is trusted"
	leaf late late maker -1
	enroll simpleenroll dev-1 --cert "$DEVICE/late.pem" --key "$DEVICE/late.key"
	assert_status 401 "a certificate that has expired"
	assert_contains "$body" "expired" "the reason"
	refused cloud est trust "$DEVICE/birth.pem"
	stop cloud
}

refuses_in_the_words_of_rfc_7030() {
	est_plant
	enroll simpleenroll dev-1
	assert_status 401 "nobody"
	assert_contains "$(header WWW-Authenticate)" Basic "how to ask"
	enroll simpleenroll dev-1 -u edward:open
	assert_status 401 "a wrong password"
	enroll serverkeygen dev-1 -u edward:sesame
	assert_status 501 "a key by the server"
	est POST simpleenroll -u edward:sesame -H 'Content-Type: text/plain' -d x
	assert_status 415 "another content type"
	est POST simpleenroll -u edward:sesame \
		-H 'Content-Type: application/pkcs10' -d 'no request'
	assert_status 400 "no request"
	head -c 2000000 /dev/zero | tr '\0' A >"$DEVICE/huge"
	est POST simpleenroll -u edward:sesame \
		-H 'Content-Type: application/pkcs10' --data-binary "@$DEVICE/huge"
	assert_status 413 "a huge request"
	stop cloud
}

asks_for_attributes_that_openssl_reads() {
	est_plant
	est GET csrattrs
	assert_contains "$(base64 -d <<<"$body" | openssl asn1parse -inform DER)" \
		prime256v1 "the default"
	cloud est csrattrs key:P-384,ecdsa-with-SHA384
	est GET csrattrs
	assert_contains "$(base64 -d <<<"$body" | openssl asn1parse -inform DER)" \
		secp384r1 "what was set"
	cloud est csrattrs none
	est GET csrattrs
	assert_status 204 "nothing"
	stop cloud
}

# The certificate of the last answer is good for the purposes, and no others.
assert_purposes() { # WHAT PURPOSE...
	local purpose good=()
	certificates >"$DEVICE/issued.pem"
	for purpose in sslclient sslserver; do
		! openssl verify -CAfile "$DEVICE/est-ca.pem" -purpose $purpose \
			"$DEVICE/issued.pem" >/dev/null 2>&1 || good+=("$purpose")
	done
	[[ "$(openssl x509 -in "$DEVICE/issued.pem" -noout -ext basicConstraints)" != *CA:TRUE* ]] ||
		good=("$(openssl x509 -in "$DEVICE/issued.pem" -noout -ext basicConstraints |
			sed -n 's/^ *//; s/.*CA:TRUE/ca/p')")
	assert_equal "${*:2}" "${good[*]}" "what it is for: $1"
}

gives_what_is_asked_for_of_what_may_be_had() {
	local usages asked wanted
	est_plant
	est GET cacerts
	certificates >"$DEVICE/est-ca.pem"
	while IFS='|' read -r usages asked wanted; do
		[ -z "$usages" ] || cloud est usages "$usages"
		key dev-1
		openssl req -new -key "$DEVICE/dev-1.key" -subj /CN=dev-1 -outform DER \
			${asked:+-addext "$asked"} | base64 >"$DEVICE/dev-1.b64"
		est POST simpleenroll -H 'Content-Type: application/pkcs10' \
			--data-binary "@$DEVICE/dev-1.b64" -u edward:sesame
		assert_status 200 "'$asked' of '$usages'"
		# shellcheck disable=SC2086
		assert_purposes "'$asked' of '$usages'" $wanted
	done <<'ROWS'
|extendedKeyUsage=serverAuth|sslclient
|basicConstraints=critical,CA:TRUE|sslclient
server||sslserver
client,server||sslclient sslserver
client,server|extendedKeyUsage=serverAuth|sslserver
client,server|basicConstraints=critical,CA:TRUE|sslclient sslserver
client,ca:1|basicConstraints=critical,CA:TRUE|ca, pathlen:1
client,ca|basicConstraints=critical,CA:TRUE,pathlen:1|ca, pathlen:0
client,ca:8|basicConstraints=critical,CA:TRUE|ca, pathlen:1
client,ca:1|basicConstraints=critical,CA:TRUE,pathlen:0|ca, pathlen:0
client,ca:1||sslclient
ROWS
	refused cloud est usages ca:1
	refused cloud est usages client,ca:9
	refused cloud est usages client,smime
	stop cloud
}

ends_the_handshake_of_who_shows_a_revoked_certificate() {
	local version
	est_plant
	enroll_edward dev-1
	enroll_edward dev-2
	show() { # NAME [CURL-ARGUMENT]...
		curl -sS --max-time 60 --cacert "$DEVICE/cloud/ca.pem" -o /dev/null "${@:2}" \
			--cert "$DEVICE/$1.pem" --key "$DEVICE/$1.key" "$est_url/cacerts" 2>&1
	}
	refused cloud est revoke 0123
	cloud est revoke "$(cloud show certificates -o json |
		jq -r '.[] | select(.subject == "CN=dev-1").serial')"
	assert_equal "true false" "$(cloud show certificates -o json |
		jq -r 'map(.revoked) | join(" ")')" "which are revoked"
	for version in 1.2 1.3; do
		show dev-2 --tls-max $version || fail "a good one by TLS $version"
		assert_contains "$(show dev-1 --tls-max $version || true)" \
			"certificate revoked" "a revoked one by TLS $version"
	done
	stop cloud
}

fails_as_it_is_ordered() {
	est_plant
	cloud fault pending 2 3
	enroll simpleenroll dev-1 -u edward:sesame
	assert_equal "202 3" "$status $(header Retry-After)" "later"
	cloud fault clear
	cloud fault --on enroll 500
	enroll simpleenroll dev-1 -u edward:sesame
	assert_equal "500 The tester ordered this fault." "$status $body" "an error"
	cloud fault truncated
	enroll simpleenroll dev-1 -u edward:sesame
	refused certificates
	cloud fault --on cacerts truncated
	est GET cacerts
	refused certificates
	cloud fault wrong-key
	enroll_edward dev-1
	[ "$(openssl pkey -in "$DEVICE/dev-1.key" -pubout)" != \
		"$(openssl x509 -in "$DEVICE/dev-1.pem" -noout -pubkey)" ] ||
		fail "the certificate is for the right key"
	enroll_edward dev-1
	assert_equal "$(openssl pkey -in "$DEVICE/dev-1.key" -pubout)" \
		"$(openssl x509 -in "$DEVICE/dev-1.pem" -noout -pubkey)" \
		"the key, once the fault is used up"
	stop cloud
}

issues_by_a_key_in_a_token() {
	device_create
	token_create
	token_key_create est-ca 07
	signet-cloud init --data "$DEVICE/cloud" >/dev/null
	echo sesame | cloud est user edward --password-file -
	refused cloud est key 'pkcs11:token=device;object=est-ca'
	refused cloud est key 'pkcs11:token=device;object=other' --module "$SOFTHSM_MODULE"
	cloud est key "pkcs11:token=device;object=est-ca?pin-source=file:$DEVICE/pin" \
		--module "$SOFTHSM_MODULE"
	start cloud --est-lifetime 120
	use cloud
	est_url=$(jq -r .est_url "$data/cloud.json")
	est GET cacerts
	certificates >"$DEVICE/est-ca.pem"
	assert_equal "$(token_key_public est-ca)" \
		"$(openssl x509 -in "$DEVICE/est-ca.pem" -noout -pubkey)" \
		"the CA's key"
	enroll_edward dev-1
	openssl verify -CAfile "$DEVICE/est-ca.pem" "$DEVICE/dev-1.pem" >/dev/null
	openssl x509 -in "$DEVICE/dev-1.pem" -noout -checkend 0 >/dev/null
	refused openssl x509 -in "$DEVICE/dev-1.pem" -noout -checkend 180
	stop cloud
}

run_tests issues_certificates_that_openssl_verifies \
	trusts_what_it_gives_out_as_its_own_server \
	renews_with_the_certificate_alone lets_devices_of_a_trusted_maker_enroll \
	refuses_in_the_words_of_rfc_7030 asks_for_attributes_that_openssl_reads \
	gives_what_is_asked_for_of_what_may_be_had \
	ends_the_handshake_of_who_shows_a_revoked_certificate \
	fails_as_it_is_ordered issues_by_a_key_in_a_token
