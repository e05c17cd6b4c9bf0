/* SPDX-License-Identifier: MIT */
/*
 * The web portal: pages for what the service APIs do. It has no rules of its
 * own: pages read the stores, and change them by the functions that the APIs
 * use. All of it works without JavaScript.
 */
#ifndef CLOUD_PORTAL_H
#define CLOUD_PORTAL_H

#include "cloud.h"

#define PORTAL "/portal"

/*
 * Lets a request in that has the cookie of a session, and sets
 * request->session; any other is sent to the page for signing in.
 */
MUST_CHECK enum error_code portal_admit(struct cloud *cloud,
    struct request *request, struct reply *reply, struct error *err);

/*
 * True if request would change something and comes from another site's page,
 * or from a form that is not of its session; then reply is a refusal.
 */
bool portal_refuse_foreign(const struct request *request, struct reply *reply);

/*
 * Makes a page of a refusal, and adds the headers that keep a browser from
 * being misled by what is served.
 */
void portal_finish(const struct request *request, struct reply *reply);

handler portal_root, portal_show_sign_in, portal_sign_in, portal_sign_out;
handler portal_asset, portal_overview, portal_ca;

handler portal_new_individual, portal_new_group;
handler portal_list_individuals, portal_list_groups;
handler portal_add_individual, portal_add_group;
handler portal_show_individual, portal_show_group;
handler portal_save_individual, portal_save_group;
handler portal_ask_individual, portal_ask_group;
handler portal_delete_individual, portal_delete_group;

handler portal_list_certificates, portal_add_certificate;
handler portal_show_certificate, portal_make_code, portal_verify_certificate;
handler portal_ask_certificate, portal_delete_certificate;

handler portal_list_registrations, portal_show_registration;
handler portal_ask_registration, portal_delete_registration;

handler portal_list_devices, portal_show_device, portal_save_twin;

#endif
