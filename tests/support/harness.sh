# SPDX-License-Identifier: MIT
#
# For integration tests in bash: a device of one's own, and tests that are
# functions with a sentence as their name.
#
#   . "$(dirname "$0")/../support/harness.sh"
#   signs_with_a_key_in_the_token() { device_create; ...; }
#   run_tests signs_with_a_key_in_the_token
#
# Each test runs in a subshell, in a fresh $DEVICE that is taken down and
# removed behind it; its logs must not hold the PIN, and on failure they are
# shown. SIGNET_BUILD names the build to test.
set -euo pipefail

: "${SIGNET_BUILD:?names the build directory, e.g. build/dev}"
readonly PIN=tulip-648219 # no number, nor base64 or hexadecimal digits
readonly SOFTHSM_MODULE=/usr/lib/softhsm/libsofthsm2.so
TOOL_MODULE=$SOFTHSM_MODULE # of the token that tools look into
readonly SCOPE_ID=0ne00000001

export PATH=$SIGNET_BUILD/bin:$PATH:/usr/sbin # where users' PATH does not look
export SIGNET_PKCS11_MODULE=$SIGNET_BUILD/lib/libsignet-pkcs11.so

fail() {
	echo "FAILED: $*" >&2
	exit 1
}

assert_equal() { # EXPECTED ACTUAL WHAT
	[ "$1" = "$2" ] || fail "$3: expected '$1', got '$2'"
}

assert_contains() { # TEXT PART WHAT
	[[ $1 == *"$2"* ]] || fail "$3: expected '...$2...', got '$1'"
}

assert_lacks() { # TEXT PART WHAT
	[[ $1 != *"$2"* ]] || fail "$3: did not expect '...$2...' in '$1'"
}

assert_matches() { # TEXT PATTERN WHAT
	# shellcheck disable=SC2053
	[[ $1 == $2 ]] || fail "$3: expected '$2', got '$1'"
}

# Runs a command that must fail; its output (both streams) is in $output.
refused() { # COMMAND...
	if output=$("$@" 2>&1); then
		fail "'$*' succeeded, saying: $output"
	fi
}

# Tries a command until it succeeds, for at most SECONDS where there is nothing
# else to do, and three times as long where there is.
eventually() { # SECONDS COMMAND...
	local end=$((SECONDS + 3 * $1))
	shift
	until "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt "$end" ] || fail "not within the time: $*"
		sleep 0.1
	done
}

as_root() { # COMMAND...
	local prefix=()
	[ "$(id -u)" -eq 0 ] || prefix=(sudo -E env "PATH=$PATH")
	"${prefix[@]}" "$@"
}

# True if the programs under test are not as packaged.
is_sanitized() { grep -q '^SANITIZE:.*=.' "$SIGNET_BUILD/CMakeCache.txt"; }

# Runs a command as another uid that may open the sockets (their group is
# ours); really another uid, also when we are not root.
as_uid() { # UID COMMAND...
	local uid=$1
	shift
	as_root env "PATH=$PATH" setpriv --reuid "$uid" --regid "$uid" \
		--groups "$(id -g)" --inh-caps=-all "$@"
}

# --- a device ---------------------------------------------------------------

# A fresh device directory, with the environment that every program reads.
device_create() {
	DEVICE=$(mktemp -d "${SIGNET_TEST_FOLDER:-/tmp}/sg.XXXXXX")
	chmod 755 "$DEVICE"
	export DEVICE
	export SIGNET_RUNTIME_DIR=$DEVICE/run
	export SIGNET_CONFIG_DIR=$DEVICE/etc
	export SIGNET_STATE_DIR=$DEVICE/state
	export SOFTHSM2_CONF=$DEVICE/softhsm2.conf
	export SSL_CERT_FILE=$DEVICE/cloud/ca.pem
	mkdir -p "$DEVICE"/{run,etc,state,tokens,pki}
	chmod 755 "$DEVICE/run"
	printf 'directories.tokendir = %s\nobjectstore.backend = file\nlog.level = ERROR\n' \
		"$DEVICE/tokens" >"$SOFTHSM2_CONF"
	(umask 077 && echo "$PIN" >"$DEVICE/pin")
}

# A process and those that it has started; a shell and sudo start what is meant.
with_descendants() { # PID
	local child
	echo "$1"
	for child in $(pgrep -P "$1" || true); do
		with_descendants "$child"
	done
}

