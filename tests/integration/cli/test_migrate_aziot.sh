#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# 'signetctl migrate aziot': a device of aziot's, with its state in the layout
# that aziot's daemons leave, goes on as ours, without asking anybody.

. "$(dirname "$0")/../../support/harness.sh"
. "$(dirname "$0")/../../support/failing_disk.sh"

name_of_id() { # ID EXTENSION; as aziot names its files
	printf '%s-%s.%s' "${1//[^A-Za-z0-9]/}" "$(printf %s "$1" | sha256sum | cut -d' ' -f1)" "$2"
}

key_file() { echo "$ROOT_DIR/var/lib/aziot/keyd/keys/$(name_of_id "$1" key)"; }
cert_file() { echo "$ROOT_DIR/var/lib/aziot/certd/certs/$(name_of_id "$1" cer)"; }

# A device that aziot has provisioned by a certificate of its local CA.
aziot_device() {
	device_create
	pki root
	pki intermediate
	pki device-identity dev1
	ROOT_DIR=$DEVICE/root
	mkdir -p "$ROOT_DIR"/etc/aziot/{keyd,certd,identityd}/config.d \
		"$ROOT_DIR"/var/lib/aziot/{keyd/keys,certd/certs,identityd}
	cat >"$ROOT_DIR/etc/aziot/config.toml" <<-TOML
		hostname = "gw1"

		[provisioning]
		source = "dps"
		global_endpoint = "https://localhost:1"
		id_scope = "$SCOPE_ID"

		[provisioning.attestation]
		method = "x509"
		registration_id = "dev1"
		identity_cert = { method = "local_ca" }

		[cert_issuance.local_ca]
		cert = "file://$DEVICE/pki/$INTERMEDIATE"
		pk = "file://$DEVICE/pki/private/azure-iot-test-only.intermediate.key.pem"
	TOML
	cat >"$ROOT_DIR/etc/aziot/keyd/config.d/00-super.toml" <<-TOML
		[[principal]]
		uid = 4242
		keys = ["of-aziots-own-daemons"]
	TOML
	cat >"$ROOT_DIR/etc/aziot/keyd/config.d/10-agent.toml" <<-TOML
		[[principal]]
		uid = 2001
		keys = ["web*"]
	TOML
	cat >"$ROOT_DIR/etc/aziot/identityd/config.d/10-agent.toml" <<-TOML
		[[principal]]
		uid = 2001
		name = "agent"

		[[principal]]
		uid = 2002
		name = "reader"
		idtype = ["device"]
	TOML
	cp "$(key_of dev1)" "$(key_file device-id)"
	cp "$(chain_of dev1)" "$(cert_file device-id)"
	head -c 32 /dev/zero | tr '\0' h >"$(key_file handle-validation-key)"
	head -c 32 /dev/zero | tr '\0' m >"$(key_file aziot_identityd_master_id)"
	cat >"$ROOT_DIR/var/lib/aziot/identityd/device_info" <<-TOML
		hub_name = "hub.example"
		local_gateway_hostname = "hub.example"
		device_id = "dev1"
	TOML
}

sha256_of() { printf %s "$1" | sha256sum | cut -d' ' -f1; }

# What aziot keeps of a module that it has made at the hub.
aziot_module() { # ID GENERATION
	local folder
	folder=$ROOT_DIR/var/lib/aziot/identityd/modules/$(sha256_of hub.example)-$(sha256_of dev1)
	mkdir -p "$folder"
	printf '{"moduleId":"%s","managedBy":null,"deviceId":"dev1","generationId":"%s","authentication":{"type":"sas"}}' \
		"$1" "$2" >"$folder/${1//[^A-Za-z0-9]/}-$(sha256_of "$1")"
}

migrate() { signetctl migrate aziot --root "$ROOT_DIR" "$@"; }

migrate_and_start() {
	migrate >/dev/null 2>&1 || migrate
	signetctl config apply >/dev/null 2>&1 || signetctl config apply
	signetctl system start >/dev/null
}

# A handle that aziot-keyd has given out.
handle_of() { # KIND ID
	local payload nonce
	nonce=$(head -c 64 /dev/zero | base64 -w0)
	payload=$(printf '{"key_id":{"%s":"%s"},"nonce":"%s"}' "$1" "$2" "$nonce")
	printf 'sr=%s&sig=%s' "$(printf %s "$payload" | base64 -w0)" \
		"$(printf %s "$payload" | hmac_by h)"
}

