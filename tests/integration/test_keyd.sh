#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# signet-keyd on a real SoftHSM token, over its socket.
set -euo pipefail

keyd=${SIGNET_BUILD:?names the build}/bin/signet-keyd
softhsm=/usr/lib/softhsm/libsofthsm2.so
spy=/usr/lib/x86_64-linux-gnu/pkcs11-spy.so
work=$(mktemp -d /tmp/kd.XXXXXX)
me=$(id -u)
principal=2001 # may use mine*
stranger=2002
daemon=
failures=0
as_root=()
[ "$me" -eq 0 ] || as_root=(sudo)

export SOFTHSM2_CONF=$work/softhsm2.conf
export SIGNET_RUNTIME_DIR=$work/run SIGNET_CONFIG_DIR=$work/etc
export SIGNET_STATE_DIR=$work/state

finish() {
	stop
	rm -rf "$work"
}
trap finish EXIT

# --- what is expected --------------------------------------------------------

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

# --- the daemon --------------------------------------------------------------

start() {
	"$keyd" 2>>"$work/log" &
	daemon=$!
	for _ in {1..100}; do
		[ -S "$work/run/keyd.sock" ] && call GET /health >/dev/null &&
			return
		sleep 0.1
	done
	echo "signet-keyd does not start:"
	cat "$work/log"
	exit 1
}

stop() { # [SIGNAL]
	[ -n "$daemon" ] || return 0
	kill "${1:--TERM}" "$daemon"
	wait "$daemon" 2>/dev/null || status=$?
	daemon=
}

restart() { # [SIGNAL]
	stop "${1:--TERM}"
	start
}

configure() { # the text of the configuration on stdin
	mkdir -p "$work/etc/keyd"
	cat >"$work/etc/keyd/config.yaml"
}

# --- requests ----------------------------------------------------------------

call() { # METHOD PATH [BODY]; prints the body, and puts the status into a file
	curl -s -m 60 --unix-socket "$work/run/keyd.sock" -X "$1" \
		-H 'content-type: application/json' ${3:+--data-binary "$3"} \
		-o "$work/body" -w '%{http_code}' \
		"http://keyd.sock$2?api-version=2026-12-01" >"$work/status" || return 1
	cat "$work/body"
	: >"$work/body"
}

status_of() { # METHOD PATH [BODY]
	call "$@" >/dev/null
	cat "$work/status"
}

call_as() { # UID METHOD PATH [BODY]
	local uid=$1
	shift
	"${as_root[@]}" setpriv --reuid "$uid" --clear-groups curl -s -m 60 \
		--unix-socket "$work/run/keyd.sock" -X "$1" \
		-H 'content-type: application/json' ${3:+--data-binary "$3"} \
		-w '\n%{http_code}' "http://keyd.sock$2?api-version=2026-12-01"
}

create() { # ID [PREFERRED]; prints the handle
	call POST /keypair "$(jq -n --arg id "$1" --arg preferred "${2:-*}" \
		'{keyId: $id, preferredAlgorithms: $preferred}')" |
		jq -r .keyHandle
}

message_of() { # METHOD PATH [BODY]
	call "$@" | jq -r .message
}

health() {
	call GET /health | jq -r '.status + ": " + .message'
}

# --- signatures --------------------------------------------------------------

public_key() { # ID; what the token itself says, as PEM
	pkcs11-tool --module $softhsm --token-label device --read-object \
		--type pubkey --label "$1" 2>/dev/null |
		openssl pkey -pubin -inform DER
}

digest() { # prints the base64 of the SHA-256 of the message
	openssl dgst -sha256 -binary "$work/message" | base64 -w0
}

verify_ec() { # NAME ID HANDLE
	call POST /sign "{\"keyHandle\":\"$3\",\"algorithm\":\"ECDSA\",
		\"parameters\":{\"digest\":\"$(digest)\"}}" |
		jq -r .signature | base64 -d >"$work/signature"
	public_key "$2" >"$work/public.pem"
	check "$1" "Verified OK" "$(openssl dgst -sha256 \
		-verify "$work/public.pem" -signature "$work/signature" \
		"$work/message" 2>&1)"
}

verify_rsa() { # NAME ID ALGORITHM [OPENSSL-OPTION...]
	call POST "/keys/$2/sign" \
		"{\"algorithm\":\"$3\",\"digest\":\"$(digest)\"}" |
		jq -r .signature | base64 -d >"$work/signature"
	public_key "$2" >"$work/public.pem"
	check "$1" "Verified OK" "$(openssl dgst -sha256 "${@:4}" \
		-verify "$work/public.pem" -signature "$work/signature" \
		"$work/message" 2>&1)"
}

# --- a token, and keys that others left --------------------------------------

