"""Drives the modelbook kernel with jupyter_client, as a notebook server does:
what the protocol promises.
"""

import os
import re
import signal
import time

import dateutil.parser

from harness import TIMEOUT, Kernel, descendants, gone, kinds, main, states, streams


def test_kernel_info(k):
    content = k.reply(k.shell("kernel_info_request"))["content"]
    assert content["status"] == "ok"
    assert content["protocol_version"] == "5.5"
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
    replies = [k.reply(i) for i in ids]
    assert [r["content"]["status"] for r in replies] == ["error", "aborted", "aborted"], replies
    assert [r["metadata"]["status"] for r in replies] == ["error", "aborted", "aborted"], replies
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
    k.wait_output(cell, "early")
    seen = time.time()
    k.reply(cell)
    assert time.time() - seen > 1, "text waited for the end of the cell"


def test_late_output(k):
    """Between cells, what goroutines put out belongs to the cell that ran last,
    unless the next one begins at once."""
    k.good("""import "github.com/janpfeifer/gonb/gonbui"
beat := make(chan string)
go func() { for s := range beat { time.Sleep(200 * time.Millisecond); fmt.Println(s); gonbui.DisplayHTML("<b>" + s + "</b>") } }()""")
    cell = k.send('beat <- "later"')
    found = k.published(cell)
    k.reply(cell)
    assert "later" not in streams(found)
    late = k.nothing(1.5)
    assert kinds(late) == ["stream", "display_data"] and streams(late) == "later\n", late
    assert [m["parent_header"]["msg_id"] for m in late] == [cell, cell]
    k.good('beat <- "at once"')
    assert "at once\n" in streams(k.good('time.Sleep(500 * time.Millisecond)'))


def test_interrupts_of_deferred_functions(k):
    """An interrupt runs what is deferred; a second one ends that, too."""
    cell = k.send('defer fmt.Println("end")\ndefer func() { fmt.Println("deferred"); for {} }()\nfmt.Println("begun")\nfor {}')
    k.wait_output(cell, "begun")
    k.manager.interrupt_kernel()
    k.wait_output(cell, "deferred")
    time.sleep(0.5)
    k.manager.interrupt_kernel()
    found = k.published(cell)
    content = k.reply(cell)["content"]
    assert content["ename"] == "Interrupted" and "end\n" in streams(found), (content, found)
    assert k.run("1")[0]["status"] == "ok"


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


def test_form_feed_clears(k):
    found = k.good('fmt.Println("old")\ntime.Sleep(300 * time.Millisecond)\nfmt.Print("\\fnew")')
    assert kinds(found)[2:-1] == ["stream", "clear_output", "stream"], kinds(found)
    assert found[3]["content"] == {"wait": True} and found[4]["content"]["text"] == "new", found


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


def test_reading_asks(k):
    """fmt.Scanln asks, as input() does in Python, and an interrupt there ends
    the cell and leaves nothing behind that takes the next answer."""
    code = 'var line string\nfmt.Print("name? ")\nfmt.Scanln(&line)\nfmt.Println("hello", line)'
    cell = k.send(code, allow_stdin=True)
    question = k.client.get_stdin_msg(timeout=TIMEOUT)
    assert question["msg_type"] == "input_request" and question["parent_header"]["msg_id"] == cell, question
    k.manager.interrupt_kernel()
    reply = k.reply(cell)["content"]
    assert reply["ename"] == "Interrupted" and "left behind" not in reply["evalue"], reply
    assert "hello" not in streams(k.published(cell))
    cell = k.send(code, allow_stdin=True)
    k.client.get_stdin_msg(timeout=TIMEOUT)
    k.client.input("gopher")
    assert k.reply(cell)["content"]["status"] == "ok"
    assert streams(k.published(cell)) == "name? hello gopher\n"
    content, found = k.run(code, allow_stdin=False)
    assert content["status"] == "ok" and "no input" in streams(found, "stderr"), found


def test_connect(k):
    content = k.reply(k.shell("connect_request"))["content"]
    info = k.client.get_connection_info()
    for name in ("shell", "iopub", "stdin", "hb", "control"):
        assert content[name + "_port"] == info[name + "_port"], (content, info)


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


