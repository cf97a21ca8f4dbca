"""Drives the modelbook kernel with jupyter_client, as a notebook server does.

Runs every function whose name starts with "test_", each with the kernel it
asks for, and fails loudly. JUPYTER_PATH must lead to the kernelspec.
"""

import json
import os
import queue
import signal
import subprocess
import sys
import time
import traceback

from jupyter_client.manager import KernelManager

TIMEOUT = 60


class Kernel:
    """A running kernel with a client."""

    def __init__(self):
        self.manager = KernelManager(kernel_name="modelbook")
        started = time.time()
        self.manager.start_kernel()
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=TIMEOUT)
        self.ready = time.time() - started

    def close(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=False)

    def send(self, code, **options):
        return self.client.execute(code, **options)

    def reply(self, msg_id, channel="shell"):
        """The reply to a request; others that come first are dropped."""
        deadline = time.time() + TIMEOUT
        get = getattr(self.client, f"get_{channel}_msg")
        while True:
            msg = get(timeout=max(0.1, deadline - time.time()))
            if msg["parent_header"].get("msg_id") == msg_id:
                return msg

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
        """Waits until a running cell has printed text."""
        seen = ""
        deadline = time.time() + TIMEOUT
        while text not in seen:
            msg = self.client.get_iopub_msg(timeout=max(0.1, deadline - time.time()))
            if msg["parent_header"].get("msg_id") == msg_id and msg["msg_type"] == "stream":
                seen += msg["content"]["text"]

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


def test_kernel_info(k):
    content = k.reply(k.shell("kernel_info_request"))["content"]
    assert content["status"] == "ok"
    assert content["protocol_version"] == "5.3"
    info = content["language_info"]
    want = dict(name="go", mimetype="text/x-go", file_extension=".go", codemirror_mode="go", pygments_lexer="go")
    for key, value in want.items():
        assert info[key] == value, info
    assert info["version"].startswith("1."), info
    on_control = k.reply(k.control("kernel_info_request"), "control")
    assert on_control["content"] == content


def test_cell(k):
    content, found = k.run('x := 20\nfmt.Println("hello")\nx + 1')
    assert content["status"] == "ok", content
    assert content["payload"] == [] and content["user_expressions"] == {}
    assert kinds(found) == ["status", "execute_input", "stream", "execute_result", "status"], kinds(found)
    assert found[1]["content"]["execution_count"] == content["execution_count"]
    assert found[3]["content"]["execution_count"] == content["execution_count"]
    assert found[3]["content"]["data"]["text/plain"] == "21", found[3]
    assert streams(found) == "hello\n"
    after = k.good("x * 2")
    assert after[2]["content"]["data"]["text/plain"] == "40", after


def test_counts(k):
    first = k.good("1")[1]["content"]["execution_count"]
    content, found = k.run('fmt.Println("quiet")\n7', silent=True)
    assert "execute_input" not in kinds(found) and "execute_result" not in kinds(found), kinds(found)
    content, _ = k.run("2", store_history=False)
    content, found = k.run("   \n")
    assert content["status"] == "ok"
    second = k.good("3")[1]["content"]["execution_count"]
    assert second == first + 1, (first, second)


def test_user_expressions(k):
    content, _ = k.run("y := 5", user_expressions={"good": "y + 1", "bad": "nothing_there"})
    assert content["user_expressions"]["good"]["data"]["text/plain"] == "6", content
    assert content["user_expressions"]["bad"]["status"] == "error", content


def test_error(k):
    content, found = k.run("z := 1\nz + undefinedName")
    assert content["status"] == "error", content
    assert content["ename"] and content["evalue"], content
    trace = "\n".join(content["traceback"])
    assert "z + undefinedName" in trace and "^" in trace, trace
    error = [m for m in found if m["msg_type"] == "error"]
    assert len(error) == 1 and error[0]["content"]["traceback"] == content["traceback"]
    assert states(found) == ["busy", "idle"] and found[-1]["msg_type"] == "status"


def test_panic_keeps_values(k):
    k.good("kept := 42")
    content, _ = k.run('panic("on purpose")')
    assert content["status"] == "error", content
    assert k.good("kept")[2]["content"]["data"]["text/plain"] == "42"