hmac_by() { # LETTER; 32 times it is the key
	openssl dgst -sha256 -mac HMAC -macopt \
		"key:$(head -c 32 /dev/zero | tr '\0' "$1")" -binary | base64 -w0
}

is_provisioned_without_asking() {
	aziot_device
	migrate_and_start
	wait_until_provisioned
	call provisiond GET /identities/provisioning | jq -e . >/dev/null
	assert_equal dev1 "$(signetctl identity show -o json | jq -r .spec.deviceId)" \
		"the device"
	assert_equal hub.example "$(signetctl identity show -o json | jq -r .spec.hubName)" \
		"its hub"
	assert_equal "$(openssl x509 -in "$(leaf_of dev1)" -noout -fingerprint)" \
		"$(openssl x509 -in "$SIGNET_STATE_DIR/certd/certs/$(name_of_id device-id cer)" \
			-noout -fingerprint)" "its certificate"
}

handles_that_were_given_out_go_on() {
	aziot_device
	migrate_and_start
	local answer
	answer=$(curl -s --max-time 60 --unix-socket "$SIGNET_RUNTIME_DIR/keyd.sock" \
		-H 'content-type: application/json' --data \
		"$(jq -n --arg h "$(handle_of Key aziot_identityd_master_id)" \
			--arg m "$(printf message | base64)" \
			'{keyHandle: $h, algorithm: "HMAC-SHA256", parameters: {message: $m}}')" \
		'http://keyd.sock/sign?api-version=2020-09-01')
	assert_equal "$(printf message | hmac_by m)" "$(jq -r .signature <<<"$answer")" \
		"the MAC by a handle of aziot's"
	assert_equal "$(openssl pkey -in "$(key_of dev1)" -pubout)" \
		"$(signetctl key export-public device-id)" "the device's key"
}

principals_of_operators_go_on() {
	aziot_device
	migrate_and_start
	local keyd provisiond
	keyd=$(cat "$SIGNET_CONFIG_DIR/keyd/config.yaml")
	provisiond=$(cat "$SIGNET_CONFIG_DIR/provisiond/config.yaml")
	assert_contains "$keyd" '- user: "2001"
  keys:
  - "web*"' "keyd's principals"
	assert_lacks "$keyd" "of-aziots-own-daemons" "keyd's principals"
	assert_contains "$provisiond" '- user: "2001"
  name: "agent"
- user: "2002"
  name: "reader"
  identity:
  - "device"' "provisiond's principals"
}

# With aziot the last entry of a uid counts; provisiond would have none of them.
of_two_principals_of_a_uid_the_last_goes_on() {
	aziot_device
	cat >"$ROOT_DIR/etc/aziot/identityd/config.d/20-more.toml" <<-TOML
		[[principal]]
		uid = 2002
		name = "writer"
		idtype = ["module"]
	TOML
	output=$(migrate -o json 2>/dev/null)
	assert_contains "$(jq -r '.notes[]' <<<"$output")" "'2002' is the uid of two" "the notes"
	signetctl config apply >/dev/null 2>&1 || signetctl config apply
	local provisiond
	provisiond=$(cat "$SIGNET_CONFIG_DIR/provisiond/config.yaml")
	assert_contains "$provisiond" '- user: "2002"
  name: "writer"
  identity:
  - "module"' "the principals"
	assert_lacks "$provisiond" reader "the principals"
	signetctl system start >/dev/null
	wait_until_provisioned
}

pairs_whose_ids_can_be_known_go_on() {
	aziot_device
	for id in web1 by-name its-cert; do
		cp "$(key_of dev1)" "$(key_file $id)"
	done
	sed -i 's/keys = \["web\*"\]/keys = ["web*", "by-name"]/' \
		"$ROOT_DIR/etc/aziot/keyd/config.d/10-agent.toml"
	cat >>"$ROOT_DIR/etc/aziot/config.toml" <<-TOML

		[preloaded_certs]
		its-cert = "file://$DEVICE/pki/$ROOT"
	TOML
	migrate >/dev/null 2>&1 || migrate
	for id in web1 by-name its-cert; do
		cmp "$(key_of dev1)" "$SIGNET_STATE_DIR/keyd/pairs/$id.pem"
		grep -q "$id: \"file://$SIGNET_STATE_DIR/keyd/pairs/$id.pem\"" \
			"$SIGNET_CONFIG_DIR/config.yaml" || fail "'$id' is not preloaded"
	done
}

