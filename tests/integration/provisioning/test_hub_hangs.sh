#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# A hub that takes each call about modules and answers none: who needs no hub is
# served meanwhile, though more callers wait for it than provisiond has places.
. "$(dirname "$0")/../../support/harness.sh"

readonly READER=2003 # may act as the device
readonly WEB=2002    # a module that has been seen before
readonly JOB=2006    # has a local identity
readonly PLACES=4    # for those who ask the hub; for those who change it: 1

prepare() {
	device_of_group dev1
	config_provision "file://$(chain_of dev1)" "file://$(key_of dev1)"
	cat >>"$DEVICE/config.yaml" <<YAML
token:
  module: "$SOFTHSM_MODULE"
  uri: "$(token_uri)"
cert_issuance:
  local_ca:
    cert: "file://$DEVICE/pki/$INTERMEDIATE"
    pk: "file://$DEVICE/pki/private/azure-iot-test-only.intermediate.key.pem"
  certs:
    job: { method: local_ca, expiry_days: 7 }
    m1: { method: local_ca, expiry_days: 7 }
YAML
	mkdir -p "$SIGNET_CONFIG_DIR/provisiond/config.d"
	cat >"$SIGNET_CONFIG_DIR/provisiond/config.d/test.yaml" <<YAML
hostname: gw1
localid: { domain: factory }
prefer_module_identity_cache: true
cloud_timeout_sec: 600
principals:
  - { user: "$READER", name: reader, identity: [device] }
  - { user: "$WEB", name: web, identity: [module] }
  - { user: "$JOB", name: job, identity: [local] }
YAML
	signetctl config apply --from "$DEVICE/config.yaml" >/dev/null
	signetctl system start >/dev/null
	wait_until_provisioned
}

body_of() { echo "{\"type\":\"$1\",\"moduleId\":\"$2\"}"; } # TYPE MODULE

ask() { # METHOD PATH [JSON]; prints the status
	call provisiond "$1" "$2" "${3:-}" -o /dev/null -w '%{http_code}'
}

# A call that is to wait for the hub until the hub is gone.
hang() { # METHOD PATH [JSON]
	call provisiond "$1" "$2" "${3:-}" -o /dev/null --max-time 600 &
	hanging+=($!)
}

is_known() { [ "$(CALLER=$WEB ask GET /identities/identity)" = 200 ]; }
stalled() { # NUMBER; of the 99 that are ordered
	[ "$(cloud fault list -o json | jq '.[0].remaining')" -le $((99 - $1)) ]
}

serves_who_needs_no_hub_while_the_hub_hangs() {
	local i hanging=()
	prepare
	eventually 60 is_known
	cloud fault --on modules stall 99 600 >/dev/null
	for ((i = 0; i < PLACES + 2; i++)); do
		hang GET "/identities/modules/x$i?type=aziot"
	done
	hang POST /identities/modules "$(body_of aziot y1)"
	hang POST /identities/modules "$(body_of aziot y2)"
	eventually 60 stalled $((PLACES + 1))

	assert_equal 200 "$(CALLER=$READER ask GET /identities/identity)" "the device"
	assert_equal 200 "$(CALLER=$WEB ask GET /identities/identity)" "a module, remembered"
	assert_equal 200 "$(ask GET '/identities/modules/web?type=aziot')" "the same by name"
	assert_equal 200 "$(CALLER=$JOB ask GET '/identities/modules/job?type=local')" \
		"a local identity"
	assert_equal 200 "$(ask POST /identities/modules "$(body_of local m1)")" \
		"a local identity that is made"
	for i in "${hanging[@]}"; do
		kill -0 "$i" || fail "a call did not wait for the hub"
	done
	cloud_stop
	wait "${hanging[@]}" || true
}

run_tests serves_who_needs_no_hub_while_the_hub_hangs
