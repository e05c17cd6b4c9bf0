#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# signet-cloud from the outside, as a device (curl with a client certificate)
# and as an administrator (a shared access signature made by openssl).
set -euo pipefail

cloud=${SIGNET_BUILD:?names the build}/bin/signet-cloud
work=$(mktemp -d /tmp/sc.XXXXXX)
servers=()
failures=0

finish() {
	for pid in "${servers[@]}"; do
		kill "$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
	done
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

# --- certificates ------------------------------------------------------------

key() { # NAME
	openssl ecparam -name prime256v1 -genkey -noout -out "$work/$1.key" 2>/dev/null
}

ca() { # NAME CN [ISSUER] [DAYS]
	certificate "$1" "$2" "${3:-}" "${4:-30}" \
		"basicConstraints=critical,CA:TRUE
keyUsage=critical,keyCertSign"
}

leaf() { # NAME CN [ISSUER] [DAYS]
	certificate "$1" "$2" "${3:-}" "${4:-30}" "extendedKeyUsage=clientAuth"
}

certificate() { # NAME CN ISSUER DAYS EXTENSIONS
	local sign=(-signkey "$work/$1.key")
	[ -z "$3" ] || sign=(-CA "$work/$3.pem" -CAkey "$work/$3.key" -CAcreateserial)
	[ -e "$work/$1.key" ] || key "$1"
	openssl req -new -key "$work/$1.key" -subj "/CN=$2" -out "$work/$1.csr"
	openssl x509 -req -in "$work/$1.csr" -out "$work/$1.pem" -days "$4" \
		-sha256 "${sign[@]}" \
		-extfile <(printf 'subjectKeyIdentifier=hash\n%s\n' "$5") 2>/dev/null
}

chain() { # LEAF CA...: the leaf's file gets its chain behind it
	local name
	cp "$work/$1.pem" "$work/$1-chain.pem"
	for name in "${@:2}"; do
		cat "$work/$name.pem" >>"$work/$1-chain.pem"
	done
}

# --- the server --------------------------------------------------------------

start() { # NAME OPTION...
	rm -f "$work/$1/cloud.json" # of a run that was killed
	"$cloud" serve --data "$work/$1" --port 0 "${@:2}" 2>"$work/$1.log" &
	servers+=($!)
	for _ in $(seq 300); do
		[ ! -e "$work/$1/cloud.json" ] || return 0
		kill -0 "${servers[-1]}" 2>/dev/null || break
		sleep 0.1
	done
	echo "FAILED: the server '$1' does not start"
	cat "$work/$1.log"
	exit 1
}

stop() { # the server that was started last
	kill "${servers[-1]}"
	wait "${servers[-1]}"
	unset 'servers[-1]'
}

use() { # NAME: of the server that the requests go to
	data=$work/$1
	url=$(jq -r .dps_url "$data/cloud.json")
	scope=$(jq -r .id_scope "$data/cloud.json")
}

request() { # CURL-ARGUMENT...: sets $status, $body; headers go to a file
	status=$(curl -sS --max-time 20 --cacert "$data/ca.pem" \
		-o "$work/body" -D "$work/headers" -w '%{http_code}' "$@" || echo "curl $?")
	body=$(cat "$work/body" 2>/dev/null || true)
	rm -f "$work/body"
}

header() { # NAME
	tr -d '\r' <"$work/headers" | sed -n "s/^$1: //Ip"
}

device() { # METHOD PATH CERTIFICATE KEY [CURL-ARGUMENT...]
	request -X "$1" "$url$2${2:+?api-version=2021-06-01}" \
		--cert "$work/$3" --key "$work/$4" "${@:5}"
}

register() { # ID CERTIFICATE KEY [CURL-ARGUMENT...]
	device PUT "/$scope/registrations/$1/register" "$2" "$3" \
		-H 'Content-Type: application/json' \
		-d "{\"registrationId\":\"$1\"}" "${@:4}"
}

# Registers and polls to the end; sets $state to "status deviceId hub rounds".
provision() { # ID CERTIFICATE KEY [CURL-ARGUMENT...]
	local operation rounds=0
	register "$@"
	state=$status
	[ "$status" = 202 ] || return 0
	operation=$(jq -r .operationId <<<"$body")
	while :; do
		# The SDKs send a body with this GET.
		device GET "/$scope/registrations/$1/operations/$operation" \
			"$2" "$3" -d '{}' "${@:4}"
		[ "$(jq -r .status <<<"$body")" = assigning ] || break
		rounds=$((rounds + 1))
		[ $rounds -lt 20 ] || break
	done
	state="$(jq -r '.status + " " + .registrationState.deviceId + " " +
		.registrationState.assignedHub' <<<"$body") $rounds"
}

telemetry() { # DEVICE CERTIFICATE KEY TEXT [CURL-ARGUMENT...]
	device POST "/devices/$1/messages/events" "$2" "$3" \
		--data-binary "$4" "${@:5}"
}

message() {
	jq -r '.message // .Message' <<<"$body"
}

# --- shared access signatures ------------------------------------------------

token() { # MEMBER-OF-CLOUD.JSON RESOURCE EXPIRY
	local connection policy secret signature
	connection=$(jq -r ".$1" "$data/cloud.json")
	policy=$(sed 's/.*SharedAccessKeyName=\([^;]*\);.*/\1/' <<<"$connection")
	secret=${connection#*SharedAccessKey=}
	signature=$(printf '%s\n%s' "$2" "$3" | openssl dgst -sha256 -mac HMAC \
		-macopt "hexkey:$(base64 -d <<<"$secret" | od -An -tx1 | tr -d ' \n')" \
		-binary | base64 -w0)
	printf 'SharedAccessSignature sr=%s&sig=%s&skn=%s&se=%s' "$2" \
		"$(jq -rn --arg s "$signature" '$s|@uri')" "$policy" "$3"
}

soon() {
	echo $(($(date +%s) + 600))
}

service() { # METHOD PATH [CURL-ARGUMENT...]: DPS
	request -X "$1" "$url$2?api-version=2021-10-01" \
		-H "Authorization: $(token service_connection_string "${url#https://}" "$(soon)")" \
		-H 'Content-Type: application/json; charset=utf-8' "${@:3}"
}

hub() { # METHOD PATH [CURL-ARGUMENT...]
	request -X "$1" "$url$2?api-version=2021-04-12" \
		-H "Authorization: $(token hub_connection_string localhost "$(soon)")" "${@:3}"
}

# --- certificates for all that follows ---------------------------------------

ca root 'plant root'
ca intermediate 'plant intermediate' root
ca rogue 'plant intermediate'
leaf dev1 dev-001 intermediate
chain dev1 intermediate
leaf wrong dev-999 intermediate
chain wrong intermediate
leaf fake dev-001 rogue
chain fake rogue
leaf old dev-old intermediate -1
chain old intermediate
leaf self1 ind-001
leaf self2 ind-001
leaf stranger stranger
leaf blocked blocked intermediate
chain blocked intermediate
openssl genrsa -out "$work/rsa.key" 2048 2>/dev/null
leaf rsa dev-rsa intermediate
chain rsa intermediate

start one
use one

# --- enrollment on the command line ------------------------------------------

"$cloud" enroll group --data "$data" --group-id Line-7 \
	--certificate "$work/root.pem" \
	--initial-twin '{"tags":{"site":"a"},"properties":{"desired":{"interval":5}}}' >/dev/null
"$cloud" enroll individual --data "$data" --certificate "$work/self1.pem" \
	--secondary "$work/self2.pem" --device-id pump-17 >/dev/null
"$cloud" enroll individual --data "$data" --certificate "$work/blocked.pem" \
	--disabled >/dev/null
check 'a second enrollment of the same id is refused' 1 "$(
	"$cloud" enroll individual --data "$data" \
		--certificate "$work/self1.pem" >/dev/null 2>&1 || echo $?
)"
check 'a wrong option is a usage error' 64 "$(
	"$cloud" enroll individual --colour red >/dev/null 2>&1 || echo $?
)"

# --- devices that may ---------------------------------------------------------

port=${url##*:}
for version in 1.2 1.3; do
	tls=(--tlsv$version --tls-max $version)
	provision dev-001 dev1-chain.pem dev1.key "${tls[@]}"
	check "a device of a group is assigned over TLS $version" \
		"assigned dev-001 localhost:$port 1" "$state"
	telemetry dev-001 dev1-chain.pem dev1.key "hello $version" "${tls[@]}"
	check "its telemetry is accepted over TLS $version" 204 "$status"
done
provision dev-rsa rsa-chain.pem rsa.key
check 'a device with an RSA key is assigned' \
	"assigned dev-rsa localhost:$port 1" "$state"
provision ind-001 self1.pem self1.key
check 'an individual enrollment is assigned' \
	"assigned pump-17 localhost:$port 1" "$state"
telemetry pump-17 self1.pem self1.key hi
check 'telemetry is accepted from the primary certificate' 204 "$status"
provision ind-001 self2.pem self2.key
check 'the secondary certificate is assigned too' \
	"assigned pump-17 localhost:$port 1" "$state"
telemetry pump-17 self2.pem self2.key hi -H 'Transfer-Encoding: chunked' \
	-H 'Content-Type:'
check 'chunked telemetry is accepted from the secondary certificate' 204 "$status"
provision DEV-001 dev1-chain.pem dev1.key
check 'a registration id in capitals is the same one' \
	"assigned dev-001 localhost:$port 1" "$state"

register dev-001 dev1-chain.pem dev1.key
check 'register answers 202' 202 "$status"
check 'register says when to come back' 1 "$(header Retry-After)"
check 'register answers JSON' 'application/json; charset=utf-8' \
	"$(header Content-Type)"
check 'register is assigning' assigning "$(jq -r .status <<<"$body")"
device GET "/$scope/registrations/dev-001/operations/5.none" dev1-chain.pem dev1.key
check 'an unknown operation is 404203' '404 404203' \
	"$status $(jq -r .errorCode <<<"$body")"
device POST "/$scope/registrations/ind-001" self1.pem self1.key -d '{}'
check 'a device looks its registration up' '200 pump-17' \
	"$status $(jq -r .deviceId <<<"$body")"

# --- devices that may not -----------------------------------------------------

refused() { # NAME PATTERN
	check "$1: 401002" '401 401002' "$status $(jq -r .errorCode <<<"$body")"
	check_match "$1: says why" "$2" "$(message)"
}

register dev-001 wrong-chain.pem wrong.key
refused 'wrong common name' "*'dev-999' is not the registration id 'dev-001'*"
register dev-001 fake-chain.pem fake.key
refused 'rogue CA of the same name' 'CA certificate not found.*'
register dev-old old-chain.pem old.key
refused 'expired leaf' "*'CN=dev-old' expired on 20*"
register dev-001 dev1.pem dev1.key
refused 'missing intermediate' \
	"CA certificate not found. The issuer 'CN=plant intermediate'*intermediate*"
register stranger stranger.pem stranger.key
refused 'not enrolled' 'CA certificate not found.'
register blocked blocked-chain.pem blocked.key
refused 'disabled individual before its enabled group' "*'blocked' is disabled.*"
register ind-001 stranger.pem stranger.key
refused 'individual enrollment of another certificate' '*neither the primary*'
request -X PUT "$url/$scope/registrations/dev-001/register?api-version=2021-06-01" -d '{}'
refused 'no certificate' '*no client certificate*'
device PUT /0ne00000002/registrations/dev-001/register dev1-chain.pem dev1.key -d '{}'
check 'a wrong ID scope is 404' 404 "$status"
request -X PUT "$url/$scope/registrations/dev-001/register" -d '{}'
check 'a missing api-version is 400001' '400 400001' \
	"$status $(jq -r .errorCode <<<"$body")"

telemetry dev-001 wrong-chain.pem wrong.key no
check 'telemetry with another certificate is refused' 401 "$status"
check_match 'it is told to register again' '*register again*' "$(message)"
telemetry nobody dev1-chain.pem dev1.key no
check 'telemetry of an unknown device is refused' 401 "$status"

"$cloud" enroll disable --data "$data" --group-id line-7
register dev-001 dev1-chain.pem dev1.key
refused 'disabled group' "*'line-7' is disabled.*"
"$cloud" enroll enable --data "$data" --group-id line-7

# --- the service API ----------------------------------------------------------

enrollment() { # ID CERTIFICATE
	jq -n --arg id "$1" --arg pem "$(cat "$work/$2")" '{registrationId: $id,
		attestation: {type: "x509", x509: {clientCertificates:
			{primary: {certificate: $pem}}}}}'
}

service PUT /enrollments/rest-1 -d "$(enrollment rest-1 stranger.pem)"
check 'an enrollment is created' 200 "$status"
record=$body
check 'its certificate is not shown' null \
	"$(jq -r '.attestation.x509.clientCertificates.primary.certificate' <<<"$record")"
check 'its thumbprint is' \
	"$(openssl x509 -in "$work/stranger.pem" -noout -fingerprint -sha256 |
		sed 's/.*=//; s/://g')" \
	"$(jq -r '.attestation.x509.clientCertificates.primary.info.sha256Thumbprint' <<<"$record")"