mkdir -p "$work"/{tokens,run,etc,state}
chmod 755 "$work" "$work/run"
echo "directories.tokendir = $work/tokens" >"$SOFTHSM2_CONF"
echo "to be signed" >"$work/message"
printf '4321\n' >"$work/pin"
printf '0000\n' >"$work/wrong-pin"
new_token() { # LABEL
	softhsm2-util --init-token --free --label "$1" --so-pin 12345678 \
		--pin 4321 >/dev/null
}
tool() { # TOKEN ARGUMENT...
	pkcs11-tool --module $softhsm --token-label "$1" --login --pin 4321 \
		"${@:2}" >/dev/null 2>&1
}
new_token device
tool device --keypairgen --key-type EC:prime256v1 --label left-by-aziot
tool device --keypairgen --key-type EC:prime256v1 --label device-1 --id 01
openssl ecparam -name prime256v1 -genkey -noout -out "$work/old.pem"

# Two keys to which a tool gave one CKA_ID.
tool device --keypairgen --key-type EC:prime256v1 --label same-id-1 --id 07
tool device --keypairgen --key-type EC:prime256v1 --label same-id-2 --id 07

# A private key with a certificate instead of a public key.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -days 1 \
	-subj /CN=lonely -keyout "$work/lonely.key" -out "$work/lonely.pem" 2>/dev/null
tool device --write-object "$work/lonely.key" --type privkey --id 05 \
	--label lonely --usage-sign
openssl x509 -in "$work/lonely.pem" -outform DER -out "$work/lonely.der"
tool device --write-object "$work/lonely.der" --type cert --id 05 --label lonely

device="pkcs11:token=device"
configure <<-EOF
	token:
	  module: $softhsm
	  uri: "$device?pin-source=file:$work/pin"
	preloaded_keys:
	  old: "file://$work/old.pem"
	  web: "$device;object=device-1"
	  gone: "$device;object=device-id"
	  mine-gone: "$device;object=other"
	principals:
	  - { user: "$principal", keys: ["mine*"] }
	  - { user: "$me", keys: ["*"] }
EOF

# --- keys that keyd makes ----------------------------------------------------

start
ec=$(create ec1)
rsa=$(create rsa1 rsa-2048)
check_match "a handle is as aziot's" "sr=*&sig=*" "$ec"
verify_ec "an EC key signs" ec1 "$ec"
verify_rsa "an RSA key signs with PKCS #1" rsa1 RS256
verify_rsa "an RSA key signs with PSS" rsa1 PS256 \
	-sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest
check "a key that exists is not made again" \
	"$(public_key ec1)" "$(create ec1 >/dev/null; public_key ec1)"
check "sensitive and not extractable, says keyd" "true false" \
	"$(call GET /keys/ec1 | jq -r '"\(.sensitive) \(.extractable)"')"
objects=$(pkcs11-tool --module $softhsm --token-label device --login \
	--pin 4321 --list-objects --type privkey 2>/dev/null)
check_match "and so says the token" \
	"*label:*ec1*sensitive, always sensitive, never extractable*" "$objects"
check_match "the location has no PIN" "pkcs11:token=device;object=ec1" \
	"$(call GET /keys/ec1 | jq -r .location)"
check "the exponent" AQAB "$(call POST /parameters/rsa-exponent \
	"{\"keyHandle\":\"$rsa\"}" | jq -r .value)"
check "a digest longer than the order is truncated" 200 "$(status_of POST /sign \
	"{\"keyHandle\":\"$ec\",\"algorithm\":\"ECDSA\",
	\"parameters\":{\"digest\":\"$(head -c 64 /dev/zero | base64 -w0)\"}}")"
head -c 256 /dev/zero | tr '\0' '\1' >"$work/block"
call POST /encrypt "{\"keyHandle\":\"$rsa\",\"algorithm\":\"RSA-NO-PADDING\",
	\"plaintext\":\"$(base64 -w0 "$work/block")\"}" |
	jq -r .ciphertext | base64 -d >"$work/signature"
public_key rsa1 >"$work/public.pem"
check "RSA without padding is undone by the public key" \
	"$(sha256sum <"$work/block")" "$(openssl pkeyutl -verifyrecover -pubin \
		-inkey "$work/public.pem" -in "$work/signature" \
		-pkeyopt rsa_padding_mode:none | sha256sum)"

# --- keys that others made ---------------------------------------------------

check "a key of aziot's is found by its label" 200 \
	"$(status_of GET /keypair/left-by-aziot)"
check "and has a CKA_ID now" 40 "$(jq -r '.keys[] |
	select(.id == "left-by-aziot").cka_id | length' "$work/state/keyd/index.json")"
call POST /keys/lonely/sign "{\"algorithm\":\"ES256\",\"digest\":\"$(digest)\"}" |
	jq -r .signature | base64 -d >"$work/signature"
