/* SPDX-License-Identifier: MIT */
/* What all pages of the portal share: head, navigation, lists, small parts. */
#ifndef CLOUD_PORTAL_FRAME_H
#define CLOUD_PORTAL_FRAME_H

#include "cloud.h"
#include "html.h"

#define PORTAL_PAGE_TYPE "text/html; charset=utf-8"

enum portal_section {
	SECTION_NONE,
	SECTION_OVERVIEW,
	SECTION_ENROLLMENTS,
	SECTION_CERTIFICATES,
	SECTION_REGISTRATIONS,
	SECTION_DEVICES,
};

/*
 * Begins a page: with the navigation if somebody is signed in, and with the
 * notice that "done" in the query asks for. title becomes its heading.
 */
void frame_begin(struct html *html, const struct request *request,
    enum portal_section section, const char *title);

/* Ends the page and replies with it. */
MUST_CHECK enum error_code frame_end(
    struct html *html, unsigned status, struct reply *reply, struct error *err);

/* The page of a refusal, which reply is. free(); NULL: no memory. */
char *frame_refusal(const struct request *request, const struct reply *reply);

/*
 * Begins a form that is sent to action (or, if NULL, to where the page is),
 * with the session's token in it; the caller ends it.
 */
void frame_form(
    struct html *html, const struct request *request, const char *action);

/* What is to be deleted. */
struct frame_question {
	enum portal_section section;
	const char *id;
	const char *etag; /* of what is seen now; sent back as "etag" */
	const char *consequence;
};

/* A page that asks before it is. */
MUST_CHECK enum error_code frame_ask(const struct request *request,
    const struct frame_question *question, struct reply *reply,
    struct error *err);

/*
 * True if the form was made for what has etag now; else that is said, and
 * reply->status is not 0.
 */
bool frame_is_fresh(
    const struct request *request, const char *etag, struct reply *reply);

/* Sends the browser to PORTAL "/" folder ["/" id] "?done=" done. */
MUST_CHECK enum error_code frame_done(struct reply *reply, const char *folder,
    const char *id, const char *done, struct error *err);

/* ---- lists ---- */

#define LIST_ROWS 25

/* The rows that request wants: one more than are shown. */
struct listing list_wanted(const struct request *request);

/* The field to search in. what is that of which the list is. */
void list_search(
    struct html *html, const struct request *request, const char *what);

/*
 * Links to the first page and to the one behind the row last (NULL: there is
 * none), as far as they are others than this one.
 */
void list_pages(
    struct html *html, const struct request *request, const char *last);

/*
 * Cuts items down to what is shown; the id of the last one if there are more.
 * id_member is the member of an item that holds its id.
 */
const char *list_cut(json_t *items, const char *id_member);

/* ---- small parts ---- */

/* A time as the APIs write it, for people. */
void part_time(struct html *html, const char *utc);

/* A word in a colour: "enabled", "assigned", "failed", ... */
void part_badge(struct html *html, const char *word);

/* A text to be copied, under its label. */
void part_copy(
    struct html *html, const char *id, const char *label, const char *text);

/* A row of a list of facts. Nothing for a value that is NULL. */
void part_fact(struct html *html, const char *label, const char *value);

/* The same of a time. */
void part_fact_time(struct html *html, const char *label, const char *utc);

/* JSON, indented, to be read. */
void part_json(struct html *html, const char *label, const json_t *value);

/* JSON as people edit it; free(); NULL: no memory. */
char *json_pretty(const json_t *value);

#endif
