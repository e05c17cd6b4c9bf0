/* SPDX-License-Identifier: MIT */
#include "dispatch.h"
#include "dps_enrollments.h"
#include "dps_register.h"
#include "dps_registrations.h"
#include "hub_device.h"
#include "hub_registry.h"

#define DPS SURFACE_DPS
#define HUB SURFACE_HUB
#define DEVICE AUTHORITY_DEVICE
#define POLICY AUTHORITY_POLICY

/* The first that matches wins. */
const struct route cloud_routes[] = {
  /* DPS, service side */
    {"POST",   "/enrollments/query",                 DPS, POLICY, true,  NULL,        query_individuals},
    {"GET",    "/enrollments/{}",                    DPS, POLICY, false, NULL,        get_individual   },
    {"PUT",    "/enrollments/{}",                    DPS, POLICY, true,  NULL,        put_individual   },
    {"DELETE", "/enrollments/{}",                    DPS, POLICY, false, NULL,        delete_individual},
    {"POST",   "/enrollmentGroups/query",            DPS, POLICY, true,  NULL,        query_groups     },
    {"GET",    "/enrollmentGroups/{}",               DPS, POLICY, false, NULL,        get_group        },
    {"PUT",    "/enrollmentGroups/{}",               DPS, POLICY, true,  NULL,        put_group        },
    {"DELETE", "/enrollmentGroups/{}",               DPS, POLICY, false, NULL,        delete_group     },
    {"GET",    "/registrations/{}",                  DPS, POLICY, false, NULL,        get_registration },
    {"DELETE", "/registrations/{}",                  DPS, POLICY, false, NULL,
     delete_registration									       },
    {"POST",   "/registrations/{}/query",            DPS, POLICY, false, NULL,
     query_registrations									       },

 /* IoT Hub, service side */
    {"GET",    "/devices",			   HUB, POLICY, false, NULL,        list_devices     },
    {"GET",    "/devices/{}",                        HUB, POLICY, false, NULL,        get_device       },
    {"DELETE", "/devices/{}",                        HUB, POLICY, false, NULL,        delete_device    },
    {"GET",    "/twins/{}",			  HUB, POLICY, false, NULL,        get_twin         },

 /* IoT Hub, device side */
    {"POST",   "/devices/{}/messages/events",        HUB, DEVICE, false, "telemetry",
     send_telemetry										    },

 /* DPS, device side: the ID scope is the first segment */
    {"PUT",    "/{}/registrations/{}/register",      DPS, DEVICE, true,  "register",
     register_device										   },
    {"GET",    "/{}/registrations/{}/operations/{}", DPS, DEVICE, false, "status",
     get_operation										     },
    {"POST",   "/{}/registrations/{}",               DPS, DEVICE, true,  "lookup",
     look_up_registration									      },
};
const size_t cloud_route_count = sizeof(cloud_routes) / sizeof(cloud_routes[0]);
