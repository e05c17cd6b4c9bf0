# SPDX-License-Identifier: MIT
#
# For tests that run on several tokens: goes beyond apps.sh, which it reads.
# $TOKEN is which one, as in the functions below.
. "$(dirname "${BASH_SOURCE[0]}")/apps.sh"
. "$(dirname "${BASH_SOURCE[0]}")/tpm.sh"
. "$(dirname "${BASH_SOURCE[0]}")/nss.sh"

readonly GUIDE=$(dirname "${BASH_SOURCE[0]}")/../../docs/guides/hsm.md

case ${TOKEN:?softhsm, tpm or nss} in
softhsm) readonly TOKEN_COLUMN=3 TOKEN_MODULE=$SOFTHSM_MODULE ;;
tpm) readonly TOKEN_COLUMN=4 TOKEN_MODULE=$TPM_MODULE ;;
nss) readonly TOKEN_COLUMN=5 TOKEN_MODULE=$NSS_MODULE ;;
*) fail "there is no token '$TOKEN'" ;;
esac

# The device's token, with our PIN and the label "device".
token_of_ours_create() {
	case $TOKEN in
	softhsm) token_create ;;
	tpm) tpm_token_create && TOOL_MODULE=$TPM_MODULE ;;
	nss) nss_token_create && TOOL_MODULE=$NSS_TOOL_MODULE ;;
	esac
}

# A keyd whose token is that one; its configuration has the further lines.
keyd_start() { # [LINE]...
	echo "to be signed" >"$DEVICE/message"
	keyd_configure "$TOKEN_MODULE" "$(token_uri)" "$@"
	daemon_start keyd
}

device_with_token_of_ours() { # [LINE]...
	device_create
	token_of_ours_create
	keyd_start "$@"
}

# What the token holds, as another program sees it.
token_objects() {
	pkcs11-tool --module "$TOOL_MODULE" --token-label device --login \
		--pin "$PIN" --list-objects 2>/dev/null
}

# A key for HMAC that another program makes in the token.
token_mac_create() { # LABEL
	case $TOKEN in
	tpm) tpm2_ptool addkey --algorithm=hmac:sha256 --label=device \
		--key-label="$1" --userpin="$PIN" --path="$TPM2_PKCS11_STORE" ;;
	*) pkcs11-tool --module "$TOOL_MODULE" --token-label device --login \
		--pin "$PIN" --keygen --key-type GENERIC:32 --label "$1" \
		--usage-sign --sensitive ;;
	esac >/dev/null 2>&1
}

# A certificate for the public key, beside the key with LABEL and ID.
token_certificate_add() { # LABEL ID FILE
	case $TOKEN in
	tpm) accepted tpm2_ptool addcert --label=device --key-label="$1" \
		--path="$TPM2_PKCS11_STORE" "$3" ;;
	*) accepted pkcs11-tool --module "$TOOL_MODULE" --token-label device \
		--login --pin "$PIN" --write-object "$3" --type cert \
		--label "$1" --id "$2" ;;
	esac
}

# --- what differs ---------------------------------------------------------------

# What the table of the guide says of our token.
table_says() { # ROW
	local said
	said=$(awk -F ' *[|] *' -v row="\`$1\`" -v column="$TOKEN_COLUMN" \
		'$2 == row { print $column }' "$GUIDE")
	[ -n "$said" ] || fail "the table in the guide has no row '$1'"
	echo "$said"
}

# Makes a request that is what ROW of the table is about; the answer is in
# $answer. True if the token did it, false if it refused as the table says;
# anything else is a failure.
may() { # ROW METHOD PATH JSON
	local said message
	said=$(table_says "$1")
	answer=$(keyd "${@:2}")
	[ -z "$answer" ] || message=$(jq -r '.message // empty' <<<"$answer")
	if [ "$said" = yes ]; then
		assert_equal "" "${message:-}" "$1"
		return 0
	fi
	[ -n "${message:-}" ] || fail "$1: the table says that $TOKEN refuses it"
	said=${said#*\`}
	assert_contains "$message" "${said%\`*}" "$1"
	return 1
}

# --- requests -------------------------------------------------------------------

pair() { # ID KIND [USAGE]
	jq -n --arg id "$1" --arg kind "$2" --arg usage "${3:-sign}" \
		'{keyId: $id, preferredAlgorithms: $kind, usage: $usage}'
}

create() { # ID KIND; a key that every token can make
	assert_lacks "$(keyd POST /keypair "$(pair "$@")")" message "creating $1"
}

pem_of() { # FILE
	jq -n --rawfile pem "$DEVICE/$1" '{pem: $pem}'
}

# The request to sign the message.
signing() { # ALGORITHM
	jq -n --arg algorithm "$1" --arg message "$(base64 -w0 "$DEVICE/message")" \
		'{algorithm: $algorithm, message: $message}'
}

sign_status() { keyd_status POST "/keys/$1/sign" "$(signing ES256)"; } # ID

signs() { [ "$(sign_status "$1")" = 200 ]; } # ID

# --- what signatures must be ----------------------------------------------------

# Puts a member of $answer into a file of its name.
keep() { # MEMBER
	jq -r ".$1" <<<"$answer" | base64 -d >"$DEVICE/$1"
}

# r and s, one after the other, as the DER that OpenSSL reads.
signature_to_der() { # FILE
	local hex
	hex=$(od -An -v -tx1 "$1" | tr -d ' \n')
	printf 'asn1=SEQUENCE:pair\n[pair]\nr=INTEGER:0x%s\ns=INTEGER:0x%s\n' \
		"${hex:0:${#hex}/2}" "${hex:${#hex}/2}" >"$DEVICE/asn1"
	openssl asn1parse -genconf "$DEVICE/asn1" -noout -out "$1"
}

# The signature in $answer is one of the message.
assert_signed() { # ID ALGORITHM
	local options=(-sha"${2:2}" -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest)
	keep signature
	keyd GET "/keys/$1/public" | jq -r .pem >"$DEVICE/public.pem"
	if [ "$2" = EdDSA ]; then
		accepted openssl pkeyutl -verify -rawin -pubin -inkey "$DEVICE/public.pem" \
			-sigfile "$DEVICE/signature" -in "$DEVICE/message"
		return
	fi
	[[ $2 == PS* ]] || options=("${options[0]}")
	[[ $2 != ES* ]] || signature_to_der "$DEVICE/signature"
	accepted openssl dgst "${options[@]}" -verify "$DEVICE/public.pem" \
		-signature "$DEVICE/signature" "$DEVICE/message"
}

assert_signs() { # ID ALGORITHM
	answer=$(keyd POST "/keys/$1/sign" "$(signing "$2")")
	assert_lacks "$answer" message "signing with $1"
	assert_signed "$@"
}
