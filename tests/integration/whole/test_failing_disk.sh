#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Each write, fsync, rename and unlink of a daemon fails in turn, with ENOSPC and
# with EIO, and the daemon is killed in the place of each: afterwards there is the
# old state or the new, never a mixture.
#
#   test_failing_disk.sh DAEMON
readonly DAEMON=${1:?names the daemon}
. "$(dirname "$0")/../../support/harness.sh"
. "$(dirname "$0")/../../support/failing_disk.sh"

handle_of() { # KEY-ID
	keyd GET "/keypair/$1" | jq -r '.keyHandle // empty'
}

key_ids() {
	keyd GET /keys | jq -r '[.keys[] | select(.error == null) | .id] | sort | join(" ")'
}

signs() { # KEY-ID
	local digest
	digest=$(head -c 32 /dev/zero | base64)
	[ -n "$(keyd POST /sign "$(jq -nc --arg h "$(handle_of "$1")" --arg d "$digest" \
		'{keyHandle: $h, algorithm: "ECDSA", parameters: {digest: $d}}')" |
		jq -r '.signature // empty')" ]
}

keyd_device() {
	device_with_token
	mkdir -p "$SIGNET_STATE_DIR/log"
}

delete_all_keys() {
	local id
	for id in $(key_ids); do
		keyd DELETE /keypair "$(jq -nc --arg h "$(handle_of "$id")" '{keyHandle: $h}')" >/dev/null
	done
}

creating_a_key_leaves_all_or_nothing() {
	keyd_device
	prepare() { delete_all_keys; }
	operate() { keyd POST /keypair '{"keyId":"new","preferredAlgorithms":"ec-p256"}' >/dev/null; }
	examine() {
		local ids
		ids=$(key_ids)
		[ -z "$ids" ] || { [ "$ids" = new ] && signs new; }
	}
	with_each_failure
}

moving_a_key_leaves_it_under_one_name() {
	keyd_device
	prepare() {
		delete_all_keys
		keyd POST /keypair '{"keyId":"from","preferredAlgorithms":"ec-p256"}' >/dev/null
		keyd POST /keypair '{"keyId":"to","preferredAlgorithms":"ec-p256"}' >/dev/null
		point_of_from=$(keyd GET /keys/from | jq -r '.parameters["ec-point"]')
	}
	operate() { keyd POST /keypair/to '{"from":"from"}' >/dev/null; }
	examine() {
		local ids
		ids=$(key_ids)
		case $ids in
		"from to") signs from && signs to ;;
		to) signs to && [ "$point_of_from" = \
			"$(keyd GET /keys/to | jq -r '.parameters["ec-point"]')" ] ;;
		*) echo "# keys: '$ids'" >&2 && false ;;
		esac
	}
	with_each_failure
}

certd_request() { # METHOD PATH [JSON]
	curl -s --max-time 60 --unix-socket "$SIGNET_RUNTIME_DIR/certd.sock" -X "$1" \
		${3:+-H 'content-type: application/json' --data "$3"} \
		"http://certd.sock$2?api-version=2020-09-01"
}

replacing_a_certificate_leaves_the_old_or_the_new() {
	keyd_device
	# certd asks it whether a certificate fits a key of the same name.
	start_on_good_disk keyd
	mkdir -p "$SIGNET_CONFIG_DIR/certd"
	printf 'principals:\n  - user: "%s"\n    certs: ["*"]\n' "$(id -u)" \
		>"$SIGNET_CONFIG_DIR/certd/config.yaml"
	pki root
	pki device-identity old --issuer root
	pki device-identity new --issuer root
	put() { certd_request PUT /certificates/web "$(jq -nc --rawfile pem "$1" '{pem: $pem}')" >/dev/null; }
	prepare() {
		put "$(leaf_of old)"
		[ "$(stored)" = "$(cat "$(leaf_of old)")" ] || fail "cannot store a certificate"
	}
	operate() { put "$(leaf_of new)"; }
	stored() { certd_request GET /certificates/web | jq -r .pem; }
	examine() {
		local pem
		pem=$(stored)
		[ "$pem" = "$(cat "$(leaf_of old)")" ] || [ "$pem" = "$(cat "$(leaf_of new)")" ]
	}
	with_each_failure
}

# --- a renewal of certd, with a new key ---------------------------------------

