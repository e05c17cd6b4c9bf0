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
# Whose: "each" proof's; of "all" but those that differ only in where the key or the
# certificate is from; of one, "signed": all but x509, or "nottpm". PROOF is what DPS
# sees of it. A fault is one of "register", unless it says @status: of the polls after
# it, or belongs to the handshake; "gone": nobody serves, until the sentence is said;
# "lost": nobody any more after the first poll. "provisioned": it passes by itself,
# after that sentence. A connection that is used again and lost is not spoken of, if a
# new one will do. A TPM asks twice, and what is for an assignment meets the second
# request only.
readonly ANSWERS='
each   | none                    | provisioned  | belongs to hub
each   | 401                     | failed       | DPS does not accept the PROOF
each   | gateway                 | provisioned  | is not DPS: 404
x509   | gateway 1 403           | provisioned  | is not DPS: 403
each   | 404                     | failed       | does not know the id scope
all    | 429 1 1                 | provisioned  | cannot answer now: 429
each   | 500                     | provisioned  | cannot answer now: 500
all    | 503 1 1                 | provisioned  | cannot answer now: 503
nottpm | slow 1 3                | provisioned  | belongs to hub
tpm    | slow 2 3                | provisioned  | belongs to hub
nottpm | failed                  | provisioned  | DPS failed to assign
tpm    | failed 2                | provisioned  | DPS failed to assign
all    | disabled                | failed       | DPS does not accept the PROOF
x509   | redirect                | failed       | cannot do what it is asked: 302
all    | 404@status              | provisioned  | DPS has forgotten
each   | 401@status              | failed       | DPS does not accept the PROOF
'
readonly TROUBLES='
each   | drop                    | provisioned  | the connection to
each   | wrong-name              | failed       | we do not trust the certificate
all    | expired-certificate     | failed       | we do not trust the certificate
all    | gone                    | provisioned  | cannot connect to
x509   | lost 1 9                | provisioned  | cannot connect to
all    | drop@status 2           | provisioned  | the connection to
x509   | stall 1 1               | provisioned  | the connection to
x509   | clock-ahead 1 864000000 | provisioned  | certificate expired at
x509   | clock-behind 9 864000000 | provisioning | certificate is valid only from
signed | clock-ahead 9 864000    | provisioning | no signature can be used until it is set
signed | clock-behind 9 864000   | provisioned  | belongs to hub
'

# What meets a device that has an assignment and asks DPS at its start, and is there
# for longer than that takes; what becomes of the assignment.
readonly REMINDERS='
gateway 99                  | kept    | is not DPS: 404
gateway 99 401              | kept    | is not DPS: 401
gateway 99 403              | kept    | is not DPS: 403
429 99 1                    | kept    | cannot answer now: 429
500 99                      | kept    | cannot answer now: 500
failed 99                   | kept    | DPS failed to assign
redirect 99                 | kept    | cannot do what it is asked: 302
404@status 99               | kept    | DPS has forgotten
drop 99                     | kept    | the connection to
stall 99 1                  | kept    | the connection to
stall@status 99 1           | kept    | the connection to
wrong-name 99               | kept    | we do not trust the certificate
expired-certificate 99      | kept    | we do not trust the certificate
gone                        | kept    | cannot connect to
clock-ahead 99 864000000    | kept    | certificate expired at
clock-behind 99 864000000   | kept    | certificate is valid only from
401                         | removed | DPS does not accept the certificate
404                         | removed | does not know the id scope
disabled                    | removed | DPS does not accept the certificate
401@status                  | removed | DPS does not accept the certificate
'

# --- devices -------------------------------------------------------------------

device_with_cloud() {
	device_create
	token_create
	cloud_start
}

device_end() {
	[ ! -e "$DEVICE/certd.pid" ] || daemon_stop certd
	daemon_stop keyd
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
	provisiond_by_certificate
	daemon_start keyd
	daemon_start certd
}

secret_create() {
	(umask 077 && head -c 48 /dev/urandom >"$DEVICE/secret")
	base64 -w0 "$DEVICE/secret" >"$DEVICE/key"
}

enroll_by_key() { # ENROLL-ARGUMENT...
	secret_create
	cloud enroll "$@" --key-file "$DEVICE/key" \
		--secondary-key-file "$DEVICE/key" >/dev/null
}

