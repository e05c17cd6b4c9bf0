/* SPDX-License-Identifier: MIT */
/* What the renderers of the daemons' files share. */
#ifndef CLI_RENDER_SHARED_H
#define CLI_RENDER_SHARED_H

#include "render.h"
#include "yaml_settings.h"
#include "yaml_writer.h"

#define RENDER_COMMENT                                                         \
	"Written by 'signetctl config apply' from the operator's config.yaml." \
	" Changes belong there."

/* Begins an item of principals. */
void render_principal(struct yaml_writer *writer, const char *user);

/* A sequence of texts, which ends in NULL. */
void render_texts(
    struct yaml_writer *writer, const char *key, const char *const *texts);

/* True if the device's certificate is issued for a key that is made for it. */
bool render_is_key_rotated(const struct super_config *config);

/* The URI of the device's key, unless it only says where to make one. */
const char *render_device_key(const struct super_config *config);

/*
 * Adds to the sequence that is open the names of local identities: their keys
 * and certificates, which provisiond makes, are called so.
 */
void render_local_names(
    struct yaml_writer *writer, const struct super_config *config);

/* True if the device proves itself with method. */
bool render_is_method(const struct super_config *config, const char *method);

/* True if clients are served as aziot served them. */
bool render_is_compatible(const struct super_config *config);

#endif
