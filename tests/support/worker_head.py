# SPDX-License-Identifier: Apache-2.0
"""worker_head.py - a head for one worker, to try `ablate worker --stdio`.

usage: worker_head.py ABLATE STORE TRIAL
TRIAL is a trial file of a study whose program prints $POINTS points, says "ready" and sleeps for $SLEEP
seconds. Prints a line for each
thing that was tried, "good WHAT" or "bad WHAT: WHY".
"""
import contextlib
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import time

MARK = b"@ablate "
ablate, store, trial_file = sys.argv[1:4]
trial = json.load(open(trial_file))
key = trial["key"]
attempts = iter(range(100, 1000))
SOON = 30  # seconds: longer than anything here takes


class Worker:
    def __init__(self, *more, program=(ablate,), welcome=None, **environment):
        self.process = subprocess.Popen(
            [*program, "worker", "--stdio", "--store", store, *more], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
            env=dict(os.environ, **environment))
        self.rest = b""
        self.heard = []
        self.hello = self.wait("hello")
        if welcome is not None:
            self.welcome(**welcome)

    def welcome(self, **members):
        usual = dict(worker=7, beat=.2, lease=60, grace=5, linger=5, token="")
        self.say("welcome", **dict(usual, **members))

    def say(self, what, **members):
        self.send(MARK + json.dumps(dict(say=what, **members)).encode() + b"\n")

    def send(self, data):
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def read(self, seconds):
        """More messages into self.heard; False at the end."""
        if not select.select([self.process.stdout], [], [], seconds)[0]:
            return True
        data = os.read(self.process.stdout.fileno(), 1 << 20)
        lines = (self.rest + data).split(b"\n")
        self.rest = lines.pop()
        for line in lines:
            assert not line or line.startswith(MARK), line
            if line:
                self.heard.append(json.loads(line[len(MARK):]))
        return bool(data)

    def wait(self, what, **members):
        """The next message of that kind; those before it are passed over."""
        until = time.monotonic() + SOON
        while time.monotonic() < until:
            while self.heard:
                m = self.heard.pop(0)
                if m["say"] == what and all(m[k] == v for k, v in members.items()):
                    return m
            if not self.read(1):
                break
        raise AssertionError("no %s came; it says: %s" % (what, self.end()[1]))

    def end(self, code=None):
        """How it ended: the exit code, and what it said."""
        try:
            _, said = self.process.communicate(timeout=SOON)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise AssertionError("it does not end: %s" % self.process.communicate()[1].decode())
        said = said.decode()
        assert code is None or self.process.returncode == code, (self.process.returncode, said)
        return self.process.returncode, said

    def start(self, sleep=0, points=0, **members):
        """Starts the stage as a new attempt; returns its number."""
        attempt = next(attempts)
        own = json.loads(json.dumps(trial))
        folder = "%s/work/%s/%d" % (store, key, attempt)
        own["attempt"], own["output"], own["order"]["out"] = attempt, folder, folder + ".out"
        own["order"]["environment"] = [{"name": "SLEEP", "value": str(sleep)},
                                       {"name": "POINTS", "value": str(points)}]
        for name in folder, folder + ".out":
            os.makedirs(name, exist_ok=True)
        roots = members.get("roots", {"store": store})["store"]
        with open(folder + ".json", "w") as file:
            file.write(json.dumps(own).replace(store + "/", roots + "/"))
        order = dict(key=key, attempt=attempt, trial="work/%s/%d.json" % (key, attempt),
                     log="logs/%d.log" % attempt, roots={"store": store, "data": None}, threads=1,
                     cards=[], memory=0, seconds=0, environment=[], files=[])
        order.update(members)
        self.say("start", **order)
        return attempt

    def start_and_wait(self, sleep, **members):
        """The same, until its program runs; returns the id of its process, too."""
        attempt = self.start(sleep, **members)
        pid = self.wait("started", attempt=attempt)["pid"]
        log = "%s/logs/%d.log" % (store, attempt)
        until(lambda: os.path.exists(log) and "ready" in open(log).read())
        return attempt, pid

    def hang_up(self):
        self.process.stdin.close()
        self.process.stdin = None


def sealed(attempt):
    return os.path.exists("%s/work/%s/%d.sealed" % (store, key, attempt))


def until(true):
    end = time.monotonic() + SOON
    while not true():
        assert time.monotonic() < end, "it does not come to be"
        time.sleep(.01)


def alive(pid):
    try:
        return open("/proc/%d/stat" % pid).read().split(")")[1].split()[0] != "Z"
    except OSError:
        return False


