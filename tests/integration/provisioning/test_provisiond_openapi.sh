#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# docs/openapi/provisiond.yaml: it is OpenAPI, and provisiond answers each call as
# it says.
. "$(dirname "$0")/../../support/harness.sh"
. "$(dirname "$0")/../../support/openapi.sh"
openapi_of provisiond

provisioned_device() {
	device_of_group dev1
	config_provision "file://$(chain_of dev1)" "file://$(key_of dev1)"
	cat >>"$DEVICE/config.yaml" <<YAML
token: { module: "$SOFTHSM_MODULE", uri: "$(token_uri)" }
cert_issuance:
  certs: { m2: { method: self_signed } }
YAML
	local daemon
	for daemon in keyd certd provisiond; do
		mkdir -p "$SIGNET_CONFIG_DIR/$daemon/config.d"
	done
	printf 'principals: [{ user: "%s", keys: [m2], rights: [use, manage] }]\n' \
		"$(id -u)" >"$SIGNET_CONFIG_DIR/keyd/config.d/test.yaml"
	printf 'principals: [{ user: "%s", certs: [m2] }]\n' \
		"$(id -u)" >"$SIGNET_CONFIG_DIR/certd/config.d/test.yaml"
	printf 'hostname: gw1\nlocalid: { domain: factory }\n' \
		>"$SIGNET_CONFIG_DIR/provisiond/config.d/test.yaml"
	apply_and_start
	wait_until_provisioned
}

answers_each_call_as_it_is_described() {
	local order='{"type":"aziot","moduleId":"m1"}'
	provisioned_device
	operation GET /health 200
	operation GET /trust-bundle 200
	operation GET /identities/identity 200
	operation POST /identities/device 200 '{"type":"aziot"}'
	operation GET /identities/provisioning 200
	operation POST /identities/modules 200 "$order"
	operation POST /identities/modules 200 '{"type":"local","moduleId":"m2"}'
	operation GET /identities/modules 200 '?type=aziot'
	operation GET '/identities/modules/{id}' 200 '{id}=m1' '?type=aziot'
	operation PUT '/identities/modules/{id}' 200 '{id}=m1' '?type=aziot' "$order"
	operation DELETE '/identities/modules/{id}' 204 '{id}=m1' '?type=aziot'
	operation POST /identities/device/reprovision 204
	assert_all_operations_called
}

refuses_as_it_is_described() {
	provisioned_device
	operation POST /identities/device 400
	operation POST /identities/device 422 '{}'
	operation GET /identities/modules 400
	operation POST /identities/modules 422 '{"type":"aziot"}'
	operation GET '/identities/modules/{id}' 404 '{id}=m1' '?type=aziot'
	operation GET '/identities/modules/{id}' 400 '{id}=m1' '?type=local'
	operation PUT '/identities/modules/{id}' 404 '{id}=m1' '?type=aziot' '{}'
	chmod 777 "$DEVICE" # the answer is written by the caller
	CALLER=2001 operation GET /identities/identity 401
	CALLER=2001 operation DELETE '/identities/modules/{id}' 401 '{id}=m1' '?type=aziot'
	cloud fault --on register 401
	operation POST /identities/device/reprovision 404
}

run_tests \
	is_openapi \
	answers_each_call_as_it_is_described \
	refuses_as_it_is_described
