#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Each write, fsync, rename and unlink of 'config apply' fails in turn, and it is
# killed in the place of each: the daemons' files are the old ones or the new ones,
# or the next apply brings the old ones back. 'config import' and 'init' can be
# repeated whatever happened to them.

. "$(dirname "$0")/../../support/harness.sh"
. "$(dirname "$0")/../../support/failing_disk.sh"

# A configuration that gives each daemon a file, and keyd a key in one more.
write_config() { # NAME
	cat >"$SIGNET_CONFIG_DIR/config.yaml" <<-YAML
		hostname: $1
		trust_bundle: $1
		principals: [{ user: "$(id -u)", keys: ["$1*"], rights: [use] }]
		provisioning:
		  source: manual
		  iothub_hostname: $1.example
		  device_id: dev1
		  authentication: { method: sas, device_id_pk: { value: "$(printf %-33s "$1" | base64)" } }
	YAML
}

apply() { signetctl config apply --no-restart "$@"; }

# What the daemons have, with its modes.
files() {
	(cd "$SIGNET_CONFIG_DIR" && find keyd certd provisiond -type f ! -name '*.old' \
		! -name '*.new' ! -name '*.tmp' -exec stat -c '%a %n' {} + -exec md5sum {} + | sort)
}

is_interrupted() { [ -e "$SIGNET_CONFIG_DIR/applying.json" ]; }

# False: there is no such call.
fails() { # CALL NUMBER REASON
	local result=0 now
	rm -rf "$SIGNET_CONFIG_DIR" "$DEVICE/mark"
	cp -a "$DEVICE/before" "$SIGNET_CONFIG_DIR"
	write_config new
	command_on_failing_disk "$@" signetctl config apply --no-restart \
		>"$DEVICE/out" 2>&1 || result=$?
	[ -e "$DEVICE/mark" ] || return 1
	now=$(files)
	case $3:$result in
	KILL:137) is_killed_well "$now" ;;
	*:0) [ "$now" = "$after" ] && ! is_interrupted ;;
	*:1) [ "$now" = "$before" ] && ! is_interrupted ;;
	*) false ;;
	esac || fail "$3 at $1 $2: status $result, $(cat "$DEVICE/out"), files: $now"
}

# A mixture is found, and the next apply, of the old, changes nothing any more.
is_killed_well() { # FILES
	[ "$1" = "$before" ] || [ "$1" = "$after" ] || is_interrupted || return 1
	write_config old
	if is_interrupted; then
		mixed=$((mixed + 1))
		refused signetctl config check
		assert_contains "$output" "was interrupted" "what is found"
		output=$(apply 2>&1) || return 1
		assert_contains "$output" "is taken back" "the message"
		assert_lacks "$output" "written" "what is done after it"
	else
		apply >/dev/null 2>&1 || return 1
	fi
	[ "$(files)" = "$before" ] && ! is_interrupted &&
		[ -z "$(find "$SIGNET_CONFIG_DIR" -name '*.old')" ]
}

reasons() { # NUMBER
	if (($1 % 2)); then echo ENOSPC KILL; else echo EIO KILL; fi
}

there_are_the_old_files_or_the_new_ones() {
	device_create
	local before after call number reason failed=0 mixed=0
	write_config new
	apply >/dev/null 2>&1 || apply
	after=$(files)
	write_config old
	apply >/dev/null 2>&1
	before=$(files)
	[ "$before" != "$after" ] || fail "the configurations do not differ"
	assert_equal 4 "$(grep -c ^600 <<<"$before")" "how many files there are"
	cp -a "$SIGNET_CONFIG_DIR" "$DEVICE/before"
	for call in write fsync rename unlink; do
		for number in $(seq 80); do
			for reason in $(reasons "$number"); do
				fails "$call" "$number" "$reason" || break 2
			done
			failed=$((failed + 1))
			[ "$number" -lt 80 ] || fail "$call never ran out"
		done
	done
	echo "# $failed calls failed in turn, $mixed were taken back"
	[ "$failed" -ge 30 ] || fail "the shim is not in the way"
	[ "$mixed" -ge 8 ] || fail "only $mixed were interrupted"
}

an_import_can_be_repeated() {
	device_create
	cat >"$DEVICE/config.toml" <<-TOML
		[provisioning]
		source = "manual"
		iothub_hostname = "hub.example"
		device_id = "dev1"

		[provisioning.authentication]
		method = "sas"
		device_id_pk = { value = "$(printf %-33s key | base64)" }
	TOML
	with_each_failure_of signetctl config import --from "$DEVICE/config.toml"
	sed -i 's/dev1/dev2/' "$DEVICE/config.toml"
	refused signetctl config import --from "$DEVICE/config.toml"
	assert_contains "$output" "--force replaces it" "what is said of another one"
}

an_init_can_be_repeated() {
	device_create
	with_each_failure_of signetctl init dps-symmetric-key --id-scope "$SCOPE_ID" \
		--registration-id dev1 --symmetric-key "$(printf %-33s key | base64)"
	refused signetctl init dps-tpm --id-scope "$SCOPE_ID" --registration-id dev1
	assert_contains "$output" "--force replaces it" "what is said of another one"
}

run_tests_side_by_side there_are_the_old_files_or_the_new_ones \
	an_import_can_be_repeated an_init_can_be_repeated
