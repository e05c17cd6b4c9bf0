/* SPDX-License-Identifier: MIT */
/* The administrator's calls that order faults, list them and forget them. */
#ifndef CLOUD_FAULT_ORDERS_H
#define CLOUD_FAULT_ORDERS_H

#include "cloud.h"

/* /faults */
handler list_faults, order_fault, clear_faults;

/* DELETE /faults/{id} */
handler remove_fault;

#endif