# Ends a process, be it a child of ours or a daemon of root's, and waits for it.
# One that is frozen goes on first: a SIGCONT that comes later can take away the
# SIGSTOP by which LeakSanitizer looks at a process that ends, which then hangs.
# What a broken pid file may hold, init or a whole group, is none of ours.
end() { # PID; none is none
	local pid
	[[ $1 =~ ^[0-9]+$ ]] && (($1 > 1)) && ! is_gone "$1" || return 0
	for pid in $(with_descendants "$1"); do
		as_root kill -CONT "$pid" 2>/dev/null || true
		as_root kill "$pid" 2>/dev/null || true
	done
	wait "$1" 2>/dev/null || eventually 20 is_gone "$1"
}

# Stops a process for a while. The signal alone says nothing of when it does.
freeze() { # PID
	kill -STOP "$1"
	eventually 20 is_frozen "$1"
}

is_frozen() { # PID
	[ -z "$(grep -h '^State:' "/proc/$1/task"/*/status | grep -v 'T (stopped)')" ]
}

is_gone() { [ ! -d "/proc/$1" ]; } # PID

# Those that signetctl has started, where one of others keeps it from stopping any.
daemons_end() {
	local daemon pid
	for daemon in keyd certd provisiond; do
		pid=$(cat "$SIGNET_RUNTIME_DIR/$daemon.pid" 2>/dev/null) || continue
		[[ $(readlink "/proc/$pid/exe") != */signet-$daemon ]] || (end "$pid") || true
	done
}

device_destroy() {
	[ -n "${DEVICE:-}" ] && [ -d "$DEVICE" ] || return 0
	local pid_file pid
	for pid_file in "$DEVICE"/*.pid; do
		[ -f "$pid_file" ] || continue
		pid=$(cat "$pid_file")
		end "$pid"
	done
	signetctl system stop >/dev/null 2>&1 || daemons_end
	rm -rf "$DEVICE" 2>/dev/null || as_root rm -rf "$DEVICE"
}

device_show_logs() {
	[ -n "${DEVICE:-}" ] || return 0
	local log
	for log in "$DEVICE"/state/log/*.log "$DEVICE"/*.log; do
		[ -f "$log" ] && sed "s|^|  ${log##*/}: |" "$log" | tail -n 25 >&2
	done
	return 0
}

# A SoftHSM token with our PIN.
token_create() { # [LABEL]
	softhsm2-util --init-token --free --label "${1:-device}" \
		--pin "$PIN" --so-pin "$PIN" >/dev/null
}

# What a configuration says of it, with the PIN's place.
token_uri() { echo "pkcs11:token=device?pin-source=file:$DEVICE/pin"; }

# A key pair made in the token by another program than ours.
token_key_create() { # LABEL ID [KEY-TYPE]
	pkcs11-tool --module "$TOOL_MODULE" --token-label device --login \
		--pin "$PIN" --keypairgen --key-type "${3:-EC:prime256v1}" \
		--label "$1" --id "$2" --usage-sign >/dev/null 2>&1
}

# The public half of a token's key as PEM.
token_key_public() { # LABEL
	pkcs11-tool --module "$TOOL_MODULE" --token-label device \
		--read-object --type pubkey --label "$1" 2>/dev/null |
		openssl pkey -pubin -inform DER
}

# --- certificates -----------------------------------------------------------

pki() { # TESTPKI-ARGUMENT...
	signetctl testpki "$@" --dir "$DEVICE/pki" >/dev/null
}

readonly ROOT=certs/azure-iot-test-only.root.ca.cert.pem
readonly INTERMEDIATE=certs/azure-iot-test-only.intermediate.cert.pem

leaf_of() { echo "$DEVICE/pki/certs/iot-edge-device-identity-$1.cert.pem"; }
chain_of() { echo "$DEVICE/pki/certs/iot-edge-device-identity-$1-full-chain.cert.pem"; }
key_of() { echo "$DEVICE/pki/private/iot-edge-device-identity-$1.key.pem"; }

# --- the cloud --------------------------------------------------------------

cloud_start() { # [SERVE-OPTION]...
	signet-cloud serve --data "$DEVICE/cloud" --port 0 --retry-after 1 \
		--cloud-json "$DEVICE/cloud.json" "$@" >"$DEVICE/cloud.log" 2>&1 &
	echo $! >"$DEVICE/cloud.pid"
	eventually 20 test -s "$DEVICE/cloud.json"
	DPS_URL=$(jq -r .dps_url "$DEVICE/cloud.json")
}

cloud_stop() {
	local pid
	pid=$(cat "$DEVICE/cloud.pid")
	kill "$pid"
	wait "$pid" || true
	rm -f "$DEVICE/cloud.pid" "$DEVICE/cloud.json"
	kill -0 "$(cat "$DEVICE/port.pid" 2>/dev/null)" 2>/dev/null || port_keep "${DPS_URL##*:}"
}

