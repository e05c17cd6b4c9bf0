# SPDX-License-Identifier: MIT
#
# For scenarios: what a guest can be asked, and tests that are sentences.
set -euo pipefail
readonly HERE=/usr/lib/signet-test
. "$HERE/page.sh"

readonly PIN_URI=file:/run/credentials/signet-keyd.service/pin

fail() {
	echo "FAILED: $*"
	exit 1
}

assert_equal() { # EXPECTED ACTUAL WHAT
	[ "$1" = "$2" ] || fail "$3: expected '$1', got '$2'"
}

# Software emulation on a busy machine is slow: it may take three times as long.
eventually() { # SECONDS COMMAND...
	local end=$((SECONDS + 3 * $1))
	shift
	until "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt "$end" ] || fail "not within the time: $*"
		sleep 0.2
	done
}

# Stops at the first that fails: those behind it build on it.
run_tests() { # FUNCTION...
	local name
	trap 'echo "FAILED: ${name//_/ }"' EXIT
	for name in "$@"; do
		"$name" # with nothing behind it: that would disable set -e inside
		echo "ok - ${name//_/ }"
	done
	trap - EXIT
}

is_green() { signetctl system status; }

# The doctor finds nothing, but for checks that are named with what they say.
doctor_finds_only() { # CHECK=RESULT...
	signetctl check --json >/root/check || fail "$(jq '.checks[] | select(.result == "error")' /root/check)"
	jq -r '.checks[] | select(.result != "ok") | "\(.id)=\(.result)"' /root/check |
		sort | diff <(printf '%s\n' "$@" | sort) - ||
		fail "$(jq -c '.checks[] | select(.result != "ok")' /root/check)"
}

main_pid() { systemctl show --property=MainPID --value "signet-$1"; } # DAEMON

# As a client that was written for aziot: another folder, user and version.
aziot() { # DAEMON PATH
	setpriv --reuid iotedge --regid iotedge --init-groups curl -s --max-time 60 \
		--unix-socket "/run/aziot/$1.sock" "http://$1.sock$2?api-version=2020-09-01"
}

clients_of_aziot_are_answered_at_its_sockets() {
	local said
	said=$(aziot keyd /keypair/device-id)
	[[ $said == *"$(id -u iotedge)"* ]] || fail "keyd answered '$said'"
	said=$(aziot certd /certificates/device-id)
	[[ $said == *'"pem":"-----BEGIN CERTIFICATE'* ]] || fail "certd answered '$said'"
	said=$(aziot identityd /trust-bundle)
	[[ $said == *'"certificate":'* ]] || fail "provisiond answered '$said'"
	if setpriv --reuid nobody --regid nogroup --clear-groups curl -s \
		--unix-socket /run/aziot/keyd.sock http://keyd.sock/health; then
		fail "nobody has opened /run/aziot/keyd.sock"
	fi
}

# --- a device ---------------------------------------------------------------

# Runs a page's commands, but for those that install: a guest reaches no mirror.
follow() { # PAGE SECTION...
	local section page=$1
	shift
	for section in "$@"; do
		page_commands "$HERE/$page" "$section"
	done >/root/commands
	bash -euo pipefail /root/commands
}

pki() { # TESTPKI-ARGUMENT...
	signetctl testpki "$@" --dir /root/pki >/dev/null
}

readonly CA=/root/pki/certs/azure-iot-test-only
readonly CA_KEY=/root/pki/private/azure-iot-test-only

# A cloud that enrolls all devices of a CA, which is on this device.
cloud_create() {
	mkdir -p /var/lib/signet-cloud
	systemctl start signet-cloud
	eventually 60 test -s /run/cloud.json
	pki root
	pki intermediate
	signet-cloud enroll group --data /var/lib/signet-cloud --group-id line-7 \
		--certificate "$CA.root.ca.cert.pem" >/dev/null
	install -m 0644 "$CA.intermediate.cert.pem" /etc/signet/ca.pem
	install -m 0400 -o signet-keyd "$CA_KEY.intermediate.key.pem" /etc/signet/ca-key.pem
	install -m 0644 /var/lib/signet-cloud/ca.pem /etc/signet/roots.pem
}

config_create() { # MODULE
	cat >/etc/signet/config.yaml <<YAML
token:
  module: "$1"
  uri: "pkcs11:token=device?pin-source=$PIN_URI"
cert_issuance:
  local_ca:
    cert: "file:///etc/signet/ca.pem"
    pk: "file:///etc/signet/ca-key.pem"
trust_bundle_cert: "file:///etc/signet/roots.pem"
provisioning:
  source: "dps"
  global_endpoint: "$(jq -r .dps_url /run/cloud.json)"
  scope_id: "$(jq -r .id_scope /run/cloud.json)"
  attestation:
    method: "x509"
    registration_id: "guest-1"
    identity_cert:
      method: local_ca
      expiry_days: 30
YAML
}
