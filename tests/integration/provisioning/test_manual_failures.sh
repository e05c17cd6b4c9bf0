#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# A device of source manual asks no DPS, so what goes wrong does so at its hub:
# for each kind of proof, what a caller is told. The device stays provisioned:
# only its configuration says to which hub it belongs, and nothing is stored.
. "$(dirname "$0")/../../support/harness.sh"
. "$(dirname "$0")/../../support/provisiond.sh"

# whose | fault with its argument | status of the call | part of the sentence
#
# "gone": nobody serves; "disabled": the hub has been told to refuse the device.
# What DPS alone does (slow, failed assignments) cannot happen.
readonly TABLE="
all  | 401                      | 404 | answers device 'dev1' with 401
all  | 404                      | 404 | answers device 'dev1' with 404
all  | 429 1 1                  | 404 | answers device 'dev1' with 429
all  | 500                      | 404 | answers device 'dev1' with 500
all  | 503 1 1                  | 404 | answers device 'dev1' with 503
all  | redirect                 | 404 | answers device 'dev1' with 302
all  | drop                     | 404 | the connection to
all  | stall 1 1                | 404 | the connection to
all  | wrong-name               | 404 | we do not trust the certificate
all  | expired-certificate      | 404 | we do not trust the certificate
all  | disabled                 | 404 | answers device 'dev1' with 401
all  | gone                     | 404 | cannot connect to
x509 | clock-ahead 1 864000000  | 404 | answers device 'dev1' with 401
x509 | clock-behind 1 864000000 | 404 | answers device 'dev1' with 401
sas  | clock-ahead 1 864000     | 404 | answers device 'dev1' with 401
sas  | clock-behind 1 864000    | 200 | {\"identities\":
"
readonly MODULES="http://provisiond.sock/identities/modules?type=aziot&api-version=2020-09-01"

create() {
	device_create
	token_create
	cloud_start
	(umask 077 && head -c 48 /dev/urandom >"$DEVICE/secret")
}

order() { # FAULT [ARGUMENT]...
	case $1 in
	gone) cloud_stop ;;
	disabled) cloud device disable dev1 ;;
	wrong-name | expired-certificate) cloud fault "$@" ;;
	*) cloud fault "$@" --on modules ;;
	esac >/dev/null
}

take_back() { # FAULT
	case $1 in
	gone) cloud_start --port "${DPS_URL##*:}" ;;
	disabled) cloud device enable dev1 ;;
	*) cloud fault clear ;;
	esac >/dev/null
}

# Sets $status and $body.
ask() {
	status=$(curl -s -o "$DEVICE/body" -w '%{http_code}' --max-time 60 \
		--unix-socket "$SIGNET_RUNTIME_DIR/provisiond.sock" "$MODULES")
	body=$(cat "$DEVICE/body")
}

meets() { # STATUS SENTENCE FAULT [ARGUMENT]...
	local status body
	order "${@:3}"
	ask
	assert_equal "$1" "$status" "the status of the call"
	assert_contains "$body" "$2" "the answer"
	is_provisioned || fail "the device is $(provisioning_status)"
	take_back "$3"
}

meets_each_failure() { # KIND
	local who fault status sentence rows=0 body
	wait_until_provisioned
	while IFS='|' read -r who fault status sentence; do
		[[ $who == *[a-z]* && " all $1 " == *" ${who// /} "* ]] || continue
		echo "# $1 |$fault|$status|$sentence"
		# shellcheck disable=SC2086
		meets $status "${sentence/# /}" $fault
		rows=$((rows + 1))
	done <<<"$TABLE"
	[ $rows -ge 14 ] || fail "only $rows rows"
	ask
	assert_equal 200 "$status" "the call when all is well again: $body"
	[ ! -e "$SIGNET_STATE_DIR/provisiond/device_info.json" ] ||
		fail "something is stored that the configuration says"
}

# A call is not tried again, so that it meets what was ordered.
without_retries() { echo 'cloud_retries: 0' >>"$(provisiond_file)"; }

a_device_with_a_certificate_meets_each_failure() {
	create
	pki root
	pki device-identity dev1
	register_certificate
	keyd_configure "$SOFTHSM_MODULE" "$(token_uri)" \
		"preloaded_keys: { device-id: \"file://$(key_of dev1)\" }"
	mkdir -p "$SIGNET_CONFIG_DIR/certd"
	echo "preloaded_certs: { device-id: \"file://$(chain_of dev1)\" }" \
		>"$SIGNET_CONFIG_DIR/certd/config.yaml"
	provisiond_configure_manual \
		"method: x509, identity_cert: device-id, identity_pk: device-id"
	without_retries
	daemon_start keyd
	daemon_start certd
	daemon_start provisiond
	meets_each_failure x509
	daemon_stop provisiond
	daemon_stop certd
	daemon_stop keyd
}

a_device_with_a_key_meets_each_failure() {
	create
	register_key
	keyd_configure "$SOFTHSM_MODULE" "$(token_uri)" \
		"preloaded_keys: { secret: \"file://$DEVICE/secret\" }"
	provisiond_configure_manual "method: sas, device_id_pk: secret"
	without_retries
	daemon_start keyd
	daemon_start provisiond
	meets_each_failure sas
	daemon_stop provisiond
	daemon_stop keyd
}

a_device_with_a_connection_string_meets_each_failure() {
	create
	register_key
	cat >"$DEVICE/config.yaml" <<YAML
provisioning:
  source: "manual"
  device_connection_string: "HostName=localhost;DeviceId=dev1;SharedAccessKey=$(
		base64 -w0 "$DEVICE/secret")"
YAML
	signetctl config apply --from "$DEVICE/config.yaml" >/dev/null
	# The port of our hub cannot be said in such a string.
	sed -i "s|iothub_hostname:.*|iothub_hostname: ${DPS_URL#https://}|" "$(provisiond_file)"
	without_retries
	signetctl system start >/dev/null
	meets_each_failure sas
	signetctl system stop >/dev/null
}

run_tests_side_by_side \
	a_device_with_a_certificate_meets_each_failure \
	a_device_with_a_key_meets_each_failure \
	a_device_with_a_connection_string_meets_each_failure
