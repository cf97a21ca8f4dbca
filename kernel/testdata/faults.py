"""What goes wrong, and what the kernel makes of it: no value is lost that
could be kept, and the user is told.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

from harness import Kernel, descendants, gone, kinds, main, states, streams


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


def test_killed_leaves_no_command(k):
    """What a cell runs by ! or starts by itself ends with the kernel, too."""
    pid = k.manager.provisioner.pid
    k.good(f'exec.Command("sleep", "{pid}1").Start()')
    k.send(f"!sleep {pid}2")
    deadline = time.time() + 20
    while True:
        listed = subprocess.run(["pgrep", "-f", f"^sleep {pid}[12]$"], capture_output=True, text=True).stdout.split()
        if len(listed) == 2:
            break
        assert time.time() < deadline, listed
        time.sleep(0.1)
    os.kill(pid, signal.SIGKILL)
    for p in listed:
        gone(int(p), 5)


def test_signals_of_a_terminal(k):
    """SIGINT interrupts and loses nothing; SIGHUP ends kernel and worker."""
    pid = k.manager.provisioner.pid
    children = descendants(pid)
    k.good("kept := 5")
    os.kill(pid, signal.SIGINT)
    for i in range(3):  # it may arrive in the first
        k.run("time.Sleep(100 * time.Millisecond)")
    cell = k.send('fmt.Println("begun")\nselect {}')
    k.wait_output(cell, "begun")
    os.kill(pid, signal.SIGINT)
    assert k.reply(cell)["content"]["ename"] == "Interrupted"
    assert k.good("kept")[2]["content"]["data"]["text/plain"] == "5"
    os.kill(pid, signal.SIGHUP)
    for p in [pid] + children:
        gone(p, 10)


def test_parent_killed():
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


def kill(pids):
    for p in pids:
        try:
            os.kill(p, signal.SIGKILL)
        except ProcessLookupError:
            pass  # it ended with the one before


def rest_of_output(found):
    """The size of the file that holds what was not shown; the file is removed."""
    path = streams(found, "stderr").split("goes to ")[1].split("]")[0]
    size = os.path.getsize(path)
    os.unlink(path)
    return size


def test_prints_for_ever(k):
    k.good("kept := 5")
    cell = k.send('for i := 0; ; i++ { fmt.Println("line", i) }')
    found = k.wait_output(cell, "goes to ")
    time.sleep(1)
    started = time.time()
    k.manager.interrupt_kernel()
    assert k.reply(cell)["content"]["ename"] == "Interrupted"
    assert time.time() - started < 5, "the interrupt took long"
    found += k.published(cell)
    assert len(streams(found)) <= 2 << 20
    assert rest_of_output(found) > 0
    assert len(found) < 200, f"{len(found)} messages"
    assert k.good("kept")[2]["content"]["data"]["text/plain"] == "5"


def test_a_gigabyte_of_output(k):
    if shutil.disk_usage("/tmp").free < 3 << 30:
        raise AssertionError("this test needs 3 GB in /tmp")
    pid = k.manager.provisioner.pid
    found = k.good('line := bytes.Repeat([]byte("0123456789abcdef"), 1<<16)\nfor range 1 << 10 { os.Stdout.Write(line) }\nfmt.Fprintln(os.Stderr, "end")')
    shown = len(streams(found))
    rest = rest_of_output(found)
    assert shown == 2 << 20 and shown + rest == (1 << 30) + len("end\n"), (shown, rest)
    with open(f"/proc/{pid}/status") as f:
        peak = next(int(line.split()[1]) for line in f if line.startswith("VmHWM"))
    assert peak < 200 << 10, f"the kernel took {peak >> 10} MB"


def test_ten_thousand_updates(k):
    found = k.good("""import "github.com/janpfeifer/gonb/gonbui"
