#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# What goes wrong between a device and DPS, for each kind of proof: the sentence
# in the log, the status that callers see, what is on the disk, and that the
# daemon ends as ever. What has no DPS is in test_manual_failures.sh.
. "$(dirname "$0")/../../support/harness.sh"
. "$(dirname "$0")/../../support/provisiond.sh"
. "$(dirname "$0")/../../support/tpm.sh"

# whose | fault with its argument | status | part of the sentence
#
# Whose: of all proofs, of one, "signed": all but x509, or "nottpm". PROOF is what DPS sees
# of it. A fault is one of "register", unless it says @status: of the polls after
# it, or belongs to the handshake; "gone": nobody serves, until the sentence is
# said; "lost": nobody any more after the first poll. "provisioned": it passes by itself, after that sentence. A connection that
# is used again and lost is not spoken of, if a new one will do. A TPM asks twice,
# and what is for an assignment meets the second request only.
readonly TABLE='
all    | none                    | provisioned  | belongs to hub
all    | 401                     | failed       | DPS does not accept the PROOF
all    | gateway                 | provisioned  | is not DPS: 404
x509   | gateway 1 403           | provisioned  | is not DPS: 403
all    | 404                     | failed       | does not know the id scope
all    | 429 1 1                 | provisioned  | cannot answer now: 429
all    | 500                     | provisioned  | cannot answer now: 500
all    | 503 1 1                 | provisioned  | cannot answer now: 503
nottpm | slow 1 3                | provisioned  | belongs to hub
tpm    | slow 2 3                | provisioned  | belongs to hub
nottpm | failed                  | provisioned  | DPS failed to assign
tpm    | failed 2                | provisioned  | DPS failed to assign
all    | disabled                | failed       | DPS does not accept the PROOF
all    | drop                    | provisioned  | the connection to
all    | wrong-name              | failed       | we do not trust the certificate
all    | expired-certificate     | failed       | we do not trust the certificate
all    | gone                    | provisioned  | cannot connect to
x509   | lost 1 9                | provisioned  | cannot connect to
all    | drop@status 2           | provisioned  | the connection to
all    | 404@status              | provisioned  | DPS has forgotten
all    | 401@status              | failed       | DPS does not accept the PROOF
x509   | stall 1 1               | provisioned  | the connection to
x509   | redirect                | failed       | cannot do what it is asked: 302
x509   | clock-ahead 1 864000000 | provisioned  | certificate expired at
x509   | clock-behind 9 864000000 | provisioning | certificate is valid only from
signed | clock-ahead 9 864000    | provisioning | no signature can be used until it is set
signed | clock-behind 9 864000   | provisioned  | belongs to hub
'

# Its attestation, and what DPS is said to see of it.
use_proof() { # PROOF
	case $1 in
	x509) attestation="method: x509, registration_id: dev1, identity_cert: device-id, identity_pk: device-id" ;;
	key) attestation="method: symmetric_key, registration_id: dev2, symmetric_key: secret" ;;
	group) attestation="method: symmetric_key, registration_id: dev3, group_key: secret" ;;
	tpm) attestation="method: tpm, registration_id: dev4" ;;
	esac
	case $1 in
	x509) whose="all nottpm x509" seen=certificate ;;
	tpm) whose="all signed tpm" seen=TPM ;;
	*) whose="all nottpm signed" seen=key ;;
	esac
	provisiond_configure_dps "$attestation"
}

by_certificate() {
	pki root
	pki device-identity dev1
	enroll_group "$DEVICE/pki/$ROOT"
	keyd_configure "$SOFTHSM_MODULE" "$(token_uri)" \
		"preloaded_keys: { device-id: \"file://$(key_of dev1)\" }"
	mkdir -p "$SIGNET_CONFIG_DIR/certd"
	echo "preloaded_certs: { device-id: \"file://$(chain_of dev1)\" }" \
		>"$SIGNET_CONFIG_DIR/certd/config.yaml"
	daemon_start keyd
	daemon_start certd
}