service PUT /enrollments/rest-1 -d "$record"
check 'it is not overwritten without If-Match' '409 409201' \
	"$status $(jq -r .errorCode <<<"$body")"
service PUT /enrollments/rest-1 -H 'If-Match: "stale"' -d "$record"
check 'a stale etag is refused' '412 412001' "$status $(jq -r .errorCode <<<"$body")"
service PUT /enrollments/rest-1 -H "If-Match: $(jq -r .etag <<<"$record")" \
	-d "$(jq '.deviceId = "renamed"' <<<"$record")"
check 'get, change, put keeps the certificate' '200 renamed' \
	"$status $(jq -r .deviceId <<<"$body")"
service GET /ENROLLMENTS/rest-1
check 'path words match in any case' 200 "$status"
service POST /enrollments/query -H 'x-ms-max-item-count: 2' -d '{"query":"SELECT * FROM enrollments"}'
check 'a query has pages' 2 "$(jq length <<<"$body")"
service POST /enrollments/query -H 'x-ms-max-item-count: 2' \
	-H "x-ms-continuation: $(header x-ms-continuation)" -d '{"query":"*"}'
check 'the last page has the rest' 1 "$(jq length <<<"$body")"
check 'and no continuation' '' "$(header x-ms-continuation)"
service PUT /enrollmentGroups/line-8 -d "$(enrollment x stranger.pem)"
check 'a group of a leaf is refused' '400 400004' "$status $(jq -r .errorCode <<<"$body")"
service GET /enrollmentGroups/line-7
check 'a group is shown' 200 "$status"
service POST /registrations/line-7/query
check 'the registrations of a group are listed' 'dev-001 dev-rsa' \
	"$(jq -r '[.[].registrationId] | join(" ")' <<<"$body")"