check "a key with only a certificate beside it signs" 64 \
	"$(stat -c %s "$work/signature")"
check "its public half is the certificate's" \
	"$(openssl x509 -in "$work/lonely.pem" -noout -pubkey |
		openssl pkey -pubin -outform DER | tail -c 64 | head -c 32 | base64 -w0)" \
	"$(call GET /keys/lonely | jq -r '.parameters."ec-point"' |
		base64 -d | tail -c 32 | base64 -w0)"
for id in same-id-1 same-id-2; do
	verify_ec "a key with the CKA_ID of another signs as itself" $id \
		"$(call GET /keypair/$id | jq -r .keyHandle)"
done
check "and is moved alone" 204 \
	"$(status_of POST /keypair/same-id-3 '{"from":"same-id-1"}')"
check "and deleted alone" "204 200" "$(status_of DELETE /keypair "{\"keyHandle\":
	\"$(call GET /keypair/same-id-3 | jq -r .keyHandle)\"}") $(
	status_of GET /keypair/same-id-2)"
verify_ec "the other one is whole" same-id-2 \
	"$(call GET /keypair/same-id-2 | jq -r .keyHandle)"
check "a file key" "file://$work/old.pem false true" "$(call GET /keys/old |
	jq -r '"\(.location) \(.sensitive) \(.extractable)"')"
check "a preloaded key of the token" "$device;object=device-1" \
	"$(call GET /keys/web | jq -r .location)"
check "it has no second id" 400 "$(status_of GET /keys/device-1)"
check_match "a near miss is named" \
	"*has no private key 'device-id'; it has: *'device-1'*" \
	"$(message_of GET /keys/gone)"
check_match "health tells" "degraded: preloaded key 'gone'*" "$(health)"
check_match "and so does the list" "*'device-1'*" \
	"$(call GET /keys | jq -r '.keys[] | select(.id == "gone").error')"
old=$(call GET /keypair/old | jq -r .keyHandle)
check "a preloaded key is not deleted" 400 \
	"$(status_of DELETE /keypair "{\"keyHandle\":\"$old\"}")"
check "nor moved" 400 "$(status_of POST /keypair/new '{"from":"old"}')"
check "nor replaced" 400 "$(status_of POST /keypair/old '{"from":"ec1"}')"
check "its file is there" yes "$([ -s "$work/old.pem" ] && echo yes)"

# --- moving and deleting -----------------------------------------------------

before=$(public_key ec1)
check "a key is moved" 204 "$(status_of POST /keypair/ec2 '{"from":"ec1"}')"
check "it is the same key" "$before" "$(public_key ec2)"
check "the old name is gone" 400 "$(status_of GET /keypair/ec1)"
check "the same again is no failure" 204 \
	"$(status_of POST /keypair/ec2 '{"from":"ec1"}')"
check "and loses nothing" "$before" "$(public_key ec2)"
check "a move onto itself is refused" 400 \
	"$(status_of POST /keypair/ec2 '{"from":"ec2"}')"
check "a move of nothing is refused" 400 \
	"$(status_of POST /keypair/none2 '{"from":"none1"}')"
create ec3 >/dev/null
third=$(public_key ec3)
check "a move replaces" 204 "$(status_of POST /keypair/ec2 '{"from":"ec3"}')"
check "by the key that was moved" "$third" "$(public_key ec2)"
check "of which there is one" 1 "$(pkcs11-tool --module $softhsm \
	--token-label device --list-objects --type pubkey 2>/dev/null |
	grep -c 'label: *ec2$')"
handle=$(call GET /keypair/ec2 | jq -r .keyHandle)
check "a key is deleted" 204 \
	"$(status_of DELETE /keypair "{\"keyHandle\":\"$handle\"}")"
check "and is gone" 400 "$(status_of GET /keypair/ec2)"
check "from the token too" "" "$(pkcs11-tool --module $softhsm --token-label \
	device --login --pin 4321 --list-objects 2>/dev/null | grep 'label: *ec2$' || true)"
check "deleting again is no failure" 204 \
	"$(status_of DELETE /keypair "{\"keyHandle\":\"$handle\"}")"
check "nothing is left to be done" 0 \
	"$(jq '.doomed | length' "$work/state/keyd/index.json")"

# --- other uids --------------------------------------------------------------

chmod 777 "$work/run/keyd.sock"
check "a stranger sees no key" '{"keys":[]}
200' "$(call_as $stranger GET /keys)"
check "nor the name of one in what is wrong" "0 0" "$(
	call_as $stranger GET /health | grep -c -e gone -e device-1) $(
	call_as $principal GET /health | grep -c -e gone -e device-1)"
check_match "who may use a key learns about that one" \
	"*has no private key 'other'\",*400" "$(call_as $principal GET /keys/mine-gone)"