id := gonbui.UniqueID()
for i := range 10000 { gonbui.UpdateHTML(id, fmt.Sprint("step ", i)) }
gonbui.Sync()""")
    shown = [m for m in found if m["msg_type"] in ("display_data", "update_display_data")]
    assert shown[0]["msg_type"] == "display_data" and len(shown) < 500, len(shown)
    assert shown[-1]["content"]["data"]["text/html"] == "step 9999", shown[-1]["content"]


def test_worker_killed_between_cells(k):
    k.good("gone := 1\nfunc kept() int { return 7 }")
    kill(descendants(k.manager.provisioner.pid))
    found = k.good("kept()")
    told = streams(found, "stderr")
    assert "died" in told and "gone" in told, told
    assert [m["content"]["data"]["text/plain"] for m in found if m["msg_type"] == "execute_result"] == ["7"]


def test_worker_killed_in_a_cell(k):
    k.good("gone := 1\nfunc kept() int { return 8 }")
    cell = k.send('fmt.Println("begun")\nfor {}')
    k.wait_output(cell, "begun")
    kill(descendants(k.manager.provisioner.pid))
    content = k.reply(cell)["content"]
    assert content["ename"] == "WorkerDied" and "gone" in "".join(content["traceback"]), content
    assert k.good("kept()")[2]["content"]["data"]["text/plain"] == "8"


def worker(k):
    """The process that runs the cells."""
    return next(p for p in descendants(k.manager.provisioner.pid) if open(f"/proc/{p}/comm").read().startswith("modelbook-work"))


def test_worker_killed_while_saving(k):
    """The file keeps what was saved before, and nothing half is left beside."""
    folder = tempfile.mkdtemp()
    try:
        k.good("small := 3")
        k.good(f"%save {folder}/saved")
        k.good("large := make([]float64, 60<<20)\nfor i := range large { large[i] = float64(i) }")
        before = open(folder + "/saved", "rb").read()
        cell = k.send(f"%save {folder}/saved")
        k.published(cell, until="busy")
        time.sleep(0.3)
        kill([worker(k)])
        content = k.reply(cell)["content"]
        assert content["status"] == "ok" or "killed" in "".join(content["traceback"]), content
        if content["status"] == "error":
            assert open(folder + "/saved", "rb").read() == before
        assert os.listdir(folder) == ["saved"], os.listdir(folder)
        k.good(f"%load_session {folder}/saved")
        assert [m["content"]["data"]["text/plain"] for m in k.good("small") if m["msg_type"] == "execute_result"] == ["3"]
    finally:
        shutil.rmtree(folder)


def test_concurrent_map_writes(k):
    """The runtime ends the process; the user learns why, and what is lost."""
    k.good("gone := 1\nfunc kept() int { return 11 }")
    content, _ = k.run("m := map[int]int{}\nvar wg sync.WaitGroup\nfor range 8 { wg.Go(func() { for i := range 5000000 { m[i%7] = i } }) }\nwg.Wait()")
    told = "".join(content["traceback"])
    assert content["ename"] == "WorkerDied" and "concurrent map writes" in told and "gone" in told, content
    assert k.good("kept()")[2]["content"]["data"]["text/plain"] == "11"


def test_exits_and_panics_end_the_cell_only(k):
    k.good("kept := 9")
    for code, name in [
        ("os.Exit(3)", "ExitError"),
        ('log.Fatal("fatal")', "ExitError"),
        ('panic("here")', "Panic"),
        ("var p *int\n*p = 1", "Panic"),
        ("func down(n int) int { return down(n+1) + 1 }\ndown(0)", "Panic"),
    ]:
        content, _ = k.run(code)
        assert content["ename"] == name, (code, content["ename"], content["evalue"])
    found = k.good('go func() { panic("in a goroutine") }()\ntime.Sleep(100 * time.Millisecond)')
    assert "in a goroutine" in streams(found, "stderr")
    assert k.good("kept")[2]["content"]["data"]["text/plain"] == "9"


def test_out_of_memory():
    """The worker runs out of memory; the kernel lives, and says what is lost."""
    os.environ["MODELBOOK_MEMORY"] = "1GiB"
    try:
        k = Kernel()
    finally:
        del os.environ["MODELBOOK_MEMORY"]
    try:
        pid = k.manager.provisioner.pid
        k.good("started := 1")  # the kernel answers before its worker has started
        score = lambda p: int(open(f"/proc/{p}/oom_score_adj").read())
        worker = max(descendants(pid), key=lambda p: open(f"/proc/{p}/comm").read().startswith("modelbook-work"))
        assert score(worker) > score(pid), "the system would end the kernel first"
        k.good("gone := 1\nvar hog [][]byte\nfunc kept() int { return 3 }")
        content, _ = k.run("for { hog = append(hog, make([]byte, 1<<20)); time.Sleep(time.Millisecond) }")
        assert content["ename"] == "Panic" and "out of memory" in content["evalue"], content
        assert k.good("gone")[2]["content"]["data"]["text/plain"] == "1", "values are lost that could be kept"
        content, _ = k.run("huge := make([]byte, 8<<30)\nlen(huge)")
        assert content["ename"] == "Panic" and "out of memory: asked for 8.0 GiB" in content["evalue"], content
        assert k.good("gone")[2]["content"]["data"]["text/plain"] == "1", "values are lost that could be kept"
        assert k.good("kept()")[2]["content"]["data"]["text/plain"] == "3"
        assert k.manager.provisioner.pid == pid
    finally:
        k.close()


def test_strangers(k):
    """Whoever reaches the ports without the key: silent, with garbage, with
    frames that promise far too much, or not reading what is published."""
    m = k.manager
    k.good("kept := 6")
    greeting = b"\xff" + bytes(8) + b"\x7f\x03\x00NULL" + bytes(48)
    ready = lambda kind: b"\x04" + bytes([len(kind) + 22]) + b"\x05READY\x0bSocket-Type" + len(kind).to_bytes(4, "big") + kind
    crowd = []
    for port in (m.shell_port, m.control_port, m.stdin_port, m.iopub_port, m.hb_port):
        kind = b"SUB" if port == m.iopub_port else b"DEALER"
        for what in (b"", b"GET / HTTP/1.1\r\n\r\n", greeting[:30], greeting, os.urandom(300),
                     greeting + ready(kind) + b"\x02\x00\x02" + bytes(6) + b"x",
                     greeting + ready(kind) + b"\x01\x01\x01" * 1000, greeting + ready(kind) + b"\x00\x01\x01"):
            s = socket.create_connection(("127.0.0.1", port))
            try:
                s.sendall(what)
            except OSError:
                pass  # hung up on already
            crowd.append(s)
    try:
        started = time.time()
        found = k.good('for range 200 { fmt.Println(strings.Repeat("x", 10000)) }\nkept')
        assert [c["content"]["data"]["text/plain"] for c in found if c["msg_type"] == "execute_result"] == ["6"]
        assert k.reply(k.control("kernel_info_request"), "control")["content"]["status"] == "ok"
        assert k.client.hb_channel.is_beating()
        assert time.time() - started < 20
        other = m.client()
        other.start_channels()
        other.wait_for_ready(timeout=60)
        other.stop_channels()
    finally:
        for s in crowd:
            s.close()


def test_full_disk():
    """The folder for temporary files is full: that is told, and nothing is
    lost. Needs the right to mount."""
    folder = tempfile.mkdtemp(prefix="modelbook-full-")
    subprocess.check_call(["mount", "-t", "tmpfs", "-o", "size=40m", "tmpfs", folder])
    os.environ["TMPDIR"] = folder
    k = None
    try:
        try:
            k = Kernel()
        finally:
            del os.environ["TMPDIR"]
        k.good("kept := 7")
        found = k.good('line := strings.Repeat("x", 1<<20)\nfor range 100 { fmt.Println(line) }')
        note = streams(found, "stderr")
        assert "goes to " + folder in note and "is lost: " in note and "no space left" in note, note
        assert len(streams(found)) == 2 << 20
        assert k.good("kept")[2]["content"]["data"]["text/plain"] == "7"
        with open(folder + "/filler", "wb") as f:
            try:
                for _ in range(50):
                    f.write(b"x" * (1 << 20))
            except OSError:
                pass
        content, _ = k.run("kept + 1")
        told = "".join(content["traceback"])
        assert content["status"] == "error" and "no space left" in told, content
        os.unlink(folder + "/filler")
        assert k.good("kept + 1")[2]["content"]["data"]["text/plain"] == "8"
    finally:
        if k:
            k.close()
        subprocess.check_call(["umount", "-l", folder])
        os.rmdir(folder)


def test_fifo_closed_early(k):
    early = k.good("""import "github.com/janpfeifer/gonb/gonbui"
