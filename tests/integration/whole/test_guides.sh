#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Commands of guides, as they stand there, for those guides that no other test
# follows: docs/guides/fleet.md, audit.md, offline.md; and the samples of
# configurations in all of them.
. "$(dirname "$0")/../../support/harness.sh"
GUIDES=$(cd "$(dirname "$0")/../../../docs/guides" && pwd)
readonly GUIDES

# The block that begins with a line as given, without its indentation.
block_of() { # GUIDE FIRST-LINE
	awk -v first="$2" '
		!here && match($0, "^ +") && index($0, first) == RLENGTH + 1 { here = RLENGTH }
		here && !/^    / { exit }
		here { print substr($0, here + 1) }' "$GUIDES/$1"
}

# Runs such a block; what it says is in $output.
run_block() { # GUIDE FIRST-LINE
	block_of "$1" "$2" >"$DEVICE/commands"
	[ -s "$DEVICE/commands" ] || fail "$1 has no '$2'"
	output=$(cd "$DEVICE" && bash -euo pipefail commands 2>&1) || fail "$2: $output"
}

a_fleet_is_spread_over_hubs() {
	device_create
	cd "$DEVICE"
	awk '/^```/ { block = $0 == "```sh"; next } block' "$GUIDES/fleet.md" |
		sed 's/--devices 1000/--devices 10/; s/serve/serve --port 0/' >commands
	[ "$(wc -l <commands)" -gt 5 ] || fail "the guide has lost its commands"
	timeout 120 bash -euo pipefail commands >output 2>&1 || {
		jq .pid cloud/cloud.json >cloud.pid
		fail "a command of the guide: $(cat output)"
	}
	jq .pid cloud/cloud.json >cloud.pid
	assert_contains "$(cat output)" "west.example" "where the devices are"
}

a_device_with_a_log() {
	device_create
	token_create
	keyd_configure "$SOFTHSM_MODULE" "$(token_uri)"
	daemon_start keyd
	keyd POST /keypair '{"keyId":"ec","preferredAlgorithms":"ec-p256"}' >/dev/null
	AUDIT=$SIGNET_STATE_DIR/keyd/audit/audit.log
	eventually 20 is_recorded create
}
is_recorded() { grep -q "\"op\":\"$1\"" "$AUDIT"; }

a_shell_can_compute_the_hash_of_a_record() {
	local line previous="" recorded
	a_device_with_a_log
	while read -r line; do
		[ -n "$previous" ] || previous=$(jq -r '.previous // empty' <<<"$line")
		[ -n "$previous" ] || previous=$(printf '0%.0s' $(seq 64))
		recorded=$(jq -r .hash <<<"$line")
		eval "$(block_of audit.md "printf '%s%s'")" >"$DEVICE/hash"
		assert_equal "$recorded" "$(cut -d ' ' -f 1 "$DEVICE/hash")" "the hash of $line"
		previous=$recorded
	done <"$AUDIT"
}

the_log_is_verified_and_its_hash_asked_for_later() {
	a_device_with_a_log
	daemon_stop keyd
	signetctl audit verify -o json | jq -r .hash >"$DEVICE/device-7.hash"
	daemon_start keyd
	eventually 20 is_recorded start
	daemon_stop keyd
	run_block audit.md "signetctl audit verify -o json --expect"
	assert_lacks "$(cat "$DEVICE/device-7.hash")" null "the next hash"
	sed -i 's/"op":"create"/"op":"delete"/' "$AUDIT"
	refused bash -euo pipefail -c "cd $DEVICE; $(cat "$DEVICE/commands")"
}

# What the journal has is what the files have; here it is not sent anywhere.
denials_are_picked_out_and_missing_records_shown() {
	a_device_with_a_log
	chmod 755 "$DEVICE"
	CALLER=2001 keyd POST /keypair '{"keyId":"no","preferredAlgorithms":"ec-p256"}' >/dev/null
	eventually 20 grep -q denied "$AUDIT"
	mkdir "$DEVICE/bin"
	printf '#!/bin/sh\ncat "%s"; [ -z "$LOST" ] || echo "$LOST"\n' "$AUDIT" >"$DEVICE/bin/journalctl"
	chmod +x "$DEVICE/bin/journalctl"
	export PATH=$DEVICE/bin:$PATH LOST=
	run_block audit.md "journalctl -t signet-audit -o cat | jq"
	assert_equal 2001 "$(jq -r .uid <<<"$output" | sort -u)" "who was denied"
	# shellcheck disable=SC2016 # the guide's own line
	local line
	line=$(grep -oE '`journalctl -t signet-audit -o cat [|] sort[^`]*`' "$GUIDES/audit.md" | tr -d '`')
	[ -n "$line" ] || fail "the guide has lost its line"
	cd "$(dirname "$AUDIT")"
	assert_equal "" "$(bash -c "$line")" "records that are missing"
	export LOST='{"seq":99}'
	assert_equal "$LOST" "$(bash -c "$line")" "records that are missing"
}

