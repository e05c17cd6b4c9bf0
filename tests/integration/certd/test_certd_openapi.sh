#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# docs/openapi/certd.yaml: it is OpenAPI, and certd answers each call as it says.
. "$(dirname "$0")/../../support/harness.sh"
. "$(dirname "$0")/../../support/openapi.sh"
openapi_of certd

certd_device() {
	device_with_token
	mkdir -p "$SIGNET_CONFIG_DIR/certd"
	cat >"$SIGNET_CONFIG_DIR/certd/config.yaml" <<YAML
preloaded_certs: { roots: [ca] }
trust_bundle: roots
cert_issuance:
  local_ca: { cert: ca, pk: ca }
  certs:
    ca: { method: self_signed, profile: ca, common_name: Line 7, expiry_days: 365 }
    web: { method: local_ca, profile: server, common_name: web }
    kept: { method: local_ca, common_name: kept, renewal: { prove: user } }
principals: [{ user: "$(id -u)", certs: ["*"] }]
YAML
	daemon_start keyd
	daemon_start certd
	keyd POST /keypair '{"keyId":"ca"}' >/dev/null
	keyd POST /keypair '{"keyId":"web"}' >/dev/null
}

# A candidate of the certificate kept, which is there already or is made now.
make_candidate() {
	is_there() { call certd GET /certificates/kept | jq -e .pem; }
	has_candidate() { call certd GET /certificates/kept/candidate | jq -e .digest; }
	call certd POST /certificates/kept/renew >/dev/null
	eventually 60 is_there
	call certd POST /certificates/kept/renew >/dev/null
	eventually 60 has_candidate
}

decide() { # confirm|reject
	make_candidate
	operation GET '/certificates/{id}/candidate' 200 '{id}=kept'
	operation POST "/certificates/{id}/candidate/$1" 204 '{id}=kept' \
		"{\"digest\": $(jq .digest <<<"$body")}"
}

answers_each_call_as_it_is_described() {
	local pem
	certd_device
	operation POST '/certificates/{id}/renew' 200 '{id}=ca'
	operation POST '/certificates/{id}/renew' 200 '{id}=web'
	pem=$body
	openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
		-keyout "$DEVICE/web.key" -out "$DEVICE/web.csr" -subj /CN=web \
		-addext subjectAltName=DNS:web.local 2>/dev/null
	openssl req -in "$DEVICE/web.csr" -noout -subject >/dev/null
	operation PUT '/certificates/{id}' 201 '{id}=web' "$pem"
	operation GET '/certificates/{id}' 200 '{id}=web'
	operation GET '/certificates/{id}' 200 '{id}=roots'
	operation GET '/certificates/{id}/explain' 200 '{id}=web'
	decide reject
	decide confirm
	operation GET /trust-bundle 200
	operation GET /certificates 200
	operation GET /certificate-objects 200
	operation GET /health 200
	operation GET /metrics 200
	operation DELETE '/certificates/{id}' 204 '{id}=web'
	operation POST /certificates 201 "$(jq -n --rawfile csr "$DEVICE/web.csr" \
		--arg handle "$(keyd POST /keypair '{"keyId":"ca"}' | jq -r .keyHandle)" \
		'{certId: "other", csr: $csr, issuer: {certId: "ca", privateKeyHandle: $handle}}')"
	assert_all_operations_called
}

refuses_as_it_is_described() {
	certd_device
	operation POST /certificates 422 '{"certId":1}'
	operation GET '/certificates/{id}' 400 '{id}=nobody'
	operation PUT '/certificates/{id}' 400 '{id}=web' '{"pem":"hello"}'
	operation PUT '/certificates/{id}' 400 '{id}=roots' '{"pem":"hello"}'
	operation POST '/certificates/{id}/renew' 500 '{id}=nobody'
	operation GET '/certificates/{id}/candidate' 400 '{id}=kept'
	operation GET /trust-bundle 400
	daemon_stop keyd
	operation POST "/certificates/{id}/renew" 503 "{id}=ca"
	echo 'nonsense: 1' >>"$SIGNET_CONFIG_DIR/certd/config.yaml"
	daemon_stop certd
	daemon_start certd
	operation GET '/certificates/{id}' 503 '{id}=web'
	operation GET /health 200
	operation GET /metrics 200
}

run_tests \
	is_openapi \
	answers_each_call_as_it_is_described \
	refuses_as_it_is_described
