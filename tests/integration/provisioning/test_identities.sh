#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Identities of modules and local identities: provisiond with its real
# neighbours, and a hub that does not always answer.
. "$(dirname "$0")/../../support/harness.sh"
. "$(dirname "$0")/../../support/modules.sh"

readonly AGENT=2001   # a daemon
readonly MODULE=2002  # the principal 'web'
readonly READER=2003  # may act as the device
readonly STRANGER=2004
readonly LOCAL=2006 # the principal job

# A device with its certificate in files, and a token for the keys of modules.
prepare() { # [LINE]...; of the configuration
	device_of_group dev1
	configure "$@"
}

configure() { # [LINE]...; principals
	config_provision "file://$(chain_of dev1)" "file://$(key_of dev1)"
	printf 'token:\n  module: "%s"\n  uri: "%s"\n' \
		"$SOFTHSM_MODULE" "$(token_uri)" >>"$DEVICE/config.yaml"
	drop_in provisiond \
		"  - { user: \"$AGENT\", name: agent }" \
		"  - { user: \"$READER\", name: reader, identity: [device] }" "$@"
}

# What the operator adds to a daemon's configuration.
drop_in() { # DAEMON LINE...; principals
	mkdir -p "$SIGNET_CONFIG_DIR/$1/config.d"
	printf '%s\n' principals: "${@:2}" \
		>"$SIGNET_CONFIG_DIR/$1/config.d/test.yaml"
}

readonly WEB="  - { user: \"$MODULE\", name: web, identity: [module] }"

apply_again() {
	signetctl config apply --from "$DEVICE/config.yaml" >/dev/null
	signetctl system restart >/dev/null
}

kill_provisiond() {
	service_end provisiond KILL
	rm -f "$SIGNET_RUNTIME_DIR/provisiond.pid"
}

restart_provisiond() {
	service_end provisiond
	signetctl system start >/dev/null
}

# As edged calls; CALLER may be another uid. Sets $status and $body.
ask() { # METHOD PATH [JSON] [API-VERSION]
	local answer separator='?'
	[[ $2 != *'?'* ]] || separator='&'
	answer=$(${CALLER:+as_uid "$CALLER"} curl -s --max-time 600 \
		--unix-socket "$SIGNET_RUNTIME_DIR/provisiond.sock" -X "$1" \
		${3:+-H 'content-type: application/json' --data "$3"} \
		-w '\n%{http_code}' \
		"http://identityd.sock$2${separator}api-version=${4:-2020-09-01}")
	status=${answer##*$'\n'}
	body=${answer%$'\n'*}
}

assert_status() { # STATUS WHAT
	assert_equal "$1" "$status" "status of $2 ($body)"
}

make() { # MODULE
	ask POST /identities/modules "{\"type\":\"aziot\",\"moduleId\":\"$1\"}"
}

show() { ask GET "/identities/modules/$1?type=aziot"; } # MODULE
renew() { # MODULE
	ask PUT "/identities/modules/$1?type=aziot" \
		"{\"type\":\"aziot\",\"moduleId\":\"$1\"}"
}
remove() { ask DELETE "/identities/modules/$1?type=aziot"; } # MODULE

listed() {
	ask GET '/identities/modules?type=aziot'
	assert_status 200 "the list"
	assert_lacks "$body" auth "the list"
	jq -r '[.identities[].spec.moduleId] | join(" ")' <<<"$body"
}

an_agent_runs_its_modules() {
	local identity generation
	prepare
	apply_and_start
	export CALLER=$AGENT
	make m1
	assert_status 200 "the creation"
	assert_equal "aziot ${DPS_URL#https://} ${DPS_URL#https://} dev1 m1 sas" \
		"$(jq -r '[.type, .spec.hubName, .spec.gatewayHost, .spec.deviceId,
			.spec.moduleId, .spec.auth.type] | join(" ")' <<<"$body")" "the module"
	identity=$body
	generation=$(jq -r .spec.genId <<<"$identity")
	assert_equal 204 "$(send_as_module "$identity")" "its message"

	show m1
	assert_status 200 "the module"
	assert_equal "$generation" "$(jq -r .spec.genId <<<"$body")" "its generation"
	assert_equal 204 "$(send_as_module "$body")" "its message"
	make '$edge:2'
	assert_status 200 "a name with other characters"
	assert_equal '$edge:2 m1' "$(listed)" "the list"

	renew m1
	assert_status 200 "the update"
	assert_equal "$generation" "$(jq -r .spec.genId <<<"$body")" "its generation"
	remove m1
	assert_status 204 "the removal"
	remove m1
	assert_status 204 "the removal, said again"
	show m1
	assert_status 404 "a module that is gone"
	assert_equal '$edge:2' "$(listed)" "the list"
	make m1
	assert_status 200 "the creation"
	[ "$(jq -r .spec.genId <<<"$body")" != "$generation" ] ||
		fail "the module made anew has the old generation"
}