by_secret() { # MEMBER
	keyd_configure "$SOFTHSM_MODULE" "$(token_uri)" \
		"preloaded_keys: { secret: \"file://$DEVICE/secret\" }"
	provisiond_configure_dps "method: symmetric_key, registration_id: dev2, $1: secret"
	daemon_start keyd
}

by_tpm() {
	tpm_bare_start
	tpm_configure
	daemon_start keyd
	enroll_tpm
}

# The operator's file: as what precedes says, and for whom.
apply_file() { # REGISTRATION-ID MEMBERS-OF-ATTESTATION
	cat >>"$DEVICE/config.yaml" <<YAML
token: { module: "$SOFTHSM_MODULE", uri: "$(token_uri)" }
provisioning:
  source: dps
  global_endpoint: "$DPS_URL"
  scope_id: "$SCOPE_ID"
  attestation: { registration_id: "$1", $2 }
YAML
	chmod 600 "$DEVICE/config.yaml"
	signetctl config apply --from "$DEVICE/config.yaml" >/dev/null
	daemon_start keyd
	daemon_start certd
}

# The same device proves itself otherwise.
begin_anew() {
	device_end
	rm -rf "$DEVICE/config.yaml" "${SIGNET_CONFIG_DIR:?}"/* "${SIGNET_STATE_DIR:?}"/*
}

by_key_in_the_file() {
	enroll_by_key individual --registration-id dev2
	apply_file dev2 "method: symmetric_key, symmetric_key: \"$(cat "$DEVICE/key")\""
}

by_key_in_the_token() {
	token_key_create hardware 01
	token_key_public hardware >"$DEVICE/hardware.pub"
	pki root
	pki device-identity dev1 --public-key "$DEVICE/hardware.pub"
	enroll_group "$DEVICE/pki/$ROOT"
	apply_file dev1 "method: x509, identity_cert: \"file://$(chain_of dev1)\",
    identity_pk: \"pkcs11:token=device;object=hardware?pin-source=file:$DEVICE/pin\""
}

by_local_ca() {
	pki root
	enroll_group "$DEVICE/pki/$ROOT"
	cat >"$DEVICE/config.yaml" <<YAML
cert_issuance:
  local_ca:
    cert: "file://$DEVICE/pki/$ROOT"
    pk: "file://$DEVICE/pki/private/azure-iot-test-only.root.ca.key.pem"
YAML
	apply_file dev3 "method: x509, identity_cert: { method: local_ca }"
}

by_est() {
	echo sesame >"$DEVICE/password"
	cloud est user edward --password-file "$DEVICE/password"
	cloud enroll group --group-id line-9 --certificate "$DEVICE/cloud/ca.pem" >/dev/null
	cat >"$DEVICE/config.yaml" <<YAML
preloaded_certs: { est-ca: "file://$DEVICE/cloud/ca.pem" }
cert_issuance:
  est:
    url: "$(jq -r .est_url "$DEVICE/cloud.json")"
    trusted_certs: [est-ca]
    username: edward
    password: sesame
    identity_cert: est-id
    identity_pk: est-id
YAML
	apply_file dev4 "method: x509, identity_cert: { method: est }"
}

# --- failures ------------------------------------------------------------------

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

cloud_again() { cloud_start --port "${DPS_URL##*:}"; }

has_status() { [ "$(provisioning_status | jq -r .status)" = "$1" ]; }

polls() { grep -ac "info: GET .*/operations/" "$DEVICE/cloud.log"; }
has_polled() { [ "$(polls)" -gt "$1" ]; } # TIMES

# The cloud goes when provisiond has polled once more.
lose_cloud() {
	eventually 60 has_polled "$(polls)"
	cloud_stop
}

readonly STORED=provisiond/device_info.json # in the state directory

meets() { # STATUS SENTENCE FAULT [ARGUMENT]...
	rm -rf "$SIGNET_STATE_DIR/provisiond" "$DEVICE/provisiond.log"
	cloud fault clear >/dev/null
	order "${@:3}"
	daemon_start provisiond
	[ "$3" != lost ] || lose_cloud
	eventually 60 says "$2"
	[[ $3 != @(gone|lost) ]] || cloud_again
	# To look into a file takes less than to ask.
	[ "$1" != provisioned ] || eventually 60 says "belongs to hub"
	eventually 60 has_status "$1"
	daemon_stop provisiond
	if [ "$1" = provisioned ]; then
		[ -s "$SIGNET_STATE_DIR/$STORED" ]
	else
		[ ! -e "$SIGNET_STATE_DIR/$STORED" ]
	fi || fail "what is on the disk"
}

# Of the rows of a table, one of each proof's at least.
meets_each_of() { # TABLE PROOF
	local who fault status sentence rows=0 whose seen
	case $2 in
	x509) whose="each all nottpm x509" seen=certificate ;;
	placed) whose=each seen=certificate ;;
	group | inline) whose=each seen=key ;;
	tpm) whose="each all signed tpm" seen=TPM ;;
	key) whose="each all nottpm signed" seen=key ;;
	esac
	while IFS='|' read -r who fault status sentence; do
		[[ $who == *[a-z]* && " $whose " == *" ${who// /} "* ]] || continue
		echo "# $2 |$fault|$status|$sentence"
		# shellcheck disable=SC2086
		meets $status "${sentence/# /}" $fault
		rows=$((rows + 1))
	done <<<"${1//PROOF/$seen}"
	[ $rows -ge 7 ] || fail "only $rows rows"
}

