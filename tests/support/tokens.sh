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
device_with_keyd() { # [LINE]...
	device_create
	token_of_ours_create
	keyd_configure "$TOKEN_MODULE" "$(token_uri)" "$@"
	daemon_start keyd
	echo "to be signed" >"$DEVICE/message"
}

# What the token holds, as another program sees it.
token_objects() {
	pkcs11-tool --module "$TOOL_MODULE" --token-label device --login \
		--pin "$PIN" --list-objects 2>/dev/null
}

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
granted() { # ROW METHOD PATH JSON
	local said message
	said=$(table_says "$1")
	answer=$(keyd "${@:2}")
	message=$(jq -r '.message // empty' <<<"$answer")
	if [ "$said" = yes ]; then
		assert_equal "" "$message" "$1"
		return 0
	fi
	[ -n "$message" ] || fail "$1: the table says that $TOKEN refuses it"
	said=${said#*\`}
	assert_contains "$message" "${said%\`*}" "$1"
	return 1
}
