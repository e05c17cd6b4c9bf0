#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# docs/guides/quickstart.md with Azure, as far as Azure's names lead: those are
# signet-cloud's in a network namespace, or, where there may be none, its own are
# put in. What the page says for a device without Azure a guest follows
# (tests/system).
. "$(dirname "$0")/../../support/namespace.sh"

readonly DPS_GLOBAL=global.azure-devices-provisioning.net
readonly HUB_NAME=plant.azure-devices.net

if [ -n "${SIGNET_NAMESPACE:-}" ] || namespaces_are_allowed; then
	enter_namespace "$@"
	name_hosts "$DPS_GLOBAL" "$HUB_NAME"
	serve=(--port 443 --dps "$DPS_GLOBAL" --hub "$HUB_NAME")
else
	echo "namespaces are not allowed here: by signet-cloud's own names"
	serve=()
fi

. "$(dirname "$0")/../../support/harness.sh"
. "$(dirname "$0")/../../system/guest/page.sh"
PAGE=$(cd "$(dirname "$0")/../../../docs/guides" && pwd)/quickstart.md
readonly PAGE

# Runs the page's commands, whose folders are the device's here: nobody is root.
follow() { # COMMANDS
	sed -e "s|/root\b|$DEVICE|g; s|/etc/signet/pin|$DEVICE/pin|g" \
		-e "s|/etc/signet|$SIGNET_CONFIG_DIR|g; s| -o signet-keyd||" \
		-e "s|/run/credentials/signet-keyd.service|$DEVICE|" <<<"$1" >"$DEVICE/commands"
	. "$DEVICE/commands" >"$DEVICE/commands.log" 2>&1
}

# What the page has for Azure alone: shell, indented.
azure_commands() {
	sed -n '/^\*\*With Azure\*\*/,/^\*\*Without Azure\*\*/s/^    //p' "$PAGE"
}

# The CA is added to DPS and verified, as an administrator does in the portal.
dps_knows_the_CA() {
	local code
	signet-cloud cert add first-look --data "$DEVICE/cloud" \
		--certificate "$DEVICE/$ROOT" >/dev/null
	code=$(signet-cloud cert code first-look --data "$DEVICE/cloud")
	follow "$(grep -o 'signetctl testpki verification CODE' "$PAGE" | sed "s/CODE/$code/")"
	signet-cloud cert verify first-look --data "$DEVICE/cloud" \
		--certificate "$DEVICE/certs/verification-code.cert.pem" >/dev/null
	signet-cloud enroll group --data "$DEVICE/cloud" --group-id first-look \
		--ca first-look >/dev/null
}

the_commands_for_Azure_lead_to_a_provisioned_device() {
	local azure
	device_create
	token_create
	cloud_start "${serve[@]}"
	follow "$(page_commands "$PAGE" 3.)"
	dps_knows_the_CA
	azure=$(azure_commands)
	assert_contains "$azure" "dps=https://$DPS_GLOBAL" "where Azure's DPS is"
	assert_contains "$azure" "scope=0ne00XXXXXX" "what is to be put in"
	[ ${#serve[@]} -gt 0 ] || azure=${azure/https:\/\/$DPS_GLOBAL/$DPS_URL}
	follow "${azure/0ne00XXXXXX/$(jq -r .id_scope "$DEVICE/cloud.json")}"
	# "Leave out trust_bundle_cert": the system's roots are the environment's here.
	follow "$(page_commands "$PAGE" 5. | sed '/^trust_bundle_cert:/d')"
	signetctl system start >/dev/null
	follow "$(page_commands "$PAGE" 6.)"
	assert_contains "$(cat "$DEVICE/commands.log")" device-1 "what the last commands print"
	[ ${#serve[@]} -eq 0 ] || assert_equal "device-1 $HUB_NAME" \
		"$(signetctl identity show -o json | jq -r '.spec.deviceId + " " + .spec.hubName')" \
		"the identity"
}

run_tests the_commands_for_Azure_lead_to_a_provisioned_device