is_reminded() { # kept|removed SENTENCE FAULT [ARGUMENT]...
	rm -f "$DEVICE/provisiond.log"
	cp "$DEVICE/before" "$SIGNET_STATE_DIR/$STORED"
	cloud fault clear >/dev/null
	order "${@:3}"
	daemon_start provisiond
	eventually 60 says "$2"
	if [ "$1" = kept ]; then
		eventually 60 has_status provisioned
		assert_equal "${DPS_URL#https://} dev1" \
			"$(member '.spec.hubName + " " + .spec.deviceId')" \
			"what callers get"
		cmp -s "$DEVICE/before" "$SIGNET_STATE_DIR/$STORED" || fail "the record is another one"
	else
		eventually 60 has_status failed
		assert_contains "$(identity)" "$2" "what callers get"
		[ ! -e "$SIGNET_STATE_DIR/$STORED" ] || fail "the record is still there"
	fi
	daemon_stop provisiond
	[[ $3 != gone ]] || cloud_again
}

# --- tests ---------------------------------------------------------------------

a_device_with_a_certificate_meets_each_answer() {
	device_with_cloud
	by_certificate
	meets_each_of "$ANSWERS" x509
	device_end
}

a_device_with_a_certificate_meets_each_trouble() {
	device_with_cloud
	by_certificate
	meets_each_of "$TROUBLES" x509
	device_end
}

a_device_with_a_key_meets_each_failure() {
	device_with_cloud
	enroll_by_key individual --registration-id dev2
	by_secret symmetric_key
	meets_each_of "$ANSWERS$TROUBLES" key
	device_end
}

a_device_with_a_tpm_meets_each_failure() {
	device_with_cloud
	by_tpm
	meets_each_of "$ANSWERS$TROUBLES" tpm
	device_end
}

wherever_its_key_is_from_a_device_meets_the_same() {
	device_with_cloud
	enroll_by_key group --group-id line-8
	by_secret group_key
	meets_each_of "$ANSWERS$TROUBLES" group
	begin_anew
	by_key_in_the_file
	meets_each_of "$ANSWERS$TROUBLES" inline
	begin_anew
	by_key_in_the_token
	meets_each_of "$ANSWERS$TROUBLES" placed
	device_end
}

whoever_issues_its_certificate_a_device_meets_the_same() {
	device_with_cloud
	by_local_ca
	meets_each_of "$ANSWERS$TROUBLES" placed
	begin_anew
	by_est
	meets_each_of "$ANSWERS$TROUBLES" placed
	device_end
}

dps_alone_takes_an_assignment_away() {
	local fault what sentence
	device_with_cloud
	by_certificate
	daemon_start provisiond
	wait_until_provisioned
	daemon_stop provisiond
	mv "$SIGNET_STATE_DIR/$STORED" "$DEVICE/before"
	while IFS='|' read -r fault what sentence; do
		[ -n "$what" ] || continue
		echo "# $fault|$what|$sentence"
		# shellcheck disable=SC2086
		is_reminded $what "${sentence/# /}" $fault
	done <<<"$REMINDERS"
	device_end
}

run_tests_side_by_side \
	a_device_with_a_certificate_meets_each_answer \
	a_device_with_a_certificate_meets_each_trouble \
	a_device_with_a_key_meets_each_failure \
	a_device_with_a_tpm_meets_each_failure \
	wherever_its_key_is_from_a_device_meets_the_same \
	whoever_issues_its_certificate_a_device_meets_the_same \
	dps_alone_takes_an_assignment_away