what_is_preloaded_beside_goes_on_and_the_rest_is_told() {
	aziot_device
	cat >"$ROOT_DIR/etc/aziot/certd/config.d/20-more.toml" <<-TOML
		[preloaded_certs]
		theirs = "file://$DEVICE/pki/$ROOT"

		[cert_issuance.svc]
		method = "self_signed"
	TOML
	echo 'prefer_module_identity_cache = true' \
		>"$ROOT_DIR/etc/aziot/identityd/config.d/20-more.toml"
	output=$(migrate -o json 2>/dev/null)
	assert_contains "$(jq -r '.notes[]' <<<"$output")" \
		"certd/config.d/20-more.toml' has 'cert_issuance', which is not taken over" "the notes"
	local ours
	ours=$(cat "$SIGNET_CONFIG_DIR/config.yaml")
	assert_contains "$ours" "theirs: \"file://$DEVICE/pki/$ROOT\"" "what is preloaded"
	assert_contains "$ours" "prefer_module_identity_cache: true" "the cache"
}

mac_by_file() { # FILE
	printf message | openssl dgst -sha256 -mac HMAC \
		-macopt "hexkey:$(xxd -p -c 256 "$1")" -binary | base64 -w0
}

mac_by_key() { # ID
	local handle
	handle=$(call keyd GET "/key/$1" | jq -r .keyHandle)
	call keyd POST /sign "{\"keyHandle\":\"$handle\",\"algorithm\":\"HMAC-SHA256\",
		\"parameters\":{\"message\":\"$(printf message | base64)\"}}" | jq -r .signature
}

# The bytes of a file, which are no text.
symmetric_keys_that_are_preloaded_go_on() {
	local id
	aziot_device
	printf '\001k\376\200 of 32 bytes, as Edge has it' >"$DEVICE/master"
	printf '\377\001 of an application' >"$DEVICE/secret"
	sed -i "1i imported_master_encryption_key = \"$DEVICE/master\"" \
		"$ROOT_DIR/etc/aziot/config.toml"
	cat >>"$ROOT_DIR/etc/aziot/config.toml" <<-TOML

		[preloaded_keys]
		app = "file://$DEVICE/secret"
	TOML
	cat >"$ROOT_DIR/etc/aziot/keyd/config.d/20-more.toml" <<-TOML
		[preloaded_keys]
		beside = "file://$DEVICE/secret"
	TOML
	migrate_and_start
	assert_equal ok "$(call keyd GET /health | jq -r .status)" "keyd's health"
	for id in app beside; do
		assert_equal "$(mac_by_file "$DEVICE/secret")" "$(mac_by_key "$id")" "the MAC by '$id'"
	done
	assert_equal "$(mac_by_file "$DEVICE/master")" \
		"$(mac_by_key iotedge_master_encryption_id)" "the MAC by the master key"
}

files_are_for_the_daemons_alone() {
	aziot_device
	migrate >/dev/null 2>&1
	assert_equal "" "$(find "$SIGNET_STATE_DIR" "$SIGNET_CONFIG_DIR/config.yaml" \
		-type f ! -perm 600)" "files that others may read"
}

nothing_that_is_there_is_replaced_unawares() {
	aziot_device
	migrate >/dev/null 2>&1
	echo mine >"$SIGNET_STATE_DIR/keyd/handle-key"
	refused migrate
	assert_contains "$output" "--force replaces it" "the message"
	rm "$SIGNET_CONFIG_DIR/config.yaml"
	refused migrate
	assert_contains "$output" "there is state in" "the message"
	assert_equal mine "$(cat "$SIGNET_STATE_DIR/keyd/handle-key")" "the key"
	refused signetctl migrate aziot --root "$DEVICE/nowhere"
	assert_contains "$output" "was aziot configured here" "where it was not"
	migrate --force >/dev/null 2>&1 || fail "it is not replaced by force"
	cmp "$SIGNET_STATE_DIR/keyd/handle-key" "$(key_file handle-validation-key)"
}

