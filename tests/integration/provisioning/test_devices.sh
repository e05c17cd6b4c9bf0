#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Many devices side by side on one machine, each with directories, daemons and a
# token of its own, at one cloud.
#
#   test_devices.sh NUMBER
readonly NUMBER=${1:?says how many devices}
. "$(dirname "$0")/../../support/harness.sh"
. "$(dirname "$0")/../../support/provisiond.sh"

# Makes the device NAME the one that everything below is about.
use_device() { # NAME
	DEVICE=$FLEET/$1
	export DEVICE
	export SIGNET_RUNTIME_DIR=$DEVICE/run
	export SIGNET_CONFIG_DIR=$DEVICE/etc
	export SIGNET_STATE_DIR=$DEVICE/state
	export SOFTHSM2_CONF=$DEVICE/softhsm2.conf
}

# A device of the group, which knows its own key only by deriving it.
make_device() { # NAME
	use_device "$1"
	mkdir -p "$DEVICE"/{run,etc,state,tokens}
	printf 'directories.tokendir = %s\nobjectstore.backend = file\nlog.level = ERROR\n' \
		"$DEVICE/tokens" >"$SOFTHSM2_CONF"
	(umask 077 && echo "$PIN" >"$DEVICE/pin")
	token_create
	keyd_configure "$SOFTHSM_MODULE" "$(token_uri)" \
		"preloaded_keys: { plant: \"file://$FLEET/secret\" }"
	provisiond_configure_dps \
		"method: symmetric_key, registration_id: $1, group_key: plant"
	printf 'principals:\n  - { user: "2001", name: web, identity: [module] }\n' \
		>>"$(provisiond_file)"
}

start_device() { # NAME
	use_device "$1"
	local daemon
	for daemon in keyd provisiond; do
		"signet-$daemon" >>"$DEVICE/$daemon.log" 2>&1 &
		echo $! >"$DEVICE/$daemon.pid"
	done
}

end_device() { # NAME
	use_device "$1"
	local daemon pid result
	for daemon in provisiond keyd; do
		result=0
		pid=$(cat "$DEVICE/$daemon.pid")
		kill "$pid"
		wait "$pid" || result=$?
		assert_equal 0 $result "$daemon's exit status at $1"
	done
}

names() { seq -f 'dev-%03.0f' "$NUMBER"; }

# Its module is there, and its own.
own_module() {
	CALLER=2001 call provisiond GET /identities/identity |
		jq -er '.spec.deviceId + " " + .spec.moduleId'
}

each_device_has_an_identity_and_a_module_of_its_own() {
	local name
	device_create
	FLEET=$DEVICE
	cloud_start
	(umask 077 && head -c 48 /dev/urandom >"$FLEET/secret")
	base64 -w0 "$FLEET/secret" >"$FLEET/key"
	cloud enroll group --group-id line-7 --key-file "$FLEET/key" \
		--secondary-key-file "$FLEET/key" >/dev/null
	for name in $(names); do make_device "$name"; done
	for name in $(names); do start_device "$name"; done
	for name in $(names); do
		use_device "$name"
		eventually 120 own_module
		assert_equal "$name web" "$(own_module)" "the module of $name"
		assert_equal "$name" "$(jq -r .device_id \
			"$DEVICE/state/provisiond/device_info.json")" "what is stored for $name"
	done
	for name in $(names); do end_device "$name"; done
	DEVICE=$FLEET
	assert_equal "$(names | tr '\n' ' ')" \
		"$(cloud show devices -o json | jq -r 'map(.deviceId) | sort | join(" ")') " \
		"the hub's devices"
}

run_tests each_device_has_an_identity_and_a_module_of_its_own
