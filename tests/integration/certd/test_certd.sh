#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# signet-certd with a real signet-keyd: a local CA whose key is in a token or in
# a file issues, and what does not belong together is refused.
. "$(dirname "$0")/../../support/harness.sh"

readonly CA_CERT=certs/azure-iot-test-only.root.ca.cert.pem
readonly CA_KEY=private/azure-iot-test-only.root.ca.key.pem
readonly STRANGER=65534

# --- two daemons ------------------------------------------------------------

# keyd knows the CA's key as "local-ca", wherever it is.
config_keyd() { # CA-KEY-URI
	keyd_configure "$SOFTHSM_MODULE" "$(token_uri)" \
		"preloaded_keys: { local-ca: \"$1\" }"
}

config_certd() { # [LINE]...
	mkdir -p "$DEVICE/etc/certd"
	cat >"$DEVICE/etc/certd/config.yaml" <<YAML
preloaded_certs: { local-ca: "file://$DEVICE/pki/$CA_CERT" }
cert_issuance:
  local_ca: { cert: local-ca, pk: local-ca }
  certs:
    web: { method: local_ca, expiry_days: 7 }
    for-ever: { method: local_ca, expiry_days: 10500, common_name: old }
principals: [{ user: "$(id -u)", certs: ["*"] }]
YAML
	printf '%s\n' "$@" >>"$DEVICE/etc/certd/config.yaml"
}

daemons_start() {
	daemon_start keyd
	daemon_start certd
}

daemons_stop() {
	daemon_stop certd
	daemon_stop keyd
}

# A CA whose key is in a file that keyd holds.
ca_in_a_file() { # [TESTPKI-OPTION]...
	pki root "$@"
	config_keyd "file://$DEVICE/pki/$CA_KEY"
}

# A CA whose key was put into the token; the file is gone.
ca_in_the_token() { # [TESTPKI-OPTION]...
	pki root "$@"
	softhsm2-util --import "$DEVICE/pki/$CA_KEY" --token device --label ca \
		--id 01 --pin "$PIN" >/dev/null
	rm "$DEVICE/pki/$CA_KEY"
	config_keyd "pkcs11:token=device;object=ca?pin-source=file:$DEVICE/pin"
}

# --- calls ------------------------------------------------------------------

