#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Speaks to the daemons as IoT Edge's aziot-edged does, byte by byte.

  edged.py SOCKET-DIRECTORY HUB CA-FILE CSR-FILE ISSUED-FILE

Its two clients are as particular as the real ones. That of keys writes in
small pieces, without Host; wants the whole head with the first read, at most
16 fields, and exactly "application/json"; and never retries. The other one has
Host, and wants exactly the status that it knows. Both open a connection for
each request. Ends with the reason if a daemon does anything else.
"""
import base64
import json
import os
import socket
import ssl
import subprocess
import sys
import time
import urllib.parse

FIRST_READ = 512
FIELDS_MAX = 16
PATIENCE_SECONDS = 600


def fail(*what):
    sys.exit("edged: " + " ".join(str(part) for part in what))


def connect(directory, daemon):
    peer = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    peer.settimeout(PATIENCE_SECONDS)
    peer.connect(f"{directory}/{daemon}.sock")
    return peer


def read_head(data, what):
    head, found, rest = data.partition(b"\r\n\r\n")
    if not found:
        fail(what, "the head is not whole in the first read:", data)
    lines = head.decode("ascii").split("\r\n")
    if len(lines) - 1 > FIELDS_MAX:
        fail(what, "has", len(lines) - 1, "fields")
    fields = {}
    for line in lines[1:]:
        name, _, value = line.partition(":")
        fields[name.lower()] = value.strip()
    return int(lines[0].split(" ")[1]), fields, rest


def read_answer(peer, what):
    """The status and the JSON; with a length until that, else until the end."""
    data = peer.recv(FIRST_READ)
    if not data:
        fail(what, "was closed in silence")
    status, fields, rest = read_head(data, what)
    if status == 204:
        if rest or fields.get("content-length", "0") != "0":
            fail(what, "has a body:", rest)
        if peer.recv(1):
            fail(what, "says more after 204")
        return status, None
    if fields.get("content-type") != "application/json":
        fail(what, "is", fields.get("content-type"))
    length = fields.get("content-length")
    while length is None or len(rest) < int(length):
        more = peer.recv(4096)
        if not more:
            break
        rest += more
    return status, json.loads(rest)


class Daemons:
    def __init__(self, directory):
        self.directory = directory

    def ask(self, daemon, method, target, version, body=None, pieces=False):
        text = b"" if body is None else json.dumps(body).encode()
        parts = [f"{method} {target}{'&' if '?' in target else '?'}"
                 f"api-version={version} HTTP/1.1\r\n"]
        if not pieces:
            parts.append(f"host: {daemon}.sock\r\n")
        if body is not None:
            parts.append(f"content-length: {len(text)}\r\n")
            parts.append("content-type: application/json\r\n")
        parts.append("\r\n")
        with connect(self.directory, daemon) as peer:
            if pieces:
                for part in parts:
                    for half in (part[:7], part[7:]):
                        peer.sendall(half.encode())
                peer.sendall(text)
            else:
                peer.sendall("".join(parts).encode() + text)
            return read_answer(peer, f"{method} {daemon} {target}")

    def expect(self, status, daemon, method, target, version, body=None,
               pieces=False):
        got, answer = self.ask(daemon, method, target, version, body, pieces)
        if got != status:
            fail(method, daemon, target, "answered", got, answer)
        return answer


def members(value, *names):
    """Exactly these members, in this order."""
    if list(value) != list(names):
        fail("members", list(value), "instead of", names)
    return value


# --- identities ---------------------------------------------------------------

def get_device(daemons):
    identity = daemons.expect(200, "identityd", "POST", "/identities/device",
                              "2020-09-01", {"type": "aziot"})
    members(identity, "type", "spec")
    members(identity["spec"], "hubName", "gatewayHost", "deviceId", "auth")
    members(identity["spec"]["auth"], "type", "keyHandle", "certId")
    return identity["spec"]


def look_at_provisioning(daemons):
    for version in ("2021-12-01", "2022-08-01"):
        members(daemons.expect(200, "identityd", "GET",
                               "/identities/provisioning", version),
                "source", "auth", "endpoint", "scope_id", "registration_id",
                "payload")
    daemons.expect(404, "identityd", "GET", "/identities/provisioning",
                   "2020-09-01")
    daemons.expect(400, "identityd", "GET", "/identities/provisioning",
                   "2020-09-01-preview")


def run_module(daemons, name):
    made = daemons.expect(200, "identityd", "POST", "/identities/modules",
                          "2020-09-01", {"type": "aziot", "moduleId": name})
    members(made["spec"], "hubName", "gatewayHost", "deviceId", "moduleId",
            "genId", "auth")
    path = f"/identities/modules/{name}?type=aziot"
    for version in ("2020-09-01", "2021-12-01", "2022-08-01"):
        got = daemons.expect(200, "identityd", "GET", path, version)
        if got["spec"]["genId"] != made["spec"]["genId"]:
            fail("another generation:", got)
    daemons.expect(200, "identityd", "PUT", path, "2020-09-01",
                   {"type": "aziot", "moduleId": name})
    listed = daemons.expect(200, "identityd", "GET",
                            "/identities/modules?type=aziot", "2020-09-01")
    if [one["spec"]["moduleId"] for one in listed["identities"]] != [name]:
        fail("the list is", listed)
    return got["spec"]


# --- keys ---------------------------------------------------------------------

def sign(daemons, handle, algorithm, parameters, version="2020-09-01"):
    return daemons.expect(200, "keyd", "POST", "/sign", version,
                          {"keyHandle": handle, "algorithm": algorithm,
                           "parameters": parameters}, pieces=True)["signature"]


def encode(data):
    return base64.b64encode(data).decode()


def send_message(daemons, hub, ca_file, spec):
    """As edged signs for a module: HMAC-SHA256 with the module's handle."""
    resource = urllib.parse.quote(
        f"{spec['hubName']}/devices/{spec['deviceId']}/modules/"
        f"{spec['moduleId']}", safe="")
    expires = int(time.time()) + 600
    signature = sign(daemons, spec["auth"]["keyHandle"], "HMAC-SHA256",
                     {"message": encode(f"{resource}\n{expires}".encode())})
    host, port = hub.split(":")
    context = ssl.create_default_context(cafile=ca_file)
    with socket.create_connection((host, int(port)), timeout=60) as plain, \
            context.wrap_socket(plain, server_hostname=host) as peer:
        peer.sendall(
            (f"POST /devices/{spec['deviceId']}/modules/{spec['moduleId']}"
             "/messages/events?api-version=2021-04-12 HTTP/1.1\r\n"
             f"Host: {hub}\r\nContent-Length: 2\r\nAuthorization: "
             f"SharedAccessSignature sr={resource}"
             f"&sig={urllib.parse.quote(signature, safe='')}&se={expires}\r\n"
             "Connection: close\r\n\r\nhi").encode())
        status = peer.recv(4096).split(b" ")[1]
    if status != b"204":
        fail("the hub answers the module's message with", status)