# The kernel gives nobody a port that is bound, though nobody listens: so the
# cloud's is free when it comes back. Which it is, is in NAME.kept.
port_keep() { # PORT|0 [NAME]
	local name=${2:-port}
	rm -f "$DEVICE/$name.kept"
	python3 -c 'if True:
		import os, socket, sys, time
		keeper = socket.socket()
		keeper.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
		keeper.bind(("127.0.0.1", int(sys.argv[1])))
		with open(sys.argv[2] + ".new", "w") as file:
			print(keeper.getsockname()[1], file=file)
		os.rename(sys.argv[2] + ".new", sys.argv[2])
		time.sleep(86400)' "$1" "$DEVICE/$name.kept" >"$DEVICE/port.log" 2>&1 &
	echo $! >"$DEVICE/$name.pid"
	eventually 20 port_is_settled "$name"
}

# Kept, or somebody has it already: who needs it again will say so.
port_is_settled() { [ -e "$DEVICE/$1.kept" ] || is_gone "$(cat "$DEVICE/$1.pid")"; } # NAME

cloud() { # COMMAND ARGUMENT...
	local command=$1
	shift
	signet-cloud "$command" "$@" --data "$DEVICE/cloud"
}

enroll_group() { # CA-CERTIFICATE
	cloud enroll group --group-id line-7 --certificate "$1" >/dev/null
}

enroll_individual() { # NAME
	cloud enroll individual --registration-id "$1" --certificate "$(leaf_of "$1")" >/dev/null
}

