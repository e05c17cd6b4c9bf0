#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# signetctl check, and what is on the way to a cloud: TLS servers, proxies, the
# clock of DPS, the ports of a hub. Each check must say what is wrong with them.
. "$(dirname "$0")/../../support/harness.sh"
. "$(dirname "$0")/../../support/doctor.sh"
. "$(dirname "$0")/../../support/proxy.sh"

# The peer's alert is the reason; a server that insists on a certificate of
# the device is none that fails.
names_the_alert_of_a_handshake_that_fails() {
	device_create
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=localhost \
		-addext subjectAltName=DNS:localhost -keyout "$DEVICE/server.key" \
		-out "$DEVICE/server.pem" 2>/dev/null
	mkdir "$SIGNET_CONFIG_DIR/provisiond"
	tls_server -cipher aNULL:@SECLEVEL=0
	examine dps-tls
	assert_matches "$result $reason" "error localhost:*alert handshake failure*" "no cipher in common"
	end "$(cat "$DEVICE/interceptor.pid")"
	tls_server -Verify 1
	add provisiond/config.yaml "trust_bundle_cert: \"file://$DEVICE/server.pem\""
	examine dps-tls
	assert_equal ok "$result" "one that wants to see a certificate ($reason)"
}

# DPS is this server by TLS 1.2.
tls_server() { # S_SERVER-OPTION...
	openssl s_server -accept 127.0.0.1:0 -quiet -www -tls1_2 -cert "$DEVICE/server.pem" \
		-key "$DEVICE/server.key" "$@" >"$DEVICE/interceptor.log" 2>&1 &
	echo $! >"$DEVICE/interceptor.pid"
	eventually 20 interceptor_port
	echo "provisioning: { source: dps, global_endpoint: \"https://localhost:$(interceptor_port)\" }" \
		>"$SIGNET_CONFIG_DIR/provisiond/config.yaml"
}

interceptor_port() {
	local pid
	pid=$(cat "$DEVICE/interceptor.pid")
	ss -Hltnp | grep "pid=$pid," | grep -oE '127.0.0.1:[0-9]+' | cut -d : -f 2 | grep .
}

# Where no daemon runs, the proxy is that of our own environment.
finds_what_a_proxy_does() {
	device_create
	cloud_start
	mkdir "$SIGNET_CONFIG_DIR/provisiond"
	cat >"$SIGNET_CONFIG_DIR/provisiond/config.yaml" <<YAML
provisioning: { source: dps, global_endpoint: "$DPS_URL", scope_id: "$SCOPE_ID" }
YAML
	examine proxy
	assert_equal ignored "$result" "without a proxy ($reason)"
	export https_proxy=http://127.0.0.1:1
	examine proxy
	assert_equal error "$result" "no proxy there ($reason)"
	assert_contains "$reason" ECONNREFUSED "no proxy there"
	no_proxy=localhost examine proxy
	assert_equal ignored "$result" "exempt ($reason)"

	proxy_start
	https_proxy=http://$proxy
	examine proxy
	assert_equal ok "$result" "a proxy that lets us through ($reason)"
	examine dps-tls
	assert_equal ok "$result" "DPS behind it ($reason)"
	proxy_stop

	proxy_start "nobody:knows"
	https_proxy=http://$proxy
	examine proxy
	assert_equal error "$result" "a proxy that refuses ($reason)"
	assert_contains "$reason" "407" "a proxy that refuses"
	proxy_stop

	# One that answers in the place of the server.
	pki root
	pki device-identity localhost --issuer root
	openssl s_server -accept 127.0.0.1:0 -naccept 2 -quiet -www \
		-cert "$(leaf_of localhost)" -key "$(key_of localhost)" \
		>"$DEVICE/interceptor.log" 2>&1 &
	echo $! >"$DEVICE/interceptor.pid"
	eventually 20 interceptor_port
	proxy_start --to "$(interceptor_port)"
	https_proxy=http://$proxy
	examine proxy
	assert_equal error "$result" "an interceptor ($reason)"
	assert_contains "$reason" "Signet Test Only Root CA" "the interceptor's issuer"
}

