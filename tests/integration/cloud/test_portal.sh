#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# signet-cloud's portal in headless Chromium: tests/portal says what is done
# there. Pictures of it are left in $SIGNET_BUILD/screenshots.
#
#   test_portal.sh [walks] [guards]       default: both
. "$(dirname "$0")/../../support/harness.sh"
. "$(dirname "$0")/../../support/plant.sh"

pages=$(cd "$(dirname "$0")/../../portal" && pwd)

# A server that the browser trusts as devices do, by its CA certificate.
portal() { # [SERVE-OPTION]...
	device_create
	start cloud "$@"
	use cloud
	export HOME=$DEVICE/home
	export CLOUD_JSON=$data/cloud.json
	export SCREENSHOTS=$SIGNET_BUILD/screenshots
	mkdir -p "$HOME/.pki/nssdb"
	certutil -N --empty-password -d "sql:$HOME/.pki/nssdb"
	certutil -A -d "sql:$HOME/.pki/nssdb" -n signet-cloud -t C,, \
		-i "$data/ca.pem"
}

# What serve prints for those who sign in.
assert_prints() { # NAME VALUE
	eventually 20 grep -qE "^$1: +$2\$" "$DEVICE/cloud.log"
}

# Each of the files says what it proves.
walks() {
	portal
	assert_prints portal "$(jq -r .portal_url "$CLOUD_JSON")"
	assert_prints token "$(jq -r .admin_token "$CLOUD_JSON")"
	(cd "$pages" && node walks.js) || fail "walks.js"
	stop cloud
}

guards() {
	portal
	(cd "$pages" && node guards.js) || fail "guards.js"
	stop cloud
}

[ $# -gt 0 ] || set -- walks guards
run_tests "$@"
