"""Widgets of package ipywidgets, seen from a client that plays the front end's
widget manager: opened, changed, clicked, asked for, closed.
"""

import time

from harness import TIMEOUT, Kernel, kinds, main, streams

REFERENCE = "IPY_MODEL_"


class Manager:
    """What a front end knows of widgets, from the messages it has seen."""

    def __init__(self, k):
        self.k, self.states, self.echoes = k, {}, []

    def see(self, msg):
        content, data = msg["content"], msg["content"].get("data") or {}
        if msg["msg_type"] == "comm_open" and content["target_name"] == "jupyter.widget":
            assert msg["metadata"] == {"version": "2.1.0"}, msg["metadata"]
            self.states[content["comm_id"]] = self.state(data, msg["buffers"])
        elif msg["msg_type"] == "comm_msg" and data.get("method") == "update":
            self.states[content["comm_id"]].update(self.state(data, msg["buffers"]))
        elif msg["msg_type"] == "comm_msg" and data.get("method") == "echo_update":
            self.echoes.append((msg["parent_header"].get("msg_id"), data["state"]))
        elif msg["msg_type"] == "comm_close":
            self.states.pop(content["comm_id"], None)

    @staticmethod
    def state(data, buffers):
        state = dict(data["state"])
        for path, buffer in zip(data["buffer_paths"], buffers, strict=True):
            state[path[0]] = bytes(buffer)
        return state

    def run(self, code):
        found = self.k.good(code)
        for msg in found:
            self.see(msg)
        return found

    def send(self, comm_id, data, buffers=None):
        msg = self.k.client.session.msg("comm_msg", {"comm_id": comm_id, "data": data})
        self.k.client.session.send(self.k.client.shell_channel.socket, msg, buffers=buffers)
        return msg["header"]["msg_id"]

    def until(self, what):
        """Sees messages until what() is true."""
        deadline = time.time() + TIMEOUT
        while not what():
            assert time.time() < deadline, self.states
            self.see(self.k.client.get_iopub_msg(timeout=TIMEOUT))

    def named(self, name):
        """The identifier of the only widget of a model."""
        (found,) = [i for i, s in self.states.items() if s["_model_name"] == name]
        return found


def test_a_slider_is_shown_moved_and_set(k):
    m = Manager(k)
    found = m.run("""degree := ipywidgets.NewIntSlider(3, 1, 10)
label := ipywidgets.NewLabel("")
degree.OnChange(func(n int) { label.SetValue(fmt.Sprint("degree ", n)) })
degree""")
    slider, label = m.named("IntSliderModel"), m.named("LabelModel")
    (result,) = [msg["content"]["data"] for msg in found if msg["msg_type"] == "execute_result"]
    view = result["application/vnd.jupyter.widget-view+json"]
    assert view == {"version_major": 2, "version_minor": 0, "model_id": slider}, view
    assert result["text/plain"] == "IntSlider(max=10, min=1, value=3)", result
    state = m.states[slider]
    assert (state["value"], state["min"], state["max"], state["_model_module_version"]) == (3, 1, 10, "2.0.0"), state
    assert m.states[state["layout"].removeprefix(REFERENCE)]["_model_name"] == "LayoutModel"
    moved = m.send(slider, {"method": "update", "state": {"value": 7}, "buffer_paths": []})
    m.until(lambda: m.states[label]["value"] == "degree 7")
    assert m.echoes == [(moved, {"value": 7})], "the echo belongs to the message that it echoes"
    assert "7\n" == streams(m.run("fmt.Println(degree.Value())"))
    m.run("degree.SetValue(2)")
    m.until(lambda: m.states[slider]["value"] == 2 and m.states[label]["value"] == "degree 2")


def test_clicks_while_a_cell_runs(k):
    m = Manager(k)
    m.run("""clicks := make(chan bool)
button := ipywidgets.NewButton("press")
button.OnClick(func() { clicks <- true })""")
    cell = k.send('fmt.Println("waiting")\n<-clicks\n<-clicks\nfmt.Println("clicked twice")')
    k.wait_output(cell, "waiting")
    for _ in range(2):
        m.send(m.named("ButtonModel"), {"method": "custom", "content": {"event": "click"}})
    assert "clicked twice" in streams(k.published(cell))