def says_what_it_is():
    w = Worker("--workers", "3", "--threads", "2", SLURM_JOB_ID="17", SLURM_ARRAY_TASK_ID="4",
               SLURMD_NODENAME="n1", SLURM_JOB_END_TIME=str(int(time.time()) + 1000),
               CUDA_VISIBLE_DEVICES="0,2")
    h = w.hello
    assert (h["slots"], h["threads"], h["job"], h["array"], h["node"]) == (3, 2, "17", "4", "n1")
    assert h["cards"] == ["0", "2"] and 990 < h["seconds_left"] <= 1000 and h["memory"] > 1e6
    assert len(h["keys"]) == 32 and h["running"] == h["sealed"] == [] and h["host"] and h["kernels"]
    w.say("bye")
    w.end(0)


def runs_and_relays():
    w = Worker("--workers", "2", welcome={})
    a = w.start()
    assert w.wait("started", attempt=a)["pid"] > 0
    lines = [json.loads(w.wait("line")["text"])]
    end = w.wait("ended", attempt=a)
    assert (end["kind"], end["exit_code"], end["asked"]) == ("exited", 0, False) and lines
    assert sealed(a) and w.wait("beat")["memory_left"] > 0
    assert "worker 7" in (w.say("bye"), w.end(0)[1])[1]


def finds_other_roots():
    w = Worker(welcome={})
    a = w.start(roots={"store": "/elsewhere/store", "data": None})
    assert w.wait("ended")["exit_code"] == 0 and sealed(a)
    assert os.path.exists("%s/work/%s/%d.json.w7" % (store, key, a))
    w.hang_up()
    w.end(0)


def takes_no_more_than_it_may():
    w = Worker("--workers", "1", welcome={})
    a = w.start(60)
    w.wait("started")
    b = w.start(0)
    assert w.wait("refused", attempt=b)["why"] == "start"
    w.say("start", **dict(json.loads("{}"), key=key, attempt=a, trial="x", log="x",
                          roots={"store": store, "data": None}, threads=1, cards=[], memory=0,
                          seconds=0, environment=[], files=[]))
    assert "already" in w.wait("refused", attempt=a)["text"]
    w.say("stop", key=key, attempt=a, hard=False)
    assert w.wait("ended", attempt=a)["asked"]
    c, _ = w.start_and_wait(60)
    w.say("drop", key=key, attempt=c)
    assert w.wait("ended", attempt=c)["signal"] == 9 and not sealed(c)
    w.say("bye")
    w.end(0)


def checks_the_data():
    w = Worker(welcome={})
    for path, words in ((ablate, "is not the file"), ("/nowhere/train.tsv", "/nowhere/train.tsv")):
        a = w.start(files=[{"path": path, "hash": "0" * 32}])
        refused = w.wait("refused", attempt=a)
        assert refused["why"] == "data" and words in refused["text"], refused
    w.say("bye")
    w.end(0)


def survives_signals_of_a_queue():
    w = Worker(welcome={})
    a, pid = w.start_and_wait(1)
    for name in signal.SIGHUP, signal.SIGINT, signal.SIGUSR2:
        os.kill(w.process.pid, name)
        os.kill(pid, name)
    end = w.wait("ended", attempt=a)
    assert end["kind"] == "exited" and not end["asked"], end
    w.say("bye")
    w.end(0)


def gives_back(name):
    w = Worker("--workers", "2", welcome={})
    a, pid = w.start_and_wait(60)
    os.kill(pid, name)  # Slurm may signal the whole tree
    os.kill(w.process.pid, name)
    w.wait("leaving")
    with contextlib.suppress(BrokenPipeError):  # it may be gone already
        w.say("start", key=key, attempt=1, trial="x", log="x", roots={"store": store, "data": None},
              threads=1, cards=[], memory=0, seconds=0, environment=[], files=[])
    os.kill(w.process.pid, name)
    end = w.wait("ended", attempt=a)
    assert end["asked"] and not sealed(a)
    w.end(0)


def leaves_before_its_time_is_up():
    w = Worker(welcome={}, SLURM_JOB_ID="1", SLURM_JOB_END_TIME=str(int(time.time()) + 100))
    a, _ = w.start_and_wait(60)
    w.welcome(grace=300)  # so long may it take to save
    assert "time is up" in w.wait("leaving")["why"]
    assert w.wait("ended", attempt=a)["asked"]
    w.end(0)


