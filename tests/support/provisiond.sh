# SPDX-License-Identifier: MIT
#
# For scripts that write provisiond's own file: on harness.sh.

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
