#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Nobody is talked to by less than TLS 1.2, whatever the system's OpenSSL allows:
# not DPS, nor a hub, nor an EST server.
. "$(dirname "$0")/../../support/harness.sh"
. "$(dirname "$0")/../../support/provisiond.sh"
. "$(dirname "$0")/../../support/plant.sh"

# A server that speaks TLS 1.1 at most, and a system that would let us.
create() {
	device_create
	token_create
	ca serverca 'server root'
	certificate server localhost serverca 30 \
		"subjectAltName=DNS:localhost
extendedKeyUsage=serverAuth"
	cat >"$DEVICE/openssl.cnf" <<-CNF
		openssl_conf = all
		[all]
		ssl_conf = ssl
		[ssl]
		system_default = lax
		[lax]
		MinProtocol = TLSv1
		CipherString = DEFAULT@SECLEVEL=0
	CNF
	export OPENSSL_CONF=$DEVICE/openssl.cnf SSL_CERT_FILE=$DEVICE/serverca.pem
	openssl s_server -tls1_1 -accept 127.0.0.1:0 -www -naccept 100 \
		-cert "$DEVICE/server.pem" -key "$DEVICE/server.key" \
		>"$DEVICE/s_server.log" 2>&1 &
	echo $! >"$DEVICE/s_server.pid"
	eventually 20 grep -q '^ACCEPT' "$DEVICE/s_server.log"
	url=https://localhost:$(sed -n 's/^ACCEPT .*://p' "$DEVICE/s_server.log" | head -n 1)
	assert_contains "$(curl -s --max-time 60 --tlsv1.0 --cacert "$DEVICE/serverca.pem" "$url")" \
		"Protocol  : TLSv1.1" "what another client gets"
	(umask 077 && head -c 48 /dev/urandom >"$DEVICE/secret")
	keyd_configure "$SOFTHSM_MODULE" "$(token_uri)" \
		"preloaded_keys: { secret: \"file://$DEVICE/secret\" }"
	daemon_start keyd
}

readonly REASON="protocol version"

no_dps_is_asked_by_tls_1_1() {
	local url
	create
	DPS_URL=$url provisiond_configure_dps \
		"method: symmetric_key, registration_id: dev1, symmetric_key: secret"
	daemon_start provisiond
	says() { grep -qF "$REASON" "$DEVICE/provisiond.log"; }
	eventually 60 says
	daemon_stop provisiond
	daemon_stop keyd
}

no_hub_is_asked_by_tls_1_1() {
	local url
	create
	DPS_URL=$url provisiond_configure_manual "method: sas, device_id_pk: secret"
	echo 'cloud_retries: 0' >>"$(provisiond_file)"
	daemon_start provisiond
	wait_until_provisioned
	assert_contains "$(curl -s --max-time 60 \
		--unix-socket "$SIGNET_RUNTIME_DIR/provisiond.sock" \
		"http://provisiond.sock/identities/modules?type=aziot&api-version=2020-09-01")" \
		"$REASON" "the answer"
	daemon_stop provisiond
	daemon_stop keyd
}

no_est_server_is_asked_by_tls_1_1() {
	local url
	create
	mkdir -p "$SIGNET_CONFIG_DIR/certd"
	cat >"$SIGNET_CONFIG_DIR/certd/config.yaml" <<YAML
preloaded_certs: { est-ca: "file://$DEVICE/serverca.pem" }
cert_issuance:
  est: { url: "$url/.well-known/est", trusted_certs: [est-ca], username: user, password: secret }
  certs:
    web: { method: est, common_name: web }
principals: [{ user: "$(id -u)", certs: ["*"] }]
YAML
	daemon_start certd
	call certd POST /certificates/web/renew >/dev/null
	says() { grep -qF "$REASON" "$DEVICE/certd.log"; }
	eventually 60 says
	daemon_stop certd
	daemon_stop keyd
}

run_tests_side_by_side no_dps_is_asked_by_tls_1_1 no_hub_is_asked_by_tls_1_1 \
	no_est_server_is_asked_by_tls_1_1
