"""The kernel behind other front ends than jupyter_client alone: jupyter-console
at a terminal, and nbclient.
"""

import os
import time

import nbclient
import nbformat
import pexpect

from harness import main


def console():
    """A jupyter-console at a terminal of its own."""
    return pexpect.spawn(
        "/usr/bin/jupyter-console", ["--kernel", "modelbook"],
        env=dict(os.environ, TERM="dumb"), encoding="utf-8", timeout=60, dimensions=(40, 120),
    )


def prompt(c, number):
    c.expect(r"In \[%d\]: " % number)
    time.sleep(0.3)


def value(c, number, text):
    c.expect(r"Out\[\S*?%d\S*?\]: \S*?%s\r\n" % (number, text))


def leave(c):
    c.sendeof()
    if c.expect(["Do you really want to exit", pexpect.EOF]) == 0:
        c.send("y\r")
        c.expect(pexpect.EOF)


def test_console():
    c = console()
    try:
        c.expect("modelbook .*Go with values that stay")
        prompt(c, 1)
        c.send("x := 20\r")
        prompt(c, 2)
        c.send("x*2 + 2\r")
        value(c, 2, "42")
        prompt(c, 3)
        c.send("func triple(n int) int {\r")  # is_complete says that more must come
        c.expect(r"int {\s*\t")
        c.send("return 3 * n }\r")
        prompt(c, 4)
        c.send("triple(14)\r")
        value(c, 4, "42")
        prompt(c, 5)
        # Ctrl-C is not tried: this console ends itself, whatever the kernel
        c.send("undefinedThing\r")
        c.expect("undefined: undefinedThing")
        prompt(c, 6)
        c.send("x + 1 // the last one\r")
        value(c, 6, "21")
        prompt(c, 7)
        leave(c)
    finally:
        c.close(force=True)
    c = console()  # another session knows the inputs of the last
    try:
        prompt(c, 1)
        c.send("\x1b[A\r")
        c.expect("undefined: x")
        c.expect(r"x \+ 1 // the last one")
        prompt(c, 2)
        leave(c)
    finally:
        c.close(force=True)


def test_nbclient():
    cells = ["x := []int{1, 2, 3}", 'for _, v := range x { fmt.Println(v) }\nlen(x)', "image.NewGray(image.Rect(0, 0, 2, 2))"]
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    nbclient.NotebookClient(nb, kernel_name="modelbook", timeout=60).execute()
    nbformat.validate(nb)
    assert nb.metadata.language_info.name == "go"
    stream, result = nb.cells[1].outputs
    assert stream.text == "1\n2\n3\n" and result.data["text/plain"] == "3", nb.cells[1].outputs
    assert set(nb.cells[2].outputs[0].data) >= {"image/png", "text/plain"}
    assert "shell.execute_reply.started" in nb.cells[0].metadata.execution or nb.cells[0].metadata.execution
    # an error stops the run, and is stored
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in ['panic("stop")', "1"]])
    client = nbclient.NotebookClient(nb, kernel_name="modelbook", timeout=60)
    try:
        client.execute()
        raise AssertionError("a failing cell does not stop the run")
    except nbclient.exceptions.CellExecutionError as e:
        assert "stop" in str(e)
    assert nb.cells[0].outputs[-1].output_type == "error" and not nb.cells[1].outputs
    # and one that takes too long is interrupted
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in ["for {}", "1 + 1"]])
    nbclient.NotebookClient(nb, kernel_name="modelbook", timeout=3, interrupt_on_timeout=True, allow_errors=True).execute()
    assert nb.cells[0].outputs[-1].ename == "Interrupted", nb.cells[0].outputs
    assert nb.cells[1].outputs[0].data["text/plain"] == "2"


main(globals())
