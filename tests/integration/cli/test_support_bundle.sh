#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# signetctl support-bundle: what is in it, and what must not be.
. "$(dirname "$0")/../../support/harness.sh"

# Secrets that nobody else has, where an operator, a program or a fault may
# have left them.
readonly KEY=cGxhbnRlZC1zeW1tZXRyaWMta2V5LTE=
readonly PASSWORD=planted-est-password
readonly SIGNATURE=plantedSignature42
readonly SHARED_KEY=cGxhbnRlZC1zaGFyZWQtYWNjZXNzLWtleQ==
readonly PROXY_PASSWORD=planted-proxy-password
readonly BASIC=bGluZTc6cGxhbnRlZA==
readonly MODULE_KEY=cGxhbnRlZC1tb2R1bGUta2V5LTE3
readonly OWNER=planted-owner-authorization
readonly MISTYPED=planted-under-a-mistyped-key
readonly BLOCK=planted-in-a-block
readonly COMMENTED=planted-in-a-comment

plant() {
	device_with_token \
		"preloaded_keys: { web: \"pkcs11:token=device;object=web?pin-value=$PIN\" }"
	mkdir -p "$SIGNET_CONFIG_DIR"/{certd/config.d,provisiond} "$SIGNET_STATE_DIR/log"
	echo '{}' >"$SIGNET_CONFIG_DIR/certd/config.yaml"
	cat >"$SIGNET_CONFIG_DIR/certd/config.d/est.yaml" <<YAML
cert_issuance: { est: { url: "https://est.example", username: u, password: $PASSWORD } }
YAML
	cat >"$SIGNET_CONFIG_DIR/config.yaml" <<YAML
provisioning:
  source: "dps"
  global_endpoint: "https://dps.example"
  scope_id: "$SCOPE_ID"
  attestation: { method: "symmetric_key", registration_id: "dev1", symmetric_key: "$KEY" }
  atestation: { method: "symmetric_key", symetric_key: $MISTYPED }
# device_connection_string: "HostName=h.example;DeviceId=d;SharedAccessKey=$SHARED_KEY"
#    symetric_key: $COMMENTED
YAML
	mkdir "$SIGNET_CONFIG_DIR/old"
	printf 'hostname: gateway\npasswd: |\n  %s\n' "$BLOCK" >"$SIGNET_CONFIG_DIR/old/config.yaml"
	pki root
	cat >"$SIGNET_CONFIG_DIR/provisiond/config.yaml" <<YAML
provisioning: { source: none }
tpm: { hierarchy_authorization: { owner: "$OWNER" } }
YAML
	sed 's/^/# /' "$DEVICE/pki/private/azure-iot-test-only.root.ca.key.pem" \
		>>"$SIGNET_CONFIG_DIR/provisiond/config.yaml"
	{
		echo "info: a program shows its handle sr=ZGV2&sig=$SIGNATURE"
		echo "error: EST refuses u:$PASSWORD"
		echo "error: no way through http://line7:$PROXY_PASSWORD@proxy.example:3128"
		echo "debug: Proxy-Authorization: Basic $BASIC"
		echo "error: HostName=h.example;DeviceId=d;SharedAccessKey=$SHARED_KEY is none"
		echo "debug: {\"symmetricKey\":{\"primaryKey\":\"$MODULE_KEY\"}}"
		cat "$DEVICE/pki/private/azure-iot-test-only.root.ca.key.pem"
	} >"$SIGNET_STATE_DIR/log/certd.log"
	signetctl system start >/dev/null
}