def test_stop_on_error(k):
    ids = [k.send(code) for code in ['time.Sleep(300 * time.Millisecond); panic("first")', "1 + 1", "2 + 2"]]
    replies = [k.reply(i)["content"]["status"] for i in ids]
    assert replies == ["error", "aborted", "aborted"], replies
    found = k.published(ids[2])
    assert states(found) == ["busy", "idle"] and len(found) == 2, kinds(found)
    ids = [k.send('time.Sleep(300 * time.Millisecond); panic("second")', stop_on_error=False), k.send("1 + 1")]
    replies = [k.reply(i)["content"]["status"] for i in ids]
    assert replies == ["error", "ok"], replies
    assert k.good("3 + 3")


def test_answers_while_busy(k):
    cell = k.send('fmt.Println("begun")\nfor {}')
    k.wait_output(cell, "begun")
    for channel in ("shell", "control"):
        started = time.time()
        info = k.reply(getattr(k, channel)("kernel_info_request"), channel)
        assert info["content"]["status"] == "ok"
        took = time.time() - started
        assert took < 2, f"kernel_info on {channel} took {took:.1f} s while a cell ran"
    assert k.reply(k.shell("is_complete_request", {"code": "func f() {"}))["content"]["status"] == "incomplete"
    assert k.reply(k.shell("complete_request", {"code": "fmt.", "cursor_pos": 4}))["content"]["status"] == "ok"
    k.manager.interrupt_kernel()
    assert k.reply(cell)["content"]["status"] == "error"


def interrupted(k, code, interrupt):
    k.good("before := 11")
    cell = k.send('fmt.Println("begun")\n' + code)
    k.wait_output(cell, "begun")
    time.sleep(0.2)
    started = time.time()
    interrupt()
    reply = k.reply(cell)["content"]
    assert reply["status"] == "error", reply
    assert time.time() - started < 5, "the interrupt took long"
    assert k.good("before")[2]["content"]["data"]["text/plain"] == "11"


def test_interrupt_tight_loop(k):
    interrupted(k, "n := 0\nfor { n++ }", k.manager.interrupt_kernel)


def test_interrupt_blocked_channel(k):
    interrupted(k, "<-make(chan int)", k.manager.interrupt_kernel)


def test_interrupt_on_shell(k):
    def interrupt():
        assert k.reply(k.shell("interrupt_request"))["content"]["status"] == "ok"
    # the reply to the cell may come first: do not wait for the other's here
    interrupted(k, "for {}", lambda: k.shell("interrupt_request"))
    interrupt()


def test_interrupt_by_signal(k):
    interrupted(k, "for {}", lambda: os.kill(k.manager.provisioner.pid, signal.SIGINT))


def test_interrupt_aborts_queue(k):
    ids = [k.send('fmt.Println("begun")\nfor {}'), k.send("1")]
    k.wait_output(ids[0], "begun")
    k.manager.interrupt_kernel()
    assert [k.reply(i)["content"]["status"] for i in ids] == ["error", "aborted"]
    # a cell that ends in good order when asked to stop stops the rest, too
    ids = [k.send('fmt.Println("begun")\n<-ctx.Done()'), k.send("1")]
    k.wait_output(ids[0], "begun")
    k.manager.interrupt_kernel()
    assert k.reply(ids[1])["content"]["status"] == "aborted"


def test_streams(k):
    found = k.good('for i := range 5000 { fmt.Println(i) }\nfmt.Fprintln(os.Stderr, "to stderr")')
    assert streams(found) == "".join(f"{i}\n" for i in range(5000))
    assert streams(found, "stderr") == "to stderr\n"
    messages = kinds(found).count("stream")
    assert messages < 50, f"{messages} messages for 5000 lines"
    assert kinds(found)[-1] == "status"
    assert k.nothing() == [], "published after idle"


def test_stream_is_live(k):
    cell = k.send('fmt.Println("early")\ntime.Sleep(1500 * time.Millisecond)')
    started = time.time()
    k.wait_output(cell, "early")
    assert time.time() - started < 1.3, "text waited for the end of the cell"
    k.reply(cell)


