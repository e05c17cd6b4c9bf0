#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Gives test_keyd_client, which is a client as aziot's, a keyd with a SoftHSM
# token, and tries curl as aziot's scripts use it.
. "$(dirname "$0")/../../support/harness.sh"

the_blocking_client_is_served() {
	device_with_keyd
	test_keyd_client
	daemon_stop keyd
}

curl_is_served_as_the_scripts_of_aziot_use_it() {
	local socket
	device_with_keyd
	socket=$SIGNET_RUNTIME_DIR/keyd.sock
	assert_matches "$(curl -s --unix-socket "$socket" -X POST \
		-H 'content-type: application/json' --data '{"keyId":"a"}' \
		'http://localhost/keypair?api-version=2020-09-01')" \
		'{"keyHandle":"sr=*' "a request for localhost"
	assert_equal 400 "$(curl -s -o /dev/null -w '%{http_code}' \
		--unix-socket "$socket" --data '{"keyId":"a"}' \
		'http://keyd.sock/keypair?api-version=2020-09-01')" \
		"a request whose body is none"
	assert_matches "$(curl -s --unix-socket "$socket" --http1.0 \
		'http://keyd.sock/keypair/a?api-version=2021-05-01')" \
		'{"keyHandle":"sr=*' "a request of HTTP/1.0"
}

run_tests \
	the_blocking_client_is_served \
	curl_is_served_as_the_scripts_of_aziot_use_it
