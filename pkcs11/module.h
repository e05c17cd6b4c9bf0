/* SPDX-License-Identifier: MIT */
/*
 * The state of the module in one process, and the lock around it.
 *
 * It is the one global of this library, because PKCS#11 has no context
 * argument. A forked child never uses its parent's: the mutex may be locked
 * there for ever, and the connections are the parent's. The child is not
 * initialised until it calls C_Initialize, which makes the state its own.
 *
 * The lock guards tables in memory. It is never held while keyd is asked.
 */
#ifndef PKCS11_MODULE_H
#define PKCS11_MODULE_H

#include <p11-kit/pkcs11.h>
#include <pthread.h>

#include "common/cleanup.h"
#include "object.h"
#include "remote.h"
#include "secret.h"
#include "session.h"

#define MODULE_SLOT 0UL /* the id of the only slot */

struct module {
	pthread_mutex_t mutex;
	bool initialized;
	bool logged_in;
	unsigned life;        /* grows with each C_Finalize */
	unsigned waiting;     /* threads in C_WaitForSlotEvent */
	pthread_cond_t ends;  /* for them, and for who waits for them */
	struct remote remote; /* keyd; used without the lock */
	struct remote certd;  /* likewise */
	struct session_table sessions;
	struct object_table objects;
	struct secret_table secrets;
	struct certificate_list certificates;
};

/* Locks the state. NULL: this process has not called C_Initialize. */
struct module *module_lock(void);

void module_unlock(struct module *module);
DEFINE_CLEANUP(module_lock, struct module, module_unlock)

/*
 * What functions of a slot look at first, with what module_lock() returned:
 * CKR_CRYPTOKI_NOT_INITIALIZED, or CKR_SLOT_ID_INVALID.
 */
CK_RV module_check_slot(const struct module *module, CK_SLOT_ID slot);

/*
 * Fills ret_object with that of handle. Returns
 * CKR_OBJECT_HANDLE_INVALID.
 */
CK_RV module_find(const struct module *module, CK_OBJECT_HANDLE handle,
    struct object *ret_object);

/* Waits, with the state locked, until C_Finalize is called. */
void module_wait_for_end(struct module *module);

/* Writes text into a field that PKCS#11 wants padded with blanks. */
void module_pad(unsigned char *field, size_t size, const char *text);

#endif
