"""Completion and inspection through jupyter_client, as a notebook asks for
them. Prints how long the first and later answers took.
"""

import os
import signal
import time

from harness import Kernel, descendants, gone, main

TYPES = "_jupyter_types_experimental"


def ask(k, kind, code, **more):
    """Asks at the mark ¦ in code."""
    cursor = code.index("¦")
    code = code.replace("¦", "")
    return code, k.reply(k.shell(kind, {"code": code, "cursor_pos": cursor, **more}))["content"]


def complete(k, code):
    code, got = ask(k, "complete_request", code)
    assert got["status"] == "ok", got
    types = got["metadata"][TYPES]
    assert [t["text"] for t in types] == got["matches"], got
    assert all(t["start"] == got["cursor_start"] and t["end"] == got["cursor_end"] for t in types)
    return code[got["cursor_start"]:got["cursor_end"]], {t["text"]: (t["type"], t["signature"]) for t in types}


def inspect(k, code, detail=0):
    _, got = ask(k, "inspect_request", code, detail_level=detail)
    assert got["status"] == "ok", got
    if got["found"]:
        assert set(got["data"]) == {"text/plain", "text/markdown", "text/html"}, got
    return got["data"] if got["found"] else None


def test_first_answers_of_a_new_kernel():
    k = Kernel()
    try:
        began = time.time()
        replaced, matches = complete(k, "mat.NewD¦")
        first = time.time() - began
        assert replaced == "NewD" and "NewDense" in matches, matches
        later = []
        for code in ["strings.Spl¦", "http.Stat¦", "plotter.NewLin¦", "x := []int{}\nlen(x¦)", "fmt.Pr¦"] * 4:
            began = time.time()
            assert complete(k, code)[1], code
            later.append(time.time() - began)
        print(f"kernel ready {k.ready:.3f} s, first completion {first * 1e3:.1f} ms, later median {sorted(later)[len(later) // 2] * 1e3:.1f} ms, slowest {max(later) * 1e3:.1f} ms")
    finally:
        k.close()


def test_session_variables(k):
    k.good("type point struct{ X, Y float64 }\n// Norm is a length.\nfunc (p point) Norm() float64 { return p.X }\npts := []point{{1, 2}}")
    assert complete(k, "pt¦") == ("pt", {"pts": ("instance", "[]point")})
    replaced, matches = complete(k, 's := "🎉世界"; pts[0].¦')
    assert replaced == "" and matches == {"Norm": ("function", "() float64"), "X": ("property", "float64"), "Y": ("property", "float64")}, matches
    data = inspect(k, "pts[0].No¦rm()")
    assert "Norm is a length." in data["text/plain"] and "```go" in data["text/markdown"] and "<pre>" in data["text/html"], data
    assert "Value: " in inspect(k, "pt¦s")["text/plain"]
    assert "return p.X" in inspect(k, "pts[0].No¦rm()", detail=1)["text/plain"]
    assert "func append(" in inspect(k, "append(pts, ¦)")["text/plain"]
    assert inspect(k, "nowhere¦") is None


def test_while_a_cell_runs(k):
    cell = k.send('busy := map[string]int{}\nfmt.Println("begun")\nfor { busy["a"]++ }')
    k.wait_output(cell, "begun")
    assert complete(k, "bus¦")[1] == {"busy": ("instance", "map[string]int")}
    assert "var busy map[string]int" in inspect(k, "bus¦y")["text/plain"]
    assert complete(k, "strings.HasP¦")[1].keys() == {"HasPrefix"}
    k.manager.interrupt_kernel()
    assert k.reply(cell)["content"]["status"] == "error"


def test_documentation_as_output(k):
    shown = [m for m in k.good("strings.Split?") if m["msg_type"] == "display_data"]
    assert "Split slices s into all substrings" in shown[0]["content"]["data"]["text/plain"], shown
    assert "func Split(" in str([m["content"] for m in k.good("%doc -src strings.Split")])


def gopls_of(k):
    """Makes the kernel need gopls; returns its process."""
    deadline = time.time() + 60
    while "Cmdline" not in complete(k, 'import hp "net/http/pprof"\nhp.Cmdl¦')[1]:
        assert time.time() < deadline, "gopls does not answer"
    for pid in descendants(k.manager.provisioner.pid):
        with open(f"/proc/{pid}/comm") as f:
            if f.read().strip() == "gopls":
                return pid
    raise AssertionError("no gopls runs")


def test_gopls_starts_when_needed_and_again_when_killed(k):
    names = []
    for pid in descendants(k.manager.provisioner.pid):
        with open(f"/proc/{pid}/comm") as f:
            names.append(f.read().strip())
    assert "gopls" not in names, names
    pid = gopls_of(k)
    deadline = time.time() + 60  # the kernel waits for gopls only so long, and a machine may have other work
    while "running program" not in (inspect(k, 'import hp "net/http/pprof"\nhp.Cmdline(¦)') or {}).get("text/plain", ""):
        assert time.time() < deadline, "gopls does not document"
    os.kill(pid, signal.SIGKILL)
    gone(pid, 10)
    assert complete(k, "strings.HasP¦")[1], "others need no gopls"
    assert gopls_of(k) != pid


def test_gopls_goes_with_the_kernel():
    for end in ("shutdown", "kill"):
        k = Kernel()
        pid = gopls_of(k)
        if end == "kill":
            os.kill(k.manager.provisioner.pid, signal.SIGKILL)
            gone(pid, 5)
            k.client.stop_channels()
            k.manager.shutdown_kernel(now=True)
        else:
            k.close()
            gone(pid, 5)


main(dict(globals()))