def test_values_over_a_comm(k):
    """This client plays the page of gonbui's widgets."""
    cell = k.send("""heard := comms.Listen[int]("/to_program")
comms.Send("/to_page", []float64{1.5})
sum := 0
for range 3 {
\tsum += <-heard.C
}
fmt.Println("sum", sum)
comms.Send("/to_page", map[string]string{"sum": fmt.Sprint(sum)})""")
    while True:  # the page is asked to connect
        msg = k.client.get_iopub_msg(timeout=TIMEOUT)
        if msg["msg_type"] == "display_data" and "gonb_comm" in msg["content"]["data"]["text/html"]:
            break
    script = msg["content"]["transient"]["display_id"]
    k.shell("comm_open", {"comm_id": "page", "target_name": "gonb_comm", "data": {}})
    sent, wiped, printed = [], False, ""
    for value in (1, "2", 39):
        k.shell("comm_msg", {"comm_id": "page", "data": {"address": "/to_program", "value": value}})
        k.shell("comm_msg", {"comm_id": "page", "data": {"address": "/to_nobody", "value": value}})
    while True:
        msg = k.client.get_iopub_msg(timeout=TIMEOUT)
        content = msg["content"]
        if msg["msg_type"] == "comm_msg":
            assert content["comm_id"] == "page", content
            sent.append((content["data"]["address"], content["data"]["value"]))
        if msg["msg_type"] == "update_display_data" and content["transient"]["display_id"] == script:
            wiped = content["data"]["text/html"] == ""
        if msg["msg_type"] == "stream":
            printed += content["text"]
        if msg["parent_header"].get("msg_id") == cell and content.get("execution_state") == "idle":
            break
    assert printed == "sum 42\n", printed
    assert sent == [("/to_page", [1.5]), ("/to_page", {"sum": "42"})], sent
    assert wiped, "the script stays in the output"
    info = k.reply(k.shell("comm_info_request", {"target_name": "gonb_comm"}))["content"]
    assert info == {"status": "ok", "comms": {"page": {"target_name": "gonb_comm"}}}, info
    k.shell("comm_close", {"comm_id": "page", "data": {}})
    assert k.reply(k.shell("comm_info_request", {}))["content"]["comms"] == {}


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


def test_reply_says_when_the_cell_started(k):
    """JupyterLab shows how long a cell took from the reply's metadata."""
    msg_id = k.send("time.Sleep(100 * time.Millisecond)")
    reply = k.reply(msg_id)
    started = reply["metadata"]["started"]
    started = started if hasattr(started, "timestamp") else dateutil.parser.parse(started)
    took = (reply["header"]["date"] - started).total_seconds()
    assert 0.1 <= took < 30, took
    assert reply["metadata"]["status"] == "ok"


def test_silent_failure(k):
    content, found = k.run('panic("quiet")', silent=True)
    assert content["status"] == "error" and content["traceback"], content
    assert kinds(found) == ["status", "status"], kinds(found)


def test_cursor_counts_code_points(k):
    code = 'x := "😀é"; fmt.Prin'
    got = k.reply(k.shell("complete_request", {"code": code, "cursor_pos": len(code)}))["content"]
    assert got["status"] == "ok" and got["cursor_end"] == len(code), got
    assert code[got["cursor_start"]:got["cursor_end"]] in ("", "Prin", "fmt.Prin"), got
    beyond = k.reply(k.shell("complete_request", {"code": code, "cursor_pos": 10**6}))["content"]
    assert beyond["status"] == "ok" and beyond["cursor_end"] <= len(code), beyond
    assert k.reply(k.shell("inspect_request", {"code": code, "cursor_pos": len(code)}))["content"]["status"] == "ok"
    # positions of errors count so, too: the caret stands under the name
    content, _ = k.run('s := "😀"; s + nothing')
    lines = "\n".join(content["traceback"]).splitlines()
    caret = next(i for i, line in enumerate(lines) if line.strip(" \x1b[0123456789;m") == "^")
    plain = [re.sub("\x1b[^m]*m", "", line) for line in lines]
    assert 0 < plain[caret].index("^") - plain[caret - 1].index("nothing") + 1 <= 2, plain


def test_two_clients(k):
    """Each gets its own replies; both see what is published."""
    other = k.manager.client()
    other.session.session += "-other"
    other.start_channels()
    other.wait_for_ready(timeout=TIMEOUT)
    try:
        mine = k.send("shared := 41")
        assert k.reply(mine)["content"]["status"] == "ok"
        theirs = other.execute("shared + 1")
        got = []
        while not got or got[-1]["parent_header"].get("msg_id") != theirs or got[-1]["content"].get("execution_state") != "idle":
            got.append(other.get_iopub_msg(timeout=TIMEOUT))
        assert other.get_shell_msg(timeout=TIMEOUT)["parent_header"]["msg_id"] == theirs
        seen = {m["parent_header"].get("msg_id") for m in got}
        assert {mine, theirs} <= seen, seen
        found = k.published(theirs)
        assert [m["content"]["data"]["text/plain"] for m in found if m["msg_type"] == "execute_result"] == ["42"]
        # a question goes to who sent the cell
        code = 'import "github.com/janpfeifer/gonb/gonbui"\ngonbui.RequestInput("? ", false)\nvar a string\nfmt.Scanln(&a)\na'
        asked = other.execute(code, allow_stdin=True)
        assert other.get_stdin_msg(timeout=TIMEOUT)["parent_header"]["msg_id"] == asked
        other.input("theirs")
        while other.get_shell_msg(timeout=TIMEOUT)["parent_header"]["msg_id"] != asked:
            pass
        assert any(m["content"].get("data", {}).get("text/plain") == '"theirs"' for m in k.published(asked))
    finally:
        other.stop_channels()


