# SPDX-License-Identifier: MIT
#
# For integration tests, after harness.sh: which certificate certd has now.

pem() { call certd GET "/certificates/$1" | jq -er .pem; } # ID

has_certificate() { pem "$1" | openssl x509 -noout; } # ID

fingerprint() { pem "$1" | openssl x509 -noout -fingerprint -sha256; } # ID

is_another_than() { # ID FINGERPRINT
	[ "$(fingerprint "$1")" != "$2" ]
}

key_public() { # KEY-ID
	call keyd GET "/keys/$1/public" | jq -er .pem
}

# --- certificate web of the local CA, which certd keeps fresh ------------------

readonly CA_CERT=certs/azure-iot-test-only.root.ca.cert.pem
readonly CA_KEY=private/azure-iot-test-only.root.ca.key.pem

# A local CA, and certificate web for the key web, both in place.
device_with_pair() { # RENEWAL-LINES
	device_create
	token_create
	pki root
	keyd_configure "$SOFTHSM_MODULE" "$(token_uri)" \
		"preloaded_keys: { local-ca: \"file://$DEVICE/pki/$CA_KEY\" }"
	mkdir -p "$SIGNET_CONFIG_DIR/certd"
	cat >"$SIGNET_CONFIG_DIR/certd/config.yaml" <<YAML
preloaded_certs: { local-ca: "file://$DEVICE/pki/$CA_CERT" }
cert_issuance:
  local_ca: { cert: local-ca, pk: local-ca }
  certs:
    web: { method: local_ca, common_name: web, expiry_days: 7, renewal: { $1 } }
principals: [{ user: "$(id -u)", certs: ["*"] }]
YAML
	daemon_start keyd
	daemon_start certd
	call certd POST /certificates/web/renew >/dev/null
	eventually 60 has_pair
}

# The certificate that is shown is for the key that is used. Two daemons are
# asked, so it is looked again if the key was switched in between.
has_pair() { # [ID]
	local id=${1:-web} key certificate
	while true; do
		key=$(key_public "$id")
		certificate=$(pem "$id" | openssl x509 -noout -pubkey)
		[ "$key" != "$(key_public "$id")" ] || break
	done
	[ "$key" = "$certificate" ]
}

journal() { cat "$SIGNET_STATE_DIR"/certd/renewal/web-*.json; }
is_idle() { [ "$(journal | jq -r .stage)" = idle ]; }

# --- what takes its place ------------------------------------------------------

candidate() { call certd GET "/certificates/${1:-web}/candidate"; } # [ID]
has_candidate() { candidate "$@" | jq -e .digest; }

verdict() { # confirm|reject JSON; prints the status
	call certd POST "/certificates/web/candidate/$1" "$2" -o /dev/null \
		-w '%{http_code}'
}