kept := 4
f, err := os.OpenFile(os.Getenv("GONB_PIPE"), os.O_WRONLY, 0)
f.Write([]byte{0x50, 1, 2, 3})
f.Close()
time.Sleep(3 * time.Second)  // the rest of a message may take shorter""")
    found = k.good('gonbui.DisplayHTML("<b>after</b>")\ngonbui.Sync()\nkept')
    shown = [m["content"]["data"] for m in found if m["msg_type"] == "display_data"]
    assert shown and shown[0]["text/html"] == "<b>after</b>", kinds(found)
    assert "a message was dropped" in streams(early, "stderr"), streams(early, "stderr")
    # a program that opens the pipe, writes nothing whole and ends
    k.good('!head -c 10 /dev/urandom > $GONB_PIPE\n')
    # and one that takes the pipe away: displays fail, cells do not
    k.good('os.Remove(os.Getenv("GONB_PIPE"))')
    assert [m["content"]["data"]["text/plain"] for m in k.good("kept") if m["msg_type"] == "execute_result"] == ["4"]


# These end their kernel, or count what it took.
OWN = {"test_terminated", "test_signals_of_a_terminal", "test_killed_leaves_no_command", "test_killed_leaves_no_worker", "test_a_gigabyte_of_output", "test_fifo_closed_early"}

main(globals(), OWN)