def test_text_of_a_function_belongs_to_its_cell(k):
    m = Manager(k)
    found = m.run("""printing := ipywidgets.NewButton("print")
printing.OnClick(func() { fmt.Println("clicked") })""")
    m.run("1 + 1")
    m.send(m.named("ButtonModel"), {"method": "custom", "content": {"event": "click"}})
    while True:
        msg = k.client.get_iopub_msg(timeout=TIMEOUT)
        if msg["msg_type"] == "stream":
            break
    assert msg["content"] == {"name": "stdout", "text": "clicked\n"}, msg
    assert msg["parent_header"]["msg_id"] == found[0]["parent_header"]["msg_id"], msg


def test_bytes_go_beside_the_message(k):
    m = Manager(k)
    m.run('picture := ipywidgets.NewImage([]byte("not a PNG"))')
    image = m.named("ImageModel")
    assert m.states[image]["value"] == b"not a PNG", m.states[image]
    m.send(image, {"method": "update", "state": {}, "buffer_paths": [["value"]]}, [b"sent \x00\xff"])
    m.run('for string(picture.Value()) != "sent \\x00\\xff" { time.Sleep(time.Millisecond) }')


def test_a_front_end_that_comes_later(k):
    """It opens the control comm, as the widget managers do, and gets all states."""
    m = Manager(k)
    m.run('late := ipywidgets.NewText("hello")\nlateImage := ipywidgets.NewImage([]byte{1, 2})')
    text, image = m.named("TextModel"), m.named("ImageModel")
    listed = k.reply(k.shell("comm_info_request", {"target_name": "jupyter.widget"}))["content"]["comms"]
    assert listed[text] == {"target_name": "jupyter.widget"}, listed
    k.shell("comm_open", {"comm_id": "control", "target_name": "jupyter.widget.control", "data": {}})
    m.send("control", {"method": "request_states"})
    while True:
        msg = k.client.get_iopub_msg(timeout=TIMEOUT)
        if msg["msg_type"] == "comm_msg" and msg["content"]["comm_id"] == "control":
            break
    data = msg["content"]["data"]
    assert data["method"] == "update_states" and set(data["states"]) == set(listed), data
    assert data["states"][text]["state"]["value"] == "hello" and data["states"][text]["model_name"] == "TextModel"
    assert bytes(msg["buffers"][data["buffer_paths"].index([image, "state", "value"])]) == b"\x01\x02"
    m.states[text] = {}
    m.send(text, {"method": "request_state"})
    m.until(lambda: m.states[text].get("value") == "hello")


def test_interact(k):
    m = Manager(k)
    m.run("""in := ipywidgets.Interact(func(n int) (int, error) {
\tif n < 0 {
\t\treturn 0, errors.New("negative")
\t}
\treturn n * n, nil
}, 4)
in""")
    slider, output = in_widgets(m)
    assert m.states[output]["outputs"][0]["data"]["text/plain"] == "16", m.states[output]
    for n in range(5, 12):
        m.send(slider, {"method": "update", "state": {"value": n}, "buffer_paths": []})
    m.until(lambda: m.states[output]["outputs"][0].get("data", {}).get("text/plain") == "121")
    m.send(slider, {"method": "update", "state": {"value": -1}, "buffer_paths": []})
    m.until(lambda: m.states[output]["outputs"][0].get("evalue") == "negative")


def in_widgets(m):
    children = [c.removeprefix(REFERENCE) for c in m.states[m.named("VBoxModel")]["children"]]
    return children


def test_widgets_end_with_the_values(k):
    m = Manager(k)
    m.run('gone := ipywidgets.NewText("x")')
    text = m.named("TextModel")
    found = m.run("%restart")
    assert "comm_close" in kinds(found) and text not in m.states, kinds(found)
    assert k.reply(k.shell("comm_info_request", {}))["content"]["comms"] == {}
    m.run('again := ipywidgets.NewText("y")')
    m.named("TextModel")


main(globals(), own=("test_widgets_end_with_the_values",))
