#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# What goes wrong between a device and DPS, for each kind of proof: the status
# that callers see, the sentence in the log, and that the daemon ends as ever.
. "$(dirname "$0")/../support/harness.sh"
. "$(dirname "$0")/../support/provisiond.sh"

# proof | fault with its argument | status | part of the sentence
#
# A fault is one of "register", unless it says @status: of the polls after it.
# "provisioned": it passes by itself, after that sentence.
readonly TABLE='
x509 | none                 | provisioned  | belongs to hub
x509 | 401                  | failed       | DPS does not accept the certificate
x509 | 404                  | failed       | does not know the id scope
x509 | 429 1 1              | provisioned  | cannot answer now: 429
x509 | 500                  | provisioned  | cannot answer now: 500
x509 | drop                 | provisioned  | the connection to
x509 | redirect             | failed       | cannot do what it is asked: 302
x509 | slow 1 2             | provisioned  | belongs to hub
x509 | drop@status          | provisioned  | the connection to
x509 | 404@status           | provisioned  | DPS has forgotten
x509 | 401@status           | failed       | DPS does not accept the certificate
x509 | failed               | provisioned  | DPS failed to assign
x509 | disabled             | failed       | DPS does not accept
x509 | wrong-name           | failed       | we do not trust the certificate
x509 | expired-certificate  | failed       | we do not trust the certificate
x509 | clock-ahead 1 864000000 | failed    | DPS does not accept the certificate
key  | none                 | provisioned  | belongs to hub
key  | 401                  | failed       | DPS does not accept the key
key  | 503 1 1              | provisioned  | cannot answer now: 503
key  | stall 1 1            | provisioned  | the connection to
key  | failed               | provisioned  | DPS failed to assign
key  | clock-ahead 9 864000 | provisioning | no signature can be used until it is set
group | none                | provisioned  | belongs to hub
group | 401                 | failed       | DPS does not accept the key
group | disabled            | failed       | DPS does not accept
'

attestation_of() { # PROOF
	case $1 in
	x509) echo "method: x509, registration_id: dev1, identity_cert: device-id, identity_pk: device-id" ;;
	key) echo "method: symmetric_key, registration_id: dev2, symmetric_key: secret" ;;
	group) echo "method: symmetric_key, registration_id: dev3, group_key: secret" ;;
	esac
}

# A device that can prove itself in each way, and keyd and certd for it.
create() {
	device_create
	token_create
	pki root
	pki device-identity dev1
	cloud_start
	(umask 077 && head -c 48 /dev/urandom >"$DEVICE/secret")
	base64 -w0 "$DEVICE/secret" >"$DEVICE/key"
	local keys=(--key-file "$DEVICE/key" --secondary-key-file "$DEVICE/key")
	enroll_group "$DEVICE/pki/$ROOT"
	cloud enroll individual --registration-id dev2 "${keys[@]}" >/dev/null
	cloud enroll group --group-id line-8 "${keys[@]}" >/dev/null
	keyd_configure "$SOFTHSM_MODULE" "$(token_uri)" "preloaded_keys: {
  device-id: \"file://$(key_of dev1)\", secret: \"file://$DEVICE/secret\" }"
	mkdir -p "$SIGNET_CONFIG_DIR/certd"
	echo "preloaded_certs: { device-id: \"file://$(chain_of dev1)\" }" \
		>"$SIGNET_CONFIG_DIR/certd/config.yaml"
	daemon_start keyd
	daemon_start certd
}

has_come_to() { # STATUS SENTENCE
	[ "$(provisioning_status | jq -r .status)" = "$1" ] &&
		grep -qF "$2" "$DEVICE/provisiond.log"
}

meets() { # PROOF FAULT STATUS SENTENCE
	local fault endpoint=register
	read -ra fault <<<"$2"
	[[ ${fault[0]} != *@* ]] || endpoint=${fault[0]#*@}
	fault[0]=${fault[0]%@*}
	rm -rf "$SIGNET_STATE_DIR/provisiond" "$DEVICE/provisiond.log"
	cloud fault clear >/dev/null
	provisiond_configure_dps "$(attestation_of "$1")"
	case ${fault[0]} in
	none) ;;
	wrong-name | expired-certificate) cloud fault "${fault[@]}" >/dev/null ;;
	*) cloud fault "${fault[@]}" --on "$endpoint" >/dev/null ;;
	esac
	daemon_start provisiond
	eventually 60 has_come_to "$3" "$4"
	daemon_stop provisiond
	if [ "$3" = provisioned ]; then
		[ -s "$SIGNET_STATE_DIR/provisiond/device_info.json" ]
	else
		[ ! -e "$SIGNET_STATE_DIR/provisiond/device_info.json" ]
	fi || fail "$1, $2: what is on the disk"
}

each_failure_ends_as_the_table_says() {
	create
	local proof fault status sentence
	while IFS='|' read -r proof fault status sentence; do
		[ -n "$proof" ] || continue
		echo "# $proof |$fault|$status|$sentence"
		meets "$(xargs <<<"$proof")" "$(xargs <<<"$fault")" "$(xargs <<<"$status")" \
			"$(sed 's/^ *//' <<<"$sentence")"
	done <<<"$TABLE"
	daemon_stop certd
	daemon_stop keyd
}

run_tests each_failure_ends_as_the_table_says