what_cannot_be_taken_over_is_told() {
	aziot_device
	cp "$(key_of dev1)" "$(key_file of-somebody)"
	echo unprovisioned >"$ROOT_DIR/var/lib/aziot/identityd/device_info"
	output=$(migrate -o json 2>/dev/null)
	assert_contains "$(jq -r '.notes[]' <<<"$output")" "of nobody whom we know" "the notes"
	assert_contains "$(jq -r '.notes[]' <<<"$output")" "DPS is asked" "the notes"
}

# The key of handles is not noted as lost while it is in its file.
a_key_of_handles_in_the_token_is_told() {
	aziot_device
	token_create
	cat >>"$ROOT_DIR/etc/aziot/config.toml" <<-TOML

		[aziot_keys]
		pkcs11_lib_path = "$SOFTHSM_MODULE"
		pkcs11_base_slot = "$(token_uri)"
	TOML
	output=$(migrate -o json 2>/dev/null)
	assert_lacks "$(jq -r '.notes[]' <<<"$output")" "handles" "the notes with the file"
	rm "$(key_file handle-validation-key)" "$SIGNET_STATE_DIR/keyd/handle-key"
	output=$(migrate --force -o json 2>/dev/null)
	assert_contains "$(jq -r '.notes[]' <<<"$output")" \
		"'handle-validation-key' is in no file" "the notes without it"
}

# That of a principal is not taken for one that others made, which is made anew.
modules_go_on() {
	aziot_device
	cat >>"$ROOT_DIR/etc/aziot/identityd/config.d/10-agent.toml" <<-TOML

		[[principal]]
		uid = 2003
		name = "web"
		idtype = ["module"]
	TOML
	cp "$ROOT_DIR/etc/aziot/identityd/config.d/10-agent.toml" \
		"$ROOT_DIR/var/lib/aziot/identityd/prev_state"
	aziot_module web 637512345678901234
	aziot_module by-agent 637512345678901235
	migrate_and_start
	wait_until_provisioned
	record_of() { jq -r '[.module_id, .generation_id, .state, .of_principal] | join(" ")' \
		"$SIGNET_STATE_DIR/provisiond/modules/$(sha256_of hub.example)-$(sha256_of dev1)/$(name_of_id "$1" json)"; }
	assert_equal "web 637512345678901234 ours true" "$(record_of web)" \
		"the record of a principal's module"
	assert_equal "by-agent 637512345678901235 ours false" "$(record_of by-agent)" \
		"the record of an agent's module"
	# provisiond knows them by these records: the hub cannot be asked.
	assert_equal 637512345678901234 "$(call provisiond GET '/identities/modules/web?type=aziot' |
		jq -r .spec.genId)" "the module's generation"
}

modules_that_are_not_known_are_told() {
	aziot_device
	aziot_module web 1
	output=$(migrate -o json 2>/dev/null)
	assert_contains "$(jq -r '.notes[]' <<<"$output")" "are made anew" "the notes"
}

# Wherever the disk failed it, or it was killed.
a_migration_that_was_cut_short_is_done_again() {
	aziot_device
	aziot_module web 637512345678901234
	with_each_failure_of signetctl migrate aziot --root "$ROOT_DIR"
}

daemons_that_run_are_not_migrated() {
	aziot_device
	migrate_and_start
	refused migrate --force
	assert_contains "$output" "signetctl system stop" "what is to be done"
}

run_tests \
	is_provisioned_without_asking \
	handles_that_were_given_out_go_on \
	principals_of_operators_go_on \
	of_two_principals_of_a_uid_the_last_goes_on \
	pairs_whose_ids_can_be_known_go_on \
	what_is_preloaded_beside_goes_on_and_the_rest_is_told \
	symmetric_keys_that_are_preloaded_go_on \
	files_are_for_the_daemons_alone \
	nothing_that_is_there_is_replaced_unawares \
	what_cannot_be_taken_over_is_told \
	a_key_of_handles_in_the_token_is_told \
	modules_go_on \
	modules_that_are_not_known_are_told \
	a_migration_that_was_cut_short_is_done_again \
	daemons_that_run_are_not_migrated
