"""Subshells as a client uses them, after the tests of ipykernel (JEP 91)."""

import time

from harness import Kernel, descendants, main


def control(k, kind, **content):
    """Asks on the control channel and returns the content of the reply."""
    msg = k.client.session.msg(kind + "_request", content)
    k.client.control_channel.send(msg)
    reply = k.reply(msg["header"]["msg_id"], "control")
    assert reply["msg_type"] == kind + "_reply", reply
    return reply["content"]


def create(k):
    content = control(k, "create_subshell")
    assert content["status"] == "ok", content
    return content["subshell_id"]


def send(k, code, subshell=None, **options):
    """Sends a cell to a subshell and returns the id of the request."""
    msg = k.client.session.msg("execute_request", dict(code=code, silent=False, store_history=True, **options))
    msg["header"]["subshell_id"] = subshell
    k.client.shell_channel.send(msg)
    return msg["header"]["msg_id"]


def replies(k, ids):
    """The replies to requests, whatever their order."""
    return [k.reply(i) for i in ids]


def text(messages):
    return "".join(m["content"]["text"] for m in messages if m["msg_type"] == "stream")


def test_life(k):
    info = k.reply(k.client.kernel_info())["content"]
    assert "kernel subshells" in info["supported_features"], info
    assert control(k, "list_subshell")["subshell_id"] == []
    one = create(k)
    assert control(k, "list_subshell")["subshell_id"] == [one]
    assert control(k, "delete_subshell", subshell_id=one)["status"] == "ok"
    assert control(k, "list_subshell")["subshell_id"] == []
    assert control(k, "delete_subshell", subshell_id=one)["status"] == "error"


def test_a_subshell_runs_while_the_main_shell_does(k):
    k.good("next := make(chan int)\nsteps := map[int]float64{}")
    main_id = k.send('fmt.Println("begin")\nfor step := 0; ; step++ {\n\tsteps[step] = 1 / float64(step+1)\n\tselect {\n\tcase n := <-next:\n\t\tfmt.Println("told", n)\n\t\treturn\n\tcase <-time.After(time.Millisecond):\n\t}\n}')
    k.wait_output(main_id, "begin")
    sub = create(k)  # while a cell runs
    sub_id = send(k, 'fmt.Println("in the subshell")\nlen(steps) > 0', sub)
    found = k.published(sub_id)
    assert text(found) == "in the subshell\n", found
    assert [m["content"]["data"]["text/plain"] for m in found if m["msg_type"] == "execute_result"] == ["true"], found
    assert {m["parent_header"]["subshell_id"] for m in found} == {sub}, found
    reply = replies(k, [sub_id])[0]
    assert reply["content"]["status"] == "ok" and reply["parent_header"]["subshell_id"] == sub, reply
    bad_id = send(k, 'panic("only here")', sub)
    found = k.published(bad_id)
    assert [m["content"]["evalue"] for m in found if m["msg_type"] == "error"] == ["only here"], found
    last_id = send(k, "next <- 7", sub)
    # Both cells end now, in any order.
    assert [m["content"]["status"] for m in replies(k, [bad_id, last_id, main_id])] == ["error", "ok", "ok"]
    assert "told 7\n" in text(k.published(main_id))
    control(k, "delete_subshell", subshell_id=sub)


def test_questions_while_the_main_shell_is_busy(k):
    sub = create(k)
    k.good("stop := make(chan bool)")
    busy = k.send("<-stop")
    for kind, content in {"complete": {"code": "fmt.Prin", "cursor_pos": 8}, "inspect": {"code": "stop", "cursor_pos": 4}, "is_complete": {"code": "x"}, "comm_info": {}, "history": {"hist_access_type": "tail", "n": 1}}.items():
        msg = k.client.session.msg(kind + "_request", content)
        msg["header"]["subshell_id"] = sub
        k.client.shell_channel.send(msg)
        reply = replies(k, [msg["header"]["msg_id"]])[0]
        assert reply["content"]["status"] == ("complete" if kind == "is_complete" else "ok"), reply
    send(k, "stop <- true", sub)
    assert k.reply(busy)["content"]["status"] == "ok"
    control(k, "delete_subshell", subshell_id=sub)


