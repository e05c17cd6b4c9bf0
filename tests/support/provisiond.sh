# SPDX-License-Identifier: MIT
#
# For scripts about provisiond, on harness.sh: its own file, and devices that the
# hub knows without DPS.

provisiond_file() { echo "$SIGNET_CONFIG_DIR/provisiond/config.yaml"; }

# Source dps at our cloud; further lines go into the section provisioning.
provisiond_configure_dps() { # ATTESTATION-MEMBERS [LINE]...
	mkdir -p "$SIGNET_CONFIG_DIR/provisiond"
	{
		printf 'provisioning:\n  source: dps\n'
		printf '  global_endpoint: "%s"\n  scope_id: "%s"\n' "$DPS_URL" "$SCOPE_ID"
		printf '  attestation: { %s }\n' "$1"
		[ $# -lt 2 ] || printf '  %s\n' "${@:2}"
	} >"$(provisiond_file)"
}

# Source manual; members of authentication.
provisiond_configure_manual() { # AUTHENTICATION-MEMBERS [LINE]...
	mkdir -p "$SIGNET_CONFIG_DIR/provisiond"
	{
		printf 'provisioning:\n  source: manual\n'
		printf '  iothub_hostname: "%s"\n  device_id: dev1\n' "${DPS_URL#https://}"
		printf '  authentication: { %s }\n' "$1"
		[ $# -lt 2 ] || printf '  %s\n' "${@:2}"
	} >"$(provisiond_file)"
}

# --- devices of the hub, without DPS ------------------------------------------

register_at_hub() { # AUTHENTICATION; of dev1
	cloud device create dev1 "{\"deviceId\":\"dev1\",\"authentication\":$1}" >/dev/null
}

# By the key in the file secret.
register_key() {
	local key
	key=$(base64 -w0 "$DEVICE/secret")
	register_at_hub "{\"type\":\"sas\",\"symmetricKey\":
		{\"primaryKey\":\"$key\",\"secondaryKey\":\"$key\"}}"
}

# By the certificate of dev1.
register_certificate() {
	local thumbprint
	thumbprint=$(openssl x509 -in "$(leaf_of dev1)" -noout -fingerprint -sha256 |
		sed 's/.*=//; s/://g')
	register_at_hub "{\"type\":\"selfSigned\",\"x509Thumbprint\":
		{\"primaryThumbprint\":\"$thumbprint\",\"secondaryThumbprint\":\"$thumbprint\"}}"
}

# --- a device whose certificate and keys are files -----------------------------

file_device_create() { # [SERVE-OPTION]...
	device_create
	token_create
	pki root
	pki device-identity dev1
	(umask 077 && head -c 48 /dev/urandom >"$DEVICE/secret")
	base64 -w0 "$DEVICE/secret" >"$DEVICE/key"
	cloud_start "$@"
	file_device_start
}

# keyd and certd, which show them.
file_device_start() {
	keyd_configure "$SOFTHSM_MODULE" "$(token_uri)" "preloaded_keys: {
  device-id: \"file://$(key_of dev1)\", secret: \"file://$DEVICE/secret\" }"
	mkdir -p "$SIGNET_CONFIG_DIR/certd"
	echo "preloaded_certs: { device-id: \"file://$(chain_of dev1)\" }" \
		>"$SIGNET_CONFIG_DIR/certd/config.yaml"
	daemon_start keyd
	daemon_start certd
}

file_device_stop() {
	daemon_stop provisiond
	daemon_stop certd
	daemon_stop keyd
}

provisiond_by_certificate() { # [LINE]...
	provisiond_configure_dps "method: x509, registration_id: dev1, identity_cert: device-id, identity_pk: device-id" "$@"
}

# --- what it says ---------------------------------------------------------------

identity() { call provisiond POST /identities/device '{"type":"aziot"}'; }
member() { identity | jq -r "$1"; }                                        # JQ-PATH
says() { grep -qF "$1" "$DEVICE/provisiond.log"; }                         # TEXT
notes() { [[ $(signetctl identity show 2>&1) == *"$1"* ]]; }               # TEXT
is_well() { [ "$(health provisiond)" = "ok: " ]; }
look_again() { kill -HUP "$(cat "$DEVICE/provisiond.pid")"; }
registrations() { grep -c "^info: PUT .*/register' 202" "$DEVICE/cloud.log"; }
has_registered() { [ "$(registrations)" -ge "$1" ]; } # TIMES

# Runs a command by the clock that is wrong by the seconds in the file clock of the
# device; a time server has set it if there is a file clock.synchronized.
with_clock() { # COMMAND...
	LD_PRELOAD=$SIGNET_BUILD/lib/wrongclock.so WRONGCLOCK_FILE=$DEVICE/clock \
		ASAN_OPTIONS=${ASAN_OPTIONS:-}:verify_asan_link_order=0 "$@"
}