# A fresh device with a token and a PKI, whose root the cloud knows a group by; with
# a certificate for NAME in files, or one by the intermediate is still to be issued.
device_of_group() { # [NAME]
	device_create
	token_create
	pki root
	pki intermediate
	[ $# -eq 0 ] || pki device-identity "$1"
	cloud_start
	enroll_group "$DEVICE/pki/$ROOT"
}

# --- the daemons ------------------------------------------------------------

# The 1.1 file's provisioning section; registration_id only if given.
config_provision() { # IDENTITY-CERT-URI IDENTITY-PK-URI [REGISTRATION-ID]
	cat >"$DEVICE/config.yaml" <<YAML
provisioning:
  source: "dps"
  global_endpoint: "$DPS_URL"
  scope_id: "$SCOPE_ID"
  attestation:
    method: "x509"
${3:+    registration_id: "$3"
}    identity_cert: "$1"
    identity_pk: "$2"
YAML
}

# Ours: the identity certificate is issued by the local CA for a key in the
# token, which is that of SoftHSM or of TOKEN_MODULE, with MODULE_ARGS.
config_issued() { # REGISTRATION-ID CA-KEY-URI
	cat >"$DEVICE/config.yaml" <<YAML
token:
  module: "${TOKEN_MODULE:-$SOFTHSM_MODULE}"
${MODULE_ARGS:+  module_args: "$MODULE_ARGS"
}  uri: "pkcs11:token=device?pin-source=file:$DEVICE/pin"
cert_issuance:
  local_ca:
    cert: "file://$DEVICE/pki/$INTERMEDIATE"
    pk: "$2"
provisioning:
  source: "dps"
  global_endpoint: "$DPS_URL"
  scope_id: "$SCOPE_ID"
  attestation:
    method: "x509"
    registration_id: "$1"
    identity_cert:
      method: local_ca
      expiry_days: 30
YAML
}

apply_and_start() {
	signetctl config apply --from "$DEVICE/config.yaml" >/dev/null
	signetctl system start >/dev/null
}

provisioning_status() {
	curl -s --max-time 60 --unix-socket "$SIGNET_RUNTIME_DIR/provisiond.sock" \
		"http://provisiond.sock/identities/provisioning?api-version=2026-12-01"
}

is_provisioned() {
	[ "$(provisioning_status | jq -r .status)" = provisioned ]
}

wait_until_provisioned() {
	eventually 60 is_provisioned
}

# Waits for a failure and puts its sentence into $sentence.
wait_until_failed() {
	has_failed() { [ "$(provisioning_status | jq -r .status)" = failed ]; }
	eventually 60 has_failed
	sentence=$(provisioning_status | jq -r .message)
}

daemon_pid() { cat "$SIGNET_RUNTIME_DIR/$1.pid"; }

# Ends a daemon that signetctl has started, and waits until it is gone: before, a
# "system start" might take it for one that runs.
service_end() { # DAEMON [SIGNAL]
	local pid
	pid=$(daemon_pid "$1")
	kill "-${2:-TERM}" "$pid"
	eventually 20 is_gone "$pid"
}

# --- a daemon alone ---------------------------------------------------------

# keyd's own file: its token, all rights for us, and further lines. MODULE_ARGS
# is token.module_args.
keyd_configure() { # MODULE TOKEN-URI [LINE]...
	mkdir -p "$SIGNET_CONFIG_DIR/keyd"
	{
		printf 'token: { module: "%s", uri: "%s"%s }\n' "$1" "$2" \
			"${MODULE_ARGS:+, module_args: \"$MODULE_ARGS\"}"
		printf 'principals:\n  - { user: "%s", keys: ["*"], rights: [%s] }\n' \
			"$(id -u)" "use, export, manage"
		printf '%s\n' "${@:3}"
	} >"$SIGNET_CONFIG_DIR/keyd/config.yaml"
}

daemon_start() { # NAME
	"signet-$1" >>"$DEVICE/$1.log" 2>&1 &
	echo $! >"$DEVICE/$1.pid"
	eventually 20 call "$1" GET /health
}

# A daemon that leaks or that a sanitizer ends exits with another status.
daemon_stop() { # NAME
	local pid result=0
	pid=$(cat "$DEVICE/$1.pid")
	rm "$DEVICE/$1.pid"
	kill "$pid"
	wait "$pid" || result=$?
	assert_equal 0 $result "$1's exit status"
}

daemon_kill() { # NAME
	local pid
	pid=$(cat "$DEVICE/$1.pid")
	rm "$DEVICE/$1.pid"
	kill -KILL "$pid"
	wait "$pid" 2>/dev/null || true
}

# A device with a token of SoftHSM's and keyd's file. What LINE is made of is
# there before: $DEVICE is not.
device_with_token() { # [LINE]...
	device_create
	token_create
	keyd_configure "$SOFTHSM_MODULE" "$(token_uri)" "$@"
}

device_with_keyd() { # [LINE]...
	device_with_token "$@"
	daemon_start keyd
}

# A request by our api-version; prints the body. CALLER may be another uid.
call() { # DAEMON METHOD PATH [JSON] [CURL-OPTION]...
	local separator='?'
	[[ $3 != *'?'* ]] || separator='&'
	${CALLER:+as_uid "$CALLER"} curl -s --path-as-is --max-time 60 \
		--unix-socket "$SIGNET_RUNTIME_DIR/$1.sock" -X "$2" \
		${4:+-H 'content-type: application/json' --data "$4"} "${@:5}" \
		"http://$1.sock$3${separator}api-version=2026-12-01"
}

keyd() { # METHOD PATH [JSON]
	call keyd "$@"
}

keyd_status() { # METHOD PATH [JSON]
	call keyd "$1" "$2" "${3:-}" -o /dev/null -w '%{http_code}'
}

health() { # DAEMON; prints "status: message"
	call "$1" GET /health | jq -r '.status + ": " + .message'
}

is_healthy() { [ "$(health keyd)" = "ok: " ]; }

# --- running ----------------------------------------------------------------

# Nobody writes down the PIN, whatever happens.
assert_logs_lack_pin() {
	[ -d "${DEVICE:-}" ] || return 0
	assert_equal "" "$(grep -rlw --include='*.log' "$PIN" "$DEVICE" || true)" \
		"logs with the PIN"
}

run_one() { # FUNCTION
	(
		set -e
		trap 'status=$?; [ $status -eq 0 ] || device_show_logs; device_destroy' EXIT
		"$1"
		assert_logs_lack_pin
	)
}

run_tests() { # FUNCTION...
	local name failures=0
	for name in "$@"; do
		[[ $name == ${SIGNET_TEST_ONLY:-*} ]] || continue
		# Not in an if: that would disable set -e inside.
		set +e
		run_one "$name"
		local status=$?
		set -e
		if [ $status -eq 0 ]; then
			echo "ok - ${name//_/ }"
		else
			echo "not ok - ${name//_/ }"
			failures=$((failures + 1))
		fi
	done
	[ $failures -eq 0 ]
}

# The same for tests that wait more than they compute, all at once; what each
# has said comes when it has ended.
run_tests_side_by_side() { # FUNCTION...
	local name failures=0 said pids=()
	said=$(mktemp -d /tmp/sg-said.XXXXXX)
	for name in "$@"; do
		run_tests "$name" >"$said/$name" 2>&1 &
		pids+=($!)
	done
	for name in "$@"; do
		wait "${pids[0]}" || failures=$((failures + 1))
		pids=("${pids[@]:1}")
		cat "$said/$name"
	done
	rm -r "$said"
	[ $failures -eq 0 ]
}
