"""Reads event files with TensorBoard's own reader and writes what it finds to readers.json, and has PyTorch's and
TensorBoard's writers write the files that the package's reader is tried with.

    go test ./dl/train/tensorboard -run TestSample -record     # writes sample.tfevents
    python3 readers.py TENSORBOARD                             # in this folder

TENSORBOARD is a checkout of github.com/tensorflow/tensorboard (the recorded values: commit 70b76c9, Apache 2.0), whose
.proto files are compiled here by protoc 3.21; its reader of records is the one without TensorFlow
(tensorboard/compat/tensorflow_stub), which checks the checksums. Needed besides: PyTorch 2.6, NumPy, Pillow.

schema.binpb, with which the Go test looks at each field, is made of the same .proto files.
"""
import base64, glob, io, json, os, re, shutil, subprocess, sys, tempfile

source = os.path.abspath(sys.argv[1])
build = tempfile.mkdtemp()
shutil.copytree(os.path.join(source, "tensorboard"), os.path.join(build, "tensorboard"), ignore=shutil.ignore_patterns("*.ts", "*.html", "node_modules"))
open(os.path.join(build, "tensorboard/compat/notf.py"), "w").close()  # the Bazel target without TensorFlow
protos = [os.path.relpath(p, build) for p in glob.glob(build + "/tensorboard/**/*.proto", recursive=True)
          if re.search("/(compat|data|plugins)/", p)]
subprocess.check_call(["protoc", "-I.", "--python_out=.", *protos], cwd=build)
subprocess.check_call(["protoc", "-I.", "--include_imports", "--descriptor_set_out=" + os.path.abspath("schema.binpb"),
                       "tensorboard/compat/proto/event.proto", "tensorboard/compat/proto/graph.proto"], cwd=build)
sys.path.insert(0, build)

import numpy as np
import torch
from PIL import Image
from google.protobuf.unknown_fields import UnknownFieldSet
from tensorboard.backend.event_processing import event_accumulator, event_file_loader
from tensorboard.compat.proto import event_pb2, graph_pb2
from tensorboard.plugins.histogram import summary_v2 as histogram_summary
from tensorboard.plugins.scalar import summary_v2 as scalar_summary
from tensorboard.plugins.text import summary_v2 as text_summary
from tensorboard.summary.writer.event_file_writer import EventFileWriter
from tensorboard.util import tensor_util
from torch.utils.tensorboard import SummaryWriter


def number(v):
    """JSON has no infinities."""
    return "%r" % float(v)


def unknown(message):
    """How many fields of a message, and of those in it, its definition does not have."""
    n = len(UnknownFieldSet(message))
    for field, value in message.ListFields():
        if field.message_type is None:
            continue
        if field.message_type.GetOptions().map_entry:
            n += sum(unknown(value[k]) for k in value)
        elif field.label == field.LABEL_REPEATED:
            n += sum(unknown(v) for v in value)
        else:
            n += unknown(value)
    return n


