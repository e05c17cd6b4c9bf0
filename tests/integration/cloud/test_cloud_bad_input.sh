#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# signet-cloud and what nobody should send it, on the wire: each is told what is
# wrong or cut off, nothing of it is kept, and the server goes on.
. "$(dirname "$0")/../../support/harness.sh"
. "$(dirname "$0")/../../support/plant.sh"

# What is enrolled, registered, in the hub and issued, without what time changes.
holdings() {
	cloud show -o json | jq -cS '[.[] | length]'
}

# A plant with one device, and what there is then.
plant_with_a_device() {
	plant
	provision dev-001 dev1-chain.pem dev1.key
	assert_matches "$state" 'assigned*' "the device"
	before=$(holdings)
}

assert_unharmed() {
	assert_equal "$before" "$(holdings)" "what is stored"
	provision dev-001 dev1-chain.pem dev1.key
	assert_matches "$state" 'assigned*' "the device afterwards"
	stop cloud
}

refuses_bodies_that_are_too_large() {
	plant_with_a_device
	head -c 3000000 /dev/zero | tr '\0' ' ' >"$DEVICE/huge"
	service PUT /enrollments/huge --data-binary "@$DEVICE/huge"
	assert_error 413 413001 "an enrollment of 3 MB"
	service PUT /enrollments/huge --data-binary "@$DEVICE/huge" \
		-H 'Transfer-Encoding: chunked'
	assert_error 413 413001 "an enrollment of 3 MB in chunks"
	telemetry dev-001 dev1-chain.pem dev1.key "@$DEVICE/huge" -H 'Expect:'
	assert_status 413 "a message of 3 MB"
	assert_matches "$(message)" 'ErrorCode:MessageTooLarge;*' "as the hub says it"
	head -c 300000 "$DEVICE/huge" >"$DEVICE/large"
	telemetry dev-001 dev1-chain.pem dev1.key "@$DEVICE/large" -H 'Expect:'
	assert_status 413 "a message of 300 kB"
	request -X POST "$url/.well-known/est/simpleenroll" -H 'Expect:' \
		-H 'Content-Type: application/pkcs10' --data-binary "@$DEVICE/huge"
	assert_equal '413 text/plain; charset=utf-8' \
		"$status $(header Content-Type)" "a certificate request of 3 MB"
	assert_unharmed
}

# The server answers and closes before it has read all, which a client that is
# still sending may see as a reset (curl 55 or 56) and not as the answer.
readonly REFUSED='@(4[0-9][0-9]*|000curl 5[56])'

is_told_of() { # PATH
	request "$url/$1?api-version=2021-10-01"
	[[ $status == 4[0-9][0-9]* ]]
}

refuses_heads_that_are_too_large() {
	local long
	plant_with_a_device
	long=$(head -c 100000 /dev/zero | tr '\0' a)
	request "$url/enrollments/dev-001?api-version=2021-10-01" -H "X-Long: $long"
	assert_matches "$status" "$REFUSED" "a header of 100 kB"
	request "$url/$long?api-version=2021-10-01"
	assert_matches "$status" "$REFUSED" "a path of 100 kB"
	eventually 20 is_told_of "${long:0:40000}"
	assert_unharmed
}

# Sends what comes from standard input behind a TLS handshake.
tls() {
	timeout 20 openssl s_client -quiet -connect "127.0.0.1:$port" \
		-CAfile "$data/ca.pem" 2>/dev/null || true
}

cuts_off_what_is_no_http() {
	local answer
	plant_with_a_device
	for answer in "$(printf 'GARBAGE\r\n\r\n' | tls)" \
		"$(printf 'GET / HTTP/9.9\r\n\r\n' | tls)" \
		"$(printf 'PUT /a HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n' | tls)" \
		"$(printf 'PUT /a HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n' | tls)" \
		"$(printf 'PUT /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n' | tls)"; do
		[[ -z $answer || $answer == HTTP/1.?' '[45]* ]] ||
			fail "garbage is answered by '$answer'"
	done
	refused curl -sS --max-time 60 "http://127.0.0.1:$port/"
	assert_unharmed
}

