#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# IoT Edge's agent beside us: its sockets, its api-versions, its manners.
. "$(dirname "$0")/../../support/harness.sh"

readonly EDGED=2001
EDGED_CLIENT=$(cd "$(dirname "$0")/../../support" && pwd)/edged.py

# The daemons as aziot's configuration is taken over, on further sockets.
prepare() {
	device_of_group dev1
	mkdir -p "$DEVICE/aziot" "$SIGNET_CONFIG_DIR"/{certd,provisiond}
	keyd_configure "$SOFTHSM_MODULE" "$(token_uri)" \
		"  - { user: \"$EDGED\", keys: [\"iotedge*\", \"aziot-edged-ca*\"], rights: [use, export, manage] }" \
		"preloaded_keys: { device-id: \"file://$(key_of dev1)\" }" \
		"compat: aziot"
	cat >"$SIGNET_CONFIG_DIR/certd/config.yaml" <<YAML
preloaded_certs: { device-id: "file://$(chain_of dev1)" }
compat: aziot
cert_issuance:
  certs:
    aziot-edged-ca-temp:
      { method: self_signed, profile: ca, pk: aziot-edged-ca, common_name: edge }
principals:
  - { user: "$EDGED", certs: ["aziot-edged*"] }
YAML
	cat >"$SIGNET_CONFIG_DIR/provisiond/config.yaml" <<YAML
provisioning:
  source: dps
  global_endpoint: "$DPS_URL"
  scope_id: "$SCOPE_ID"
  attestation: { method: x509, identity_cert: device-id, identity_pk: device-id }
principals:
  - { user: "$EDGED", name: aziot-edge }
YAML
	start keyd keyd
	start certd certd
	start provisiond identityd
	chmod 755 "$DEVICE/aziot"
}

start() { # DAEMON NAME; the name is aziot's
	"signet-$1" --also-listen "$DEVICE/aziot/$2.sock" >>"$DEVICE/$1.log" 2>&1 &
	echo $! >"$DEVICE/$1.pid"
	eventually 20 call "$1" GET /health
}

edged() {
	ENGINE_CONF=$SIGNET_BUILD/conf/openssl-signet.cnf as_uid "$EDGED" "$EDGED_CLIENT" "$DEVICE/aziot" "${DPS_URL#https://}" \
		"$DEVICE/ca.pem" "$DEVICE/module.csr" "$DEVICE/edged/issued.pem"
}

tells_the_whole_story_to_aziot_edged() {
	prepare
	cp "$SSL_CERT_FILE" "$DEVICE/ca.pem"
	mkdir "$DEVICE/edged"
	as_root chown "$EDGED" "$DEVICE/edged"
	openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
		-keyout "$DEVICE/module.key" -out "$DEVICE/module.csr" -subj /CN=m1 \
		2>/dev/null
	chmod 644 "$DEVICE/ca.pem" "$DEVICE/module.csr"
	# edged has made its CA before.
	keyd POST /keypair '{"keyId":"aziot-edged-ca","preferredAlgorithms":"rsa-2048"}' >/dev/null
	assert_equal "whole story told" "$(edged)" "the client"
	openssl x509 -in "$DEVICE/edged/issued.pem" -noout -checkend 0 >/dev/null ||
		fail "no certificate was issued"
}

# What 'config apply' makes of a file with an agent is enough for the agent's CA,
# and for the next one, which aziot-edged has issued under another id.
a_file_with_an_agent_is_enough_for_its_ca() {
	local id
	device_create
	token_create
	cat >"$DEVICE/config.toml" <<-TOML
		[provisioning]
		source = "none"

		[aziot_keys]
		pkcs11_lib_path = "$SOFTHSM_MODULE"
		pkcs11_base_slot = "$(token_uri)"

		[agent]
		name = "edgeAgent"
	TOML
	signetctl config apply --from "$DEVICE/config.toml" >/dev/null 2>&1
	signetctl system start >/dev/null
	for id in aziot-edged-ca aziot-edged-ca-temp; do
		keyd POST /keypair "{\"keyId\":\"$id\",\"preferredAlgorithms\":\"rsa-2048:*\"}" >/dev/null
		OPENSSL_CONF=$SIGNET_BUILD/conf/openssl-signet.cnf openssl req -new \
			-subj "/CN=edge ca" -engine pkcs11 -keyform engine \
			-key "pkcs11:token=Signet;object=$id;type=private" \
			-out "$DEVICE/ca.csr" 2>/dev/null
		call certd POST /certificates "$(jq -n --arg id $id \
			--rawfile csr "$DEVICE/ca.csr" '{certId: $id, csr: $csr}')" |
			jq -r .pem >"$DEVICE/$id.pem"
		openssl verify -x509_strict -CAfile "$DEVICE/$id.pem" "$DEVICE/$id.pem" >/dev/null ||
			fail "the certificate of $id"
		assert_contains "$(openssl x509 -in "$DEVICE/$id.pem" -noout -ext basicConstraints)" \
			CA:TRUE "what $id is"
		openssl x509 -in "$DEVICE/$id.pem" -noout -checkend $((89 * 86400)) >/dev/null ||
			fail "$id lives too short"
	done
}

run_tests \
	a_file_with_an_agent_is_enough_for_its_ca \
	tells_the_whole_story_to_aziot_edged
