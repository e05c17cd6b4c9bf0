#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# signet-keyd on a token that fails: what it mends by itself, what it leaves
# alone, and whom it keeps waiting.
set -euo pipefail

keyd=${SIGNET_BUILD:?names the build}/bin/signet-keyd
faulty=$SIGNET_BUILD/tests/support/libfaulty_pkcs11.so
work=$(mktemp -d /tmp/kf.XXXXXX)
daemon=
failures=0

export SOFTHSM2_CONF=$work/softhsm2.conf
export SIGNET_RUNTIME_DIR=$work/run SIGNET_CONFIG_DIR=$work/etc
export SIGNET_STATE_DIR=$work/state
export FAULTY_MODULE=/usr/lib/softhsm/libsofthsm2.so
export FAULTY_ORDERS=$work/orders

finish() {
	stop
	rm -rf "$work"
}
trap finish EXIT

check() { # NAME EXPECTED ACTUAL
	if [ "$2" = "$3" ]; then
		echo "ok: $1"
	else
		echo "FAILED: $1: expected '$2', got '$3'"
		failures=$((failures + 1))
	fi
}

check_match() { # NAME PATTERN ACTUAL
	if [[ $3 == $2 ]]; then
		echo "ok: $1"
	else
		echo "FAILED: $1: '$3' does not match '$2'"
		failures=$((failures + 1))
	fi
}

start() {
	"$keyd" 2>>"$work/log" &
	daemon=$!
	for _ in {1..100}; do
		[ -S "$work/run/keyd.sock" ] && health >/dev/null && return
		sleep 0.1
	done
	echo "signet-keyd does not start:"
	cat "$work/log"
	exit 1
}

stop() {
	[ -n "$daemon" ] || return 0
	kill "$daemon"
	wait "$daemon" 2>/dev/null || true
	daemon=
}

call() { # METHOD PATH [BODY]; prints the body, then the status in a line
	curl -s -m 60 --unix-socket "$work/run/keyd.sock" -X "$1" \
		-H 'content-type: application/json' ${3:+--data-binary "$3"} \
		-w '\n%{http_code}' "http://keyd.sock$2?api-version=2026-12-01"
}

status_of() { # METHOD PATH [BODY]
	call "$@" | tail -1
}

health() {
	call GET /health | head -1 | jq -r '.status + ": " + .message'
}

sign() { # prints the status
	status_of POST /keys/a/sign '{"algorithm":"ES256",
		"digest":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="}'
}

order() { # NAME NUMBER
	echo "$2" >"$work/orders/$1"
}

revoke() { # NAME
	rm "$work/orders/$1"
}

calls() { # FUNCTION
	grep -cx "$1" "$work/orders/calls" || true
}

await() { # EXPECTED COMMAND...
	for _ in {1..100}; do
		[ "$("${@:2}")" = "$1" ] && return
		sleep 0.1
	done
	return 1
}

mkdir -p "$work"/{tokens,run,etc/keyd,state,orders}
echo "directories.tokendir = $work/tokens" >"$SOFTHSM2_CONF"
softhsm2-util --init-token --free --label device --so-pin 12345678 --pin 4321 \
	>/dev/null
echo 4321 >"$work/pin"
cat >"$work/etc/keyd/config.yaml" <<-EOF
	token:
	  module: $faulty
	  uri: "pkcs11:token=device?pin-source=file:$work/pin"
	principals: [{ user: "$(id -u)", keys: ["*"] }]
EOF

# --- one signature is one call -----------------------------------------------

start
status_of POST /keypair '{"keyId":"a"}' >/dev/null
sign >/dev/null
before="$(calls C_SignInit) $(calls C_Sign) $(calls C_FindObjectsInit)"
for _ in 1 2 3 4 5; do
	sign >/dev/null
done
check "five signatures are five C_SignInit, five C_Sign and no search" \
	"$((${before%% *} + 5)) 6 ${before##* }" \
	"$(calls C_SignInit) $(calls C_Sign) $(calls C_FindObjectsInit)"
check "there was one login" 1 "$(calls C_Login)"

# --- what mends itself -------------------------------------------------------