# Requests for EST that are none, each with a reason in plain text.
refuses_certificate_requests_that_are_none() {
	local body_file
	plant_with_a_device
	echo sesame >"$DEVICE/password"
	cloud est user edward --password-file "$DEVICE/password"
	key good
	openssl req -new -key "$DEVICE/good.key" -subj '/CN=dev' -outform DER \
		-out "$DEVICE/good.der"
	# A byte of the signature is another.
	{
		head -c -1 "$DEVICE/good.der"
		tail -c 1 "$DEVICE/good.der" | tr '\000-\377' '\001-\377\000'
	} | base64 >"$DEVICE/forged"
	head -c 60 "$DEVICE/good.der" | base64 >"$DEVICE/cut"
	openssl genrsa 1024 2>/dev/null >"$DEVICE/weak.key"
	openssl req -new -key "$DEVICE/weak.key" -subj '/CN=dev' -outform DER |
		base64 >"$DEVICE/weak"
	openssl req -new -key "$DEVICE/good.key" -subj / -outform DER |
		base64 >"$DEVICE/nameless"
	head -c 500 /dev/urandom | base64 >"$DEVICE/noise"
	echo '<script>alert(1)</script>' >"$DEVICE/script"
	: >"$DEVICE/empty"
	base64 "$DEVICE/dev1.pem" >"$DEVICE/certificate"
	for body_file in forged cut weak nameless noise script empty certificate; do
		request -X POST "$url/.well-known/est/simpleenroll" -u edward:sesame \
			-H 'Content-Type: application/pkcs10' \
			--data-binary "@$DEVICE/$body_file"
		assert_status 400 "the request '$body_file'"
		assert_equal 'text/plain; charset=utf-8 nosniff' \
			"$(header Content-Type) $(header X-Content-Type-Options)" \
			"the form of the reason"
		assert_lacks "$body" '<script>' "the reason"
	done
	assert_equal '[]' "$(cloud show certificates -o json)" "what was issued"
	assert_unharmed
}

# As a proxy before it might have read another of the two.
answers_two_lengths_of_a_body_and_closes() {
	local path answer code
	plant_with_a_device
	for path in /enrollments/dev-002 /devices/dev-002; do
		code=0
		answer=$(printf 'PUT %s HTTP/1.1\r\nHost: a\r\n%s\r\n%s\r\n\r\n' \
			"$path?api-version=2021-10-01" 'Content-Length: 2' \
			'content-length: 3' | timeout 60 openssl s_client -quiet \
			-connect "127.0.0.1:$port" -CAfile "$data/ca.pem" 2>/dev/null) ||
			code=$?
		assert_matches "$answer" 'HTTP/1.1 400 *' "the status for $path"
		assert_contains "$answer" 'more than one Content-Length' "the reason"
		[ "$code" != 124 ] || fail "the connection stays open"
	done
	assert_unharmed
}

# Connections that only stand there, and requests that never end.
serves_others_beside_those_who_dawdle() {
	local i pids=()
	plant_with_a_device
	for i in 1 2 3 4 5 6 7 8; do
		sleep 30 | timeout 30 openssl s_client -quiet \
			-connect "127.0.0.1:$port" >/dev/null 2>&1 &
		pids+=($!)
		{
			printf 'PUT /enrollments/x HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{'
			sleep 30
		} | timeout 30 openssl s_client -quiet \
			-connect "127.0.0.1:$port" >/dev/null 2>&1 &
		pids+=($!)
	done
	eventually 30 provision dev-001 dev1-chain.pem dev1.key
	assert_matches "$state" 'assigned*' "a device among them"
	kill "${pids[@]}" 2>/dev/null || true
	assert_unharmed
}

run_tests \
	refuses_bodies_that_are_too_large \
	refuses_heads_that_are_too_large \
	cuts_off_what_is_no_http \
	refuses_certificate_requests_that_are_none \
	answers_two_lengths_of_a_body_and_closes \
	serves_others_beside_those_who_dawdle
