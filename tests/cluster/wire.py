#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A long cable: between a network interface and a bridge, each frame so many milliseconds later, in order.

usage: wire.py INTERFACE BRIDGE MILLISECONDS

For kernels without netem. Takes the interface off its bridge and puts a tap there; both sides of it hand over
frames with virtio's header, so that checksums and segments that the kernel has left to the hardware stay right.
"""
import collections
import fcntl
import os
import select
import socket
import struct
import subprocess
import sys
import time

TUNSETIFF, TUNSETOFFLOAD, TUNSETVNETHDRSZ = 0x400454CA, 0x400454D0, 0x400454D8
IFF_TAP, IFF_NO_PI, IFF_VNET_HDR = 0x2, 0x1000, 0x4000
OFFLOADS = 0x1 | 0x2 | 0x4  # checksums, segments of TCP over IPv4 and IPv6
SOL_PACKET, PACKET_VNET_HDR, ETH_P_ALL = 263, 15, 3
LARGEST = 1 << 17


def open_tap(name):
    tap = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(tap, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TAP | IFF_NO_PI | IFF_VNET_HDR))
    fcntl.ioctl(tap, TUNSETVNETHDRSZ, struct.pack("i", 10))
    fcntl.ioctl(tap, TUNSETOFFLOAD, OFFLOADS)
    return tap


def open_end(name):
    end = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    end.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
    end.bind((name, ETH_P_ALL))
    end.setblocking(False)
    return end


def received(end):
    frame, sender = end.recvfrom(LARGEST)
    return None if sender[2] == socket.PACKET_OUTGOING else frame


def carry(tap, end, delay):
    sides = {tap: (lambda: os.read(tap, LARGEST), lambda frame: end.send(frame)),
             end.fileno(): (lambda: received(end), lambda frame: os.write(tap, frame))}
    waiting = collections.deque()  # one delay for all: the order of arrival is that of leaving
    while True:
        left = max(0, waiting[0][0] - time.monotonic()) if waiting else None
        ready = select.select(list(sides), [], [], left)[0]
        for side in ready:
            try:
                frame = sides[side][0]()
            except BlockingIOError:
                continue
            if frame:
                waiting.append((time.monotonic() + delay, sides[side][1], frame))
        while waiting and waiting[0][0] <= time.monotonic():
            _, send, frame = waiting.popleft()
            try:
                send(frame)
            except OSError:
                pass  # a cable may lose a frame


def main():
    interface, bridge, milliseconds = sys.argv[1:]
    name = interface.replace(".", "w")
    subprocess.run(["ip", "link", "set", interface, "nomaster"], check=True)
    tap, end = open_tap(name), open_end(interface)
    subprocess.run(["ip", "link", "set", interface, "promisc", "on"], check=True)
    subprocess.run(["ip", "link", "set", name, "master", bridge, "up"], check=True)
    print("begun", flush=True)
    carry(tap, end, float(milliseconds) / 1000)


main()