def test_stop_on_error(k):
    for shells in [(None, create(k)), (create(k), None), (create(k), create(k))]:
        ids = [send(k, 'time.Sleep(time.Second)\npanic("x")', shells[0]), send(k, "1", shells[0]), send(k, "2", shells[0]),
               send(k, "time.Sleep(1500 * time.Millisecond)", shells[1]), send(k, "3", shells[1])]
        found = replies(k, ids)
        assert [m["parent_header"]["subshell_id"] for m in found] == [shells[0]] * 3 + [shells[1]] * 2, found
        assert [m["content"]["status"] for m in found] == ["error", "aborted", "aborted", "ok", "ok"], found
        after = send(k, "4", shells[0])
        assert replies(k, [after])[0]["content"]["status"] == "ok"
        for s in filter(None, shells):
            control(k, "delete_subshell", subshell_id=s)


def test_interrupt_stops_all(k):
    sub = create(k)
    k.good("kept := 5\nfunc spin() { for { } }")
    ids = [send(k, 'fmt.Println("a")\nspin()'), send(k, 'fmt.Println("b")\nspin()', sub)]
    begun = ""
    while begun.count("\n") < 2:
        msg = k.client.get_iopub_msg(timeout=60)
        if msg["msg_type"] == "stream":
            begun += msg["content"]["text"]
    started = time.time()
    k.manager.interrupt_kernel()
    found = replies(k, ids)
    assert [m["content"].get("ename") for m in found] == ["Interrupted", "Interrupted"], found
    assert time.time() - started < 5
    found = k.good("kept")
    assert [m["content"]["data"]["text/plain"] for m in found if m["msg_type"] == "execute_result"] == ["5"], found
    control(k, "delete_subshell", subshell_id=sub)


def test_input(k):
    """Both shells ask; the answers name the questions."""
    sub = create(k)
    code = "var %s string\nfmt.Scanln(&%s)\nfmt.Println(\"got\", %s)"
    one = send(k, code % ("s", "s", "s"), allow_stdin=True)
    asked = k.client.get_stdin_msg(timeout=60)
    assert asked["parent_header"]["msg_id"] == one, asked
    two = send(k, code % ("t", "t", "t"), sub, allow_stdin=True)
    time.sleep(0.5)
    msg = k.client.session.msg("input_reply", {"value": "first"}, parent=asked)
    k.client.stdin_channel.send(msg)
    asked = k.client.get_stdin_msg(timeout=60)
    assert asked["parent_header"]["msg_id"] == two and asked["header"]["subshell_id"] == sub, asked
    msg = k.client.session.msg("input_reply", {"value": "second"}, parent=asked)
    k.client.stdin_channel.send(msg)
    texts = {}
    while len(texts) < 2:
        m = k.client.get_iopub_msg(timeout=60)
        if m["msg_type"] == "stream" and "got" in m["content"]["text"]:
            texts[m["parent_header"]["msg_id"]] = m["content"]["text"]
    assert texts == {one: "got first\n", two: "got second\n"}, texts
    replies(k, [one, two])
    control(k, "delete_subshell", subshell_id=sub)


def test_usage(k):
    control(k, "usage")
    k.good("for end := time.Now().Add(300 * time.Millisecond); time.Now().Before(end); { }")
    u = control(k, "usage")
    assert u["pid"] == k.manager.provisioner.pid and u["kernel_cpu"] > 0 and u["cpu_count"] > 0, u
    assert 20e6 < u["kernel_memory"] < u["host_virtual_memory"]["total"], u


def test_shutdown_with_running_cells():
    k = Kernel()
    sub = create(k)
    ids = [send(k, 'fmt.Println("a")\nselect { }'), send(k, 'fmt.Println("b")\nselect { }', sub)]
    begun = ""
    while begun.count("\n") < 2:
        msg = k.client.get_iopub_msg(timeout=60)
        if msg["msg_type"] == "stream":
            begun += msg["content"]["text"]
    kernel = k.manager.provisioner.pid
    started = time.time()
    k.close()
    assert time.time() - started < 10 and not descendants(kernel), "processes are left"


main(globals())
