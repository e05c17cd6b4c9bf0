#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# docs/openapi/keyd.yaml: it is OpenAPI, and keyd answers each call as it says.
. "$(dirname "$0")/../../support/harness.sh"

. "$(dirname "$0")/../../support/openapi.sh"
openapi_of keyd

# The last answer's handle, or another member.
member() { jq -r ".${1:-keyHandle}" <<<"$body"; }

base64_of() { printf %s "$1" | base64 -w 0; }

use_pairs_as_aziot_does() {
	local handle
	operation POST /keypair 200 '{"keyId":"ec-temp","preferredAlgorithms":"ec-p256"}'
	operation POST '/keypair/{id}' 204 '{id}=ec' '{"from":"ec-temp"}'
	operation GET '/keypair/{id}' 200 '{id}=ec'
	handle=$(member)
	operation POST '/parameters/{name}' 200 '{name}=ec-point' "{\"keyHandle\":\"$handle\"}"
	operation POST /sign 200 "$(jq -nc --arg h "$handle" --arg d "$DIGEST" \
		'{keyHandle: $h, algorithm: "ECDSA", parameters: {digest: $d}}')"
	operation POST /handles/delegate 200 "{\"keyHandle\":\"$handle\",\"uid\":4711}"
	operation POST /keypair 200 '{"keyId":"gone","preferredAlgorithms":"ec-p256"}'
	operation DELETE /keypair 204 "{\"keyHandle\":\"$(member)\"}"
}

use_secrets_as_aziot_does() {
	local sealed parameters='parameters: {iv: "AAECAwQFBgcICQoL", aad: ""}'
	operation POST /key 200 '{"keyId":"mac","usage":"sign,derive"}'
	operation GET '/key/{id}' 200 '{id}=mac'
	operation POST /derivedkey 200 "$(jq -nc --arg h "$(member)" \
		'{baseKeyHandle: $h, derivationData: "ZGV2"}')"
	operation POST /derivedkey/export 200 "{\"keyHandle\":\"$(member)\"}"
	operation POST /key 200 '{"keyId":"aes","usage":"encrypt"}'
	sealed=$(member)
	operation POST /encrypt 200 "$(jq -nc --arg h "$sealed" \
		"{keyHandle: \$h, algorithm: \"AEAD\", $parameters, plaintext: \"aGVsbG8=\"}")"
	operation POST /decrypt 200 "$(jq -nc --arg h "$sealed" --arg c "$(member ciphertext)" \
		"{keyHandle: \$h, algorithm: \"AEAD\", $parameters, ciphertext: \$c}")"
	assert_equal aGVsbG8= "$(member plaintext)" "plaintext"
	operation DELETE /key 204 "{\"keyHandle\":\"$sealed\"}"
}

use_keys_by_their_ids() {
	local pem
	operation POST '/keys/{id}/sign' 200 '{id}=ec' \
		"{\"algorithm\":\"ES256\",\"digest\":\"$DIGEST\"}"
	operation POST '/keys/{id}/verify' 200 '{id}=ec' "$(jq -nc --arg d "$DIGEST" \
		--arg s "$(member signature)" '{algorithm: "ES256", digest: $d, signature: $s}')"
	assert_equal true "$(member valid)" "verdict"
	operation GET '/keys/{id}/public' 200 '{id}=ec'
	operation POST /keypair 200 \
		'{"keyId":"rsa","preferredAlgorithms":"rsa-2048","usage":"sign,decrypt"}'
	operation GET '/keys/{id}/public' 200 '{id}=rsa'
	member pem >"$DEVICE/rsa.pub"
	printf hello | openssl pkeyutl -encrypt -pubin -inkey "$DEVICE/rsa.pub" \
		-pkeyopt rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:sha256 >"$DEVICE/sealed"
	operation POST '/keys/{id}/decrypt' 200 '{id}=rsa' "$(jq -nc \
		--arg c "$(base64 -w 0 "$DEVICE/sealed")" '{algorithm: "RSA-OAEP-256", ciphertext: $c}')"
	assert_equal "$(base64_of hello)" "$(member plaintext)" "plaintext"
	operation POST /keypair 200 \
		'{"keyId":"dh","preferredAlgorithms":"ec-p256","usage":"derive"}'
	pem=$(openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 |
		openssl pkey -pubout)
	operation POST '/keys/{id}/derive' 200 '{id}=dh' \
		"$(jq -nc --arg p "$pem" '{algorithm: "ECDH", pem: $p}')"
	pem=$(openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256)
	operation POST '/keys/{id}/import' 204 '{id}=imported' "$(jq -nc --arg p "$pem" '{pem: $p}')"
	operation GET '/keys/{id}' 200 '{id}=imported'
	operation GET /keys 200
	operation DELETE '/keys/{id}' 204 '{id}=imported'
}

answers_each_call_as_it_is_described() {
	device_create
	token_create
	keyd_configure "$SOFTHSM_MODULE" "$(token_uri)" \
		"preloaded_keys: { gone-file: \"file://$DEVICE/nothing.pem\" }"
	daemon_start keyd
	DIGEST=$(head -c 32 /dev/zero | base64)
	use_pairs_as_aziot_does
	use_secrets_as_aziot_does
	use_keys_by_their_ids
	operation POST /random 200 '{"length":16}'
	operation GET /health 200
	operation GET /metrics 200
	assert_all_operations_called
}

refuses_as_it_is_described() {
	device_with_keyd
	operation POST /keypair 422 '{"keyId":1}'
	operation POST /keypair 400 '{"keyId":""}'
	operation GET '/keypair/{id}' 400 '{id}=nobody'
	operation GET '/keypair/{id}' 401 '{id}=handle-validation-key'
	operation POST '/keys/{id}/sign' 422 '{id}=nobody' '{'
	echo 'nonsense: 1' >>"$SIGNET_CONFIG_DIR/keyd/config.yaml"
	daemon_stop keyd
	daemon_start keyd
	operation POST '/keys/{id}/sign' 503 '{id}=nobody' '{}'
	operation GET /health 200
}

run_tests \
	is_openapi \
	answers_each_call_as_it_is_described \
	refuses_as_it_is_described
