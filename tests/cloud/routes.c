/* SPDX-License-Identifier: MIT */
#include "ca_certificates.h"
#include "dispatch.h"
#include "dps_enrollments.h"
#include "dps_register.h"
#include "dps_registrations.h"
#include "enrollment_bulk.h"
#include "est.h"
#include "fault_orders.h"
#include "hub_device.h"
#include "hub_modules.h"
#include "hub_query.h"
#include "hub_registry.h"
#include "hub_twins.h"

static const struct route dps_service[] = {
    {"POST",   "/enrollments",			      "enrollments",   change_individuals },
    {"POST",   "/enrollmentGroups",                         "groups",        change_groups      },
    {"POST",   "/enrollments/query",                        "enrollments",   query_individuals  },
    {"POST",   "/enrollments/{}/attestationmechanism",      "enrollments",
     get_individual_mechanism								   },
    {"POST",   "/enrollmentGroups/{}/attestationmechanism", "groups",
     get_group_mechanism									},
    {"GET",    "/enrollments/{}",                           "enrollments",   get_individual     },
    {"PUT",    "/enrollments/{}",                           "enrollments",   put_individual     },
    {"DELETE", "/enrollments/{}",                           "enrollments",   delete_individual  },
    {"POST",   "/enrollmentGroups/query",                   "groups",        query_groups       },
    {"GET",    "/enrollmentGroups/{}",                      "groups",        get_group          },
    {"PUT",    "/enrollmentGroups/{}",                      "groups",        put_group          },
    {"DELETE", "/enrollmentGroups/{}",                      "groups",        delete_group       },
    {"POST",   "/registrations/{}/query",                   "registrations", query_registrations},
    {"GET",    "/registrations/{}",                         "registrations", get_registration   },
    {"DELETE", "/registrations/{}",                         "registrations", delete_registration},
};

/* Azure's control plane has them under a longer path. */
#define CA "/certificates"

static const struct route certificates[] = {
    {"GET",    CA,				"certificates", list_ca_certificates },
    {"GET",    CA "/{}",			  "certificates", get_ca_certificate   },
    {"PUT",    CA "/{}",			  "certificates", put_ca_certificate   },
    {"DELETE", CA "/{}",			  "certificates", delete_ca_certificate},
    {"POST",   CA "/{}/generateVerificationCode", "certificates",
     generate_verification_code							},
    {"POST",   CA "/{}/verify",                   "certificates", verify_ca_certificate},
};

/* Orders of faults are the tester's, and ours: no api-version. */
static const struct route faults[] = {
    {"GET",    "/faults",    NULL, list_faults },
    {"POST",   "/faults",    NULL, order_fault },
    {"DELETE", "/faults",    NULL, clear_faults},
    {"DELETE", "/faults/{}", NULL, remove_fault},
};

/* The first segment is the ID scope. */
static const struct route dps_device[] = {
    {"PUT",  "/{}/registrations/{}/register",      "register", dps_register},
    {"GET",  "/{}/registrations/{}/operations/{}", "status",   dps_status  },
    {"POST", "/{}/registrations/{}",               "lookup",   dps_lookup  },
};

static const struct route hub_service[] = {
    {"POST",   "/devices/query",       "devices", query_twins      },
    {"GET",    "/devices",             "devices", list_devices     },
    {"POST",   "/devices",             "devices", change_devices   },
    {"GET",    "/devices/{}",          "devices", get_device       },
    {"PUT",    "/devices/{}",          "devices", put_device       },
    {"DELETE", "/devices/{}",          "devices", delete_device    },
    {"GET",    "/statistics/devices",  "devices", count_devices    },
    {"GET",    "/twins/{}",            "twins",   get_twin         },
    {"PATCH",  "/twins/{}",            "twins",   patch_twin       },
    {"PUT",    "/twins/{}",            "twins",   put_twin         },
    {"GET",    "/twins/{}/modules/{}", "twins",   get_module_twin  },
    {"PATCH",  "/twins/{}/modules/{}", "twins",   patch_module_twin},
    {"PUT",    "/twins/{}/modules/{}", "twins",   put_module_twin  },
};

/* For who administers the hub, and for the device itself. */
static const struct route hub_modules[] = {
    {"GET",    "/devices/{}/modules",    "modules", list_modules },
    {"GET",    "/devices/{}/modules/{}", "modules", get_module   },
    {"PUT",    "/devices/{}/modules/{}", "modules", put_module   },
    {"DELETE", "/devices/{}/modules/{}", "modules", delete_module},
};

/* Bodies are the device's, whatever they are. */
static const struct route hub_device[] = {
    {"POST", "/devices/{}/messages/events",            "telemetry", hub_telemetry},
    {"POST", "/devices/{}/modules/{}/messages/events", "telemetry",
     hub_module_telemetry							},
};

#define EST "/.well-known/est"

/* RFC 7030 section 3.2.2: with or without a label, which changes nothing. */
static const struct route est[] = {
    {"GET",  EST "/cacerts",           "cacerts",  est_cacerts        },
    {"GET",  EST "/csrattrs",          "csrattrs", est_csrattrs       },
    {"POST", EST "/simpleenroll",      "enroll",   est_enroll         },
    {"POST", EST "/simplereenroll",    "reenroll", est_reenroll       },
    {"POST", EST "/serverkeygen",      NULL,       est_not_implemented},
    {"POST", EST "/fullcmc",           NULL,       est_not_implemented},
    {"GET",  EST "/{}/cacerts",        "cacerts",  est_cacerts        },
    {"GET",  EST "/{}/csrattrs",       "csrattrs", est_csrattrs       },
    {"POST", EST "/{}/simpleenroll",   "enroll",   est_enroll         },
    {"POST", EST "/{}/simplereenroll", "reenroll", est_reenroll       },
    {"POST", EST "/{}/serverkeygen",   NULL,       est_not_implemented},
    {"POST", EST "/{}/fullcmc",        NULL,       est_not_implemented},
};

#define ROUTES(table) (table), sizeof(table) / sizeof((table)[0])

/* The first route that matches wins. */
const struct route_table cloud_tables[] = {
    {SURFACE_EST, AUTHORITY_HANDLER, false, false, ROUTES(est)         },
    {SURFACE_DPS, AUTHORITY_ADMIN,   true,  true,  ROUTES(certificates)},
    {SURFACE_DPS, AUTHORITY_ADMIN,   false, true,  ROUTES(faults)      },
    {SURFACE_DPS, AUTHORITY_POLICY,  true,  true,  ROUTES(dps_service) },
    {SURFACE_HUB, AUTHORITY_POLICY,  true,  true,  ROUTES(hub_service) },
    {SURFACE_HUB, AUTHORITY_HANDLER, true,  true,  ROUTES(hub_modules) },
    {SURFACE_HUB, AUTHORITY_HANDLER, true,  false, ROUTES(hub_device)  },
    {SURFACE_DPS, AUTHORITY_HANDLER, true,  true,  ROUTES(dps_device)  },
};
const size_t cloud_table_count = sizeof(cloud_tables) / sizeof(cloud_tables[0]);
