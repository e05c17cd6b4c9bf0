#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Modules are at the hub, and what provisiond knows of them is on the disk: wherever
# a change of one is cut off, it is whole or it is gone, and who asks again finishes
# it.
readonly DAEMON=provisiond
. "$(dirname "$0")/../../support/harness.sh"
. "$(dirname "$0")/../../support/failing_disk.sh"
. "$(dirname "$0")/../../support/modules.sh"

module() { # METHOD [MODULE]
	curl -s --max-time 60 --unix-socket "$SIGNET_RUNTIME_DIR/provisiond.sock" \
		-X "$1" -H 'content-type: application/json' \
		--data '{"type":"aziot","moduleId":"m1"}' \
		"http://provisiond.sock/identities/modules${2:+/$2}?type=aziot&api-version=2020-09-01"
}

# The hub takes what is signed with the key that its identity names.
works() { # MODULE
	local identity
	identity=$(module GET "$1")
	[ "$(jq -r .spec.moduleId <<<"$identity")" = "$1" ] &&
		[ "$(send_as_module "$identity")" = 204 ]
}

record_of() { # MODULE
	cat "$SIGNET_STATE_DIR"/provisiond/modules/*/"$1"-*.json
}
is_ours() { [ "$(record_of "$1" | jq -r .state)" = ours ]; } # MODULE
is_forgotten() { ! record_of "$1" >/dev/null 2>&1; }         # MODULE
is_gone_entirely() { hub_lacks "$1" && is_forgotten "$1"; }   # MODULE
is_whole() { works "$1" && is_ours "$1"; }                    # MODULE

# It is whole, or it was begun, and who asks again finishes it.
making_a_module_leaves_it_whole_or_to_be_finished() {
	assigned_device
	prepare() { [ -z "$(module DELETE m1)" ] || fail "cannot remove the module"; }
	operate() { module POST >/dev/null; }
	examine() {
		[ "$(module POST | jq -r .spec.moduleId)" = m1 ] && is_whole m1
	}
	with_each_failure
}

updating_a_module_leaves_it_whole() {
	assigned_device
	prepare() { [ "$(module POST | jq -r .spec.moduleId)" = m1 ] && is_whole m1; }
	operate() { module PUT m1 >/dev/null; }
	examine() {
		is_whole m1 && [ "$(module PUT m1 | jq -r .spec.moduleId)" = m1 ] &&
			is_whole m1
	}
	# The walk over making one has the rest.
	! is_sanitized || CALLS="write fsync"
	with_each_failure 3
}

deleting_a_module_leaves_it_whole_or_gone() {
	assigned_device
	prepare() { [ "$(module POST | jq -r .spec.moduleId)" = m1 ] && is_whole m1; }
	operate() { module DELETE m1 >/dev/null; }
	examine() {
		if hub_has m1; then works m1; else ! works m1; fi &&
			[ -z "$(module DELETE m1)" ] && is_gone_entirely m1
	}
	CALLS="fsync unlink"
	with_each_failure 2
}

# --- those of the configuration's principals, at the start ---------------------------

principals() { # LIST
	echo "principals: [$1]" >"$SIGNET_CONFIG_DIR/provisiond/config.d/test.yaml"
}
readonly WEB='{ user: "2002", name: web, identity: [module] }'

start_again() {
	stop_daemon
	start_on_good_disk provisiond
}

has_failed_or() { [ -f "$DEVICE/mark" ] || "$@"; }

making_a_principals_module_is_finished_at_the_next_start() {
	assigned_device
	mkdir -p "$SIGNET_CONFIG_DIR/provisiond/config.d"
	prepare() {
		principals ""
		start_again
		eventually 60 is_gone_entirely web
		principals "$WEB"
	}
	operate() { eventually 60 has_failed_or is_whole web; }
	examine() { eventually 60 is_whole web; }
	! is_sanitized || CALLS=write
	with_each_failure 3
}

removing_a_principals_module_is_finished_at_the_next_start() {
	assigned_device
	mkdir -p "$SIGNET_CONFIG_DIR/provisiond/config.d"
	prepare() {
		principals "$WEB"
		start_again
		eventually 60 is_whole web
		principals ""
	}
	operate() { eventually 60 has_failed_or is_gone_entirely web; }
	examine() { eventually 60 is_gone_entirely web; }
	CALLS="fsync unlink"
	with_each_failure 2
}

run_tests_side_by_side making_a_module_leaves_it_whole_or_to_be_finished \
	updating_a_module_leaves_it_whole deleting_a_module_leaves_it_whole_or_gone \
	making_a_principals_module_is_finished_at_the_next_start \
	removing_a_principals_module_is_finished_at_the_next_start