def test_runaway_output(k):
    found = k.good('for range 200000 { fmt.Println("0123456789012345678901234567890123456789") }')
    text = streams(found)
    assert 1 << 20 < len(text) <= 2 << 20, len(text)
    note = streams(found, "stderr")
    path = note.split("goes to ")[1].split("]")[0]
    try:
        rest = os.path.getsize(path)
        assert os.stat(path).st_mode & 0o077 == 0, "others can read the spilled output"
    finally:
        os.unlink(path)
    assert len(text) + rest == 200000 * 41, (len(text), rest)


def test_late_output(k):
    found = k.good('go func() { time.Sleep(300 * time.Millisecond); fmt.Println("from a goroutine") }()')
    assert "from a goroutine" not in streams(found)
    assert k.nothing(0.8) == [], "published after idle"
    assert "from a goroutine" in streams(k.good('fmt.Println("next")'))


def test_displays(k):
    code = """import "github.com/janpfeifer/gonb/gonbui"
gonbui.DisplayHTML("<b>bold</b>")
id := gonbui.UniqueID()
gonbui.UpdateHTML(id, "one")
gonbui.UpdateHTML(id, "two")
gonbui.Sync()"""
    found = k.good(code)
    shown = [m for m in found if m["msg_type"] in ("display_data", "update_display_data")]
    assert [m["msg_type"] for m in shown] == ["display_data", "display_data", "update_display_data"], kinds(found)
    assert shown[0]["content"]["data"]["text/html"] == "<b>bold</b>"
    assert shown[1]["content"]["transient"]["display_id"]
    assert shown[1]["content"]["transient"] == shown[2]["content"]["transient"]
    assert "two" in shown[2]["content"]["data"]["text/html"]


def test_stdin(k):
    code = """import "github.com/janpfeifer/gonb/gonbui"
gonbui.RequestInput("name? ", false)
var name string
fmt.Scanln(&name)
fmt.Println("hello", name)"""
    cell = k.send(code, allow_stdin=True)
    question = k.client.get_stdin_msg(timeout=TIMEOUT)
    assert question["msg_type"] == "input_request", question
    assert question["content"] == {"prompt": "name? ", "password": False}, question
    assert question["parent_header"]["msg_id"] == cell
    k.client.input("gopher")
    assert k.reply(cell)["content"]["status"] == "ok"
    assert "hello gopher" in streams(k.published(cell))


def test_is_complete(k):
    for code, status in [("x := 1", "complete"), ("if true {", "incomplete"), ("x := )", "invalid")]:
        got = k.reply(k.shell("is_complete_request", {"code": code}))["content"]
        assert got["status"] == status, (code, got)


def test_history(k):
    k.good("111 + 1")
    k.good("222 + 2")
    got = k.reply(k.client.history(hist_access_type="tail", n=2, output=True, raw=True))["content"]
    assert [(h[2][0], h[2][1]) for h in got["history"]] == [("111 + 1", "112"), ("222 + 2", "224")], got
    got = k.reply(k.client.history(hist_access_type="search", pattern="222*", output=False, raw=True))["content"]
    assert [h[2] for h in got["history"]] == ["222 + 2"], got


def test_comms(k):
    assert k.reply(k.shell("comm_info_request", {}))["content"] == {"status": "ok", "comms": {}}
    msg_id = k.shell("comm_open", {"comm_id": "c1", "target_name": "unknown", "data": {}})
    found = k.published(msg_id)
    assert kinds(found) == ["status", "comm_close", "status"], kinds(found)
    assert found[1]["content"]["comm_id"] == "c1"


def test_bad_messages_are_dropped(k):
    from jupyter_client.session import Session
    thief = Session(key=b"not the key")
    # unsigned, wrongly signed, a replay of a good one, garbage
    msg = k.client.session.msg("execute_request", {"code": "stolen := 1", "silent": False})
    stream = k.client.shell_channel.socket
    stream.send_multipart([b"<IDS|MSG>", b""] + thief.serialize(msg)[2:])
    stream.send_multipart(thief.serialize(msg))
    good = k.client.session.serialize(k.client.session.msg("execute_request", {"code": "counted++"}))
    k.good("counted := 0")
    stream.send_multipart(good)
    stream.send_multipart(good)
    stream.send_multipart([b"garbage"])
    stream.send_multipart([b"<IDS|MSG>", b"", b"{", b"}", b"\xff", b"null"])
    assert k.good("counted")[2]["content"]["data"]["text/plain"] == "1"
    assert k.run("stolen")[0]["status"] == "error"