for fault in 0xb3 0x30 0x5 0x32 0xe0 0xb0 0x90 0x190 0x82 0x60; do
	order C_Sign.once $fault
	check "a signature survives a single $fault" 200 "$(sign)"
	order C_SignInit.once $fault
	check "also in C_SignInit" 200 "$(sign)"
done
check "the module was not restarted for that" 1 "$(calls C_Initialize)"
order C_GenerateKeyPair.once 0xb3
check "a key is made in spite of lost sessions" 200 \
	"$(status_of POST /keypair '{"keyId":"b"}')"

order C_Sign 0x30
check "a lasting fault is told" 503 "$(sign)"
check_match "with layer, name and advice" \
	"*token 'device'*CKR_DEVICE_ERROR*check that this user*503" \
	"$(call POST /keys/a/sign '{"algorithm":"ES256",
		"digest":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="}' |
		tr '\n' ' ')"
count=$(calls C_Sign)
for _ in {1..20}; do
	sign >/dev/null
done
check "and not tried at each request" yes \
	"$([ $(($(calls C_Sign) - count)) -lt 10 ] && echo yes)"
revoke C_Sign
check "it is over when it is over" 0 "$(await 200 sign && echo 0)"

order C_Sign 0x30
order C_OpenSession 0xe0
sign >/dev/null
sign >/dev/null
revoke C_Sign
before=$(calls C_Initialize)
sleep 2
sign >/dev/null
check "sessions that cannot be opened restart the module" yes \
	"$([ "$(calls C_Initialize)" -gt "$before" ] && echo yes)"
check_match "health tells" "degraded: token 'device': *CKR_TOKEN_NOT_PRESENT*" \
	"$(health)"
revoke C_OpenSession
check "it is over when it is over" 0 "$(await 200 sign && echo 0)"
check "health is well" "ok: " "$(health)"

# --- whom it keeps waiting ---------------------------------------------------

order C_GenerateKeyPair.sleep 3000
for id in c d e f g h; do
	status_of POST /keypair "{\"keyId\":\"$id\"}" >"$work/created.$id" &
done
await 200 sign
began=$(date +%s%N)
for _ in 1 2 3 4 5; do
	sign >/dev/null
done
took=$((($(date +%s%N) - began) / 1000000))
check "signing does not wait for six keys that are being made ($took ms)" yes \
	"$([ $took -lt 1500 ] && echo yes)"
check "nor does a key that exists" 200 \
	"$(status_of POST /keypair '{"keyId":"a"}')"
revoke C_GenerateKeyPair.sleep
for id in c d e f g h; do
	await 200 cat "$work/created.$id" || true
	check "key $id is made" 200 "$(cat "$work/created.$id")"
done

# --- deleting that fails ------------------------------------------------------

handle=$(call GET /keypair/c | head -1 | jq -r .keyHandle)
order C_DestroyObject 0xe2 # CKR_TOKEN_WRITE_PROTECTED
check "a key that cannot be destroyed is told" 503 \
	"$(status_of DELETE /keypair "{\"keyHandle\":\"$handle\"}")"
check "it is gone all the same" 400 "$(status_of GET /keypair/c)"
revoke C_DestroyObject
check "and is destroyed with the next change" 200 \
	"$(status_of POST /keypair '{"keyId":"i"}')"
check "for good" 0 "$(jq '.doomed | length' "$work/state/keyd/index.json")"
stop

# --- PINs ----------------------------------------------------------------------

order token-flags 0x20000 # CKF_USER_PIN_FINAL_TRY
: >"$work/orders/calls"
start
check_match "a token on the brink is not tried" \
	"degraded: token 'device' locks at the next wrong PIN*" "$(health)"
check "not even once" 0 "$(calls C_Login)"
stop
order token-flags 0x40000 # CKF_USER_PIN_LOCKED
start
check_match "a locked PIN is told" "degraded: *the PIN is locked*" "$(health)"
check "and not tried" 0 "$(calls C_Login)"
stop
revoke token-flags

: >"$work/orders/calls"
order C_Login 0xa4 # CKR_PIN_LOCKED
start
for _ in 1 2 3; do
	sign >/dev/null
done
check "a PIN that is refused is tried once" 1 "$(calls C_Login)"
check "and the module is not restarted for it" 1 "$(calls C_Initialize)"
stop

exit $((failures > 0))