an_operator_manages_modules() {
	prepare
	apply_and_start
	assert_equal "no modules" "$(signetctl identity list)" "the list"
	assert_matches "$(signetctl identity create m1)" \
		"device       dev1
module       m1
generation   *
hub          localhost:*
via          localhost:*
proof        sas" "the module"
	assert_matches "$(signetctl identity list)" "*m1*dev1*localhost:*" "the list"
	assert_equal m1 "$(signetctl identity list -o json |
		jq -r '.identities[].spec.moduleId')" "the list for programs"
	assert_equal "$(signetctl identity show m1)" "$(signetctl identity update m1)" \
		"the module with new keys"
	assert_contains "$(signetctl identity show)" "certificate  device-id" "the device"
	refused signetctl identity show m2
	assert_contains "$output" "Module 'm2' of device 'dev1' is unknown" "why"
	assert_equal '{"deleted":"m1"}' "$(signetctl identity delete m1 -o json | jq -c .)" \
		"the removal"
	assert_equal "no modules" "$(signetctl identity list)" "the list"
}

# The keys in the hub are HMACs of the master key, as aziot derives them.
keys_of_modules_are_derived_as_aziot_derives_them() {
	local generation master pair
	prepare
	apply_and_start
	make m1
	assert_status 200 "the creation"
	generation=$(jq -r .spec.genId <<<"$body")
	master=$(call keyd GET /key/aziot_identityd_master_id | jq -r .keyHandle)
	for pair in primary secondary; do
		assert_equal "$(derived "$master" "m1:$generation:$pair")" \
			"$(hub_service GET /devices/dev1/modules/m1 |
				jq -r ".authentication.symmetricKey.${pair}Key")" "the $pair key"
	done
}

derived() { # HANDLE DATA; the HMAC by the key itself
	call keyd POST /sign "{\"keyHandle\":\"$1\",\"algorithm\":\"HMAC-SHA256\",
		\"parameters\":{\"message\":\"$(printf %s "$2" | base64 -w 0)\"}}" |
		jq -r .signature
}

each_caller_gets_what_it_is() {
	prepare "$WEB"
	apply_and_start
	eventually 60 hub_has web
	CALLER=$MODULE ask GET /identities/identity
	assert_status 200 "the module's own identity"
	assert_equal web "$(jq -r .spec.moduleId <<<"$body")" "its name"
	assert_equal 204 "$(CALLER=$MODULE send_as_module "$body")" "its message"
	assert_equal 401 "$(CALLER=$STRANGER send_as_module "$body")" \
		"a message by whom the handle is not for"
	CALLER=$MODULE show web
	assert_status 200 "the module by its name"
	CALLER=$MODULE show other
	assert_status 401 "another module"
	CALLER=$MODULE make other
	assert_status 401 "a creation by a module"
	CALLER=$MODULE ask POST /identities/device '{"type":"aziot"}'
	assert_status 401 "the device for a module"
	CALLER=$READER ask GET /identities/identity
	assert_equal null "$(jq -r .spec.moduleId <<<"$body")" "the device's identity"
	CALLER=$READER show web
	assert_status 401 "a module for a device reader"
	CALLER=$STRANGER ask GET /identities/identity
	assert_status 401 "a stranger"
	CALLER=$STRANGER ask GET /trust-bundle
	assert_status 200 "the trust bundle for a stranger"
	CALLER=$AGENT show web
	assert_status 200 "a module for the agent"
}