# The answer is in $answer, its status in $status.
certd() { # METHOD PATH [JSON]
	local reply
	reply=$(curl -s --max-time 60 -w '\n%{http_code}' -X "$1" \
		--unix-socket "$SIGNET_RUNTIME_DIR/certd.sock" \
		${3:+-H 'content-type: application/json' --data "$3"} \
		"http://certd.sock$2?api-version=2026-12-01")
	status=${reply##*$'\n'}
	answer=${reply%$'\n'*}
}

certd_refuses() { # STATUS PART METHOD PATH [JSON]
	certd "${@:3}"
	assert_equal "$1" "$status" "$3 $4: $answer"
	assert_contains "$answer" "$2" "$3 $4"
}

request() { # NAME [REQ-OPTION]...; a new key and a request for it
	openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
		-keyout "$DEVICE/$1.key" -out "$DEVICE/$1.csr" -subj "/CN=$1" \
		"${@:2}" 2>/dev/null
}

order() { # CERT-ID REQUEST-NAME [ISSUER-JSON]
	jq -n --arg id "$1" --rawfile csr "$DEVICE/$2.csr" \
		--argjson issuer "${3:-null}" '{certId: $id, csr: $csr, issuer: $issuer}'
}

pem() { jq -n --rawfile pem "$1" '{pem: $pem}'; }

issue() { # CERT-ID REQUEST-NAME [ISSUER-JSON]; into $DEVICE/CERT-ID.pem
	certd POST /certificates "$(order "$@")"
	assert_equal 201 "$status" "issuing $1: $answer"
	jq -r .pem <<<"$answer" >"$DEVICE/$1.pem"
}

verify() { # CERT-ID [VERIFY-OPTION]...
	openssl verify -x509_strict -purpose sslclient "${@:2}" \
		-CAfile "$DEVICE/pki/$CA_CERT" "$DEVICE/$1.pem" >/dev/null ||
		fail "'$1' does not verify"
}

key_handle() { # KEY-ID; generated unless it exists
	keyd POST /keypair "{\"keyId\":\"$1\"}" | jq -r .keyHandle
}

# --- the tests --------------------------------------------------------------

issue_and_verify() {
	config_certd
	daemons_start
	request web -addext subjectAltName=DNS:web.local
	issue web web
	verify web
	[ "$(openssl x509 -in "$DEVICE/web.pem" -noout -pubkey)" = \
		"$(openssl pkey -in "$DEVICE/web.key" -pubout)" ] ||
		fail "the certificate is for another key"
	assert_equal 2 "$(grep -c BEGIN "$DEVICE/web.pem")" "chain"
	certd GET /certificates/web
	assert_equal "$(cat "$DEVICE/web.pem")" "$(jq -r .pem <<<"$answer")" \
		"what is stored"
	daemons_stop
}

issues_with_an_ec_key_in_the_token() {
	device_create
	token_create
	ca_in_the_token
	issue_and_verify
}

issues_with_an_rsa_key_in_the_token() {
	device_create
	token_create
	ca_in_the_token --key-type rsa-2048
	issue_and_verify
}

issues_with_a_key_in_a_file() {
	device_create
	token_create
	ca_in_a_file
	issue_and_verify
}

issues_by_the_issuer_that_a_caller_has_a_handle_for() {
	local handle
	device_create
	token_create
	ca_in_the_token
	config_certd
	daemons_start
	request own
	handle=$(key_handle local-ca)
	issue own own "{\"certId\":\"local-ca\",\"privateKeyHandle\":\"$handle\"}"
	verify own
}

# A forged handle must not make certd use its own right to the CA's key.
refuses_forged_handles() {
	local genuine other forged handle
	device_create
	token_create
	ca_in_the_token
	config_certd
	daemons_start
	request own
	genuine=$(key_handle local-ca)
	other=$(key_handle other)
	forged=sr=$(printf '{"key_id":{"KeyPair":"local-ca"},"nonce":""}' |
		base64 -w0)
	for handle in "$forged" "$forged&${other#*&}" "$forged&$other" \
		"$other&$forged" "${genuine%?????}AAAA=" "" "&"; do
		certd_refuses 400 "privateKeyHandle" POST /certificates \
			"$(order own own "{\"certId\":\"local-ca\",
				\"privateKeyHandle\":\"$handle\"}")"
	done
}

does_not_make_a_ca_because_a_request_asks() {
	local text
	device_create
	token_create
	ca_in_a_file
	config_certd
	daemons_start
	request web -addext basicConstraints=critical,CA:TRUE \
		-addext keyUsage=keyCertSign
	issue web web
	text=$(openssl x509 -in "$DEVICE/web.pem" -noout -text)
	assert_contains "$text" "CA:FALSE" "the certificate"
	[[ $text != *"Certificate Sign"* ]] || fail "it may sign certificates"
	verify web
}

issues_far_past_2049() {
	local end
	device_create
	token_create
	ca_in_the_token --not-after 2090-06-01T12:00:00Z
	config_certd
	daemons_start
	request old
	issue for-ever old
	end=$(openssl x509 -in "$DEVICE/for-ever.pem" -noout -enddate)
	assert_equal "$(date -u -d "+10500 days" +%Y)" \
		"$(date -u -d "${end#notAfter=}" +%Y)" "the year it ends"
	verify for-ever -attime "$(date -d 2050-05-31 +%s)"
}

says_when_the_ca_ends_before_what_it_is_to_issue() {
	device_create
	token_create
	ca_in_a_file --not-after "$(date -u -d '+3 days' +%Y-%m-%dT%H:%M:%SZ)"
	config_certd
	daemons_start
	request web
	certd_refuses 400 "before the 7 days of expiry_days are over" \
		POST /certificates "$(order web web)"
}

refuses_a_certificate_that_is_not_for_keyds_key() {
	device_create
	token_create
	ca_in_a_file
	config_certd
	daemons_start
	key_handle device-id >/dev/null
	pki device-identity d1 --key-id device-id
	pki device-identity d2
	certd PUT /certificates/device-id "$(pem "$(leaf_of d1)")"
	assert_equal 201 "$status" "import: $answer"
	certd_refuses 400 "not for key 'device-id'" \
		PUT /certificates/device-id "$(pem "$(leaf_of d2)")"
	certd_refuses 400 "no PEM certificate" \
		PUT /certificates/device-id '{"pem":"hello"}'
	certd GET /certificates/device-id
	assert_equal "$(cat "$(leaf_of d1)")" "$(jq -r .pem <<<"$answer")" \
		"what is stored"
}

issues_for_many_at_once() {
	local number pids=()
	device_create
	token_create
	ca_in_the_token
	config_certd
	daemons_start
	request web
	for number in {1..30}; do
		(issue "own$number" web "{\"certId\":\"local-ca\",
			\"privateKeyHandle\":\"$(key_handle local-ca)\"}") &
		pids+=($!)
	done
	wait "${pids[@]}"
	for number in {1..30}; do
		verify "own$number"
		openssl x509 -in "$DEVICE/own$number.pem" -noout -serial
	done >"$DEVICE/serials"
	assert_equal 30 "$(sort -u "$DEVICE/serials" | wc -l)" "serial numbers"
	daemons_stop
}

# The file's and the folder's, which others may share; counted, not timed.
costs_two_syncs_for_a_certificate_at_most() {
	local round count
	device_create
	token_create
	ca_in_the_token
	config_certd
	daemons_start
	request web
	issue web web
	strace -f -qq -e trace=fsync,fdatasync -o "$DEVICE/syncs" \
		-p "$(cat "$DEVICE/certd.pid")" 2>"$DEVICE/strace.log" &
	echo $! >"$DEVICE/strace.pid"
	traced() { issue web web && grep -q fsync "$DEVICE/syncs"; }
	eventually 30 traced
	syncs() { grep -cE 'sync(\(| resumed).*= 0' "$DEVICE/syncs"; }
	count=$(syncs)
	for round in 1 2 3 4 5 6 7 8; do issue web web; done
	count=$(($(syncs) - count))
	[ "$count" -ge 8 ] && [ "$count" -le 16 ] ||
		fail "8 certificates took $count syncs"
	end "$(cat "$DEVICE/strace.pid")"
	rm "$DEVICE/strace.pid"
	daemons_stop
}

lists_and_deletes() {
	device_create
	token_create
	ca_in_a_file
	config_certd
	daemons_start
	request web
	issue web web
	certd GET /certificates
	assert_equal "local-ca web" \
		"$(jq -r '[.certificates[].id] | join(" ")' <<<"$answer")" "ids"
	assert_equal "CN=web false" \
		"$(jq -r '.certificates[1] | "\(.subject) \(.ca)"' <<<"$answer")" "web"
	certd DELETE /certificates/web
	assert_equal 204 "$status" "delete"
	certd DELETE /certificates/web
	assert_equal 204 "$status" "delete again"
	certd_refuses 400 "no certificate 'web'" GET /certificates/web
}

lets_others_read_but_not_write() {
	local call
	device_create
	token_create
	ca_in_a_file
	config_certd
	daemons_start
	call=(curl -s --max-time 60 -o /dev/null -w '%{http_code}'
		--unix-socket "$SIGNET_RUNTIME_DIR/certd.sock")
	assert_equal 200 "$(as_uid $STRANGER "${call[@]}" \
		"http://x/certificates/local-ca?api-version=2020-09-01")" "read"
	assert_equal 401 "$(as_uid $STRANGER "${call[@]}" -X DELETE \
		"http://x/certificates/local-ca?api-version=2020-09-01")" "delete"
	assert_equal 401 "$(as_uid $STRANGER "${call[@]}" -X PUT -H \
		'content-type: application/json' --data '{"pem":"x"}' \
		"http://x/certificates/web?api-version=2020-09-01")" "write"
	test -s "$DEVICE/pki/$CA_CERT" || fail "the CA's certificate is gone"
}

delete_as_stranger() { # CERT-ID; prints the status
	as_uid $STRANGER curl -s --max-time 60 -o /dev/null -w '%{http_code}' \
		--unix-socket "$SIGNET_RUNTIME_DIR/certd.sock" -X DELETE \
		"http://x/certificates/$1?api-version=2020-09-01"
}

stranger_may() { # STATUS CERT-ID
	[ "$(delete_as_stranger "$2")" = "$1" ]
}

# By a drop-in, as packages bring them, and by SIGHUP.
reads_anew_who_may_write() {
	local dropins
	device_create
	token_create
	ca_in_a_file
	config_certd
	daemons_start
	dropins=$DEVICE/etc/certd/config.d
	assert_equal 401 "$(delete_as_stranger web)" "at first"
	mkdir "$dropins"
	echo "principals: [{ user: \"$STRANGER\", certs: [\"we?\"] }]" >"$dropins/web.yaml"
	eventually 30 stranger_may 204 web
	assert_equal 401 "$(delete_as_stranger other)" "another certificate"

	echo "principals: [{ user: $STRANGER" >"$dropins/web.yaml"
	has_trouble() { health certd | grep -q "web.yaml.*the principals\|the principals.*web.yaml"; }
	eventually 30 has_trouble
	assert_equal 204 "$(delete_as_stranger web)" "with a file that is no YAML"

	rm -r "$dropins"
	kill -HUP "$(cat "$DEVICE/certd.pid")"
	eventually 30 stranger_may 401 web
	assert_equal "ok: " "$(health certd)" "health at the end"
	daemons_stop
}

works_again_when_keyd_comes_back() {
	device_create
	token_create
	ca_in_the_token
	config_certd
	daemons_start
	request web
	issue web web
	daemon_stop keyd
	certd_refuses 503 "keyd.sock" POST /certificates "$(order web web)"
	certd GET /certificates/web
	assert_equal 200 "$status" "reading without keyd"
	daemon_start keyd
	issue web web
	verify web
}

says_why_it_cannot_work() {
	device_create
	token_create
	ca_in_a_file --not-before 2020-01-01T00:00:00Z \
		--not-after 2021-01-01T00:00:00Z
	config_certd
	daemons_start
	certd GET /health
	assert_contains "$answer" "degraded" "health"
	assert_contains "$answer" "expired on 2021-01-01" "health"
	request web
	certd_refuses 400 "expired on 2021-01-01" \
		POST /certificates "$(order web web)"

	daemon_stop certd
	mkdir -p "$DEVICE/etc/certd/config.d"
	echo 'preloaded_certs: { a: [b], b: [a] }' \
		>"$DEVICE/etc/certd/config.d/lists.yaml"
	daemon_start certd
	certd GET /health
	assert_contains "$answer" "contains itself" "health"
	certd_refuses 503 "contains itself" GET /certificates/local-ca
}

run_tests \
	issues_with_an_ec_key_in_the_token \
	issues_with_an_rsa_key_in_the_token \
	issues_with_a_key_in_a_file \
	issues_by_the_issuer_that_a_caller_has_a_handle_for \
	refuses_forged_handles \
	does_not_make_a_ca_because_a_request_asks \
	issues_far_past_2049 \
	says_when_the_ca_ends_before_what_it_is_to_issue \
	refuses_a_certificate_that_is_not_for_keyds_key \
	issues_for_many_at_once \
	costs_two_syncs_for_a_certificate_at_most \
	lists_and_deletes \
	lets_others_read_but_not_write \
	reads_anew_who_may_write \
	works_again_when_keyd_comes_back \
	says_why_it_cannot_work