holds_what_helps_and_no_secret() {
	plant
	local answer key_line
	key_line=$(sed -n 2p "$DEVICE/pki/private/azure-iot-test-only.root.ca.key.pem")
	answer=$(signetctl support-bundle "$DEVICE/bundle.tar" -o json)
	assert_equal "$DEVICE/bundle.tar" "$(jq -r .path <<<"$answer")" "path"
	assert_equal 600 "$(stat -c %a "$DEVICE/bundle.tar")" "mode"
	mkdir "$DEVICE/out"
	tar -xf "$DEVICE/bundle.tar" -C "$DEVICE/out"
	assert_equal "$(jq -r '.files[]' <<<"$answer" | sort)" \
		"$(cd "$DEVICE/out" && find . -type f -printf '%P\n' | sort)" "its files"
	local secret
	for secret in "$PIN" "$KEY" "$PASSWORD" "$SIGNATURE" "$key_line" "$SHARED_KEY" \
		"$PROXY_PASSWORD" "$BASIC" "$MODULE_KEY" "$OWNER" "$MISTYPED" "$BLOCK" "$COMMENTED"; do
		grep -rlF -- "$secret" "$SIGNET_CONFIG_DIR" "$SIGNET_STATE_DIR/log" "$DEVICE/pin" \
			"$DEVICE/pki" >/dev/null || fail "'$secret' was not planted"
		assert_equal "" "$(grep -rlF -- "$secret" "$DEVICE/out" || true)" "files with '$secret'"
	done
	jq -e '.checks | length > 20' "$DEVICE/out/check.json" >/dev/null || fail check.json
	jq -e .daemons "$DEVICE/out/status.json" >/dev/null || fail status.json
	assert_contains "$(cat "$DEVICE/out/logs.txt")" "EST refuses" "the logs"
	assert_contains "$(cat "$DEVICE/out/files$SIGNET_CONFIG_DIR/config.yaml")" "$SCOPE_ID" "the configuration"
	assert_equal "hostname: gateway" "$(head -n 1 "$DEVICE/out/files$SIGNET_CONFIG_DIR/old/config.yaml")" \
		"a configuration that is no YAML of ours"
	assert_equal "[]" "$(jq -c .missing <<<"$answer")" "what is missing"
	assert_contains "$(cat "$DEVICE/out/metrics-keyd.txt")" signet_ "keyd's metrics"
	tells_of_the_machine
}

tells_of_the_machine() {
	local name
	while read -r name; do
		[ -s "$DEVICE/out/$name" ] || fail "$name is empty"
	done < <(jq -r '.files[]' <<<"$answer")
	assert_contains "$(cat "$DEVICE/out/machine.txt")" "$(uname -r)" "the kernel"
	[ ! -s /sys/class/dmi/id/product_name ] || assert_contains \
		"$(cat "$DEVICE/out/machine.txt")" "$(cat /sys/class/dmi/id/product_name)" "the hardware"
	grep -qE '^MemTotal: +[0-9]+ kB$' "$DEVICE/out/files/proc/meminfo" || fail "no memory"
	grep -qE '^[0-9.]+ ' "$DEVICE/out/files/proc/loadavg" || fail "no load"
	assert_contains "$(cat "$DEVICE/out/files/proc/cpuinfo")" "processor" "the CPUs"
	tail -n +2 "$DEVICE/out/disks.txt" | grep -qE ' [0-9]+ +[0-9]+ .* /' || fail "no disks"
}

# Who is to help would look in vain for what is not there.
says_what_the_caller_may_not_read() {
	device_with_keyd
	echo 'provisioning: { source: none }' >"$SIGNET_CONFIG_DIR/config.yaml"
	chmod 600 "$SIGNET_CONFIG_DIR/config.yaml"
	chmod 700 "$SIGNET_CONFIG_DIR/keyd"
	chmod 600 "$SIGNET_RUNTIME_DIR/keyd.sock"
	mkdir -m 777 "$DEVICE/out"
	refused as_uid 65534 signetctl support-bundle "$DEVICE/out/bundle.tar"
	assert_contains "$output" "bundle.tar: written, with" "the answer"
	assert_contains "$output" "missing: cannot open '$SIGNET_CONFIG_DIR/config.yaml': Permission denied" "the answer"
	assert_contains "$output" "missing: cannot look into '$SIGNET_CONFIG_DIR/keyd'" "the answer"
	assert_contains "$output" "keyd.sock" "the answer"
	assert_contains "$output" "be root to have all of it" "the answer"
}

writes_to_a_pipe() {
	device_create
	cd "$DEVICE"
	signetctl support-bundle - | tar -t >listed
	grep -qx machine.txt listed || fail "the archive has $(cat listed)"
	[ ! -e - ] || fail "there is a file '-'"
	status=0
	output=$(signetctl support-bundle - -o json 2>&1) || status=$?
	assert_equal 2 "$status" "status of -o json"
	assert_contains "$output" "no place for JSON" "-o json"
	refused script -qec 'signetctl support-bundle -' /dev/null
	assert_contains "$output" "a terminal" "a terminal"
	refused bash -c 'signetctl support-bundle - >/dev/full'
	assert_contains "$output" "No space left" "a full disk"
}

replaces_no_file() {
	device_create
	echo mine >"$DEVICE/bundle.tar"
	refused signetctl support-bundle "$DEVICE/bundle.tar"
	assert_contains "$output" "already" "the answer"
	assert_equal mine "$(cat "$DEVICE/bundle.tar")" "the file"
}

run_tests \
	holds_what_helps_and_no_secret \
	says_what_the_caller_may_not_read \
	writes_to_a_pipe \
	replaces_no_file
