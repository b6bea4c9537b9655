#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# hostile.py - calls the port of a head as nobody should: hostile.py KIND STORE/head.json. Kinds: 0 the wrong token, 1
# garbage, 2 1 GiB in one line, 3 a slow sender, 4 a frame of 1 GiB behind the right token, 5 a hundred at a time that
# say nothing. Prints the kind and how it ended; exit code 1 where the head took more than it should.
import json
import os
import socket
import subprocess
import sys
import time

KIND = int(sys.argv[1])
try:
    with open(sys.argv[2], encoding="utf-8") as file:
        HEAD = json.load(file)
except (OSError, ValueError):
    sys.exit(0)  # the head is gone
PLACE = (HEAD["addresses"][-1], HEAD["port"])
LIMIT = 30  # seconds in which a head has dropped whoever it is


def call():
    s = socket.create_connection(PLACE, 5)
    s.settimeout(LIMIT)
    return s


def pour(s, total):
    """Bytes that got through until it was dropped."""
    block, sent = os.urandom(1 << 16).replace(b"\n", b"n"), 0
    while sent < total:
        sent += s.send(block)
    return sent


def closed(s):
    try:
        while s.recv(1 << 16):
            pass
    except ConnectionError:
        pass


def by_tls(token, data, most):
    """What openssl got through of `data`, again and again, up to `most` bytes."""
    command = ["openssl", "s_client", "-connect", "%s:%d" % PLACE, "-tls1_3", "-psk", token, "-psk_identity", "ablate",
               "-ciphersuites", "TLS_AES_128_GCM_SHA256", "-quiet"]
    sent = 0
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as p:
        try:
            while sent < most and p.poll() is None:
                sent += p.stdin.write(data)
                p.stdin.flush()
            p.stdin.close()
        except BrokenPipeError:
            pass
        try:
            p.wait(LIMIT)
        except subprocess.TimeoutExpired:
            p.kill()
            return -1
    return sent


def fail(text):
    print(KIND, text)
    sys.exit(1)


began = time.monotonic()
try:
    if KIND == 0:
        if by_tls(os.urandom(16).hex(), b"@ablate {}\n", 11) < 0:
            fail("the wrong token is heard")
    elif KIND == 1:
        with call() as caller:
            caller.sendall(os.urandom(1 << 14))
            closed(caller)
    elif KIND == 2:
        with call() as caller:
            if pour(caller, 1 << 30) >= 1 << 30:
                fail("it was all taken")
    elif KIND == 3:
        with call() as caller:
            while time.monotonic() < began + LIMIT:
                caller.send(b"\x16")
                time.sleep(.5)
            fail("a slow sender is heard")
    elif KIND == 4:
        if by_tls(HEAD["token"], b"@ablate " + b"x" * ((1 << 16) - 8), 1 << 30) >= 1 << 30:
            fail("it was all taken")
    else:
        callers = [call() for _ in range(100)]
        for caller in callers:
            closed(caller)
except ConnectionRefusedError:
    sys.exit(0)  # the head is gone
except ConnectionError:
    pass
except TimeoutError:
    fail("not dropped")
print(KIND, "dropped")
