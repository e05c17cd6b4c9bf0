# SPDX-License-Identifier: MIT
#
# For tests of certd and EST in bash, after harness.sh and plant.sh: an EST server,
# keyd, and a certd that asks it.
. "$(dirname "${BASH_SOURCE[0]}")/certd.sh"

# --- the server and the two daemons ------------------------------------------

# An EST server that knows user edward, and a token.
est_device() { # [SERVE-OPTION]...
	device_create
	token_create
	signet-cloud init --data "$DEVICE/cloud" >/dev/null
	echo sesame >"$DEVICE/password"
	cloud est user edward --password-file "$DEVICE/password"
	cloud_start "$@"
	est_url=$(jq -r .est_url "$DEVICE/cloud.json")
	keyd_configure "$SOFTHSM_MODULE" "$(token_uri)"
	daemon_start keyd
}

# certd's file: the general part of est, and the certificates. The server's CA
# is trusted as the certificate est-ca.
configure() { # EST-LINES CERTS-LINES [LINE]...
	mkdir -p "$SIGNET_CONFIG_DIR/certd"
	{
		printf 'preloaded_certs:\n  est-ca: "file://%s"\n' "$DEVICE/cloud/ca.pem"
		printf 'cert_issuance:\n  est:\n    url: "%s"\n' "$est_url"
		printf '%s\n' "$1" | sed 's/^/    /'
		printf '  certs:\n'
		printf '%s\n' "$2" | sed 's/^/    /'
		printf 'principals: [{ user: "%s", certs: ["*"] }]\n' "$(id -u)"
	} >"$SIGNET_CONFIG_DIR/certd/config.yaml"
}

readonly BY_PASSWORD='trusted_certs: [est-ca]
username: edward
password: sesame'

# A device whose EST identity est-id is enrolled by password.
device_with_identity() { # [SERVE-OPTION]...
	est_device "$@"
	configure "$BY_PASSWORD" "est-id: { method: est, common_name: dev-1, est: { identity_cert: est-id, identity_pk: est-id } }"
	daemon_start certd
	eventually 60 has_certificate est-id
}

# A key and a certificate in files, from the device's maker.
birth_files() { # CN
	ca maker maker
	leaf birth "$1" maker
	chain birth maker
	cloud est trust "$DEVICE/maker.pem"
	daemon_stop keyd
	keyd_configure "$SOFTHSM_MODULE" "$(token_uri)" \
		"preloaded_keys: { birth: \"file://$DEVICE/birth.key\" }"
	daemon_start keyd
}

preload_birth() {
	sed -i "s|^preloaded_certs:|&\n  birth: \"file://$DEVICE/birth-chain.pem\"|" \
		"$SIGNET_CONFIG_DIR/certd/config.yaml"
}

stop() {
	daemon_stop certd
	daemon_stop keyd
	cloud_stop
}

# --- looking -----------------------------------------------------------------

# The certificate in place is for the key in place.
assert_pair() { # ID
	assert_equal "$(key_public "$1")" \
		"$(pem "$1" | openssl x509 -noout -pubkey)" "the key of '$1'"
}

log_says() { grep -qF "$1" "$DEVICE/certd.log"; } # TEXT

# A request of somebody else's for certificate ID; the answer is in $answer, its
# status in $status.
order() { # ID [CN]
	key order
	openssl req -new -key "$DEVICE/order.key" -subj "/CN=${2:-$1}" \
		-out "$DEVICE/order.csr"
	answer=$(curl -s --max-time 90 -w '\n%{http_code}' \
		--unix-socket "$SIGNET_RUNTIME_DIR/certd.sock" \
		-H 'content-type: application/json' \
		--data "$(jq -n --arg id "$1" --rawfile csr "$DEVICE/order.csr" \
			'{certId: $id, csr: $csr}')" \
		"http://certd.sock/certificates?api-version=2026-12-01")
	status=${answer##*$'\n'}
	answer=${answer%$'\n'*}
}

# --- other servers -------------------------------------------------------------

# What connects to ADDRESS at port $forwarded reaches TARGET, which is socat's.
forward() { # ADDRESS TARGET
	socat -d -d "TCP-LISTEN:0,bind=$1,fork" "$2" 2>"$DEVICE/socat.log" &
	echo $! >"$DEVICE/socat.pid"
	eventually 20 grep -q 'listening on' "$DEVICE/socat.log"
	forwarded=$(sed -n 's/.*listening on .*:\([0-9]*\)$/\1/p' "$DEVICE/socat.log" | head -n 1)
}

forward_end() {
	end "$(cat "$DEVICE/socat.pid")"
	rm "$DEVICE/socat.pid"
}

# Some, 1 by default, that let everybody connect, and say nothing; their URLs are in
# silent_urls, the first in silent_url.
silent_start() { # [COUNT]
	python3 -c 'if True:
		import socket, sys, time
		servers = [socket.create_server(("127.0.0.1", 0), backlog=128)
			for _ in range(int(sys.argv[1]))]
		print(*[server.getsockname()[1] for server in servers], flush=True)
		time.sleep(600)' "${1:-1}" >"$DEVICE/silent" &
	echo $! >"$DEVICE/silent.pid"
	eventually 20 test -s "$DEVICE/silent"
	# shellcheck disable=SC2034,SC2046
	mapfile -t silent_urls < <(printf 'https://127.0.0.1:%s/.well-known/est\n' $(cat "$DEVICE/silent"))
	silent_url=${silent_urls[0]}
}

# To the first of them.
silent_connections() {
	ss -Htn state established "dport = :$(cut -d ' ' -f 1 "$DEVICE/silent")" | wc -l
}
are_connected() { [ "$(silent_connections)" -ge "$1" ]; } # NUMBER
