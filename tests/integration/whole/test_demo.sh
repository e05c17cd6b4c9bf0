#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The demo as a newcomer runs it, twice in a row and two at once; and the
# benchmark, briefly.
. "$(dirname "$0")/../../support/harness.sh"

top=$(cd "$(dirname "$0")/../../.." && pwd)
export SIGNET_BUILD

demo() { timeout 180 "$top/scripts/demo" "$@"; }

check_report() { # JSON
	jq -e '(keys == ["assigned_hub", "device_id", "key", "registration", "telemetry"])
		and .registration == "assigned" and .telemetry == "accepted"
		and (.key | keys == ["extractable", "sensitive", "uri"])
		and .key.sensitive == true and .key.extractable == false
		and (.key.uri | startswith("pkcs11:"))' <<<"$1" >/dev/null ||
		fail "the report is $1"
}

prints_one_json_object_twice_in_a_row() {
	check_report "$(demo --json 2>/dev/null)"
	check_report "$(demo --json 2>/dev/null)"
}

prints_what_happened() {
	local said line
	said=$(demo 2>&1)
	for line in "pkcs11:token=device;object=device-id" \
		"sensitive=yes extractable=no" "demo-device-1" "localhost:" \
		"telemetry accepted"; do
		assert_contains "$said" "$line" "what the demo prints"
	done
}

# With other names, ports and processes.
as_recorded() { # DIR
	sed -E "s|$1|/tmp/device|g; s/localhost:[0-9]+/localhost:PORT/
		s/^([a-z]+ +[a-z]+ +)[0-9]+ +[0-9.]+\$/\\1PROCESS VERSION/; s/ +\$//"
}

shows_what_the_readme_shows() {
	"$top/scripts/deps.sh" >/dev/null 2>&1 # or it says what it installs
	device_create
	{
		echo '$ scripts/demo --keep /tmp/device'
		demo --keep "$DEVICE/d" 2>&1
		. "$DEVICE/d/env"
		printf '$ . /tmp/device/env\n$ signetctl system status\n'
		signetctl system status
	} | as_recorded "$DEVICE/d" >"$DEVICE/session"
	demo --stop "$DEVICE/d" >/dev/null
	diff <(awk '/^\$ scripts\/demo/ { here = 1 } /^```/ { here = 0 } here' "$top/README.md" |
		as_recorded /tmp/device) "$DEVICE/session" || fail "README.md shows something else"
}

keeps_two_devices_running_side_by_side() {
	device_create
	demo --keep "$DEVICE/a" >"$DEVICE/a.log" 2>&1 &
	local first=$!
	(cd "$DEVICE" && demo --keep b) >"$DEVICE/b.log" 2>&1
	wait "$first"
	local each daemon
	for each in a b; do
		for daemon in keyd certd provisiond; do
			[ -S "$DEVICE/$each/run/$daemon.sock" ] || fail "no $daemon.sock"
		done
		[ -d "$DEVICE/$each/etc" ] && [ -d "$DEVICE/$each/state" ] || fail "no etc or state"
		jq -e '.dps_url and .hub_url and .ca and .service_connection_string' \
			"$DEVICE/$each/cloud.json" >/dev/null || fail "cloud.json"
		(
			. "$DEVICE/$each/env"
			signetctl system status >/dev/null
			signetctl config check >/dev/null 2>&1 || fail "config check"
			assert_contains "$(pkcs11-tool --module "$PKCS11_MODULE_PATH" \
				--list-objects 2>/dev/null)" device-id "the key by PKCS#11"
		)
	done
	demo --keep "$DEVICE/a" >"$DEVICE/a.log" 2>&1 # again, over the running one
	for each in a b; do
		demo --stop "$DEVICE/$each" >/dev/null
		[ ! -e "$DEVICE/$each/run/keyd.sock" ] || fail "keyd.sock is still there"
	done
	! pgrep -f "$DEVICE/" >/dev/null || fail "still running: $(pgrep -af "$DEVICE/")"
}

refuses_a_directory_that_holds_other_files() {
	device_create
	mkdir "$DEVICE/mine"
	echo precious >"$DEVICE/mine/file"
	refused demo --keep "$DEVICE/mine"
	assert_contains "$output" "name another" "the refusal"
	assert_equal precious "$(cat "$DEVICE/mine/file")" "the file"
	refused demo --stop "$DEVICE/mine"
	refused demo --keep "$DEVICE/my device"
	assert_contains "$output" "white space" "the refusal"
}

measures_all_paths() {
	local report
	report=$("$top/tests/bench/sign" --json --rounds 1 --milliseconds 200 \
		--clients "1 2" 2>/dev/null)
	jq -e '(.results | length == 28) and ([.results[].verified] | min > 0)
		and ([.results[] | select(.path == "direct").ratio] | all(. == 1))' \
		<<<"$report" >/dev/null || fail "the report is $report"
}

run_tests \
	prints_one_json_object_twice_in_a_row \
	prints_what_happened \
	shows_what_the_readme_shows \
	keeps_two_devices_running_side_by_side \
	refuses_a_directory_that_holds_other_files \
	measures_all_paths