def test_heartbeat(k):
    assert k.client.hb_channel.is_beating()
    hb = k.client.hb_channel
    hb.unpause()
    time.sleep(1.5)
    assert hb.is_beating()


def test_pairs_of_status(k):
    ids = [k.send("1"), k.shell("kernel_info_request"), k.send("2"), k.shell("is_complete_request", {"code": "x"})]
    seen = {i: [] for i in ids}
    while any(s[-1:] != ["idle"] for s in seen.values()):
        msg = k.client.get_iopub_msg(timeout=TIMEOUT)
        if msg["msg_type"] == "status" and msg["parent_header"].get("msg_id") in seen:
            seen[msg["parent_header"]["msg_id"]].append(msg["content"]["execution_state"])
    assert all(s == ["busy", "idle"] for s in seen.values()), seen


def test_restart(k):
    k.good("lost := 1")
    old = k.manager.provisioner.pid
    k.manager.restart_kernel()
    k.client.wait_for_ready(timeout=TIMEOUT)
    assert k.manager.provisioner.pid != old
    assert k.run("lost")[0]["status"] == "error"
    assert k.good("1 + 1")[1]["content"]["execution_count"] >= 1


def test_shutdown_reply(k):
    pid = k.manager.provisioner.pid
    reply = k.reply(k.control("shutdown_request", {"restart": False}), "control")
    assert reply["content"] == {"status": "ok", "restart": False}, reply
    gone(pid, 5)


def test_shutdown_while_busy(k):
    cell = k.send('fmt.Println("begun")\nfor {}')
    k.wait_output(cell, "begun")
    pid = k.manager.provisioner.pid
    k.control("shutdown_request", {"restart": False})
    gone(pid, 10)


def test_terminated(k):
    pid = k.manager.provisioner.pid
    children = descendants(pid)
    assert children, "the kernel has no worker"
    os.kill(pid, signal.SIGTERM)
    for p in [pid] + children:
        gone(p, 10)


def test_killed_leaves_no_worker(k):
    pid = k.manager.provisioner.pid
    children = descendants(pid)
    os.kill(pid, signal.SIGKILL)
    for p in children:
        gone(p, 5)


def test_parent_killed(_):
    """The kernel ends when the process that started it is killed."""
    code = (
        "import sys, time, jupyter_client.manager as m\n"
        "k = m.KernelManager(kernel_name='modelbook'); k.start_kernel()\n"
        "c = k.client(); c.start_channels(); c.wait_for_ready(timeout=60)\n"
        "c.execute('for {}')\n"
        "print(k.provisioner.pid, flush=True); time.sleep(600)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    pid = int(parent.stdout.readline())
    time.sleep(1)
    children = descendants(pid)
    parent.kill()
    parent.wait()
    for p in [pid] + children:
        gone(p, 10)


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


# These end their kernel, and so get one of their own.
OWN = {"test_restart", "test_shutdown_reply", "test_shutdown_while_busy", "test_terminated", "test_killed_leaves_no_worker"}


def main():
    tests = [(n, f) for n, f in globals().items() if n.startswith("test_")]
    if len(sys.argv) > 1:
        tests = [(n, f) for n, f in tests if n in sys.argv[1:]]
    failed, shared = [], None
    for name, test in tests:
        own, started = None, time.time()
        try:
            if name in OWN:
                own = kernel = Kernel()
            elif name == "test_parent_killed":
                kernel = None
            else:
                shared = kernel = shared or Kernel()
            test(kernel)
            print(f"ok    {name} ({time.time() - started:.2f} s)", flush=True)
        except BaseException:
            failed.append(name)
            print(f"FAIL  {name} ({time.time() - started:.2f} s)\n{traceback.format_exc()}", flush=True)
            if shared:
                shared.manager.shutdown_kernel(now=True)
                shared = None
        finally:
            if own:
                own.client.stop_channels()
                own.manager.shutdown_kernel(now=True)
    if shared:
        print(f"a kernel was ready after {shared.ready:.2f} s")
        shared.close()
    print(json.dumps({"run": len(tests), "failed": failed}))
    sys.exit(1 if failed else 0)


main()
