# SPDX-License-Identifier: MIT
#
# For scripts about identities of modules, on harness.sh: what the hub says of them.

# What the hub itself has, asked as who administers it.
hub_modules_of_device() {
	hub_service GET /devices/dev1/modules | jq -r '[.[].moduleId] | join(" ")'
}

hub_service() { # METHOD PATH [CURL-OPTION]...
	local connection host key name expires signature
	connection=$(jq -r .hub_connection_string "$DEVICE/cloud.json")
	host=$(sed 's/.*HostName=\([^;]*\).*/\1/' <<<"$connection")
	name=$(sed 's/.*SharedAccessKeyName=\([^;]*\).*/\1/' <<<"$connection")
	key=$(sed 's/.*SharedAccessKey=//' <<<"$connection" | base64 -d | xxd -p -c 99)
	expires=$(($(date +%s) + 600))
	signature=$(printf '%s\n%s' "$host" "$expires" |
		openssl dgst -sha256 -mac HMAC -macopt "hexkey:$key" -binary |
		base64 | jq -sRr 'rtrimstr("\n") | @uri')
	curl -s --max-time 60 --cacert "$SSL_CERT_FILE" -X "$1" "${@:3}" \
		-H "Authorization: SharedAccessSignature sr=$host&sig=$signature&se=$expires&skn=$name" \
		"$DPS_URL$2?api-version=2021-04-12"
}

# A message with a signature that keyd makes with the handle of an identity.
send_as_module() { # IDENTITY; prints the status
	local hub device module handle resource expires message signature
	hub=$(jq -r .spec.hubName <<<"$1")
	device=$(jq -r .spec.deviceId <<<"$1")
	module=$(jq -r .spec.moduleId <<<"$1")
	handle=$(jq -r .spec.auth.keyHandle <<<"$1")
	resource=$(jq -rn --arg r "$hub/devices/$device/modules/$module" '$r | @uri')
	expires=$(($(date +%s) + 600))
	message=$(printf '%s\n%s' "$resource" "$expires" | base64 -w 0)
	signature=$(call keyd POST /sign "{\"keyHandle\":\"$handle\",
		\"algorithm\":\"HMAC-SHA256\",\"parameters\":{\"message\":\"$message\"}}" |
		jq -r '.signature // "none" | @uri')
	curl -s --max-time 60 --cacert "$SSL_CERT_FILE" -X POST --data hello \
		-o /dev/null -w '%{http_code}' \
		-H "Authorization: SharedAccessSignature sr=$resource&sig=$signature&se=$expires" \
		"$DPS_URL/devices/$device/modules/$module/messages/events?api-version=2021-04-12"
}

# --- tests --------------------------------------------------------------------

hub_has() { [[ " $(hub_modules_of_device) " == *" $1 "* ]]; }
hub_lacks() { ! hub_has "$1"; }
