#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# One keyd with tokens of several makers: its own, in which it makes keys, and
# others with keys that were there before.
readonly TOKEN=softhsm
. "$(dirname "$0")/../../support/tokens.sh"

pkcs11_uri() { # TOKEN [OBJECT] [QUERY]
	echo "pkcs11:token=$1${2:+;object=$2}?pin-source=file:$DEVICE/pin${3:+&$3}"
}

# A SoftHSM "device", a TPM "tpm" and an NSS "nss"; each has a key "web".
device_with_tokens() {
	device_create
	token_create
	token_key_create web 01
	tpm_token_create tpm
	other_key_create "$TPM_MODULE" tpm
	nss_token_create nss
	other_key_create "$NSS_TOOL_MODULE" nss
	echo "to be signed" >"$DEVICE/message"
}

other_key_create() { # MODULE TOKEN
	accepted pkcs11-tool --module "$1" --token-label "$2" --login --pin "$PIN" \
		--keypairgen --key-type EC:prime256v1 --label web --id 01 --usage-sign
}

# A keyd that knows the three keys as own, tpm and nss by these URIs.
keyd_with_keys() { # MODULE TOKEN-URI OWN TPM NSS
	mkdir -p "$SIGNET_CONFIG_DIR/keyd"
	cat >"$SIGNET_CONFIG_DIR/keyd/config.yaml" <<YAML
token: { ${1:+module: "$1", }uri: "$2" }
preloaded_keys: { own: "$3", tpm: "$4", nss: "$5" }
principals:
  - { user: "$(id -u)", keys: ["*"], rights: [use, manage] }
YAML
	daemon_start keyd
}

# Makes the modules of the three tokens the only ones that p11-kit knows, for
# the keyd that is started next.
modules_register() {
	mkdir "$DEVICE/modules"
	echo "module: $SOFTHSM_MODULE" >"$DEVICE/modules/softhsm2.module"
	echo "module: $TPM_MODULE" >"$DEVICE/modules/tpm2.module"
	printf 'module: %s\nx-init-reserved: %s\n' "$NSS_MODULE" "$MODULE_ARGS" \
		>"$DEVICE/modules/nss.module"
	signet-keyd() {
		local prefix=()
		[ "$(id -u)" -eq 0 ] || prefix=(sudo -E)
		exec "${prefix[@]}" env "PATH=$PATH" unshare --mount sh -c '
			mount --bind "$DEVICE/modules" /usr/share/p11-kit/modules &&
			exec setpriv --reuid "$1" --regid "$2" --clear-groups signet-keyd' \
			sh "$(id -u)" "$(id -g)"
	}
}

assert_each_signs() { # ID...
	local id
	for id in "$@"; do
		assert_signs "$id" ES256
	done
}

locations() {
	keyd GET /keys | jq -r '[.keys[] | .location // .error] | join(" ")'
}

# --- a module in the URI ---------------------------------------------------------

uses_keys_beside_its_own_token() {
	device_with_tokens
	keyd_with_keys "$SOFTHSM_MODULE" "$(pkcs11_uri device)" \
		"$(pkcs11_uri device web)" \
		"$(pkcs11_uri tpm web "module-path=$TPM_MODULE")" \
		"$(pkcs11_uri nss web "module-path=$NSS_MODULE")"
	create made ec-p256
	assert_each_signs own tpm made
	assert_equal "pkcs11:token=device;object=web pkcs11:token=tpm;object=web" \
		"$(locations | cut -d ' ' -f 1,2)" "the list"
	# Nobody has told this module where its database is.
	assert_contains "$(keyd GET /keys/nss | jq -r .message)" \
		"PKCS#11 module '$NSS_MODULE': C_Initialize: CKR_ARGUMENTS_BAD" "the nss key"
}

makes_keys_in_a_tpm_beside_keys_in_softhsm() {
	device_with_tokens
	keyd_with_keys "$TPM_MODULE" "$(pkcs11_uri tpm)" \
		"$(pkcs11_uri device web "module-path=$SOFTHSM_MODULE")" \
		"$(pkcs11_uri tpm web)" "$(pkcs11_uri device web)"
	create made ec-p256
	assert_each_signs own tpm made
	assert_equal pkcs11:token=tpm\;object=made \
		"$(keyd GET /keys/made | jq -r .location)" "where keyd makes keys"
	# A URI without a module means the one of the configuration.
	assert_contains "$(keyd GET /keys/nss | jq -r .message)" \
		"no token matches" "a URI that names no module"
}

goes_on_without_a_token_that_is_away() {
	device_with_tokens
	keyd_with_keys "$SOFTHSM_MODULE" "$(pkcs11_uri device)" \
		"$(pkcs11_uri device web)" \
		"$(pkcs11_uri tpm web "module-path=$TPM_MODULE")" \
		"$(pkcs11_uri device web)"
	assert_each_signs own tpm
	tpm_power_off
	assert_equal 503 "$(sign_status tpm)" \
		"signing with the TPM"
	assert_each_signs own
	tpm_power_on
	eventually 60 signs tpm
}

# --- modules that are registered with p11-kit ----------------------------------------

finds_tokens_in_registered_modules() {
	device_with_tokens
	modules_register
	keyd_with_keys "" "$(pkcs11_uri device)" "$(pkcs11_uri device web)" \
		"$(pkcs11_uri tpm web)" "$(pkcs11_uri nss web)"
	create made ec-p256
	assert_each_signs own tpm nss made
}

finds_a_registered_module_by_its_name() {
	device_with_tokens
	modules_register
	keyd_with_keys "$SOFTHSM_MODULE" "$(pkcs11_uri device)" \
		"$(pkcs11_uri device web module-name=softhsm2)" \
		"$(pkcs11_uri tpm web module-name=tpm2_pkcs11)" \
		"$(pkcs11_uri nss web module-name=softokn3)"
	assert_each_signs own tpm nss
}

waits_for_a_registered_module_that_fails_at_first() {
	device_with_tokens
	modules_register
	tpm_power_off
	keyd_with_keys "" "$(pkcs11_uri device)" "$(pkcs11_uri device web)" \
		"$(pkcs11_uri tpm web)" "$(pkcs11_uri nss web)"
	assert_each_signs own nss
	assert_equal 503 "$(sign_status tpm)" \
		"signing with the TPM"
	tpm_power_on
	eventually 60 signs tpm
}

run_tests \
	uses_keys_beside_its_own_token \
	makes_keys_in_a_tpm_beside_keys_in_softhsm \
	goes_on_without_a_token_that_is_away \
	finds_tokens_in_registered_modules \
	finds_a_registered_module_by_its_name \
	waits_for_a_registered_module_that_fails_at_first
