#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# A device provisions itself: every form of credential, EC and RSA, TLS 1.2 and
# 1.3, individual and group enrollments, and dates beyond 2049.
. "$(dirname "$0")/../../support/harness.sh"

make_ca() { # [TESTPKI-OPTION]...
	pki root "$@"
	pki intermediate "$@"
}

# The newest message's member, as the hub keeps it.
message() { # MEMBER
	cloud show messages -o json | jq -r --arg member "$1" '.[-1][$member]'
}

# Provisions dev1 and checks what the device and the cloud say of it.
provisions() { # NAME
	apply_and_start
	wait_until_provisioned
	local identity
	identity=$(signetctl identity show -o json)
	assert_equal "$1" "$(jq -r .spec.deviceId <<<"$identity")" "device id"
	assert_equal "${DPS_URL#https://}" "$(jq -r .spec.hubName <<<"$identity")" "hub"
	assert_equal assigned "$(cloud show registrations -o json |
		jq -r '.[0].status')" "the cloud's view"
	signetctl telemetry send "hello from $1" >/dev/null
	assert_equal "hello from $1" "$(message body)" "the message that arrived"
}

with_files() { # KEY-TYPE group|individual [SERVE-OPTION]...
	local key_type=$1 enrollment=$2
	shift 2
	device_create
	make_ca --key-type "$key_type"
	pki device-identity dev1 --key-type "$key_type"
	cloud_start "$@"
	case $enrollment in
	group) enroll_group "$DEVICE/pki/$ROOT" ;;
	individual) enroll_individual dev1 ;;
	esac
	config_provision "file://$(chain_of dev1)" "file://$(key_of dev1)"
	provisions dev1
}

# The key is made in the token; the certificate is a file.
with_token() { # KEY-TYPE(testpki) KEY-TYPE(pkcs11-tool) [SERVE-OPTION]...
	local ca_type=$1 key_type=$2
	shift 2
	device_create
	token_create
	token_key_create device-id 01 "$key_type"
	token_key_public device-id >"$DEVICE/device.pub"
	make_ca --key-type "$ca_type"
	pki device-identity dev1 --public-key "$DEVICE/device.pub"
	assert_equal "" "$(ls "$DEVICE/pki/private" | grep dev1 || true)" \
		"no private key file for a token key"
	cloud_start "$@"
	enroll_group "$DEVICE/pki/$ROOT"
	config_provision "file://$(chain_of dev1)" \
		"pkcs11:token=device;object=device-id?pin-source=file:$DEVICE/pin"
	provisions dev1
}

provisions_with_an_ec_key_file_by_group() { with_files ec-p256 group; }
provisions_with_an_rsa_key_file_by_group() { with_files rsa-2048 group; }
provisions_with_an_ec_key_file_individually() { with_files ec-p256 individual; }
provisions_with_an_rsa_key_file_individually() { with_files rsa-2048 individual; }
provisions_with_files_over_tls_1_2() { with_files ec-p256 group --tls 1.2; }

provisions_with_an_ec_token_key_over_tls_1_3() {
	with_token ec-p256 EC:prime256v1 --tls 1.3
	assert_equal TLS1.3 "$(message tlsVersion)" "version of TLS"
}
provisions_with_an_ec_token_key_over_tls_1_2() {
	with_token ec-p256 EC:prime256v1 --tls 1.2
	assert_equal TLS1.2 "$(message tlsVersion)" "version of TLS"
}
provisions_with_an_rsa_token_key_over_tls_1_3() {
	with_token rsa-2048 rsa:2048 --tls 1.3
	assert_equal TLS1.3 "$(message tlsVersion)" "version of TLS"
}
provisions_with_an_rsa_token_key_over_tls_1_2() {
	with_token rsa-2048 rsa:2048 --tls 1.2
	assert_equal TLS1.2 "$(message tlsVersion)" "version of TLS"
}

issued_by_the_local_ca() { # CA-KEY-URI
	config_issued dev1 "$1"
	provisions dev1
	local key
	key=$(signetctl key list -o json | jq '.keys[] | select(.id == "device-id")')
	assert_equal true "$(jq -r .sensitive <<<"$key")" "sensitive"
	assert_equal false "$(jq -r .extractable <<<"$key")" "extractable"
	assert_contains "$(jq -r .location <<<"$key")" "pkcs11:" "where the key is"
}

provisions_with_a_certificate_of_the_local_ca() {
	device_create
	token_create
	make_ca
	cloud_start
	enroll_group "$DEVICE/pki/$ROOT"
	issued_by_the_local_ca \
		"file://$DEVICE/pki/private/azure-iot-test-only.intermediate.key.pem"
}

provisions_with_a_local_ca_whose_key_is_in_the_token() {
	device_create
	token_create
	pki root
	token_key_create local-ca 02
	token_key_public local-ca >"$DEVICE/ca.pub"
	pki intermediate --public-key "$DEVICE/ca.pub"
	cloud_start
	enroll_group "$DEVICE/pki/$ROOT"
	issued_by_the_local_ca \
		"pkcs11:token=device;object=local-ca?pin-source=file:$DEVICE/pin"
}

