#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# A device behind a parent: what is for its hub, whose name nobody knows here,
# goes to the parent, and only to one that its operator trusts. The parent has a CA
# of its own.
. "$(dirname "$0")/../../support/harness.sh"
. "$(dirname "$0")/../../support/provisiond.sh"
. "$(dirname "$0")/../../support/plant.sh"

readonly HUB=hub.invalid
readonly MODULES="http://provisiond.sock/identities/modules"

# Sets $parent, which is the hub's machine by another name, and $parent_ca.
create() {
	device_create
	token_create
	pki root
	pki device-identity dev1
	cloud_start --hub "$HUB"
	parent=${DPS_URL#https://} parent_ca=$DEVICE/cloud/ca.pem
	# The system does not know the parent's CA: who trusts it says so.
	export SSL_CERT_FILE=$DEVICE/pki/$ROOT
	(umask 077 && head -c 48 /dev/urandom >"$DEVICE/secret")
	keyd_configure "$SOFTHSM_MODULE" "$(token_uri)" "preloaded_keys: {
  device-id: \"file://$(key_of dev1)\", secret: \"file://$DEVICE/secret\" }"
	mkdir -p "$SIGNET_CONFIG_DIR/certd"
	echo "preloaded_certs: { device-id: \"file://$(chain_of dev1)\" }" \
		>"$SIGNET_CONFIG_DIR/certd/config.yaml"
	daemon_start keyd
	daemon_start certd
}

# A parent of its own instead, which passes on what it is sent.
parent_start() {
	ca parentca 'parent root'
	certificate parent localhost parentca 30 \
		"subjectAltName=DNS:localhost
extendedKeyUsage=serverAuth"
	python3 "$(dirname "$0")/../../support/parent.py" "$HUB" "$parent" "$parent_ca" \
		"$DEVICE/parent.pem" "$DEVICE/parent.key" "$DEVICE/parent.port" \
		>"$DEVICE/parent.log" 2>&1 &
	echo $! >"$DEVICE/parent.pid"
	eventually 20 test -e "$DEVICE/parent.port"
	parent=localhost:$(cat "$DEVICE/parent.port") parent_ca=$DEVICE/parentca.pem
}

stop() {
	daemon_stop provisiond
	daemon_stop certd
	daemon_stop keyd
}

at_hub() { # AUTHENTICATION
	cloud device create --hub "$HUB" dev1 \
		"{\"deviceId\":\"dev1\",\"authentication\":$1}" >/dev/null
}

configure() { # AUTHENTICATION-MEMBERS [TRUST-BUNDLE]
	provisiond_configure_manual "$1" "local_gateway_hostname: $parent"
	sed -i "s|iothub_hostname:.*|iothub_hostname: $HUB|" "$(provisiond_file)"
	echo 'cloud_retries: 0' >>"$(provisiond_file)"
	[ $# -lt 2 ] || echo "trust_bundle_cert: \"file://$2\"" >>"$(provisiond_file)"
	daemon_start provisiond
	wait_until_provisioned
}

module() { # METHOD [PATH] [JSON]; prints the answer
	curl -s --max-time 60 --unix-socket "$SIGNET_RUNTIME_DIR/provisiond.sock" \
		-X "$1" ${3:+-H 'content-type: application/json' --data "$3"} \
		"$MODULES${2:-}?type=aziot&api-version=2020-09-01"
}

asks_its_parent() {
	local made
	made=$(module POST '' '{"type":"aziot","moduleId":"m1"}')
	assert_equal "$HUB $parent dev1 m1" \
		"$(jq -r '.spec | "\(.hubName) \(.gatewayHost) \(.deviceId) \(.moduleId)"' \
			<<<"$made")" "the module"
	assert_equal m1 "$(module GET | jq -r '.identities[].spec.moduleId')" \
		"the modules"
	signetctl telemetry send 'from below' >/dev/null
	assert_equal 'from below' \
		"$(cloud show messages -o json | jq -r '.[-1].body')" "what arrived"
	assert_equal "" "$(module DELETE /m1)" "what is said of a module that is removed"
}

# Nobody here knows the hub's name, which the doctor must not miss.
check_says() { # CHECK RESULT [PATTERN]
	local check
	check=$(signetctl check --only "$1" -o json | jq -c '.checks[0]') || true
	assert_equal "$2" "$(jq -r .result <<<"$check")" "$1: $check"
	[ $# -lt 3 ] || assert_matches "$(
		jq -r '.findings[0] | "\(.object): \(.reason)"' <<<"$check")" "$3" "$1"
}

the_doctor_asks_its_parent() {
	local check
	for check in dns hub-tls; do
		check_says $check ok
	done
	check_says proxy ignored
}

a_device_with_a_key_asks_its_parent() {
	local key
	create
	key=$(base64 -w0 "$DEVICE/secret")
	at_hub "{\"type\":\"sas\",\"symmetricKey\":{\"primaryKey\":\"$key\",\"secondaryKey\":\"$key\"}}"
	parent_start
	configure "method: sas, device_id_pk: secret" "$parent_ca"
	asks_its_parent
	# What provisiond itself asks, it asks at any time.
	assert_equal "GET /devices/dev1/modules/m1 for $parent
PUT /devices/dev1/modules/m1 for $parent
PUT /devices/dev1/modules/m1 for $parent
POST /devices/dev1/messages/events for $parent
DELETE /devices/dev1/modules/m1 for $parent" "$(
		grep -v '/modules for' "$DEVICE/parent.log")" "what the parent was asked"
	grep -qx "GET /devices/dev1/modules for $parent" "$DEVICE/parent.log" ||
		fail "the parent was not asked for the modules"
	stop
}

a_device_with_a_certificate_asks_its_parent() {
	local thumbprint
	create
	thumbprint=$(openssl x509 -in "$(leaf_of dev1)" -noout -fingerprint -sha256 |
		sed 's/.*=//; s/://g')
	at_hub "{\"type\":\"selfSigned\",\"x509Thumbprint\":{
		\"primaryThumbprint\":\"$thumbprint\",\"secondaryThumbprint\":\"$thumbprint\"}}"
	configure "method: x509, identity_cert: device-id, identity_pk: device-id" \
		"$parent_ca"
	asks_its_parent
	the_doctor_asks_its_parent
	parent=127.0.0.1:1
	daemon_stop provisiond
	configure "method: x509, identity_cert: device-id, identity_pk: device-id" \
		"$parent_ca"
	check_says hub-tls error '127.0.0.1:1: *ECONNREFUSED'
	parent=gone.invalid
	daemon_stop provisiond
	configure "method: x509, identity_cert: device-id, identity_pk: device-id" \
		"$parent_ca"
	check_says dns error 'gone.invalid: no address*'
	stop
}

trusts_no_parent_of_another_ca() {
	create
	configure "method: sas, device_id_pk: secret"
	assert_contains "$(module GET)" "we do not trust the certificate" \
		"without the parent's CA"
	check_says hub-tls error "$parent: *issued by*is refused*"
	daemon_stop provisiond
	configure "method: sas, device_id_pk: secret" "$DEVICE/pki/$ROOT"
	assert_contains "$(module GET)" "we do not trust the certificate" \
		"with another CA"
	assert_lacks "$(cat "$DEVICE/cloud.log")" "/devices/" "what the parent was told"
	stop
}

run_tests_side_by_side a_device_with_a_key_asks_its_parent \
	a_device_with_a_certificate_asks_its_parent \
	trusts_no_parent_of_another_ca