# What the configuration names is made, and what it names no more is removed;
# what others made stays.
modules_follow_the_principals_of_the_configuration() {
	prepare "$WEB"
	apply_and_start
	eventually 60 hub_has web
	make by-agent
	assert_status 200 "the creation"
	configure '  - { user: "2005", name: db, identity: [module] }'
	apply_again
	eventually 60 hub_has db
	eventually 60 hub_lacks web
	hub_has by-agent || fail "the agent's module has gone"
}

# Somebody has made a module of the name before: its keys are not ours.
a_principals_module_that_others_made_is_made_anew() {
	local before
	prepare
	apply_and_start
	wait_until_provisioned
	hub_service PUT /devices/dev1/modules/web -H 'content-type: application/json' \
		--data '{"deviceId":"dev1","moduleId":"web"}' >/dev/null
	before=$(hub_service GET /devices/dev1/modules/web | jq -r .generationId)
	make web
	assert_status 404 "the creation of what others made"
	assert_contains "$body" "already exists" "why"
	show web
	assert_status 200 "a module that others made"
	assert_equal "$before" "$(jq -r .spec.genId <<<"$body")" "its generation"
	make web
	assert_status 404 "the creation of what others made and we know of"
	renew web
	assert_status 200 "taking it over"
	assert_equal 204 "$(send_as_module "$body")" "its message"
	hub_service DELETE /devices/dev1/modules/web -H 'If-Match: *' >/dev/null
	hub_service PUT /devices/dev1/modules/web -H 'content-type: application/json' \
		--data '{"deviceId":"dev1","moduleId":"web"}' >/dev/null
	configure "$WEB"
	apply_again
	eventually 60 principal_can_send
}

principal_can_send() {
	CALLER=$MODULE ask GET /identities/identity
	[ "$(CALLER=$MODULE send_as_module "$body")" = 204 ]
}

# 401, 404 and 429 are not for waiting; whatever fails, what is known is told.
a_module_is_told_from_memory_while_the_hub_cannot_tell() {
	local fault generation
	prepare
	echo 'cloud_retries: 0' >"$SIGNET_CONFIG_DIR/provisiond/config.d/retries.yaml"
	apply_and_start
	make m1
	generation=$(jq -r .spec.genId <<<"$body")
	for fault in 401 404 429 500 503 drop; do
		cloud fault --on modules "$fault"
		show m1
		assert_status 200 "the module, hub: $fault"
		assert_equal "$generation" "$(jq -r .spec.genId <<<"$body")" "hub: $fault"
		cloud fault --on modules "$fault"
		make m2
		assert_status 404 "a creation, hub: $fault"
		make m2
		assert_status 200 "a creation, after hub: $fault"
		remove m2
		assert_status 204 "a removal"
	done
	a_creation_that_fails_makes_no_module_ours
	# But what the hub says that it does not have is forgotten.
	hub_service DELETE /devices/dev1/modules/m1 -H 'If-Match: *' >/dev/null
	show m1
	assert_status 404 "the module, when the hub denies it"
	cloud fault --on modules 503
	show m1
	assert_status 404 "the module, forgotten"
}

# One that others made is remembered, and told, as theirs.
a_creation_that_fails_makes_no_module_ours() {
	local fault
	hub_service PUT /devices/dev1/modules/theirs -H 'content-type: application/json' \
		--data '{"deviceId":"dev1","moduleId":"theirs"}' >/dev/null
	show theirs
	for fault in 404 503 drop; do
		cloud fault --on modules "$fault"
		make theirs
		assert_status 404 "a creation, hub: $fault"
		cloud fault --on modules "$fault"
		show theirs
		assert_status 200 "what others made, hub: $fault"
		make theirs
		assert_status 404 "a creation, after hub: $fault"
	done
}

