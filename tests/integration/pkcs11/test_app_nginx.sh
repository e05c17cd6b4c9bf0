#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# nginx serves TLS with a key of keyd: its master, as root, loads the key, and
# its workers, as another user, sign.
. "$(dirname "$0")/../../support/apps.sh"

readonly WORKER_USER=www-data

# The pages tell who has served them.
nginx_configure() { # LABEL VERSION WORKERS
	port=$(free_port)
	cat >"$DEVICE/nginx.conf" <<CONF
user $WORKER_USER $(id -gn);
worker_processes $3;
pid $DEVICE/nginx.pid;
error_log $DEVICE/nginx.log notice;
events {
	worker_connections 64;
}
http {
	$(nginx_places)
	server {
		listen 127.0.0.1:$port ssl reuseport;
		ssl_protocols $2;
		ssl_session_tickets off;
		ssl_certificate $DEVICE/$1.pem;
		ssl_certificate_key "engine:pkcs11:$(uri_of "$1")";
		location / {
			return 200 "worker \$pid\n";
		}
	}
}
CONF
}

nginx_run() { # NGINX-OPTION...
	as_root env "OPENSSL_CONF=$SIGNET_BUILD/conf/openssl-signet.cnf" \
		/usr/sbin/nginx -e "$DEVICE/nginx.log" -c "$DEVICE/nginx.conf" "$@"
}

# A device whose keys are also for nginx's workers; its master is root, who sees
# all keys.
device_for_nginx() {
	device_with_keys "$(principal "$(id -u "$WORKER_USER")" '*')"
	as_root mkdir "$DEVICE/nginx"
	certificate_create ec-key
	certificate_create rsa-key
}

nginx_start() { # LABEL VERSION WORKERS
	nginx_configure "$@"
	nginx_run 2>"$DEVICE/nginx-start.log"
	label=$1
	eventually 20 page
	eventually 20 has_workers "$3" # one serves before the next is there
}

nginx_master() { cat "$DEVICE/nginx.pid"; }
nginx_workers() { pgrep -P "$(nginx_master)" | sort -n | xargs; }
has_workers() { [ "$(nginx_workers | wc -w)" = "$1" ]; } # NUMBER

# Gets the page by a full handshake, in which the key must sign.
page() { # [CURL-OPTION]...
	curl -sS --max-time 60 --cacert "$DEVICE/$label.pem" \
		--resolve "localhost:$port:127.0.0.1" "$@" "https://localhost:$port/"
}

