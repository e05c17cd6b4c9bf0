/* SPDX-License-Identifier: MIT */
/*
 * The commands of signetctl; main.c has the table of them. argv[0] is the last
 * word of the command's name, the rest is the command's own. A command returns
 * the exit status.
 */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include <stdlib.h>

/* Beside EXIT_SUCCESS and EXIT_FAILURE. */
#define EXIT_USAGE 2   /* the command line cannot be read */
#define EXIT_WAITING 3 /* done, but others have to restart daemons */

int cmd_audit_verify(int argc, char **argv);
int cmd_cert_explain(int argc, char **argv);
int cmd_cert_import(int argc, char **argv);
int cmd_cert_list(int argc, char **argv);
int cmd_cert_renew(int argc, char **argv);
int cmd_cert_show(int argc, char **argv);
int cmd_cert_tree(int argc, char **argv);
int cmd_cert_wait(int argc, char **argv);
int cmd_check(int argc, char **argv);
int cmd_config_apply(int argc, char **argv);
int cmd_config_check(int argc, char **argv);
int cmd_config_diff(int argc, char **argv);
int cmd_config_import(int argc, char **argv);
int cmd_config_show(int argc, char **argv);
int cmd_identity_create(int argc, char **argv);
int cmd_identity_delete(int argc, char **argv);
int cmd_identity_list(int argc, char **argv);
int cmd_identity_show(int argc, char **argv);
int cmd_identity_update(int argc, char **argv);
int cmd_grant(int argc, char **argv);
int cmd_grants(int argc, char **argv);
int cmd_init(int argc, char **argv);
int cmd_key_create(int argc, char **argv);
int cmd_key_delete(int argc, char **argv);
int cmd_key_export_public(int argc, char **argv);
int cmd_key_import(int argc, char **argv);
int cmd_key_list(int argc, char **argv);
int cmd_key_move(int argc, char **argv);
int cmd_key_show(int argc, char **argv);
int cmd_list(int argc, char **argv);
int cmd_migrate_aziot(int argc, char **argv);
int cmd_revoke(int argc, char **argv);
int cmd_support_bundle(int argc, char **argv);
int cmd_system_logs(int argc, char **argv);
int cmd_system_reprovision(int argc, char **argv);
int cmd_system_restart(int argc, char **argv);
int cmd_system_set_log_level(int argc, char **argv);
int cmd_system_start(int argc, char **argv);
int cmd_system_status(int argc, char **argv);
int cmd_system_stop(int argc, char **argv);
int cmd_telemetry_send(int argc, char **argv);
int cmd_tpm_show(int argc, char **argv);
int cmd_testpki(int argc, char **argv);

#endif