def use_device_key(daemons, handle):
    """What the engine of OpenSSL does in a handshake."""
    for version in ("2020-09-01", "2021-05-01"):
        for name in ("algorithm", "ec-curve-oid", "ec-point"):
            daemons.expect(200, "keyd", "POST", f"/parameters/{name}", version,
                           {"keyHandle": handle}, pieces=True)
        sign(daemons, handle, "ECDSA", {"digest": encode(bytes(32))}, version)


def encrypt_as_for_modules(daemons):
    handle = daemons.expect(
        200, "keyd", "POST", "/key", "2020-09-01",
        {"keyId": "iotedge_master_encryption_id", "keyBytes": None,
         "usage": "encrypt"}, pieces=True)["keyHandle"]
    parameters = {"iv": encode(b"0123456789ab"), "aad": encode(b"m1637")}
    sealed = daemons.expect(
        200, "keyd", "POST", "/encrypt", "2020-09-01",
        {"keyHandle": handle, "algorithm": "AEAD", "parameters": parameters,
         "plaintext": encode(b"secret of a module")}, pieces=True)["ciphertext"]
    opened = daemons.expect(
        200, "keyd", "POST", "/decrypt", "2020-09-01",
        {"keyHandle": handle, "algorithm": "AEAD", "parameters": parameters,
         "ciphertext": sealed}, pieces=True)["plaintext"]
    if base64.b64decode(opened) != b"secret of a module":
        fail("the secret is", opened)