# Started without the hub, the device and its modules are who they were.
starts_offline_from_its_memory() {
	prepare "$WEB"
	printf 'prefer_module_identity_cache: true\ncloud_retries: 0\n' \
		>"$SIGNET_CONFIG_DIR/provisiond/config.d/cache.yaml"
	apply_and_start
	eventually 60 hub_has web
	eventually 60 principal_can_send
	cloud_stop
	restart_provisiond
	CALLER=$MODULE ask GET /identities/identity
	assert_status 200 "the module, offline"
	assert_equal web "$(jq -r .spec.moduleId <<<"$body")" "its name"
	make m3
	assert_status 404 "a creation, offline"
}

# Whatever step a kill comes at, a repeated call succeeds, and the keys work.
a_module_is_whole_whenever_we_are_killed() {
	local pause
	prepare
	apply_and_start
	wait_until_provisioned
	for pause in 0 0.03 0.06 0.1 0.2; do
		make m1 &
		sleep "$pause"
		kill_provisiond
		wait $! || true
		signetctl system start >/dev/null
		make m1
		assert_status 200 "the creation after a kill"
		assert_equal 204 "$(send_as_module "$body")" "its message"
		remove m1
		assert_status 204 "the removal"
	done
}

# That is no reason to be without an identity, nor to take a configuration back.
what_the_hub_has_against_a_module_is_shown() {
	prepare "  - { user: \"$MODULE\", name: \"bad name\", identity: [module] }"
	apply_and_start
	is_shown() { [[ $(provisioning_status | jq -r .message) == "the modules are not in step with the hub: "* ]]; }
	eventually 60 is_shown
	assert_equal provisioned "$(provisioning_status | jq -r .status)" "the status"
	assert_equal "degraded true" \
		"$(call provisiond GET /health | jq -r '"\(.status) \(.passing)"')" "the health"
	refused signetctl system status
	assert_contains "$output" "not in step with the hub" "what an operator sees"
	configure "$WEB"
	apply_again
	is_settled() { [ "$(health provisiond)" = "ok: " ]; }
	eventually 60 is_settled
}

