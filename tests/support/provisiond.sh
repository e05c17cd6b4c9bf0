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