def read(path):
    every = {kind: 0 for kind in ("scalars", "histograms", "images", "tensors", "compressedHistograms", "audio")}
    a = event_accumulator.EventAccumulator(path, size_guidance=every)
    a.Reload()
    out = {"Version": "", "Writer": a.GetSourceWriter() or "", "Scalars": {}, "Histograms": {}, "Images": {}, "Texts": {}, "Nodes": [], "Unknown": 0}
    tags = a.Tags()
    for tag in tags["scalars"]:
        out["Scalars"][tag] = [{"Step": e.step, "Value": number(e.value), "Time": e.wall_time} for e in a.Scalars(tag)]
    for tag in tags["histograms"]:
        e = a.Histograms(tag)[-1]
        h = e.histogram_value
        out["Histograms"][tag] = {"Step": e.step, "Min": h.min, "Max": h.max, "Num": h.num, "Sum": h.sum, "SumOfSquares": h.sum_squares,
                                  "Limits": list(h.bucket_limit), "Counts": list(h.bucket)}
    def picture(step, width, height, png):
        image = Image.open(io.BytesIO(png)).convert("RGBA")
        assert image.size == (width, height)
        return {"Step": step, "Width": width, "Height": height, "Pixels": base64.b64encode(image.tobytes()).decode()}
    for tag in tags["images"]:
        e = a.Images(tag)[-1]
        out["Images"][tag] = picture(e.step, e.width, e.height, e.encoded_image_string)
    for tag in tags["tensors"]:
        e = a.Tensors(tag)[-1]
        t, plugin = e.tensor_proto, a.SummaryMetadata(tag).plugin_data.plugin_name
        if plugin == "text":
            out["Texts"][tag] = t.string_val[0].decode()
        elif plugin == "scalars":
            out["Scalars"][tag] = [{"Step": e.step, "Value": number(tensor_util.make_ndarray(t).item()), "Time": e.wall_time}]
        elif plugin == "histograms":
            rows = tensor_util.make_ndarray(t)
            out["Histograms"][tag] = {"Step": e.step, "Min": float(rows[0][0]), "Max": float(rows[-1][1]), "Num": float(rows[:, 2].sum()), "Sum": 0,
                                      "SumOfSquares": 0, "Limits": rows[:, 1].tolist(), "Counts": rows[:, 2].tolist()}
        elif plugin == "images":
            out["Images"][tag] = picture(e.step, int(t.string_val[0]), int(t.string_val[1]), t.string_val[2])
    if tags["graph"]:
        for n in a.Graph().node:
            shape = n.attr["_output_shapes"].list.shape
            out["Nodes"].append({"Name": n.name, "Op": n.op, "Input": list(n.input), "Type": n.attr["dtype"].type,
                                 "Shape": [d.size for d in shape[0].dim] if len(shape) else []})
    for raw in event_file_loader.RawEventFileLoader(path).Load():
        event = event_pb2.Event.FromString(raw)
        out["Version"] = event.file_version or out["Version"]
        out["Unknown"] += unknown(event)
        if event.graph_def:
            out["Unknown"] += unknown(graph_pb2.GraphDef.FromString(event.graph_def))
    return out


def by_pytorch(path):
    folder = tempfile.mkdtemp()
    with SummaryWriter(folder) as w:
        for step in range(3):
            w.add_scalar("loss", 1 / (step + 1), step)
        w.add_scalar("accuracy", 0.5, 2, new_style=True)
        w.add_scalar("double", 0.1, 2, new_style=True, double_precision=True)
        w.add_histogram("weights", np.array([-1.0, 0, 0.25, 1]), 1, bins=4)
        w.add_image("picture", np.arange(12, dtype=np.uint8).reshape(2, 2, 3), 1, dataformats="HWC")
        w.add_text("note", "**text** 文字", 1)
        w.add_graph(torch.nn.Sequential(torch.nn.Linear(2, 2)), torch.zeros(1, 2))
    shutil.copy(glob.glob(folder + "/*tfevents*")[0], path)


def by_tensorboard(path):
    folder = tempfile.mkdtemp()
    w = EventFileWriter(folder)
    def add(summary, step):
        w.add_event(event_pb2.Event(wall_time=1.7e9 + step, step=step, summary=summary))
    add(scalar_summary.scalar_pb("loss", 0.5), 1)
    add(histogram_summary.histogram_pb("weights", np.array([-1.0, 0, 0.25, 1]), buckets=4), 1)
    add(text_summary.text_pb("note", "two words"), 1)
    w.flush()
    w.close()
    shutil.copy(glob.glob(folder + "/*tfevents*")[0], path)


by_pytorch("pytorch.tfevents")
by_tensorboard("tensorflow2.tfevents")
with open("readers.json", "w") as f:
    json.dump({name: read(name) for name in ("sample.tfevents", "pytorch.tfevents", "tensorflow2.tfevents")}, f, indent=1, ensure_ascii=False)
    f.write("\n")