a_device_without_a_network_says_what_it_waits_for() {
	local shown
	device_create
	token_create
	pki root
	pki device-identity dev1 --issuer root
	DPS_URL=https://no.such.invalid
	config_provision "file://$(chain_of dev1)" "file://$(key_of dev1)"
	apply_and_start
	block_of offline.md "signetctl identity show" |
		sed "s|/run/signet/|$SIGNET_RUNTIME_DIR/|" >"$DEVICE/commands"
	assert_equal 4 "$(wc -l <"$DEVICE/commands")" "lines of commands"
	waits() { provisioning_status | grep -q 'cannot be resolved'; }
	eventually 60 waits
	# The identity is waited for, for ten minutes.
	bash -c "$(head -n 1 "$DEVICE/commands")" >"$DEVICE/shown" 2>&1 &
	shown=$!
	tells() { grep -q "waiting: .*the name in.*cannot be resolved" "$DEVICE/shown"; }
	eventually 60 tells
	end "$shown"
	output=$(tail -n +2 "$DEVICE/commands" | bash 2>&1) || true
	assert_contains "$output" "dns" "what the doctor says"
	assert_contains "$output" '"status"' "what provisiond says"
}

# Writes the samples of a page into files NAME.LINE of a folder: what is in fences
# for YAML, between <<YAML and YAML, or indented and begins with a key.
samples_of() { # PAGE FOLDER
	awk -v name="$2/$(basename "$1" .md)" '
		function begin() { file = name "." NR; print "# " FILENAME > file }
		/^```yaml$/ { begin(); fenced = 1; next }
		/<<YAML$/ { begin(); here = 1; next }
		/^```/ { if (fenced || other) { fenced = other = 0 } else other = 1; next }
		here && /^YAML$/ { here = 0; next }
		fenced || here { print > file; next }
		other { next }
		indent && (!NF || match($0, "^ +") && RLENGTH >= indent) {
			print substr($0, indent + 1) > file
			next
		}
		{ indent = 0 }
		blank && /^     *[a-z_]+:( [^ ]+)?$/ {
			match($0, "^ +")
			indent = RLENGTH
			begin()
			print substr($0, indent + 1) > file
		}
		{ blank = !NF }' "$1"
}

# A sample is a part of a configuration: what it leaves to others is put in, or is
# missed without being a mistake.
samples_of_configurations_have_no_mistake() {
	device_create
	local page sample count=0 findings
	mkdir "$DEVICE/samples"
	for page in "$GUIDES"/*.md "$GUIDES"/../*.md; do
		samples_of "$page" "$DEVICE/samples"
	done
	for page in est hsm local-ca nested pkcs11-applications quickstart renewal softhsm \
		symmetric-key tpm tpm-attestation try-without-azure; do
		compgen -G "$DEVICE/samples/$page.*" >/dev/null || fail "no sample of $page.md"
	done
	for sample in "$DEVICE"/samples/*; do
		sed -i 's#"\$[a-z]*"#"https://dps.example"#; s#scope_id: .*#scope_id: "0ne00000001"#
			s|\$PWD|/nowhere|' "$sample"
		grep -q '^provisioning:' "$sample" || echo 'provisioning: { source: none }' >>"$sample"
		grep -q 'source:' "$sample" || sed -i 's/^provisioning:$/&\n  source: none/' "$sample"
		findings=$(signetctl config check --from "$sample" 2>&1) || true
		findings=$(grep -v -e 'No such file or directory$' -e 'there is no file' \
			-e "needs 'est.url', here or in" -e "needs the section 'cert_issuance.local_ca'" \
			-e 'the configuration is good' <<<"$findings") || true
		assert_equal "" "$findings" "$(head -1 "$sample"): $(cat "$sample")"
		count=$((count + 1))
	done
	[ $count -ge 15 ] || fail "only $count samples"
}

run_tests \
	a_fleet_is_spread_over_hubs \
	a_shell_can_compute_the_hash_of_a_record \
	the_log_is_verified_and_its_hash_asked_for_later \
	denials_are_picked_out_and_missing_records_shown \
	a_device_without_a_network_says_what_it_waits_for \
	samples_of_configurations_have_no_mistake
