# SPDX-License-Identifier: MIT
#
# For tests of signet-cloud in bash, after harness.sh: a plant with its CAs and
# devices (by openssl, not by our own tools), and requests to a server as they
# make them (by curl) or as an administrator does.

# --- certificates ------------------------------------------------------------

key() { # NAME
	openssl ecparam -name prime256v1 -genkey -noout -out "$DEVICE/$1.key" 2>/dev/null
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
	local sign=(-signkey "$DEVICE/$1.key")
	[ -z "$3" ] || sign=(-CA "$DEVICE/$3.pem" -CAkey "$DEVICE/$3.key" -CAcreateserial)
	[ -e "$DEVICE/$1.key" ] || key "$1"
	openssl req -new -key "$DEVICE/$1.key" -subj "/CN=$2" -out "$DEVICE/$1.csr"
	openssl x509 -req -in "$DEVICE/$1.csr" -out "$DEVICE/$1.pem" -days "$4" \
		-sha256 "${sign[@]}" \
		-extfile <(printf 'subjectKeyIdentifier=hash\n%s\n' "$5") 2>/dev/null
}

chain() { # LEAF CA...: the leaf's file gets its chain behind it
	local name
	cp "$DEVICE/$1.pem" "$DEVICE/$1-chain.pem"
	for name in "${@:2}"; do
		cat "$DEVICE/$name.pem" >>"$DEVICE/$1-chain.pem"
	done
}

# What a client shows: the leaf with its chain behind it.
member() { # NAME CN [DAYS]; of the plant
	leaf "$1" "$2" intermediate "${3:-30}"
	chain "$1" intermediate
}

member_of_root() { # NAME CN; of a plant without an intermediate
	leaf "$1" "$2" root
	chain "$1" root
}

thumbprint() { # NAME
	openssl x509 -in "$DEVICE/$1.pem" -noout -fingerprint -sha256 |
		sed 's/.*=//; s/://g'
}

# --- the server --------------------------------------------------------------

# A server, and a plant with the device dev-001, whose group is enrolled.
plant() { # [SERVE-OPTION]...
	device_create
	ca root 'plant root'
	ca intermediate 'plant intermediate' root
	member dev1 dev-001
	start cloud "$@"
	use cloud
	cloud enroll group --group-id Line-7 --certificate "$DEVICE/root.pem" \
		--initial-twin '{"tags":{"site":"a"},
			"properties":{"desired":{"interval":5}}}' >/dev/null
}

# The individual enrollment ind-001 with two certificates, of device pump-17.
enroll_pump() {
	leaf self1 ind-001
	leaf self2 ind-001
	cloud enroll individual --certificate "$DEVICE/self1.pem" \
		--secondary "$DEVICE/self2.pem" --device-id pump-17 >/dev/null
}

enroll_blocked() {
	member blocked blocked
	cloud enroll individual --certificate "$DEVICE/blocked.pem" \
		--disabled >/dev/null
}

start() { # NAME OPTION...
	rm -f "$DEVICE/$1/cloud.json" # of a run that was killed
	signet-cloud serve --data "$DEVICE/$1" --port 0 "${@:2}" \
		>"$DEVICE/$1.log" 2>&1 &
	echo $! >"$DEVICE/$1.pid"
	eventually 30 test -e "$DEVICE/$1/cloud.json"
}

stop() { # NAME
	daemon_stop "$1"
	assert_equal 0 "$(grep -c -e Sanitizer -e 'runtime error' \
		"$DEVICE/$1.log" || true)" "complaints of a sanitizer"
}

use() { # NAME: of the server that the requests go to
	data=$DEVICE/$1
	url=$(jq -r .dps_url "$data/cloud.json")
	scope=$(jq -r .id_scope "$data/cloud.json")
	port=${url##*:}
}

request() { # CURL-ARGUMENT...: sets $status, $body; headers go to a file
	status=$(curl -sS --max-time 60 --cacert "$data/ca.pem" \
		-o "$DEVICE/body" -D "$DEVICE/headers" -w '%{http_code}' "$@" || echo "curl $?")
	body=$(cat "$DEVICE/body" 2>/dev/null || true)
	rm -f "$DEVICE/body"
}

header() { # NAME
	tr -d '\r' <"$DEVICE/headers" | sed -n "s/^$1: //Ip"
}

device() { # METHOD PATH CERTIFICATE KEY [CURL-ARGUMENT...]
	request -X "$1" "$url$2${2:+?api-version=2021-06-01}" \
		--cert "$DEVICE/$3" --key "$DEVICE/$4" "${@:5}"
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

assert_status() { # STATUS WHAT
	assert_equal "$1" "$status" "$2: $body"
}

assert_error() { # STATUS ERROR-CODE WHAT
	assert_equal "$1 $2" "$status $(jq -r .errorCode <<<"$body")" "$3"
}

assert_refused() { # PATTERN WHAT
	assert_error 401 401002 "$2"
	assert_matches "$(message)" "$1" "$2"
}

message() {
	jq -r '.message // .Message' <<<"$body"
}

# --- shared access signatures ------------------------------------------------

signature() { # MEMBER-OF-CLOUD.JSON RESOURCE EXPIRY
	local connection policy secret mac
	connection=$(jq -r ".$1" "$data/cloud.json")
	policy=$(sed 's/.*SharedAccessKeyName=\([^;]*\);.*/\1/' <<<"$connection")
	secret=${connection#*SharedAccessKey=}
	mac=$(printf '%s\n%s' "$2" "$3" | openssl dgst -sha256 -mac HMAC \
		-macopt "hexkey:$(base64 -d <<<"$secret" | od -An -tx1 | tr -d ' \n')" \
		-binary | base64 -w0)
	printf 'SharedAccessSignature sr=%s&sig=%s&skn=%s&se=%s' "$2" \
		"$(jq -rn --arg s "$mac" '$s|@uri')" "$policy" "$3"
}

soon() {
	echo $(($(date +%s) + 600))
}

authorized() { # HEADER-VALUE
	request "$url/enrollments/ind-001?api-version=2021-10-01" \
		-H "Authorization: $1"
}

service() { # METHOD PATH [CURL-ARGUMENT...]: DPS
	request -X "$1" "$url$2?api-version=2021-10-01" \
		-H "Authorization: $(signature service_connection_string "${url#https://}" "$(soon)")" \
		-H 'Content-Type: application/json; charset=utf-8' "${@:3}"
}

hub() { # METHOD PATH [CURL-ARGUMENT...]
	request -X "$1" "$url$2?api-version=2021-04-12" \
		-H "Authorization: $(signature hub_connection_string localhost "$(soon)")" "${@:3}"
}

enrollment() { # ID CERTIFICATE
	jq -n --arg id "$1" --rawfile pem "$DEVICE/$2.pem" '{registrationId: $id,
		attestation: {type: "x509", x509: {clientCertificates:
			{primary: {certificate: $pem}}}}}'
}
