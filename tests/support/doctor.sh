# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034
#
# What the tests of "signetctl check" share.

# A device whose certificate is issued here, for a key in the token.
issuing_device() {
	device_of_group
	config_issued dev1 \
		"file://$DEVICE/pki/private/azure-iot-test-only.intermediate.key.pem"
	cp "$DEVICE/config.yaml" "$SIGNET_CONFIG_DIR/config.yaml"
	apply_and_start
	wait_until_provisioned
}

# The result of one check, and its first reason, in $result and $reason.
examine() { # CHECK
	local answer
	answer=$(signetctl check --only "$1" -o json 2>/dev/null) || true
	result=$(jq -r '.checks[0].result' <<<"$answer")
	reason=$(jq -r '.checks[0].findings[0] // {} |
		"\(.object): \(.reason)"' <<<"$answer")
	assert_equal true "$(jq '[.checks[0] | .layer, .title, (.findings[] |
		select(.severity | . == "warning" or . == "error") | .object, .reason, .fix)] |
		all(. != null and . != "")' <<<"$answer")" "$1 leaves nothing out in $answer"
}

add() { echo "$2" >>"$SIGNET_CONFIG_DIR/$1"; } # FILE LINE
change() { sed -i "$2" "$SIGNET_CONFIG_DIR/$1"; } # FILE SED-COMMAND
