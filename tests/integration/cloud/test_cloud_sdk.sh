#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Microsoft's own SDKs for Node, unmodified, against signet-cloud: by Azure's
# host names on port 443 of a network namespace, or with the argument "redirect"
# (and where there may be no namespaces) by a preload that knows the port.
. "$(dirname "$0")/../../support/namespace.sh"

readonly DPS_NAME=plant.azure-devices-provisioning.net
readonly DPS_GLOBAL=global.azure-devices-provisioning.net
readonly HUB_NAME=plant.azure-devices.net

way=${1:-namespace}
if [ "$way" = namespace ] && [ -z "${SIGNET_NAMESPACE:-}" ] &&
	! namespaces_are_allowed; then
	echo "namespaces are not allowed here: going by redirect.js"
	way=redirect
fi
if [ "$way" = namespace ]; then
	enter_namespace "$@"
	name_hosts "$DPS_NAME" "$DPS_GLOBAL" "$HUB_NAME"
fi

. "$(dirname "$0")/../../support/harness.sh"
. "$(dirname "$0")/../../support/plant.sh"

sdk=$(cd "$(dirname "$0")/../../sdk" && pwd)

azure() {
	local options=(--port 443)
	[ "$way" = namespace ] || options=(--port 0 --assign-rounds 0)
	plant "${options[@]}" --dps "$DPS_NAME" --hub "$HUB_NAME"
	export SIGNET_PLANT=$DEVICE
	export SIGNET_CLOUD_JSON=$data/cloud.json
	export NODE_EXTRA_CA_CERTS=$data/ca.pem
	SIGNET_PORT=$(jq -r .est_url "$data/cloud.json" | sed 's/.*:\([0-9]*\).*/\1/')
	export SIGNET_PORT
}

# One file of tests; each says what it proves.
by_sdk() { # FILE
	local preload=()
	[ "$way" = namespace ] || preload=(-r "$sdk/redirect.js")
	(cd "$sdk" && node "${preload[@]}" "$1") || fail "$1"
}

manages_enrollments() {
	azure
	leaf self1 ind-001
	by_sdk enrollments.js
	stop cloud
}

# The messages that the hub has of a device.
messages_of() { # DEVICE
	cloud show messages -o json | jq -r --arg id "$1" \
		'[.[] | select(.deviceId == $id) | .body] | join(" ")'
}

registers_devices_and_takes_their_messages() {
	azure
	member dev2 dev-002
	leaf self1 ind-001
	leaf self2 ind-001
	by_sdk devices.js
	assert_equal 'by certificate {"celsius":21} first second' \
		"$(messages_of dev-001)" "the messages of dev-001"
	assert_equal '{"alert":"no"}' "$(cloud show messages -o json | jq -c '.[] |
		select(.body == "{\"celsius\":21}") | .properties')" \
		"the properties of a message"
	provisions_a_device_of_signet_beside_them
	stop cloud
}

# On the same server. Our daemons have no preload: without a namespace they go by
# the port, and not to the hub, of which they have only the name.
provisions_a_device_of_signet_beside_them() {
	member ours signet-001
	DPS_URL=https://$DPS_GLOBAL
	[ "$way" = namespace ] || DPS_URL=https://localhost:$SIGNET_PORT
	config_provision "file://$DEVICE/ours-chain.pem" "file://$DEVICE/ours.key"
	apply_and_start
	wait_until_provisioned
	assert_equal "signet-001 $HUB_NAME" "$(signetctl identity show -o json |
		jq -r '.spec.deviceId + " " + .spec.hubName')" "the identity"
	if [ "$way" = namespace ]; then
		signetctl telemetry send hello >/dev/null
		assert_equal hello "$(messages_of signet-001)" "its message"
	fi
	by_sdk beside.js
}

refuses_devices_that_may_not() {
	azure
	ca rogue 'plant intermediate'
	member wrong dev-999
	leaf fake dev-001 rogue
	chain fake rogue
	member old dev-old -1
	leaf stranger stranger
	enroll_blocked
	by_sdk refusals.js
	stop cloud
}

manages_devices_modules_and_twins() {
	azure
	leaf self1 ind-001
	by_sdk registry.js
	stop cloud
}

# Refusals and records go the same ways: not all of it twice, but all of it once,
# also where there may be no namespaces.
tests=(registers_devices_and_takes_their_messages
	manages_devices_modules_and_twins)
[ "${1:-}" = redirect ] ||
	tests+=(manages_enrollments refuses_devices_that_may_not)
run_tests "${tests[@]}"
