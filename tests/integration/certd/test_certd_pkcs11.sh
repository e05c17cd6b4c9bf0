#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Programs see certd's certificates beside their keys, by libsignet-pkcs11.so.
. "$(dirname "$0")/../../support/harness.sh"

MODULE=$SIGNET_BUILD/lib/libsignet-pkcs11.so

certd_device() {
	device_with_token
	mkdir -p "$SIGNET_CONFIG_DIR/certd"
	cat >"$SIGNET_CONFIG_DIR/certd/config.yaml" <<YAML
cert_issuance:
  local_ca: { cert: ca, pk: ca }
  certs:
    ca: { method: self_signed, profile: ca, common_name: Line 7 }
    web-cert: { method: local_ca, profile: server, common_name: web, pk: web }
    hidden: { method: local_ca, common_name: hidden, pk: elsewhere }
principals: [{ user: "$(id -u)", certs: ["*"] }]
YAML
	daemon_start keyd
	daemon_start certd
	keyd POST /keypair '{"keyId":"ca"}' >/dev/null
	keyd POST /keypair '{"keyId":"web"}' >/dev/null
	renew ca
	renew web-cert
}

renew() { # CERT-ID
	assert_contains "$(call certd POST "/certificates/$1/renew")" BEGIN "renewing $1"
}

objects() { # TYPE
	pkcs11-tool --module "$MODULE" --list-objects --type "$1" 2>&1
}

# As DER is what the token has.
token_certificate() { # LABEL
	pkcs11-tool --module "$MODULE" --read-object --type cert --label "$1" 2>/dev/null |
		openssl x509 -inform DER
}

stored_certificate() { # CERT-ID
	call certd GET "/certificates/$1" | jq -r .pem | openssl x509
}

shows_certificates_beside_their_keys() {
	local listed
	certd_device
	listed=$(objects cert)
	assert_contains "$listed" "web-cert" "certificates"
	assert_contains "$listed" "Line 7" "the CA's"
	assert_equal "$(stored_certificate web-cert)" "$(token_certificate web-cert)" \
		"the certificate"
	# By its id it is found with its key, which signs for it.
	printf hello >"$DEVICE/hello"
	pkcs11-tool --module "$MODULE" --sign --mechanism ECDSA-SHA256 --id "$(printf web | xxd -p)" \
		--signature-format openssl --input-file "$DEVICE/hello" \
		--output-file "$DEVICE/signature" >/dev/null 2>&1
	token_certificate web-cert | openssl x509 -noout -pubkey >"$DEVICE/public"
	openssl dgst -sha256 -verify "$DEVICE/public" -signature "$DEVICE/signature" \
		"$DEVICE/hello" >/dev/null || fail "the key is not that of the certificate"
}

shows_the_new_one_at_once() {
	local before
	certd_device
	before=$(token_certificate web-cert)
	renew web-cert
	[ "$before" != "$(token_certificate web-cert)" ] || fail "it shows the old one"
	assert_equal "$(stored_certificate web-cert)" "$(token_certificate web-cert)" \
		"the certificate"
}

a_stopped_certd_hides_certificates_but_no_keys() {
	certd_device
	daemon_stop certd
	[[ $(objects cert) != *web* ]] || fail "there are certificates"
	assert_contains "$(objects privkey)" "web" "keys"
	daemon_start certd
	assert_contains "$(objects cert)" "web-cert" "certificates"
}

run_tests \
	shows_certificates_beside_their_keys \
	shows_the_new_one_at_once \
	a_stopped_certd_hides_certificates_but_no_keys
