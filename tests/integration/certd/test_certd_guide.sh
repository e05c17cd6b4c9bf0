#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The configurations and commands of docs/guides/{local-ca,est,renewal}.md, as
# they stand there.
. "$(dirname "$0")/../../support/harness.sh"
. "$(dirname "$0")/../../support/plant.sh"
. "$(dirname "$0")/../../support/est.sh"

top=$(cd "$(dirname "$0")/../../.." && pwd)

# The blocks of a language in a section of a guide.
blocks() { # GUIDE LANGUAGE TITLE
	awk -v language="$2" -v title="## $3" '
		/^## / { here = $0 == title }
		/^```/ { block = $0 == "```" language; next }
		block && here' "$top/docs/guides/$1.md"
}

# The indented blocks.
quoted() { # GUIDE TITLE
	awk -v title="## $2" '/^## / { here = $0 == title } here && sub(/^    /, "")' \
		"$top/docs/guides/$1.md"
}

# What stands in a guide, for this device and for who runs the test.
for_device() {
	sed -e "s|/run/credentials/signet-keyd.service/pin|$DEVICE/pin|; s|/run/signet/|$SIGNET_RUNTIME_DIR/|" \
		-e "s|/usr/share/signet/|$SIGNET_BUILD/conf/|" \
		-e "s|/etc/signet/est-ca.pem|$DEVICE/cloud/ca.pem|" \
		-e "s|https://est.example.net/.well-known/est|${est_url:-}|" \
		-e "s|^setpriv .*|env \\\\|"
}

# Runs the commands of a section.
run_section() { # GUIDE TITLE
	blocks "$1" sh "$2" | for_device >"$DEVICE/commands"
	[ -s "$DEVICE/commands" ] || fail "no commands in '$2'"
	(cd "$DEVICE" && bash -euo pipefail commands >"$DEVICE/said" 2>&1) ||
		fail "'$2': $(cat "$DEVICE/said")"
}

# The configuration of the guide to a local CA, whose commands are root's: whoever
# runs the test may do what root may.
device_of_the_local_ca() { # [SED-EXPRESSION]
	device_create
	token_create
	{
		blocks local-ca yaml "A CA in the token" | for_device | sed "${1:-}"
		printf '  - { user: "%s", certs: ["*"] }\n' "$(id -u)"
	} >"$SIGNET_CONFIG_DIR/config.yaml"
}

# --- tests -------------------------------------------------------------------

a_local_ca_in_the_token_issues() {
	device_of_the_local_ca
	run_section local-ca "A CA in the token"
	run_section local-ca "A certificate from it"
	cert() { signetctl cert show "$1" -o json | jq -r "$2"; } # ID FILTER
	assert_equal "CN=Line 7 CA" "$(cert web .issuer)" "who has issued it"
	assert_equal "DNS:pump-17.local" "$(cert web .names)" "its names"
	local serial
	serial=$(cert web .serial)
	signetctl cert renew web >/dev/null
	[ "$(cert web .serial)" != "$serial" ] || fail "it was not issued anew"
	assert_equal "DNS:pump-17.local" "$(cert web .names)" "its names then"
}

a_ca_below_another_one_is_imported() {
	# Without its own section it is issued by nobody here.
	device_of_the_local_ca '/^    site-ca:/,/expiry_days: 3650/d'
	signetctl config apply >/dev/null
	signetctl system restart >/dev/null
	blocks local-ca sh "A CA below the one of your organisation" >"$DEVICE/both"
	ca root root
	(
		cd "$DEVICE"
		grep -v 'cert import' both | for_device >commands
		bash -euo pipefail commands
		openssl x509 -req -in site-ca.csr -CA root.pem -CAkey root.key -days 90 \
			-extfile <(echo "basicConstraints=critical,CA:TRUE
keyUsage=critical,keyCertSign,cRLSign
subjectKeyIdentifier=hash") -out site-ca.pem
		cat site-ca.pem root.pem >chain.pem
		grep 'cert import' both >commands
		bash -euo pipefail commands
	) >"$DEVICE/said" 2>&1 || fail "$(cat "$DEVICE/said")"
	run_section local-ca "A certificate from it"
	assert_equal "CN=Line 7 CA" "$(signetctl cert show web -o json | jq -r .issuer)" "the issuer"
}

an_est_server_is_asked_as_configured() {
	est_device
	cloud est user line-7 --password-file "$DEVICE/password"
	mkdir -p "$SIGNET_CONFIG_DIR/certd"
	{
		quoted est Configuration | for_device
		printf 'principals: [{ user: "%s", certs: ["*"] }]\n' "$(id -u)"
	} >"$SIGNET_CONFIG_DIR/certd/config.yaml"
	daemon_start certd
	order device-id pump-17
	assert_equal 201 "$status" "an order: $answer"
	assert_pair est-id
	assert_equal "ok: " "$(health certd)" "how it is"
	stop
}

renewal_is_configured_as_it_says() {
	local explained
	device_create
	mkdir -p "$SIGNET_CONFIG_DIR/certd"
	quoted renewal "What is renewed" | sed '/^\[Service\]\|^# \|^Type=\|^ExecStart=/d
		s|^cert_issuance:|&\n  local_ca: { cert: ca, pk: ca }\n  est: { url: "https://localhost:9", fingerprint: "'"$(printf '0%.0s' {1..64})"'" }|' \
		>"$SIGNET_CONFIG_DIR/certd/config.yaml"
	daemon_start certd
	explained=$(signetctl cert explain web -o json | jq -c '[.settings[] | {(.key): .value}] | add')
	assert_equal '["10day","1day","false","signet-renewed-nginx.service"]' \
		"$(jq -c '[.["renewal.window"], .["renewal.retry"], .["renewal.rotate_key"], .on_renewed]' \
			<<<"$explained")" "what holds: $explained"
	assert_equal user "$(signetctl cert explain device-id -o json |
		jq -r '.settings[] | select(.key == "renewal.prove").value')" "who proves the device's"
	daemon_stop certd
}

run_tests_side_by_side a_local_ca_in_the_token_issues \
	a_ca_below_another_one_is_imported \
	an_est_server_is_asked_as_configured \
	renewal_is_configured_as_it_says
