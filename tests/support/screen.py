# SPDX-License-Identifier: Apache-2.0
"""screen.py ROWS COLUMNS SECONDS KEYS COMMAND... - runs a program on a terminal of that size, types the
keys after so many seconds, and prints the last screen that it drew; fails where it does not end then, or
leaves the terminal other than it was."""
import fcntl
import os
import pty
import re
import select
import struct
import sys
import termios
import time

rows, columns, seconds = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
keys = sys.argv[4].encode().decode("unicode_escape").encode()
pid, terminal = pty.fork()
if pid == 0:
    os.environ["TERM"] = "xterm"
    time.sleep(0.1)  # the size is set by then
    os.execvp(sys.argv[5], sys.argv[5:])
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
out, began, typed = b"", time.time(), False
while time.time() < began + seconds + 10:
    if select.select([terminal], [], [], 0.05)[0]:
        try:
            some = os.read(terminal, 65536)
        except OSError:
            break
        if not some:
            break
        out += some
    if not typed and time.time() > began + seconds:
        os.write(terminal, keys)
        typed = True
else:
    os.kill(pid, 9)
    sys.exit("the program did not end")
code = os.waitpid(pid, 0)[1]
if not out.rstrip().endswith(b"\x1b[?25h\x1b[?1049l"):
    sys.exit("the terminal was left otherwise than it was")
frame = out.replace(b"\x1b[H\x1b[2J", b"").split(b"\x1b[H")[-1].split(b"\x1b[?25h")[0]
frame = re.sub(rb"\x1b\[[?0-9;]*[A-Za-z]", b"", frame).replace(b"\r", b"").decode()
lines = frame.split("\n")
print(frame)
if len(lines) > rows or max(map(len, lines)) > columns:
    sys.exit("the page does not fit")
sys.exit(code != 0)