by_secret() { # ENROLL-OPTION...
	(umask 077 && head -c 48 /dev/urandom >"$DEVICE/secret")
	base64 -w0 "$DEVICE/secret" >"$DEVICE/key"
	cloud enroll "$@" --key-file "$DEVICE/key" \
		--secondary-key-file "$DEVICE/key" >/dev/null
	keyd_configure "$SOFTHSM_MODULE" "$(token_uri)" \
		"preloaded_keys: { secret: \"file://$DEVICE/secret\" }"
	daemon_start keyd
}

by_tpm() {
	tpm_bare_start
	mkdir -p "$SIGNET_CONFIG_DIR/keyd"
	echo "tpm: { tcti: \"swtpm:path=$DEVICE/tpm/tpm\", users: [$(id -u)] }" \
		>"$SIGNET_CONFIG_DIR/keyd/config.yaml"
	daemon_start keyd
	call tpmd GET /get_tpm_keys | jq -r .endorsement_key >"$DEVICE/ek"
	cloud enroll individual --registration-id dev4 \
		--endorsement-key "$DEVICE/ek" >/dev/null
}

order() { # FAULT [ARGUMENT]...
	local endpoint=register
	[[ $1 != *@* ]] || endpoint=${1#*@}
	case $1 in
	none) ;;
	gone) cloud_stop ;;
	lost) cloud fault slow "${@:2}" --on register >/dev/null ;;
	wrong-name | expired-certificate) cloud fault "$@" >/dev/null ;;
	*) cloud fault "${1%@*}" "${@:2}" --on "$endpoint" >/dev/null ;;
	esac
}

says() { grep -qF "$1" "$DEVICE/provisiond.log"; } # SENTENCE
has_status() { [ "$(provisioning_status | jq -r .status)" = "$1" ]; }

polls() { grep -ac "info: GET .*/operations/" "$DEVICE/cloud.log"; }
has_polled() { [ "$(polls)" -gt "$1" ]; } # TIMES

# The cloud goes when provisiond has polled once more.
lose_cloud() {
	eventually 60 has_polled "$(polls)"
	cloud_stop
}

meets() { # STATUS SENTENCE FAULT [ARGUMENT]...
	rm -rf "$SIGNET_STATE_DIR/provisiond" "$DEVICE/provisiond.log"
	cloud fault clear >/dev/null
	order "${@:3}"
	daemon_start provisiond
	[ "$3" != lost ] || lose_cloud
	eventually 60 says "$2"
	[[ $3 != @(gone|lost) ]] || cloud_start --port "${DPS_URL##*:}"
	eventually 60 has_status "$1"
	daemon_stop provisiond
	if [ "$1" = provisioned ]; then
		[ -s "$SIGNET_STATE_DIR/provisiond/device_info.json" ]
	else
		[ ! -e "$SIGNET_STATE_DIR/provisiond/device_info.json" ]
	fi || fail "what is on the disk"
}

# "create" is one of those above.
meets_each_failure() { # PROOF CREATE [ARGUMENT]...
	local who fault status sentence rows=0
	device_create
	token_create
	cloud_start
	"${@:2}"
	use_proof "$1"
	while IFS='|' read -r who fault status sentence; do
		[[ $who == *[a-z]* && " $whose " == *" ${who// /} "* ]] || continue
		echo "# $1 |$fault|$status|$sentence"
		# shellcheck disable=SC2086
		meets $status "${sentence/# /}" $fault
		rows=$((rows + 1))
	done <<<"${TABLE//PROOF/$seen}"
	[ $rows -ge 18 ] || fail "only $rows rows"
	[ ! -e "$DEVICE/certd.pid" ] || daemon_stop certd
	daemon_stop keyd
}

a_device_with_a_certificate_meets_each_failure() { meets_each_failure x509 by_certificate; }
a_device_with_a_key_meets_each_failure() {
	meets_each_failure key by_secret individual --registration-id dev2
}
a_device_of_a_group_meets_each_failure() {
	meets_each_failure group by_secret group --group-id line-8
}
a_device_with_a_tpm_meets_each_failure() { meets_each_failure tpm by_tpm; }

run_tests_side_by_side \
	a_device_with_a_certificate_meets_each_failure \
	a_device_with_a_key_meets_each_failure \
	a_device_of_a_group_meets_each_failure \
	a_device_with_a_tpm_meets_each_failure
