/* SPDX-License-Identifier: MIT */
/* The table of the doctor's checks, in the order in which they are made. */
#include "doctor.h"

#define CONFIGURATION "configuration"
#define SERVICES "services"
#define FILES "files"
#define TOKEN "token"
#define KEYS "keys"
#define CERTIFICATES "certificates"
#define NETWORK "network"

/* A row is a statement; alignment as a table would not fit a line. */
#define CHECK(an_id, a_layer, function, a_title)                               \
	{                                                                      \
		.id = an_id, .layer = a_layer, .title = a_title,               \
		.run = function                                                \
	}

const struct doctor_entry doctor_checks[] = {
    CHECK("config-well-formed", CONFIGURATION, check_config_well_formed,
	"config.yaml has no mistake"),
    CHECK("keyd-config-well-formed", CONFIGURATION, check_keyd_config,
	"keyd's configuration can be read"),
    CHECK("certd-config-well-formed", CONFIGURATION, check_certd_config,
	"certd's configuration can be read"),
    CHECK("provisiond-config-well-formed", CONFIGURATION,
	check_provisiond_config, "provisiond's configuration can be read"),
    CHECK("configs-up-to-date", CONFIGURATION, check_configs_up_to_date,
	"config.yaml is applied, and the daemons use it"),
    CHECK("hostname", CONFIGURATION, check_hostname,
	"the host has a name that can be used"),
    CHECK("keyd-running", SERVICES, check_keyd_running, "keyd works"),
    CHECK("certd-running", SERVICES, check_certd_running, "certd works"),
    CHECK("provisiond-running", SERVICES, check_provisiond_running,
	"provisiond works"),
    CHECK("versions", SERVICES, check_versions,
	"the daemons are of signetctl's version"),
    CHECK("hardening", SERVICES, check_hardening,
	"no unit is less confined than it was shipped"),
    CHECK("paths", FILES, check_paths,
	"each daemon can reach the files that it is told to use"),
    CHECK("pins", FILES, check_pins, "PINs are there, and nobody else's"),
    CHECK("disk-space", FILES, check_disk_space, "there is room for state"),
    CHECK("token", TOKEN, check_token, "the token is there and open"),
    CHECK("token-uris", TOKEN, check_token_uris,
	"each PKCS#11 URI names a token that is there"),
    CHECK("tpm-lockout", TOKEN, check_tpm_lockout, "the TPM is not locked"),
    CHECK("keys-read", KEYS, check_keys_read,
	"each key of the configuration can be used"),
    CHECK("certs-preloaded", CERTIFICATES, check_certs_preloaded,
	"each certificate's file holds certificates that are valid"),
    CHECK("certs-read", CERTIFICATES, check_certs_read,
	"certd gives each certificate of the configuration"),
    CHECK("certs-match-private-keys", CERTIFICATES, check_certs_match_keys,
	"a certificate and a key with one id belong together"),
    CHECK("identity-certificate-expiry", CERTIFICATES,
	check_identity_certificate, "the device's certificate is valid"),
    CHECK("local-ca-certificate-expiry", CERTIFICATES, check_local_ca,
	"the local CA's certificate is valid, and of a CA"),
    CHECK("est-certificate-expiry", CERTIFICATES, check_est_certificates,
	"the certificates for EST servers are valid"),
    CHECK("certificate-renewal", CERTIFICATES, check_renewals,
	"certificates are renewed in time"),
    CHECK("certificate-chain", CERTIFICATES, check_chain,
	"the device's chain is whole, and each has its role"),
    CHECK("registration-id", CERTIFICATES, check_registration_id,
	"the registration id is the certificate's common name"),
    CHECK("dns", NETWORK, check_dns, "the servers' names have addresses"),
    CHECK("proxy", NETWORK, check_proxy, "the proxy lets us through"),
    CHECK("dps-tls", NETWORK, check_dps_tls, "TLS with DPS"),
    CHECK("clock", NETWORK, check_clock, "the clock is that of DPS"),
    CHECK("hub-tls", NETWORK, check_hub_tls, "TLS with the hub, for HTTPS"),
    CHECK("hub-mqtt", NETWORK, check_hub_mqtt, "TLS with the hub, for MQTT"),
    CHECK("hub-amqp", NETWORK, check_hub_amqp, "TLS with the hub, for AMQP"),
    CHECK("est-https", NETWORK, check_est_https, "EST servers by https only"),
    CHECK("est-tls", NETWORK, check_est_tls, "TLS with the EST servers"),
    CHECK(
	"provisioned", NETWORK, check_provisioned, "the device is provisioned"),
};

const size_t doctor_check_count =
    sizeof(doctor_checks) / sizeof(doctor_checks[0]);