def lingers():
    w = Worker(welcome={})
    a, _ = w.start_and_wait(.5)
    w.hang_up()
    code, said = w.end(0)
    assert sealed(a) and "no head" in said, said
    w = Worker(welcome=dict(linger=.1))
    a, pid = w.start_and_wait(60)
    w.hang_up()
    assert "asked to save" in w.end(0)[1] and not sealed(a) and not alive(pid)


def is_not_held_up():
    w = Worker(welcome={})
    a = w.start(points=20000)
    until(lambda: sealed(a))  # nobody reads
    waited = int(w.wait("ended", attempt=a)["exit_code"])
    assert waited == 0 and not w.process.poll()
    w.say("bye")
    w.end(0)


def refuses_damage():
    for data, words in ((MARK + b"x" * (1 << 20), "longer than"), (MARK + b"{\n", "damaged frame"),
                        (MARK + b'{"say":"hello"}\n', "unknown message"),
                        (MARK + b'{"say":"stop","key":null,"attempt":0}\n', "'hard'")):
        w = Worker(welcome={})
        a = w.start(.1)
        w.wait("started")
        w.send(data)
        code, said = w.end(0)
        assert words in said and sealed(a), said
    w = Worker(welcome={})
    w.start(trial="../../etc/passwd")
    assert "'trial'" in w.end(0)[1]


def passes_over_words_of_a_launcher():
    w = Worker()
    w.send(b"Warning: Permanently added 'n1'\n\n\033[2J\xff\n")
    w.say("welcome", worker=1, beat=9, lease=60, grace=5, linger=5, token="", news=[1, 2])
    w.say("bye")
    said = w.end(0)[1]
    assert "not understood: Warning" in said and "not understood: \\x1b[2J" in said, said


def is_not_wanted():
    w = Worker()
    w.say("refuse", text="it is of another version")
    assert "it is of another version" in w.end(3)[1]


def takes_its_stages_along():
    w = Worker(welcome={})
    _, pid = w.start_and_wait(60)
    w.process.kill()
    w.process.wait()
    until(lambda: not alive(pid))


def wakes_without_a_head():
    w = Worker(welcome=dict(lease=.3))
    a, pid = w.start_and_wait(60)
    w.process.send_signal(signal.SIGSTOP)
    time.sleep(.9)
    w.hang_up()
    w.process.send_signal(signal.SIGCONT)
    assert "stood still" in w.end(0)[1] and not sealed(a) and not alive(pid)


def ends_what_was_begun_again():
    w = Worker(welcome=dict(lease=.8))
    a, pid = w.start_and_wait(60)
    w.hang_up()
    left, begun = ("%s/work/%s/%d.json" % (store, key, next(attempts)) for _ in range(2))
    open(left, "w").close()
    os.utime(left, (1, 1))  # by an earlier life of the store
    time.sleep(.5)
    assert alive(pid)
    open(begun, "w").close()
    assert "a later one has begun" in w.end(0)[1] and not sealed(a) and not alive(pid)


tried = {
    "says what machine it is": says_what_it_is,
    "runs a stage and relays its lines": runs_and_relays,
    "moves paths to where the store is here": finds_other_roots,
    "takes no more stages than it may, and stops those it is told to": takes_no_more_than_it_may,
    "refuses a stage whose data differ, by name": checks_the_data,
    "survives HUP, INT and USR2 of the whole job": survives_signals_of_a_queue,
    "gives back at USR1": lambda: gives_back(signal.SIGUSR1),
    "gives back at TERM": lambda: gives_back(signal.SIGTERM),
    "leaves before its time is up": leaves_before_its_time_is_up,
    "lets stages end when its head is gone, for a while": lingers,
    "is not held up by a head that stands still": is_not_held_up,
    "ends its link at a frame that is too long or damaged": refuses_damage,
    "passes over what a launcher says": passes_over_words_of_a_launcher,
    "ends with code 3 when it is not wanted": is_not_wanted,
    "takes its stages along when it is killed": takes_its_stages_along,
    "ends what a head has begun again elsewhere": ends_what_was_begun_again,
    "ends its stages when it wakes without a head": wakes_without_a_head,
}
for what, try_it in tried.items():
    began = time.monotonic()
    try:
        try_it()
        print("good", what)
    except Exception as e:  # whatever it is, the next one is tried
        print("bad %s: %s: %s" % (what, type(e).__name__, " ".join(str(e).split())))
    if "-v" in sys.argv:
        print("# %.2f s" % (time.monotonic() - began))
    sys.stdout.flush()
shutil.rmtree(store, ignore_errors=True)
