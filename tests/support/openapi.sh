# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# Calls of a daemon, held against its OpenAPI file. Source it behind harness.sh,
# then openapi_of DAEMON.

OPENAPI=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/openapi.py

openapi_of() { # DAEMON
	OPENAPI_DAEMON=$1
	OPENAPI_FILE=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../docs/openapi" && pwd)/$1.yaml
}

# Calls an operation and holds the answer against the file. What stands for the
# names in its path comes first, as {name}=VALUE, then a query; the body is in
# $body.
operation() { # METHOD PATH STATUS [{NAME}=VALUE] [?QUERY] [JSON]
	local method=$1 path=$2 status=$3 target=$2 actual
	shift 3
	if [[ ${1:-} == '{'*'}='* ]]; then
		target=${target/"${1%%=*}"/"${1#*=}"}
		shift
	fi
	if [[ ${1:-} == '?'* ]]; then
		target+=$1
		shift
	fi
	actual=$(call "$OPENAPI_DAEMON" "$method" "$target" "${1:-}" -o "$DEVICE/body" \
		-w '%{http_code}')
	body=$(cat "$DEVICE/body" 2>/dev/null || true)
	rm -f "$DEVICE/body"
	assert_equal "$status" "$actual" "$method $target: $body"
	printf %s "$body" | "$OPENAPI" "$OPENAPI_FILE" answer "$method" "$path" "$status" ||
		fail "$method $target: $body"
	echo "$method $path $status" >>"$DEVICE/called"
}

is_openapi() {
	"$OPENAPI" "$OPENAPI_FILE" check
}

# Fails unless each operation of the file was called.
assert_all_operations_called() {
	assert_equal "$("$OPENAPI" "$OPENAPI_FILE" operations | sort)" \
		"$(sort -u "$DEVICE/called")" "the calls that were made"
}
