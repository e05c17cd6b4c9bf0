#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The commands of docs/guides/pkcs11-applications.md, as they stand there.
. "$(dirname "$0")/../../support/apps.sh"
GUIDE=$(dirname "$0")/../../../docs/guides/pkcs11-applications.md
readonly GUIDE

# The blocks of a language in the guide's part before the first section, and
# in the section whose title begins as given.
guide_blocks() { # LANGUAGE TITLE
	awk -v language="$1" -v title="## $2" '
		/^## / { here = index($0, title) == 1; behind = 1 }
		/^```/ { block = $0 == "```" language; next }
		block && (here || !behind)' "$GUIDE"
}

# A block for this device: where the module is, and who the server is.
for_device() {
	sed -e "s|/usr/lib/x86_64-linux-gnu/pkcs11/libsignet-pkcs11.so|$SIGNET_PKCS11_MODULE|" \
		-e "s|/usr/share/signet/|$SIGNET_BUILD/conf/|" \
		-e "s|/etc/nginx/web.pem|$DEVICE/web.pem|" \
		-e "s|server:8443|localhost:$port|; s|--port 8443 server|--port $port localhost|" \
		-e "s|^ssh |ssh -F $DEVICE/ssh_config |"
}

# Runs the commands of a section, as another uid if it is given; what they say
# is in $output.
run_section() { # TITLE [UID]
	guide_blocks sh "$1" | for_device >"$DEVICE/commands"
	[ "$(wc -l <"$DEVICE/commands")" -gt 2 ] || fail "no commands in '$1'"
	cd "$DEVICE"
	accepted ${2:+as_uid "$2"} bash -euo pipefail commands
}

# The key web, its certificate, and a server that takes nothing else.
device_of_the_guide() {
	device_with_keys "$(principal "$OTHER_UID" web)"
	key_create web ec-p256 sign,derive
	certificate_create web
	server_start tls1_3 # and no LABEL: web.pem is made anew
	echo "a message" >"$DEVICE/message"
}

# --- the sections -----------------------------------------------------------

www_data_signs() {
	as_uid "$(id -u www-data)" p11tool --provider "$SIGNET_PKCS11_MODULE" \
		--test-sign "$(uri_of web)"
}

what_is_granted_can_be_used() {
	device_of_the_guide
	refused www_data_signs
	run_section "What to grant"
	eventually 20 www_data_signs
}

the_commands_for_openssl_work() {
	device_of_the_guide
	cp "$DEVICE/web.pem" "$DEVICE/recipient.pem"
	openssl cms -encrypt -binary -aes256 -in "$DEVICE/message" -outform PEM \
		-out "$DEVICE/message.p7m" "$DEVICE/recipient.pem"
	run_section OpenSSL
	assert_contains "$output" "Verify return code: 0" "s_client"
	# Signed with the key in the certificate that was made on the way.
	openssl x509 -in "$DEVICE/web.pem" -noout -pubkey >"$DEVICE/public.pem"
	accepted openssl dgst -sha256 -verify "$DEVICE/public.pem" \
		-signature "$DEVICE/signature" "$DEVICE/message"
	accepted openssl cms -verify -binary -content "$DEVICE/message" \
		-in "$DEVICE/message.p7s" -inform PEM -CAfile "$DEVICE/web.pem" \
		-purpose any
	accepted openssl req -in "$DEVICE/web.csr" -noout -verify
	cmp "$DEVICE/message" "$DEVICE/decrypted"
}

the_commands_for_curl_work() {
	device_of_the_guide
	run_section curl
	assert_contains "$output" "Subject: CN=web" "the page"
}

the_lines_for_nginx_work() {
	device_of_the_guide
	{
		echo "error_log $DEVICE/nginx.log; pid $DEVICE/nginx.pid; events {}"
		echo "http { $(nginx_places) server { listen 127.0.0.1:$(free_port) ssl;"
		guide_blocks nginx nginx | for_device
		echo "} }"
	} >"$DEVICE/nginx.conf"
	mkdir "$DEVICE/nginx"
	guide_blocks ini nginx | for_device >"$DEVICE/nginx.service"
	accepted env "$(sed -n 's/^Environment=//p' "$DEVICE/nginx.service")" \
		/usr/sbin/nginx -t -e "$DEVICE/nginx.log" -c "$DEVICE/nginx.conf"
	assert_contains "$output" "test is successful" "nginx -t"
}

the_commands_for_openssh_work() {
	device_of_the_guide
	sshd_start
	ssh-keygen -D "$SIGNET_PKCS11_MODULE" | grep ' web$' >"$DEVICE/authorized"
	agent_start
	ssh-keygen -q -t ed25519 -N '' -f "$DEVICE/user"
	cat >"$DEVICE/ssh_config" <<CONF
Host server
HostName 127.0.0.1
Port $port
BatchMode yes
UserKnownHostsFile $DEVICE/known_hosts
IdentityFile none
CONF
	run_section OpenSSH
	assert_equal 3 "$(wc -l <"$DEVICE/device-keys.pub")" "the device's keys"
	assert_equal 2 "$(grep -c 'Accepted publickey' "$DEVICE/sshd.log")" "logins"
	accepted ssh-keygen -L -f "$DEVICE/user-cert.pub"
	assert_contains "$output" 'Key ID: "a technician"' "the certificate"
}

the_commands_for_gnutls_work() {
	device_of_the_guide
	p11_kit_register
	printf 'cn = "web"\n' >"$DEVICE/request.template"
	run_section GnuTLS "$OTHER_UID"
	assert_contains "$output" "object=web;type=private" "p11tool"
	assert_contains "$output" "BEGIN NEW CERTIFICATE REQUEST" "certtool"
	assert_contains "$output" "Handshake was completed" "gnutls-cli"
}

run_tests \
	what_is_granted_can_be_used \
	the_commands_for_openssl_work \
	the_commands_for_curl_work \
	the_lines_for_nginx_work \
	the_commands_for_openssh_work \
	the_commands_for_gnutls_work