def renew_edge_ca(daemons):
    """A new key beside the old one, which it then replaces."""
    old = daemons.expect(200, "keyd", "POST", "/keypair", "2020-09-01",
                         {"keyId": "aziot-edged-ca",
                          "preferredAlgorithms": "rsa-2048:*"}, pieces=True)
    daemons.expect(200, "keyd", "POST", "/keypair", "2020-09-01",
                   {"keyId": "aziot-edged-ca-temp",
                    "preferredAlgorithms": "rsa-2048:*"}, pieces=True)
    daemons.expect(204, "keyd", "POST", "/keypair/aziot-edged-ca",
                   "2020-09-01", {"from": "aziot-edged-ca-temp"}, pieces=True)
    daemons.expect(204, "keyd", "POST", "/keypair/aziot-edged-ca",
                   "2020-09-01", {"from": "aziot-edged-ca-temp"}, pieces=True)
    daemons.expect(400, "keyd", "GET", "/keypair/aziot-edged-ca-temp",
                   "2020-09-01", pieces=True)
    return old["keyHandle"]


# --- certificates -------------------------------------------------------------

def request_with_key_of_keyd(name):
    """Signed through OpenSSL's engine, as edged does it."""
    return subprocess.run(
        ["openssl", "req", "-new", "-subj", f"/CN={name}", "-engine", "pkcs11",
         "-keyform", "engine", "-key",
         f"pkcs11:token=Signet;object={name};type=private"],
        env=dict(os.environ, OPENSSL_CONF=os.environ["ENGINE_CONF"]),
        check=True, capture_output=True, text=True).stdout


def issue_edge_ca(daemons):
    """A temporary one first, which is then put in place."""
    csr = request_with_key_of_keyd("aziot-edged-ca")
    made = daemons.expect(201, "certd", "POST", "/certificates", "2020-09-01",
                          {"certId": "aziot-edged-ca-temp", "csr": csr,
                           "issuer": None})["pem"]
    daemons.expect(201, "certd", "PUT", "/certificates/aziot-edged-ca",
                   "2020-09-01", {"pem": made})
    daemons.expect(204, "certd", "DELETE", "/certificates/aziot-edged-ca-temp",
                   "2020-09-01")


def issue_for_module(daemons, issuer_handle, csr, issued_file):
    name = "aziot-edged/module/m1:server"
    made = daemons.expect(
        201, "certd", "POST", "/certificates", "2020-09-01",
        {"certId": name, "csr": csr,
         "issuer": {"certId": "aziot-edged-ca",
                    "privateKeyHandle": issuer_handle}})["pem"]
    with open(issued_file, "w", encoding="ascii") as file:
        file.write(made)


def main(directory, hub, ca_file, csr_file, issued_file):
    daemons = Daemons(directory)
    device = get_device(daemons)
    look_at_provisioning(daemons)
    use_device_key(daemons, device["auth"]["keyHandle"])
    daemons.expect(200, "certd", "GET",
                   f"/certificates/{device['auth']['certId']}", "2020-09-01")
    module = run_module(daemons, "m1")
    send_message(daemons, hub, ca_file, module)
    encrypt_as_for_modules(daemons)
    issuer = renew_edge_ca(daemons)
    issue_edge_ca(daemons)
    with open(csr_file, encoding="ascii") as file:
        issue_for_module(daemons, issuer, file.read(), issued_file)
    daemons.expect(200, "identityd", "GET", "/trust-bundle", "2020-09-01")
    daemons.expect(204, "identityd", "POST", "/identities/device/reprovision",
                   "2020-09-01", {"type": "aziot"})
    if get_device(daemons)["deviceId"] != device["deviceId"]:
        fail("the device has another name now")
    for _ in range(2):
        daemons.expect(204, "identityd", "DELETE",
                       "/identities/modules/m1?type=aziot", "2020-09-01")
    print("whole story told")


if __name__ == "__main__":
    main(*sys.argv[1:])
