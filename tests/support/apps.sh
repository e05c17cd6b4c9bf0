# SPDX-License-Identifier: MIT
#
# For tests of other people's programs with keys of keyd; goes beyond
# harness.sh, which it reads.
. "$(dirname "${BASH_SOURCE[0]}")/harness.sh"

readonly OTHER_UID=61234    # what it may do is the test's choice
readonly STRANGER_UID=61235 # may open the socket, and no more

# What a principal of keyd's configuration looks like.
principal() { # UID PATTERN
	printf '  - { user: "%s", keys: ["%s"] }\n' "$1" "$2"
}

# Where nginx writes, as lines of its "http" block: only below $DEVICE.
nginx_places() {
	echo "access_log off;"
	printf '%s_temp_path %s/nginx/%s;\n' client_body "$DEVICE" body \
		fastcgi "$DEVICE" fastcgi proxy "$DEVICE" proxy \
		scgi "$DEVICE" scgi uwsgi "$DEVICE" uwsgi
}

key_create() { # ID PREFERRED-ALGORITHM [USAGE]
	local answer
	answer=$(keyd POST /keypair "{\"keyId\":\"$1\",
		\"preferredAlgorithms\":\"$2\", \"usage\":\"${3:-sign}\"}")
	assert_contains "$answer" '"keyHandle"' "creating key $1"
}

# A device and a keyd with the keys ec-key and rsa-key in a token; we may use
# both, and so may the other principals that are given.
device_with_keys() { # [PRINCIPAL]...
	device_create
	keyd_with_keys "$SOFTHSM_MODULE" "$@"
}

# The same in a device that is there, with a module of one's choice.
keyd_with_keys() { # MODULE [PRINCIPAL]...
	token_create
	keyd_configure "$1" "$(token_uri)" "${@:2}"
	daemon_start keyd
	key_create ec-key ec-p256
	key_create rsa-key rsa-2048
}

# How programs name a key.
uri_of() { echo "pkcs11:token=Signet;object=$1;type=private"; }

# OpenSSL with the engine, as conf/openssl-signet.cnf sets it up.
with_engine() { # COMMAND...
	OPENSSL_CONF=$SIGNET_BUILD/conf/openssl-signet.cnf "$@"
}

# Runs a command that must succeed; its output (both streams) is in $output.
accepted() { # COMMAND...
	output=$("$@" 2>&1) || fail "'$*' failed, saying: $output"
}

# A self-signed certificate for a key of keyd, valid for a client and for the
# server localhost: $DEVICE/LABEL.pem.
certificate_create() { # LABEL
	accepted with_engine openssl req -new -x509 -days 2 -subj "/CN=$1" \
		-addext subjectAltName=DNS:localhost \
		-engine pkcs11 -keyform engine -key "$(uri_of "$1")" \
		-out "$DEVICE/$1.pem"
}

# A port for a server that has to be told one; nobody else gets it meanwhile.
free_port() {
	port_keep 0 "port-$BASHPID"
	cat "$DEVICE/port-$BASHPID.kept"
}

# A TLS server with a key in a file that wants a client's certificate, namely
# that of one of the keys (of anyone, if there are none), and names it on its
# page. Its port is in $port.
server_start() { # VERSION [LABEL]...; e.g. tls1_3 web
	local options=() label
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
		-days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost \
		-keyout "$DEVICE/server.key" -out "$DEVICE/server.pem" 2>/dev/null
	for label in "${@:2}"; do
		certificate_create "$label"
		cat "$DEVICE/$label.pem" >>"$DEVICE/clients.pem"
		options=(-verify_return_error -CAfile "$DEVICE/clients.pem")
	done
	openssl s_server -accept 127.0.0.1:0 -www "-$1" -Verify 1 "${options[@]}" \
		-cert "$DEVICE/server.pem" -key "$DEVICE/server.key" \
		>"$DEVICE/server.log" 2>&1 &
	echo $! >"$DEVICE/server.pid"
	eventually 20 grep -q '^ACCEPT' "$DEVICE/server.log"
	port=$(sed -n 's/^ACCEPT .*:\([0-9]*\)$/\1/p' "$DEVICE/server.log" | head -n 1)
}

# The page of that server tells whose certificate it has seen.
assert_seen() { # PAGE LABEL
	grep -q "Subject: CN *= *$2" "$1" ||
		fail "the server has not seen the certificate of $2"
}

# Registers the module with p11-kit as the package does, but for programs with
# this HOME only, and with no other module beside it. p11-kit does not look into
# root's HOME: the programs must run as another uid.
p11_kit_register() {
	export HOME=$DEVICE/home
	unset XDG_CONFIG_HOME
	mkdir -p "$HOME/.config/pkcs11/modules"
	echo "user-config: only" >"$HOME/.config/pkcs11/pkcs11.conf"
	sed "s|^module: .*|module: $SIGNET_PKCS11_MODULE|" \
		"$SIGNET_BUILD/conf/signet.module" \
		>"$HOME/.config/pkcs11/modules/signet.module"
}

# An sshd for our own user on $port, with a host key in a file. It accepts the
# keys in $DEVICE/authorized, and writes down which one was shown.
sshd_start() {
	[ "$(id -u)" -ne 0 ] || mkdir -p -m 755 /run/sshd
	port=$(free_port)
	: >"$DEVICE/authorized"
	ssh-keygen -q -t ed25519 -N '' -f "$DEVICE/host_key"
	cat >"$DEVICE/sshd_config" <<CONF
ListenAddress 127.0.0.1:$port
HostKey $DEVICE/host_key
PidFile none
AuthorizedKeysFile $DEVICE/authorized
AuthenticationMethods publickey
PermitRootLogin yes
StrictModes no
UsePAM no
LogLevel VERBOSE
CONF
	/usr/sbin/sshd -D -e -f "$DEVICE/sshd_config" 2>"$DEVICE/sshd.log" &
	echo $! >"$DEVICE/sshd.pid"
	eventually 20 grep -q '^Server listening' "$DEVICE/sshd.log"
	printf '[127.0.0.1]:%s %s\n' "$port" "$(cat "$DEVICE/host_key.pub")" \
		>"$DEVICE/known_hosts"
}

# Each of five tries fails, and the quickest within three seconds: the machine may
# be busy with others.
assert_fails_soon() { # COMMAND...
	local try started took slow=()
	for try in {1..5}; do
		started=$EPOCHREALTIME
		! "$@" >/dev/null 2>&1 || fail "try $try of '$*' succeeded"
		took=$((${EPOCHREALTIME/./} - ${started/./}))
		((took < 3000000)) || slow+=("$took")
	done
	[ ${#slow[@]} -lt 5 ] || fail "tries of '$*' took ${slow[*]} microseconds"
}

# An agent that may load our module from the build tree.
agent_start() {
	export SSH_AUTH_SOCK=$DEVICE/agent.sock
	ssh-agent -D -a "$SSH_AUTH_SOCK" -P "$(dirname "$SIGNET_PKCS11_MODULE")/*" \
		>"$DEVICE/agent.log" 2>&1 &
	echo $! >"$DEVICE/agent.pid"
	eventually 20 test -S "$SSH_AUTH_SOCK"
}

# The CKA_ID of a key as pkcs11-tool wants it: it signs by id only.
id_of() { printf %s "$1" | od -An -v -tx1 | tr -d ' \n'; } # KEY-ID