def test_ipc():
    """Sockets in a folder in place of ports."""
    k = Kernel(transport="ipc")
    try:
        assert k.manager.transport == "ipc"
        assert k.good("6 * 7")[2]["content"]["data"]["text/plain"] == "42"
        cell = k.send('fmt.Println("begun")\nfor {}')
        k.wait_output(cell, "begun")
        k.manager.interrupt_kernel()
        assert k.reply(cell)["content"]["status"] == "error"
        modes = {oct(os.stat(f"{k.manager.ip}-{port}").st_mode & 0o777) for port in range(1, 6)}
        assert modes == {"0o600"}, modes
        assert k.client.hb_channel.is_beating()
    finally:
        k.close()


def test_history_is_kept():
    """A new kernel knows the cells of the one before."""
    word = f"kept{os.getpid()}"
    k = Kernel()
    k.good(f'{word} := "ä😀/"')
    k.good("1 + 1", store_history=False)
    k.good("2 + 2", silent=True)
    k.close()
    k = Kernel()
    try:
        k.good(f"{word}new := 1")
        got = k.reply(k.client.history(hist_access_type="search", pattern=f"*{word}*", raw=True))["content"]["history"]
        assert [h[2] for h in got] == [f'{word} := "ä😀/"', f"{word}new := 1"], got
        assert got[0][0] < got[1][0], "the sessions have no numbers of their own"
        before = k.client.history(hist_access_type="range", session=got[0][0], start=1, stop=100, raw=True)
        before = k.reply(before)["content"]["history"]
        assert [h[1:] for h in before] == [[1, f'{word} := "ä😀/"']], before
        tail = k.reply(k.client.history(hist_access_type="tail", n=2, raw=True, output=False))["content"]["history"]
        assert [h[2] for h in tail] == [f'{word} := "ä😀/"', f"{word}new := 1"], tail
    finally:
        k.close()


def test_variable_view(k):
    """What JupyterLab asks for its variable view, on control."""
    def debug(command, seq=[0], **arguments):
        seq[0] += 1
        content = {"type": "request", "seq": seq[0], "command": command, "arguments": arguments}
        reply = k.reply(k.control("debug_request", content), "control")["content"]
        assert reply["command"] == command and reply["request_seq"] == seq[0], reply
        return reply

    assert debug("debugInfo")["body"]["isStarted"] is False
    assert debug("initialize")["success"] and debug("attach")["success"]
    k.good("type pair struct { a int; b []string }\nviewed := pair{5, []string{\"x\", \"y\"}}")
    variables = {v["name"]: v for v in debug("inspectVariables")["body"]["variables"]}
    assert variables["viewed"]["type"] == "pair" and variables["viewed"]["variablesReference"] > 0, variables
    fields = debug("variables", variablesReference=variables["viewed"]["variablesReference"])["body"]["variables"]
    assert [(f["name"], f["type"]) for f in fields] == [("a", "int"), ("b", "[]string")], fields
    inner = debug("variables", variablesReference=fields[1]["variablesReference"])["body"]["variables"]
    assert [f["value"] for f in inner] == ['"x"', '"y"'], inner
    rich = debug("richInspectVariables", variableName="viewed")
    assert rich["success"] and "5" in rich["body"]["data"]["text/plain"], rich
    cell = k.send('fmt.Println("begun")\nfor {}')
    k.wait_output(cell, "begun")
    started = time.time()
    assert "viewed" in {v["name"] for v in debug("inspectVariables")["body"]["variables"]}
    assert time.time() - started < 2, "the view waits for a running cell"
    k.manager.interrupt_kernel()
    k.reply(cell)
    assert debug("disconnect")["success"]
    assert k.reply(k.shell("kernel_info_request"))["content"]["debugger"] is True


def test_text_plain_is_always_there(k):
    code = """import "github.com/janpfeifer/gonb/gonbui"
gonbui.DisplayHTML("<b>bold</b>")
gonbui.DisplaySVG("<svg xmlns='http://www.w3.org/2000/svg'/>")
gonbui.DisplayMarkdown("*text*")
gonbui.Sync()
image.NewGray(image.Rect(0, 0, 3, 2))"""
    found = k.good(code)
    shown = [m["content"] for m in found if m["msg_type"] in ("display_data", "execute_result")]
    assert len(shown) == 4, kinds(found)
    for content in shown:
        assert "text/plain" in content["data"], content
        assert isinstance(content["metadata"], dict) and isinstance(content["transient"], dict)
        for mime, value in content["data"].items():
            assert isinstance(value, str) or mime.endswith("json"), (mime, type(value))
    assert "image/png" in shown[3]["data"] and shown[3]["metadata"].get("image/png", shown[3]["metadata"]).get("width"), shown[3]["metadata"]


def test_restart_while_busy(k):
    k.good("lost := 1")
    cell = k.send('fmt.Println("begun")\nfor {}')
    k.wait_output(cell, "begun")
    children = descendants(k.manager.provisioner.pid)
    k.manager.restart_kernel()
    k.client.wait_for_ready(timeout=TIMEOUT)
    for p in children:
        gone(p, 10)
    assert k.run("lost")[0]["status"] == "error"
    assert k.good("1 + 1")


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


# These end their kernel, and so get one of their own.
OWN = {"test_restart", "test_restart_while_busy", "test_shutdown_reply", "test_shutdown_while_busy"}

main(globals(), OWN)