# Gets the page until each of the workers has served it, and never fails.
assert_all_serve() { # WORKER...
	local -A silent=()
	local worker tries=0 answer
	for worker in "$@"; do silent[$worker]=1; done
	while [ ${#silent[@]} -gt 0 ]; do
		answer=$(page 2>&1) || fail "a handshake failed: $answer"
		unset "silent[${answer#worker }]"
		tries=$((tries + 1))
		[ $tries -lt 200 ] || fail "these workers do not serve: ${!silent[*]}"
	done
}

workers_serve_in_all_versions() { # LABEL
	device_for_nginx
	nginx_start "$1" "TLSv1.2 TLSv1.3" 3
	local workers
	workers=$(nginx_workers)
	# shellcheck disable=SC2086
	assert_all_serve $workers
	assert_equal "$(id -u "$WORKER_USER")" \
		"$(stat -c %u "/proc/${workers%% *}")" "the workers' uid"
	assert_contains "$(page -v --tls-max 1.2 2>&1)" "SSL connection using TLSv1.2" "TLS 1.2"
	assert_contains "$(page -v --tlsv1.3 2>&1)" "SSL connection using TLSv1.3" "TLS 1.3"
}

workers_serve_with_an_ec_key() { workers_serve_in_all_versions ec-key; }
workers_serve_with_an_rsa_key() { workers_serve_in_all_versions rsa-key; }

# --- keyd goes and comes back -----------------------------------------------

the_same_workers_serve_when_keyd_is_back() {
	device_for_nginx
	nginx_start ec-key TLSv1.3 2
	local workers
	workers=$(nginx_workers)
	# shellcheck disable=SC2086
	assert_all_serve $workers
	daemon_stop keyd
	refused page
	refused page
	daemon_start keyd
	# shellcheck disable=SC2086
	assert_all_serve $workers
	# Also when no worker notices that keyd has been away.
	daemon_kill keyd
	daemon_start keyd
	# shellcheck disable=SC2086
	assert_all_serve $workers
	assert_equal "$workers" "$(nginx_workers)" "the workers at the end"
}

handshakes_fail_within_three_seconds_while_keyd_is_away() {
	device_for_nginx
	nginx_start rsa-key TLSv1.3 1
	page >/dev/null || fail "a handshake"
	daemon_stop keyd
	assert_fails_soon page
	eventually 20 grep -q 'SSL_do_handshake() failed.*Device error' "$DEVICE/nginx.log"
}

# A signature is made in the worker's event loop, which must not stand for long.
handshakes_fail_while_keyd_hangs_and_work_when_it_goes_on() {
	device_for_nginx
	nginx_start ec-key TLSv1.3 1
	local workers
	workers=$(nginx_workers)
	freeze "$(cat "$DEVICE/keyd.pid")"
	refused page
	kill -CONT "$(cat "$DEVICE/keyd.pid")"
	# It was nginx that gave up, not curl.
	assert_contains "$output" "curl: (35)" "a handshake"
	assert_all_serve "$workers"
}

has_new_workers() { # OLD-WORKERS
	local worker
	has_workers "$(wc -w <<<"$1")" || return 1
	for worker in $(nginx_workers); do
		[[ " $1 " != *" $worker "* ]] || return 1
	done
}

a_worker_that_starts_while_keyd_is_away_serves_later() {
	device_for_nginx
	nginx_start ec-key TLSv1.2 2
	local workers
	workers=$(nginx_workers)
	daemon_stop keyd
	# shellcheck disable=SC2086
	as_root kill -KILL $workers
	eventually 20 has_new_workers "$workers"
	refused page
	daemon_start keyd
	# shellcheck disable=SC2046
	assert_all_serve $(nginx_workers)
}

# --- reload -----------------------------------------------------------------

a_reload_makes_workers_that_serve() {
	device_for_nginx
	nginx_start ec-key TLSv1.3 2
	local workers
	workers=$(nginx_workers)
	as_root kill -HUP "$(nginx_master)"
	eventually 20 has_new_workers "$workers"
	# shellcheck disable=SC2046
	assert_all_serve $(nginx_workers)
	# Once more, behind a restart of keyd.
	daemon_stop keyd
	daemon_start keyd
	workers=$(nginx_workers)
	as_root kill -HUP "$(nginx_master)"
	eventually 20 has_new_workers "$workers"
	# shellcheck disable=SC2046
	assert_all_serve $(nginx_workers)
}

a_reload_without_keyd_leaves_everything_as_it_was() {
	device_for_nginx
	nginx_start ec-key TLSv1.3 2
	local workers
	workers=$(nginx_workers)
	daemon_stop keyd
	as_root kill -HUP "$(nginx_master)"
	eventually 20 grep -q 'emerg.*cannot load certificate key' "$DEVICE/nginx.log"
	assert_equal "$workers" "$(nginx_workers)" "the workers"
	daemon_start keyd
	# shellcheck disable=SC2086
	assert_all_serve $workers
	# And the next reload is as good as any.
	as_root kill -HUP "$(nginx_master)"
	eventually 20 has_new_workers "$workers"
	# shellcheck disable=SC2046
	assert_all_serve $(nginx_workers)
}

# --- refusals ---------------------------------------------------------------

nginx_says_why_it_cannot_load_a_key() {
	device_for_nginx
	nginx_configure ec-key TLSv1.3 1
	accepted nginx_run -t
	sed -i 's/object=ec-key/object=no-key/' "$DEVICE/nginx.conf"
	refused nginx_run -t
	assert_contains "$output" "cannot load certificate key" "nginx -t"
	assert_contains "$output" "private key was not found at: pkcs11:token=Signet;object=no-key" \
		"nginx -t without such a key"
	daemon_stop keyd
	refused nginx_run -t
	assert_contains "$output" "Device error" "nginx -t without keyd"
}

# Who may manage a key sees it; that is enough to start workers that may use it.
the_master_needs_no_right_to_use_the_key() {
	device_for_nginx
	daemon_stop keyd
	sed -i "/user: \"$(id -u)\"/d" "$SIGNET_CONFIG_DIR/keyd/config.yaml"
	daemon_start keyd
	refused as_root env "OPENSSL_CONF=$SIGNET_BUILD/conf/openssl-signet.cnf" \
		openssl dgst -engine pkcs11 -keyform engine -sha256 \
		-sign "$(uri_of ec-key)" "$DEVICE/nginx.conf"
	nginx_start ec-key TLSv1.3 2
	# shellcheck disable=SC2046
	assert_all_serve $(nginx_workers)
}

# The master may load the key; the workers' user has been forgotten.
workers_without_rights_fail_their_handshakes_and_nothing_else() {
	device_with_keys
	as_root mkdir "$DEVICE/nginx"
	certificate_create ec-key
	nginx_configure ec-key TLSv1.3 1
	accepted nginx_run
	label=ec-key
	refused page
	eventually 20 grep -q 'SSL_do_handshake() failed.*PKCS#11 module' "$DEVICE/nginx.log"
	has_workers 1 || fail "the workers are '$(nginx_workers)'"
}

run_tests \
	workers_serve_with_an_ec_key \
	workers_serve_with_an_rsa_key \
	the_same_workers_serve_when_keyd_is_back \
	handshakes_fail_within_three_seconds_while_keyd_is_away \
	handshakes_fail_while_keyd_hangs_and_work_when_it_goes_on \
	a_worker_that_starts_while_keyd_is_away_serves_later \
	a_reload_makes_workers_that_serve \
	a_reload_without_keyd_leaves_everything_as_it_was \
	nginx_says_why_it_cannot_load_a_key \
	the_master_needs_no_right_to_use_the_key \
	workers_without_rights_fail_their_handshakes_and_nothing_else
