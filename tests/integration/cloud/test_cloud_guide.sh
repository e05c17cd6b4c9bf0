#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The commands of docs/guides/try-without-azure.md, as they stand there, one
# after the other in an empty folder.
. "$(dirname "$0")/../../support/apps.sh"
GUIDE=$(cd "$(dirname "$0")/../../../docs/guides" && pwd)/try-without-azure.md
readonly GUIDE

the_commands_lead_from_nothing_to_assigned() {
	local line port
	device_create
	port=$(free_port)
	# Where the guide will have them, for what is left if it fails.
	export SIGNET_RUNTIME_DIR=$DEVICE/try/run
	export SIGNET_CONFIG_DIR=$DEVICE/try/etc SIGNET_STATE_DIR=$DEVICE/try/state
	unset SSL_CERT_FILE SIGNET_PKCS11_MODULE
	# What is built is elsewhere.
	eval "$(sed -n 's/^    export //p' "$GUIDE" |
		sed "s|\$PWD/build/release|$SIGNET_BUILD|; s/^/export /")"
	mkdir "$DEVICE/try"
	cd "$DEVICE/try"
	awk '/^```/ { block = $0 == "```sh"; next } block' "$GUIDE" |
		sed "s/8443/$port/" >commands
	[ -n "${SIGNET_PKCS11_MODULE:-}" ] || fail "the guide does not name the module"
	[ "$(wc -l <commands)" -gt 50 ] || fail "the guide has lost its commands"
	timeout 300 bash -euo pipefail commands >output 2>&1 || {
		cat output cloud.log
		jq .pid cloud/cloud.json >"$DEVICE/cloud.pid"
		fail "a command of the guide"
	}
	for line in '"status": "assigned"' '"deviceId": "pump-1"' \
		'"site": "a"' '"interval": 5' 'hello from pump-1' \
		"https://localhost:$port/portal" 'device       pump-2'; do
		assert_contains "$(cat output)" "$line" "what the commands print"
	done
	eventually 20 test ! -e cloud/cloud.json
}

# The wait for the server ends with it, too, and is not content with what a
# server that was killed has left.
the_wait_ends_if_the_server_does() {
	local port
	device_create
	cd "$DEVICE"
	awk '/^```/ { if (block) exit; block = $0 == "```sh"; next } block' "$GUIDE" >commands
	assert_equal 2 "$(grep -c cloud commands)" "the lines that start it"
	signet-cloud serve --data other --port 0 >other.log 2>&1 &
	echo $! >"$DEVICE/other.pid"
	eventually 30 test -e other/cloud.json
	port=$(jq -r .dps_url other/cloud.json)
	sed -i "s/8443/${port##*:}/" commands
	mkdir cloud
	cp other/cloud.json cloud/
	timeout 60 bash commands >output 2>&1 || fail "the wait: $(cat output)"
	assert_contains "$(cat output)" "No such process" "what the wait says"
	[ ! -e cloud/cloud.json ] || fail "what another server left is still there"
	assert_contains "$(cat cloud.log)" "port ${port##*:}" "the reason"
	daemon_stop other
}

every_picture_is_there_and_small() {
	local picture count=0
	while read -r picture; do
		[ -f "$(dirname "$GUIDE")/$picture" ] || fail "$picture is missing"
		[ "$(stat -c %s "$(dirname "$GUIDE")/$picture")" -le 61440 ] ||
			fail "$picture is over 60 KB"
		count=$((count + 1))
	done < <(sed -n 's/^!\[.*\](\(.*\))$/\1/p' "$GUIDE")
	assert_equal "$count" "$(find "$(dirname "$GUIDE")/images" -type f | wc -l)" \
		"pictures in the folder"
}

run_tests \
	the_commands_lead_from_nothing_to_assigned \
	the_wait_ends_if_the_server_does \
	every_picture_is_there_and_small
