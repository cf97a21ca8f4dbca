"""What the scripts beside this one share: a running kernel with a client, and
a main that runs test functions and fails loudly. JUPYTER_PATH must lead to the
kernelspec. /usr/bin/python3 and Debian's jupyter_client are meant.
"""

import json
import queue
import subprocess
import sys
import time
import traceback

from jupyter_client.manager import KernelManager

TIMEOUT = 60


class Kernel:
    """A running kernel with a client."""

    def __init__(self, **options):
        self.manager = KernelManager(kernel_name="modelbook", **options)
        started = time.time()
        self.manager.start_kernel()
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=TIMEOUT)
        self.ready = time.time() - started
        self.kept = {"shell": [], "control": []}  # replies that came before they were asked for

    def close(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=False)

    def send(self, code, **options):
        return self.client.execute(code, **options)

    def reply(self, msg_id, channel="shell"):
        """The reply to a request; others that come first are kept."""
        deadline = time.time() + TIMEOUT
        get = getattr(self.client, f"get_{channel}_msg")
        kept = self.kept[channel]
        for i, msg in enumerate(kept):
            if msg["parent_header"].get("msg_id") == msg_id:
                return kept.pop(i)
        while True:
            msg = get(timeout=max(0.1, deadline - time.time()))
            if msg["parent_header"].get("msg_id") == msg_id:
                return msg
            kept.append(msg)

    def published(self, msg_id, until="idle"):
        """What was published for a request, from busy to idle."""
        deadline = time.time() + TIMEOUT
        found = []
        while True:
            msg = self.client.get_iopub_msg(timeout=max(0.1, deadline - time.time()))
            if msg["parent_header"].get("msg_id") != msg_id:
                continue
            found.append(msg)
            if msg["msg_type"] == "status" and msg["content"]["execution_state"] == until:
                return found

    def run(self, code, **options):
        """Runs a cell; returns its reply's content and what it published."""
        msg_id = self.send(code, **options)
        found = self.published(msg_id)
        return self.reply(msg_id)["content"], found

    def good(self, code, **options):
        content, found = self.run(code, **options)
        assert content["status"] == "ok", (code, content)
        return found

    def wait_output(self, msg_id, text):
        """Waits until a running cell has printed text; returns what it
        published meanwhile."""
        seen, found = "", []
        deadline = time.time() + TIMEOUT
        while text not in seen:
            msg = self.client.get_iopub_msg(timeout=max(0.1, deadline - time.time()))
            if msg["parent_header"].get("msg_id") == msg_id:
                found.append(msg)
                if msg["msg_type"] == "stream":
                    seen += msg["content"]["text"]
        return found

    def control(self, kind, content=None):
        msg = self.client.session.msg(kind, content or {})
        self.client.control_channel.send(msg)
        return msg["header"]["msg_id"]

    def shell(self, kind, content=None):
        msg = self.client.session.msg(kind, content or {})
        self.client.shell_channel.send(msg)
        return msg["header"]["msg_id"]

    def nothing(self, seconds=0.4):
        """What is published without a request."""
        found = []
        deadline = time.time() + seconds
        while time.time() < deadline:
            try:
                found.append(self.client.get_iopub_msg(timeout=0.1))
            except queue.Empty:
                pass
        return found


def kinds(found):
    return [m["msg_type"] for m in found]


def streams(found, name="stdout"):
    return "".join(m["content"]["text"] for m in found if m["msg_type"] == "stream" and m["content"]["name"] == name)


def states(found):
    return [m["content"]["execution_state"] for m in found if m["msg_type"] == "status"]


def descendants(pid):
    found = []
    for line in subprocess.check_output(["ps", "-e", "-o", "pid=,ppid="], text=True).splitlines():
        child, parent = map(int, line.split())
        if parent == pid:
            found.append(child)
    return found


def gone(pid, seconds):
    deadline = time.time() + seconds
    while time.time() < deadline:
        try:
            with open(f"/proc/{pid}/stat") as f:
                if f.read().rsplit(")", 1)[1].split()[0] == "Z":
                    return
        except FileNotFoundError:
            return
        time.sleep(0.05)
    raise AssertionError(f"process {pid} still runs after {seconds} s")


def main(tests, own=()):
    """Runs the functions named test_*; those in own get a kernel of their own,
    those that name no argument start what they need."""
    tests = [(n, f) for n, f in tests.items() if n.startswith("test_")]
    if len(sys.argv) > 1:
        tests = [(n, f) for n, f in tests if n in sys.argv[1:]]
    failed, shared = [], None
    for name, test in tests:
        mine, started = None, time.time()
        try:
            if not test.__code__.co_argcount:
                test()
            elif name in own:
                mine = Kernel()
                test(mine)
            else:
                shared = shared or Kernel()
                test(shared)
            print(f"ok    {name} ({time.time() - started:.2f} s)", flush=True)
        except BaseException:
            failed.append(name)
            print(f"FAIL  {name} ({time.time() - started:.2f} s)\n{traceback.format_exc()}", flush=True)
            if shared and test.__code__.co_argcount and not mine:
                shared.client.stop_channels()
                shared.manager.shutdown_kernel(now=True)
                shared = None
        finally:
            if mine:
                mine.client.stop_channels()
                mine.manager.shutdown_kernel(now=True)
    if shared:
        print(f"a kernel was ready after {shared.ready:.2f} s")
        shared.close()
    print(json.dumps({"run": len(tests), "failed": failed}))
    sys.exit(1 if failed else 0)