# DPS's clock is the right one.
compares_the_clock_with_that_of_dps() {
	device_create
	pki root
	pki device-identity localhost --issuer root
	mkdir "$SIGNET_CONFIG_DIR/provisiond"
	local offset
	for offset in 0:ok 60:warning -4000:error; do
		rm -f "$DEVICE/late.port"
		python3 "$(dirname "$0")/../../support/late_https.py" \
			--port-file "$DEVICE/late.port" --offset "${offset%:*}" \
			--certificate "$(leaf_of localhost)" --key "$(key_of localhost)" \
			>"$DEVICE/late.log" 2>&1 &
		echo $! >"$DEVICE/late.pid"
		eventually 20 test -s "$DEVICE/late.port"
		cat >"$SIGNET_CONFIG_DIR/provisiond/config.yaml" <<YAML
provisioning: { source: dps, global_endpoint: "https://localhost:$(cat "$DEVICE/late.port")" }
YAML
		examine clock
		assert_equal "${offset#*:}" "$result" "clock by $offset ($reason)"
		end "$(cat "$DEVICE/late.pid")"
	done
	assert_contains "$reason" "ahead of that of DPS" "the reason"
	rm "$DEVICE/late.pid"
}

# The hub is known from the configuration of a device that is provisioned by
# hand; nothing listens on this address.
tries_the_ports_of_mqtt_and_amqp() {
	device_create
	mkdir "$SIGNET_CONFIG_DIR/provisiond"
	local check
	for check in hub-tls:443:error hub-mqtt:8883:warning hub-amqp:5671:warning; do
		rm -f "$SIGNET_CONFIG_DIR/provisiond/config.yaml"
		examine "${check%%:*}"
		assert_equal skipped "$result" "$check without a hub ($reason)"
		add provisiond/config.yaml \
			'provisioning: { source: manual, iothub_hostname: "127.255.0.9" }'
		examine "${check%%:*}"
		assert_equal "${check##*:}" "$result" "$check ($reason)"
		check=${check%:*}
		assert_contains "$reason" "127.255.0.9 port ${check#*:}: ECONNREFUSED" "$check"
	done
	change provisiond/config.yaml 's/0[.]9/0.9:1/'
	examine hub-mqtt
	assert_equal ignored "$result" "hub-mqtt of a hub with a port ($reason)"
}

# Each test run has an address of its own for the hub, whose ports are fixed.
hears_a_hub_that_speaks_mqtt_and_amqp() {
	device_create
	local hub check port
	hub=127.$((100 + (BASHPID >> 14 & 127))).$((BASHPID >> 7 & 127)).$(((BASHPID & 127) + 1))
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$hub" \
		-addext "subjectAltName=IP:$hub" -keyout "$DEVICE/server.key" \
		-out "$DEVICE/server.pem" 2>/dev/null
	mkdir "$SIGNET_CONFIG_DIR/provisiond"
	add provisiond/config.yaml \
		"provisioning: { source: manual, iothub_hostname: \"$hub\" }"
	add provisiond/config.yaml "trust_bundle_cert: \"file://$DEVICE/server.pem\""
	for check in hub-mqtt:8883 hub-amqp:5671; do
		port=${check#*:} check=${check%:*}
		openssl s_server -accept "$hub:$port" -quiet -cert "$DEVICE/server.pem" \
			-key "$DEVICE/server.key" </dev/null >"$DEVICE/$check.log" 2>&1 &
		echo $! >"$DEVICE/$check.pid"
		eventually 20 listens "$hub:$port"
		examine $check
		assert_equal ok "$result" "$check ($reason)"
		end "$(cat "$DEVICE/$check.pid")"
		rm "$DEVICE/$check.pid"
		examine $check
		assert_matches "$result $reason" "warning $hub:$port: *ECONNREFUSED" "$check"
	done
}

listens() { # ADDRESS:PORT
	ss -Hltn "src $1" | grep -q .
}

run_tests \
	names_the_alert_of_a_handshake_that_fails \
	finds_what_a_proxy_does \
	compares_the_clock_with_that_of_dps \
	tries_the_ports_of_mqtt_and_amqp \
	hears_a_hub_that_speaks_mqtt_and_amqp