# A device whose principal 'job' has a local identity, by the CA of the device.
prepare_local() { # CLIENT-OR-SERVER [LINE]...; of localid
	prepare "  - { user: \"$LOCAL\", name: job, identity: [local], localid: { type: x509, attributes: $1 } }"
	cat >>"$DEVICE/config.yaml" <<YAML
cert_issuance:
  local_ca:
    cert: "file://$DEVICE/pki/$INTERMEDIATE"
    pk: "file://$DEVICE/pki/private/azure-iot-test-only.intermediate.key.pem"
  certs:
    job: { method: local_ca, expiry_days: 7 }
    m1: { method: local_ca, expiry_days: 7 }
YAML
	{
		printf 'hostname: gw1\nlocalid:\n  domain: factory\n'
		[ $# -lt 2 ] || printf '  %s\n' "${@:2}"
	} >"$SIGNET_CONFIG_DIR/provisiond/config.d/local.yaml"
	drop_in keyd "  - { user: \"$(id -u)\", keys: [job, m1, m2], rights: [use, manage] }"
	drop_in certd "  - { user: \"$(id -u)\", certs: [job, m1, m2] }"
	apply_and_start
	wait_until_provisioned
}

# Puts the certificate of the identity in $body into a file, and verifies it.
assert_local_certificate() { # NAME PURPOSE
	jq -r .spec.auth.certificate <<<"$body" >"$DEVICE/local.pem"
	openssl verify -CAfile "$DEVICE/pki/$ROOT" -untrusted "$DEVICE/pki/$INTERMEDIATE" \
		-purpose "$2" "$DEVICE/local.pem" >/dev/null ||
		fail "the certificate is not good for $2"
	assert_equal "subject=CN = $1" \
		"$(openssl x509 -in "$DEVICE/local.pem" -noout -subject)" "its name"
	assert_equal "$(date -u -d "$(openssl x509 -in "$DEVICE/local.pem" -noout -enddate |
		cut -d= -f2)" +%Y-%m-%dT%H:%M:%S+00:00)" \
		"$(jq -r .spec.auth.expiration <<<"$body")" "its end"
}

digest_signed_by() { # HANDLE; prints the status
	keyd_status POST /sign "{\"keyHandle\":\"$1\",\"algorithm\":\"ECDSA\",
		\"parameters\":{\"digest\":\"$(head -c 32 /dev/zero | base64)\"}}"
}

a_local_identity_keeps_its_key_in_the_token() {
	local handle
	prepare_local server
	CALLER=$LOCAL ask GET '/identities/modules/job?type=local'
	assert_status 200 "the local identity"
	assert_lacks "$body" privateKey "the identity"
	assert_local_certificate job.gw1.factory sslserver
	assert_contains "$(openssl x509 -in "$DEVICE/local.pem" -noout -ext subjectAltName)" \
		DNS:job.gw1.factory "its DNS name"
	handle=$(jq -r .spec.auth.keyHandle <<<"$body")
	assert_equal 200 "$(CALLER=$LOCAL digest_signed_by "$handle")" "a signature"
	assert_equal 401 "$(CALLER=$STRANGER digest_signed_by "$handle")" \
		"a signature by another"
	CALLER=$STRANGER ask GET '/identities/modules/job?type=local'
	assert_status 401 "the local identity for another"
	# An agent has one made for what is no principal, but not for the device.
	CALLER=$AGENT ask POST /identities/modules '{"type":"local","moduleId":"m1"}'
	assert_status 200 "a local identity for a module"
	assert_local_certificate m1.gw1.factory sslclient
	CALLER=$AGENT ask POST /identities/modules '{"type":"local","moduleId":"device-id"}'
	assert_status 400 "a local identity in the device's name"
	# Nor for one that certd is not told how to issue, which is certd's answer.
	CALLER=$AGENT ask POST /identities/modules '{"type":"local","moduleId":"m2"}'
	assert_status 404 "a local identity that nothing is configured for"
	assert_contains "$body" "certificate 'm2'" "the reason"
}

a_private_key_is_given_away_if_it_is_configured() {
	prepare_local client 'export_private_keys: true'
	CALLER=$LOCAL ask GET '/identities/modules/job?type=local'
	assert_status 200 "the local identity"
	assert_lacks "$body" keyHandle "the identity"
	assert_local_certificate job.gw1.factory sslclient
	jq -r .spec.auth.privateKey <<<"$body" >"$DEVICE/local.key"
	assert_equal "$(openssl pkey -in "$DEVICE/local.key" -pubout)" \
		"$(openssl x509 -in "$DEVICE/local.pem" -noout -pubkey)" "its public key"
	# aziot's programs get another one each time.
	CALLER=$LOCAL ask GET '/identities/modules/job?type=local'
	[ "$(jq -r .spec.auth.privateKey <<<"$body")" != "$(cat "$DEVICE/local.key")" ] ||
		fail "the same key again"
}

# What programs are to trust is certd's to say.
the_trust_bundle_is_certds() {
	prepare
	apply_and_start
	ask GET /trust-bundle
	assert_equal '{"certificate":""}' "$body" "the bundle, where there is none"
	printf 'preloaded_certs: { aziot-edged-trust-bundle: "file://%s" }\n' \
		"$DEVICE/pki/$ROOT" >>"$DEVICE/config.yaml"
	apply_again
	CALLER=$STRANGER ask GET /trust-bundle
	assert_equal "$(cat "$DEVICE/pki/$ROOT")" "$(jq -r .certificate <<<"$body")" "the bundle"
}

run_tests \
	an_agent_runs_its_modules \
	an_operator_manages_modules \
	keys_of_modules_are_derived_as_aziot_derives_them \
	each_caller_gets_what_it_is \
	modules_follow_the_principals_of_the_configuration \
	a_principals_module_that_others_made_is_made_anew \
	a_module_is_told_from_memory_while_the_hub_cannot_tell \
	starts_offline_from_its_memory \
	a_module_is_whole_whenever_we_are_killed \
	what_the_hub_has_against_a_module_is_shown \
	a_local_identity_keeps_its_key_in_the_token \
	a_private_key_is_given_away_if_it_is_configured \
	the_trust_bundle_is_certds