certificate_now() { certd_get web | jq -r .pem; }
certd_get() { # ID
	curl -s --max-time 60 --unix-socket "$SIGNET_RUNTIME_DIR/certd.sock" \
		"http://certd.sock/certificates/$1?api-version=2026-12-01"
}
renew_web() { # prints the status
	curl -s --max-time 60 --unix-socket "$SIGNET_RUNTIME_DIR/certd.sock" -X POST \
		-o /dev/null -w '%{http_code}' \
		"http://certd.sock/certificates/web/renew?api-version=2026-12-01" || true
}

# What programs with PKCS#11 see.
object_now() {
	certd_get_objects | jq -r '.certificates[] | select(.id == "web").value' | base64 -d
}
certd_get_objects() {
	curl -s --max-time 60 --unix-socket "$SIGNET_RUNTIME_DIR/certd.sock" \
		"http://certd.sock/certificate-objects?api-version=2026-12-01"
}

# The key in place and the certificate in place belong together, for all who ask.
is_pair() {
	local key
	key=$(keyd GET /keys/web/public | jq -r .pem)
	[ "$key" = "$(certificate_now | openssl x509 -noout -pubkey 2>/dev/null)" ] &&
		[ "$key" = "$(object_now | openssl x509 -inform DER -noout -pubkey 2>/dev/null)" ]
}

# The journal says how far it has come; only the good disk has it for certain.
journal_wish() { jq -r .wish "$SIGNET_STATE_DIR"/certd/renewal/web-*.json; }
journal_stage() { jq -r .stage "$SIGNET_STATE_DIR"/certd/renewal/web-*.json; }
is_promised_or_renewed() { [ "$(journal_wish)" = wanted ] || is_renewed; }
is_renewed() { [ "$(certificate_now)" != "$old" ] && [ "$(journal_stage)" = idle ]; }
has_failed_or_is_renewed() { [ -f "$DEVICE/mark" ] || is_renewed; }

renewing_leaves_a_pair_and_goes_on() {
	keyd_device
	start_on_good_disk keyd
	mkdir -p "$SIGNET_CONFIG_DIR/certd"
	cat >"$SIGNET_CONFIG_DIR/certd/config.yaml" <<YAML
cert_issuance:
  local_ca: { cert: ca, pk: ca }
  certs:
    ca: { method: self_signed, profile: ca, common_name: ca }
    web: { method: local_ca, common_name: web, expiry_days: 20, renewal: { rotate_key: "true" } }
principals: [{ user: "$(id -u)", certs: ["*"] }]
YAML
	keyd POST /keypair '{"keyId":"ca","preferredAlgorithms":"ec-p256"}' >/dev/null
	start_on_good_disk certd
	curl -s --unix-socket "$SIGNET_RUNTIME_DIR/certd.sock" -X POST \
		"http://certd.sock/certificates/ca/renew?api-version=2026-12-01" >/dev/null
	stop_daemon
	# Whatever the last round has left undone, a good disk lets it be done.
	prepare() {
		old=$(certificate_now)
		renew_web >/dev/null
		eventually 60 is_renewed
		old=$(certificate_now)
	}
	operate() {
		answer=$(renew_web)
		eventually 60 has_failed_or_is_renewed
	}
	# One that was killed may be at it again, and be between both. What has
	# been promised is done, whatever failed and whoever was killed.
	examine() {
		case $answer in
		202) eventually 60 is_promised_or_renewed ;;
		000) [ -f "$DEVICE/mark" ] ;; # it was killed before it answered
		500) [ -f "$DEVICE/mark" ] && refusals=$((refusals + 1)) ;;
		*) echo "# the answer is $answer" >&2 && false ;;
		esac && eventually 30 is_pair
	}
	refusals=0
	with_each_failure
	[ "$refusals" -gt 0 ] || fail "it promised what it could not write down"
}

provisiond() { # METHOD PATH [CURL-OPTION]...
	call provisiond "$1" "$2" '{"type":"aziot"}' "${@:3}"
}
reprovision() { provisiond POST /identities/device/reprovision >/dev/null; }
registrations() { grep -c "^info: PUT .*/register' 202" "$DEVICE/cloud.log"; }
is_assigned() {
	[ "$(provisiond POST /identities/device | jq -r .spec.deviceId)" = dev1 ]
}
record=provisiond/device_info.json # below the folder of states
nothing_is_set_aside() { [ ! -e "$SIGNET_STATE_DIR/$record.corrupt" ]; }

