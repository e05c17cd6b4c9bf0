#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Holds an OpenAPI 3.1 file against the rules, and answers against the file.

  openapi.py FILE check
      Fails unless the file has the form of OpenAPI as far as we use it: every
      reference leads somewhere and everything is referred to, every schema is
      one, every example is as its schema says, every operation is complete.
  openapi.py FILE operations
      Prints "METHOD PATH STATUS" of each operation and its success.
  openapi.py FILE answer METHOD PATH STATUS
      Fails unless standard input is what the operation answers with STATUS.
"""
import json
import sys

import yaml
from jsonschema import Draft202012Validator, RefResolver

METHODS = ("delete", "get", "post", "put")
OPERATION = {"operationId", "x-since", "x-for", "tags", "summary",
             "description", "parameters", "requestBody", "responses"}


def fail(*what):
    sys.exit("openapi: " + " ".join(str(part) for part in what))


class File:
    def __init__(self, path):
        with open(path, encoding="utf-8") as stream:
            try:
                self.document = yaml.safe_load(stream)
            except yaml.YAMLError as error:
                fail(path, error)
        self.resolver = RefResolver("", self.document)
        self.used = set()

    def resolve(self, value):
        while isinstance(value, dict) and "$ref" in value:
            self.used.add(value["$ref"])
            _, value = self.resolver.resolve(value["$ref"])
        return value

    def validate(self, schema, value, where):
        validator = Draft202012Validator(schema, resolver=self.resolver)
        for error in validator.iter_errors(value):
            fail(where, "-", error.message, "at", list(error.absolute_path))

    def operations(self):
        for path, item in self.document["paths"].items():
            for method, operation in item.items():
                if method not in METHODS:
                    fail(path, "has", method)
                yield method, path, operation


def success_of(operation):
    found = [status for status in operation["responses"] if status[0] == "2"]
    if not found:
        fail(operation["operationId"], "has no success")
    return min(found)


def check_media(file, content, where):
    for kind, media in content.items():
        schema = media.get("schema") or fail(where, kind, "has no schema")
        examples = [e["value"] for e in media.get("examples", {}).values()]
        if "example" in media:
            examples.append(media["example"])
        if kind == "application/json" and not examples:
            fail(where, "has no example")
        for example in examples:
            file.validate(schema, example, where)


def check_parameters(file, path, operation):
    names = []
    for parameter in map(file.resolve, operation["parameters"]):
        if set(parameter) - {"name", "in", "required", "schema", "description"}:
            fail(path, "parameter", parameter)
        if parameter["in"] == "path":
            names.append("{" + parameter["name"] + "}")
            if not parameter["required"]:
                fail(path, "parameter", parameter["name"], "is in the path")
    expected = [part for part in path.split("/") if part.startswith("{")]
    if names != expected:
        fail(path, "has parameters", names)
    versions = file.resolve(operation["parameters"][0])
    if min(versions["schema"]["enum"]) != operation["x-since"]:
        fail(path, "x-since and the api-versions differ")


def check_operation(file, method, path, operation):
    where = operation["operationId"]
    if set(operation) - OPERATION:
        fail(where, "has", set(operation) - OPERATION)
    if operation["x-for"] not in ("anyone", "principals"):
        fail(where, "is for", operation["x-for"])
    if set(operation["tags"]) - {t["name"] for t in file.document["tags"]}:
        fail(where, "has unknown tags")
    check_parameters(file, path, operation)
    if "requestBody" in operation:
        if method == "get" or "422" not in operation["responses"]:
            fail(where, "has a body, and a wrong one no answer")
        check_media(file, operation["requestBody"]["content"], where)
    if operation["x-for"] == "principals" and "401" not in operation["responses"]:
        fail(where, "is refused with 401")
    success_of(operation)
    for status, response in operation["responses"].items():
        response = file.resolve(response)
        if not response["description"]:
            fail(where, status, "has no description")
        check_media(file, response.get("content", {}), f"{where} {status}")


def find_references(value):
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from find_references(item)


def check(file):
    document = file.document
    if not document["openapi"].startswith("3.1."):
        fail("this is not OpenAPI 3.1")
    references = set(find_references(document))
    for reference in references:
        file.resolver.resolve(reference)
    for kind, components in document["components"].items():
        for name in components:
            if f"#/components/{kind}/{name}" not in references:
                fail(kind, name, "is not used")
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    names = [operation["operationId"] for _, _, operation in file.operations()]
    if len(names) != len(set(names)):
        fail("an operationId is there twice")
    for method, path, operation in file.operations():
        check_operation(file, method, path, operation)


def check_answer(file, method, path, status, text):
    operation = file.document["paths"][path][method.lower()]
    response = file.resolve(operation["responses"].get(status) or
                            fail(method, path, "is not said to answer", status))
    content = response.get("content")
    if not content:
        if text:
            fail(method, path, status, "has a body:", text)
        return
    if "application/json" in content:
        file.validate(content["application/json"]["schema"], json.loads(text),
                      f"{method} {path} {status}")


def main(path, command, *arguments):
    file = File(path)
    if command == "check":
        check(file)
    elif command == "operations":
        for method, path, operation in file.operations():
            print(method.upper(), path, success_of(operation))
    elif command == "answer":
        check_answer(file, *arguments, sys.stdin.read())
    else:
        fail("no command", command)


main(*sys.argv[1:])
