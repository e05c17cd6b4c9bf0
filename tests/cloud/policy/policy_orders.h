/* SPDX-License-Identifier: MIT */
/* The administrator's calls that make shared access policies and list them. */
#ifndef CLOUD_POLICY_ORDERS_H
#define CLOUD_POLICY_ORDERS_H

#include "cloud.h"

/* GET /policies */
handler list_policies;

/* /policies/{dps or hub}/{name} */
handler put_policy, delete_policy;

#endif