# The file of aziot as it is, with the login of the certificate's own EST server.
provisions_with_the_file_of_aziot_by_est() {
	device_create
	token_create
	signet-cloud init --data "$DEVICE/cloud" >/dev/null
	echo sesame >"$DEVICE/password"
	cloud est user edward --password-file "$DEVICE/password"
	cloud_start
	enroll_group "$DEVICE/cloud/ca.pem"
	cat >"$DEVICE/config.toml" <<-TOML
		trust_bundle_cert = "file://$DEVICE/cloud/ca.pem"

		[provisioning]
		source = "dps"
		global_endpoint = "$DPS_URL"
		id_scope = "$SCOPE_ID"

		[provisioning.attestation]
		method = "x509"
		registration_id = "dev1"

		[provisioning.attestation.identity_cert]
		method = "est"
		url = "$(jq -r .est_url "$DEVICE/cloud.json")"
		username = "edward"
		password = "sesame"
		subject = { O = "Plant", CN = "dev1" }
		auto_renew = { rotate_key = true, threshold = "80%", retry = "4%" }

		[cert_issuance.est]
		trusted_certs = ["file://$DEVICE/cloud/ca.pem"]

		[aziot_keys]
		pkcs11_lib_path = "$SOFTHSM_MODULE"
		pkcs11_base_slot = "$(token_uri)"
	TOML
	signetctl config apply --from "$DEVICE/config.toml" >/dev/null 2>&1
	signetctl system start >/dev/null
	wait_until_provisioned
	signetctl telemetry send "by EST" >/dev/null
	assert_equal "by EST" "$(message body)" "the message that arrived"
	assert_contains "$(signetctl cert show device-id)" "O=Plant,CN=dev1" "its subject"
}

provisions_with_an_enrolled_intermediate() {
	device_create
	make_ca
	pki device-identity dev1
	cloud_start
	enroll_group "$DEVICE/pki/$INTERMEDIATE"
	config_provision "file://$(chain_of dev1)" "file://$(key_of dev1)"
	provisions dev1
}

provisions_with_a_chain_that_expires_in_2055() {
	device_create
	make_ca --not-after 2055-06-01T00:00:00Z
	pki device-identity dev1 --not-after 2055-01-01T00:00:00Z
	cloud_start
	enroll_group "$DEVICE/pki/$ROOT"
	config_provision "file://$(chain_of dev1)" "file://$(key_of dev1)"
	provisions dev1
}

takes_the_registration_id_that_is_given() {
	device_create
	make_ca
	pki device-identity dev1
	cloud_start
	enroll_group "$DEVICE/pki/$ROOT"
	config_provision "file://$(chain_of dev1)" "file://$(key_of dev1)" dev1
	provisions dev1
}

restarts_from_the_stored_assignment_without_dps() {
	device_create
	make_ca
	pki device-identity dev1
	cloud_start
	enroll_group "$DEVICE/pki/$ROOT"
	config_provision "file://$(chain_of dev1)" "file://$(key_of dev1)"
	echo '  always_reprovision_on_startup: false' >>"$DEVICE/config.yaml"
	provisions dev1
	signetctl system stop >/dev/null
	cloud_stop
	signetctl system start >/dev/null
	wait_until_provisioned
	assert_equal dev1 "$(signetctl identity show -o json |
		jq -r .spec.deviceId)" "device id from the stored assignment"
}

hides_every_key_from_a_uid_without_rights() {
	device_create
	token_create
	make_ca
	cloud_start
	enroll_group "$DEVICE/pki/$ROOT"
	config_issued dev1 \
		"file://$DEVICE/pki/private/azure-iot-test-only.intermediate.key.pem"
	provisions dev1
	chmod 711 "$SIGNET_RUNTIME_DIR"

	local url='http://keyd.sock/keys?api-version=2026-12-01'
	assert_equal '{"keys":[]}' "$(as_uid 65534 curl -s --unix-socket \
		"$SIGNET_RUNTIME_DIR/keyd.sock" "$url")" "another uid's keys by HTTP"
	assert_equal 401 "$(as_uid 65534 curl -s -o /dev/null -w '%{http_code}' \
		--unix-socket "$SIGNET_RUNTIME_DIR/keyd.sock" \
		'http://keyd.sock/keypair/device-id?api-version=2021-05-01')" \
		"loading a key that is another's"
	local objects
	objects=$(as_uid 65534 env "SIGNET_RUNTIME_DIR=$SIGNET_RUNTIME_DIR" \
		pkcs11-tool --module "$SIGNET_PKCS11_MODULE" --list-objects 2>/dev/null)
	assert_equal "" "$objects" "another uid's keys by PKCS#11"
	assert_contains "$(pkcs11-tool --module "$SIGNET_PKCS11_MODULE" \
		--list-objects 2>/dev/null)" device-id "our own keys by PKCS#11"
}

run_tests \
	provisions_with_an_ec_key_file_by_group \
	provisions_with_an_rsa_key_file_by_group \
	provisions_with_an_ec_key_file_individually \
	provisions_with_an_rsa_key_file_individually \
	provisions_with_files_over_tls_1_2 \
	provisions_with_an_ec_token_key_over_tls_1_3 \
	provisions_with_an_ec_token_key_over_tls_1_2 \
	provisions_with_an_rsa_token_key_over_tls_1_3 \
	provisions_with_an_rsa_token_key_over_tls_1_2 \
	provisions_with_a_certificate_of_the_local_ca \
	provisions_with_a_local_ca_whose_key_is_in_the_token \
	provisions_with_the_file_of_aziot_by_est \
	provisions_with_an_enrolled_intermediate \
	provisions_with_a_chain_that_expires_in_2055 \
	takes_the_registration_id_that_is_given \
	restarts_from_the_stored_assignment_without_dps \
	hides_every_key_from_a_uid_without_rights
