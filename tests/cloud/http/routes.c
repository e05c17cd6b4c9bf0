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
#include "policy_orders.h"
#include "portal.h"

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

/* In Azure they are its control plane's. */
static const struct route policies[] = {
    {"GET",    "/policies",       NULL, list_policies},
    {"PUT",    "/policies/{}/{}", NULL, put_policy   },
    {"DELETE", "/policies/{}/{}", NULL, delete_policy},
};

/* The first segment is the ID scope. */
static const struct route dps_device[] = {
    {"PUT",  "/{}/registrations/{}/register",      "register", dps_register_device},
    {"GET",  "/{}/registrations/{}/operations/{}", "status",   dps_status         },
    {"POST", "/{}/registrations/{}",               "lookup",   dps_lookup         },
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
    {"GET",  "/devices/{}/messages/devicebound",       "telemetry", hub_devicebound},
    {"POST", "/devices/{}/messages/events",            "telemetry", hub_telemetry  },
    {"POST", "/devices/{}/modules/{}/messages/events", "telemetry",
     hub_module_telemetry							  },
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

/* What there is before one is signed in. */
static const struct route portal_gate[] = {
    {"GET",  "",		  NULL, portal_root        },
    {"GET",  PORTAL "/sign-in",   NULL, portal_show_sign_in},
    {"POST", PORTAL "/sign-in",   NULL, portal_sign_in     },
    {"GET",  PORTAL "/assets/{}", NULL, portal_asset       },
};

static const struct route portal[] = {
    {"GET",  PORTAL,			    NULL, portal_overview          },
    {"GET",  PORTAL "/ca.pem",                  NULL, portal_ca                },
    {"POST", PORTAL "/sign-out",                NULL, portal_sign_out          },
    {"GET",  PORTAL "/new/individual",          NULL, portal_new_individual    },
    {"GET",  PORTAL "/new/group",               NULL, portal_new_group         },
    {"GET",  PORTAL "/individuals",             NULL, portal_list_individuals  },
    {"POST", PORTAL "/individuals",             NULL, portal_add_individual    },
    {"GET",  PORTAL "/individuals/{}",          NULL, portal_show_individual   },
    {"POST", PORTAL "/individuals/{}",          NULL, portal_save_individual   },
    {"GET",  PORTAL "/individuals/{}/delete",   NULL, portal_ask_individual    },
    {"POST", PORTAL "/individuals/{}/delete",   NULL, portal_delete_individual },
    {"GET",  PORTAL "/groups",                  NULL, portal_list_groups       },
    {"POST", PORTAL "/groups",                  NULL, portal_add_group         },
    {"GET",  PORTAL "/groups/{}",               NULL, portal_show_group        },
    {"POST", PORTAL "/groups/{}",               NULL, portal_save_group        },
    {"GET",  PORTAL "/groups/{}/delete",        NULL, portal_ask_group         },
    {"POST", PORTAL "/groups/{}/delete",        NULL, portal_delete_group      },
    {"GET",  PORTAL "/certificates",            NULL, portal_list_certificates },
    {"POST", PORTAL "/certificates",            NULL, portal_add_certificate   },
    {"GET",  PORTAL "/certificates/{}",         NULL, portal_show_certificate  },
    {"POST", PORTAL "/certificates/{}/code",    NULL, portal_make_code         },
    {"POST", PORTAL "/certificates/{}/verify",  NULL, portal_verify_certificate},
    {"GET",  PORTAL "/certificates/{}/delete",  NULL, portal_ask_certificate   },
    {"POST", PORTAL "/certificates/{}/delete",  NULL, portal_delete_certificate},
    {"GET",  PORTAL "/registrations",           NULL, portal_list_registrations},
    {"GET",  PORTAL "/registrations/{}",        NULL, portal_show_registration },
    {"GET",  PORTAL "/registrations/{}/delete", NULL, portal_ask_registration  },
    {"POST", PORTAL "/registrations/{}/delete", NULL,
     portal_delete_registration						},
    {"GET",  PORTAL "/devices",                 NULL, portal_list_devices      },
    {"GET",  PORTAL "/devices/{}",              NULL, portal_show_device       },
    {"POST", PORTAL "/devices/{}",              NULL, portal_save_twin         },
};

#define ROUTES(table) (table), sizeof(table) / sizeof((table)[0])

/* The first route that matches wins. */
const struct route_table cloud_tables[] = {
    {SURFACE_PORTAL, AUTHORITY_HANDLER, false, BODY_FORM, ROUTES(portal_gate) },
    {SURFACE_PORTAL, AUTHORITY_SESSION, false, BODY_FORM, ROUTES(portal)      },
    {SURFACE_EST,    AUTHORITY_HANDLER, false, BODY_RAW,  ROUTES(est)         },
    {SURFACE_DPS,    AUTHORITY_ADMIN,   true,  BODY_JSON, ROUTES(certificates)},
    {SURFACE_DPS,    AUTHORITY_ADMIN,   false, BODY_JSON, ROUTES(faults)      },
    {SURFACE_DPS,    AUTHORITY_ADMIN,   false, BODY_JSON, ROUTES(policies)    },
    {SURFACE_DPS,    AUTHORITY_POLICY,  true,  BODY_JSON, ROUTES(dps_service) },
    {SURFACE_HUB,    AUTHORITY_POLICY,  true,  BODY_JSON, ROUTES(hub_service) },
    {SURFACE_HUB,    AUTHORITY_HANDLER, true,  BODY_JSON, ROUTES(hub_modules) },
    {SURFACE_HUB,    AUTHORITY_HANDLER, true,  BODY_RAW,  ROUTES(hub_device)  },
    {SURFACE_DPS,    AUTHORITY_HANDLER, true,  BODY_JSON, ROUTES(dps_device)  },
};
const size_t cloud_table_count = sizeof(cloud_tables) / sizeof(cloud_tables[0]);