check_match "and may not use one, not even with a handle" "*401" \
	"$(call_as $stranger POST /parameters/algorithm "{\"keyHandle\":\"$rsa\"}")"
check_match "a principal makes its own" "*keyHandle*200" \
	"$(call_as $principal POST /keypair '{"keyId":"mine1"}')"
check_match "sees its own only" '{"keys":?{"id":"mine-gone"*},{"id":"mine1"*}]}*200' \
	"$(call_as $principal GET /keys)"
check_match "and may not use another's" "*401" \
	"$(call_as $principal GET /keypair/rsa1)"
check_match "the reserved id is nobody's" "401" \
	"$(status_of POST /keypair '{"keyId":"handle-validation-key"}')"

# --- ends --------------------------------------------------------------------

restart -KILL
check "a handle outlives kill -9" AQAB "$(call POST /parameters/rsa-exponent \
	"{\"keyHandle\":\"$rsa\"}" | jq -r .value)"
verify_rsa "and so does the key" rsa1 RS256
check "two keyds do not share a socket" 1 \
	"$("$keyd" 2>/dev/null && echo 0 || echo 1)"
status=0
stop
check "SIGTERM is an orderly end" 0 "$status"

# --- a wrong PIN -------------------------------------------------------------

configure <<-EOF
	token:
	  module: $spy
	  uri: "$device?pin-source=file:$work/wrong-pin"
	principals: [{ user: "$me", keys: ["*"] }]
EOF
export PKCS11SPY=$softhsm PKCS11SPY_OUTPUT=$work/spy
start
check_match "a wrong PIN is named" \
	"*token 'device': C_Login: CKR_PIN_INCORRECT (correct the PIN)*" \
	"$(tail -2 "$work/log")"
for _ in 1 2 3; do
	check "requests are refused" 503 "$(status_of GET /keypair/rsa1)"
done
check_match "health tells" "degraded: *refused the PIN*" "$(health)"
check "it was tried once" 1 "$(grep -c 'C_Login$' "$work/spy")"
cp "$work/pin" "$work/wrong-pin"
check "another PIN is tried at once" 200 "$(status_of GET /keypair/rsa1)"
check "also once" 2 "$(grep -c 'C_Login$' "$work/spy")"
stop
unset PKCS11SPY PKCS11SPY_OUTPUT

# --- what is not there yet ---------------------------------------------------

configure <<-EOF
	token: { module: $softhsm, uri: "pkcs11:token=later?pin-source=file:$work/pin" }
	principals: [{ user: "$me", keys: ["*"] }]
EOF
start
check_match "a token that is not there is named, and those that are" \
	"degraded: no token matches 'pkcs11:token=later'; there are: 'device'*" \
	"$(health)"
check "requests are refused" 503 "$(status_of POST /keypair '{"keyId":"a"}')"
new_token later
for _ in {1..40}; do
	[ "$(health)" = "ok: " ] && break
	sleep 0.5
done
check "it is found when it comes" 200 \
	"$(status_of POST /keypair '{"keyId":"a"}')"
stop

configure <<-EOF
	token: { module: $softhsm, uri: "$device?pin-source=file:$work/no-pin" }
	principals: [{ user: "$me", keys: ["*"] }]
EOF
start
check_match "a PIN file that is not there is named" \
	"degraded: token 'device': cannot read the PIN*$work/no-pin*" "$(health)"
stop

configure <<-EOF
	token: { module: $softhsm, uri: "$device" }
	principals: [{ user: "$me", keys: ["*"] }]
EOF
start
check "a PIN that is nowhere is missed" \
	"degraded: token 'device' needs a PIN; add pin-source to token.uri" "$(health)"
check "and the keys are not denied" 503 "$(status_of GET /keypair/rsa1)"
stop

configure <<-EOF
	token: { module: $softhsm, uri: "$device;object=a?pin-source=file:$work/pin" }
EOF
start
check "a token's URI names no object" \
	"degraded: token.uri: the URI must name a token, and no object in it" \
	"$(health)"
stop

configure <<-EOF
	token: { module: /nonexistent.so, uri: "$device" }
	principals: [{ user: "$me", keys: ["*"] }]
EOF
start
check_match "a module that is not there is named" \
	"degraded: cannot load PKCS#11 module '/nonexistent.so'*" "$(health)"
stop

configure <<-EOF
	tokn: {}
EOF
start
check_match "a mistake in the configuration is named" \
	"degraded: $work/etc/keyd/config.yaml:1:1: *token*" "$(health)"
check "requests are refused" 503 "$(status_of GET /keys)"
stop

check "no PIN is in the log" "" "$(grep -w 4321 "$work/log" || true)"
exit $((failures > 0))