# DPS is not asked for what a failure has spoilt: nothing is.
reprovisioning_leaves_an_assignment() {
	assigned_device
	prepare() { :; }
	operate() { reprovision; }
	take_note() { registered=$(registrations); }
	examine() {
		is_assigned && nothing_is_set_aside &&
			[ "$(registrations)" = "$registered" ]
	}
	with_each_failure
}

# The assignment that DPS has made void is there, or it is not.
a_refusal_leaves_an_assignment_or_none() {
	assigned_device
	enrollment() { cloud enroll "$1" --group-id line-7 >/dev/null; }
	prepare() {
		enrollment enable
		reprovision
		is_assigned || fail "the device is not assigned"
	}
	operate() {
		enrollment disable
		reprovision
	}
	examine() {
		if [ -e "$SIGNET_STATE_DIR/$record" ]; then
			is_assigned
		else
			wait_until_failed
		fi && nothing_is_set_aside
	}
	with_each_failure 2
}

# A device whose certificate certd issues, with its provisiond stopped.
issued_device() {
	device_create
	token_create
	pki root
	pki intermediate
	cloud_start --assign-rounds 0
	enroll_group "$DEVICE/pki/$ROOT"
	config_issued dev1 \
		"file://$DEVICE/pki/private/azure-iot-test-only.intermediate.key.pem"
	echo '  always_reprovision_on_startup: false' >>"$DEVICE/config.yaml"
	apply_and_start
	wait_until_provisioned
	service_end provisiond
}

device_certificate() { certd_get device-id | jq -r .pem; }
renewal_is_done() {
	[ "$(jq -r .stage "$SIGNET_STATE_DIR"/certd/renewal/deviceid-*.json)" = idle ] &&
		[ ! -e "$SIGNET_STATE_DIR/provisiond/device_info.next.json" ] && is_well
}
is_well() { [ "$(health provisiond)" = "ok: " ]; }

# Whichever certificate is in place, it has its assignment, though DPS does not
# answer any more.
a_renewal_that_is_cut_off_leaves_an_assignment() {
	issued_device
	# Each round takes a renewal: what fails is seen under sanitizers, what is
	# killed without. An fsync that fails is to it a write that does.
	! is_sanitized || local CALLS="write rename unlink"
	reasons() { # CALL NUMBER
		if ! is_sanitized; then
			echo KILL
		elif (($2 % 2)); then
			echo ENOSPC
		else
			echo EIO
		fi
	}
	# One that has met a DPS that does not answer would wait with the rest.
	prepare() {
		cloud fault clear >/dev/null
		rm -f "$DEVICE/mark" # of the last round
		if ! renewal_is_done; then
			stop_daemon
			start_on_good_disk provisiond
		fi
		eventually 60 renewal_is_done
		old=$(device_certificate)
	}
	operate() {
		call certd POST /certificates/device-id/renew >/dev/null
		has_failed_or_is_done() {
			[ -f "$DEVICE/mark" ] ||
				{ [ "$(device_certificate)" != "$old" ] && renewal_is_done; }
		}
		eventually 60 has_failed_or_is_done
	}
	take_note() { cloud fault 503 999 --on register >/dev/null; }
	examine() { eventually 20 is_well && is_assigned && nothing_is_set_aside; }
	with_each_failure 5
}

# It is set aside, and a new one takes its place.
a_damaged_assignment_is_replaced() {
	assigned_device
	prepare() {
		rm -f "$SIGNET_STATE_DIR/$record.corrupt"
		echo '{half' >"$SIGNET_STATE_DIR/$record"
	}
	operate() {
		has_failed_or_is_assigned() { [ -f "$DEVICE/mark" ] || is_provisioned; }
		eventually 60 has_failed_or_is_assigned
	}
	examine() {
		is_assigned && jq -e .hub "$SIGNET_STATE_DIR/$record" >/dev/null
	}
	with_each_failure
}

case $DAEMON in
keyd)
	run_tests_side_by_side creating_a_key_leaves_all_or_nothing \
		moving_a_key_leaves_it_under_one_name
	;;
certd)
	run_tests_side_by_side replacing_a_certificate_leaves_the_old_or_the_new \
		renewing_leaves_a_pair_and_goes_on
	;;
provisiond)
	run_tests_side_by_side reprovisioning_leaves_an_assignment \
		a_refusal_leaves_an_assignment_or_none \
		a_renewal_that_is_cut_off_leaves_an_assignment \
		a_damaged_assignment_is_replaced
	;;
*) fail "there is no test for '$DAEMON'" ;;
esac
