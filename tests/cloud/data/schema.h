/* SPDX-License-Identifier: MIT */
/* The tables of the database, and the number that says which ones they are. */
#ifndef CLOUD_SCHEMA_H
#define CLOUD_SCHEMA_H

#define SCHEMA_VERSION 6

extern const char schema_tables[];

#endif