service GET /registrations/dev-rsa
check 'a registration is shown' 'assigned plant' "$(jq -r '.status + " " +
	(.x509.signingCertificateInfo.subjectName | sub("CN=(?<a>[a-z]*).*"; "\(.a)"))' <<<"$body")"
service DELETE /enrollments/rest-1
check 'an enrollment is deleted' '204 ' "$status $body"
service GET /enrollments/rest-1
check 'and gone' '404 404201' "$status $(jq -r .errorCode <<<"$body")"

authorized() { # HEADER-VALUE
	request "$url/enrollments/ind-001?api-version=2021-10-01" -H "Authorization: $1"
}
authorized "$(token service_connection_string "${url#https://}" 1000000000)"
check_match 'an expired signature is refused' '401 *expired*' "$status $(message)"
authorized "$(token service_connection_string other.example "$(soon)")"
check 'a signature for another host is refused' 401 "$status"
authorized "$(token hub_connection_string "${url#https://}" "$(soon)")"
check 'a signature by a policy of the hub is refused' 401 "$status"
request "$url/enrollments/ind-001?api-version=2021-10-01"
check 'no signature is refused' 401 "$status"

# --- the hub ------------------------------------------------------------------

hub GET /devices/dev-001
check 'the hub shows the device' "selfSigned $(openssl x509 -in "$work/dev1.pem" \
	-noout -fingerprint -sha256 | sed 's/.*=//; s/://g')" "$(jq -r '.authentication |
	.type + " " + .x509Thumbprint.primaryThumbprint' <<<"$body")"
hub GET /devices/
check 'the hub lists its devices, a slash before the query' 'dev-001 dev-rsa pump-17' \
	"$(jq -r '[.[].deviceId] | join(" ")' <<<"$body")"
hub GET /twins/dev-001
check 'the twin began as the enrollment says' 'a 5' \
	"$(jq -r '"\(.tags.site) \(.properties.desired.interval)"' <<<"$body")"
hub GET /devices/nobody
check_match 'an unknown device is DeviceNotFound' '404 ErrorCode:DeviceNotFound;*' \
	"$status $(message)"
check 'messages are kept with key and TLS version' \
	'hello 1.2 EC P-256 TLS1.2,hello 1.3 EC P-256 TLS1.3' \
	"$("$cloud" show --data "$data" messages -o json | jq -r '[.[] |
		select(.deviceId == "dev-001") | .body + " " + .keyAlgorithm +
		" " + .tlsVersion] | join(",")')"

# --- TLS ----------------------------------------------------------------------

for version in tls1_2 tls1_3; do
	# The pause lets tickets arrive that come after the handshake.
	handshake=$(sleep 0.5 | openssl s_client -connect "127.0.0.1:$port" \
		-CAfile "$data/ca.pem" -verify_ip 127.0.0.1 -$version 2>/dev/null || true)
	check_match "$version: the server's certificate is good for 127.0.0.1" \
		'*Verify return code: 0*' "$handshake"
	check_match "$version: no CA names are sent" \
		'*No client certificate CA names sent*' "$handshake"
	check "$version: no session tickets are sent" 0 \
		"$(grep -ci 'session ticket' <<<"$handshake" || true)"
done

# --- faults -------------------------------------------------------------------

fault() {
	"$cloud" fault --data "$data" "$@"
}
for name in 401 404 500; do
	fault "$name"
	register dev-001 dev1-chain.pem dev1.key
	check "fault $name" "$name" "$status"
done
fault 429 1 7
register dev-001 dev1-chain.pem dev1.key
check 'fault 429 has Retry-After' '429 7' "$status $(header Retry-After)"
fault --on telemetry 503 1
register dev-001 dev1-chain.pem dev1.key
check 'a fault on telemetry leaves register alone' 202 "$status"
telemetry dev-001 dev1-chain.pem dev1.key x
check 'and hits telemetry' 503 "$status"
fault drop
register dev-001 dev1-chain.pem dev1.key
check_match 'fault drop' '*curl *' "$status"
fault slow 1 4
provision dev-001 dev1-chain.pem dev1.key
check 'fault slow' "assigned dev-001 localhost:$port 4" "$state"
fault failed
provision dev-001 dev1-chain.pem dev1.key
check_match 'fault failed' 'failed*' "$state"
check 'it has a code' 400207 "$(jq -r .registrationState.errorCode <<<"$body")"

# --- two at once, restarts, switches ------------------------------------------

start two --disabled-answer 200 --etags lenient --hub hub.example --assign-rounds 3
use two
"$cloud" enroll individual --data "$data" --certificate "$work/self1.pem" >/dev/null
provision ind-001 self1.pem self1.key
check 'a second server has its own hub and rounds' 'assigned ind-001 hub.example 3' "$state"
"$cloud" enroll disable --data "$data" --registration-id ind-001
register ind-001 self1.pem self1.key
check 'a disabled device may be told by 200' '200 disabled' \
	"$status $(jq -r .registrationState.status <<<"$body")"
service PUT /enrollments/ind-001 -d "$(enrollment ind-001 self2.pem)"
check 'lenient etags let a PUT overwrite' 200 "$status"
check 'the first server knows nothing of it' 0 \
	"$("$cloud" show --data "$work/one" devices -o json | jq '[.[] | select(.deviceId == "ind-001")] | length')"
kill -9 "${servers[-1]}"
wait "${servers[-1]}" 2>/dev/null || true
unset 'servers[-1]'
start two
use two
provision ind-001 self2.pem self2.key
check_match 'an enrollment survives kill -9' 'assigned*' "$state"
stop
check 'an orderly end removes cloud.json' 0 "$([ -e "$data/cloud.json" ] && echo 1 || echo 0)"
use one
stop
check 'no sanitizer has complained' 0 \
	"$(cat "$work"/*.log | grep -c -e Sanitizer -e 'runtime error' || true)"

if [ $failures -gt 0 ]; then
	cat "$work/one.log"
	echo "$failures checks failed"
	exit 1
fi
