# Writes operators.json: models of one operator each, an input, and what onnxruntime makes of it.
#   python3 operators.py
import base64, json, sys

sys.path.pop(0)  # this folder, whose onnxruntime.py is not the package
import numpy, onnx, onnxruntime
from onnx import TensorProto, helper, numpy_helper

random = numpy.random.default_rng(7)
records = {}


def f(*shape):
    return random.random(shape, dtype=numpy.float32) - numpy.float32(0.5)


def add(name, op, opset, x, *more, **attributes):
    """A model of op, whose other inputs are constants; None is one that is left out."""
    names = ["x"] + ["" if v is None else "c%d" % i for i, v in enumerate(more)]
    constants = [numpy_helper.from_array(v, "c%d" % i) for i, v in enumerate(more) if v is not None]
    node = helper.make_node(op, names, ["y"], **attributes)
    graph = helper.make_graph([node], "g", [helper.make_tensor_value_info("x", TensorProto.FLOAT, x.shape)],
                              [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8).SerializeToString()
    y = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"]).run(None, {"x": x})[0]
    numbers = lambda v: {"Shape": list(v.shape), "Values": [float("%.8g" % e) for e in v.flatten()]}
    records[name] = {"Model": base64.b64encode(model).decode(), "X": numbers(x), "Y": numbers(y)}


add("conv 1D", "Conv", 17, f(2, 4, 7), f(6, 2, 3), f(6), group=2, pads=[2, 0], strides=[2])
add("conv 3D", "Conv", 17, f(1, 2, 4, 5, 3), f(3, 2, 2, 3, 1), f(3), pads=[1, 0, 0, 0, 2, 0], strides=[1, 2, 1], dilations=[2, 1, 1])
add("conv 3D, same", "Conv", 17, f(1, 2, 3, 3, 4), f(2, 2, 2, 2, 2), auto_pad="SAME_LOWER")
add("transposed 1D", "ConvTranspose", 17, f(2, 3, 4), f(3, 2, 3), f(2), strides=[2], pads=[1, 0], output_padding=[1])
add("transposed 3D", "ConvTranspose", 17, f(1, 2, 2, 3, 2), f(2, 2, 2, 2, 3), strides=[2, 1, 2], pads=[0, 1, 1, 1, 0, 0])
add("max 3D", "MaxPool", 17, f(1, 2, 4, 5, 3), kernel_shape=[2, 2, 2], strides=[2, 1, 1], pads=[1, 0, 0, 0, 1, 1])
add("average 1D, rounded up", "AveragePool", 17, f(2, 2, 8), kernel_shape=[3], strides=[2], ceil_mode=1)
add("average 3D", "AveragePool", 17, f(1, 2, 4, 4, 3), kernel_shape=[3, 2, 2], strides=[1, 2, 1], pads=[1, 1, 0, 1, 0, 1])
add("average 3D, padding counts", "AveragePool", 17, f(1, 2, 4, 4, 3), kernel_shape=[3, 2, 2], pads=[1, 0, 1, 1, 0, 1], count_include_pad=1)
add("norms of windows", "LpPool", 17, f(1, 2, 5, 4), kernel_shape=[3, 2], strides=[2, 1], pads=[1, 0, 1, 1], p=3)
add("group norm 21", "GroupNormalization", 21, f(2, 6, 3, 2), f(6), f(6), num_groups=3, epsilon=1e-3)
add("instance norm", "InstanceNormalization", 17, f(2, 3, 5), f(3), f(3), epsilon=1e-2)
add("space to depth", "SpaceToDepth", 17, f(2, 2, 4, 6), blocksize=2)
add("depth to space", "DepthToSpace", 17, f(2, 8, 2, 3), blocksize=2, mode="DCR")
add("prelu", "PRelu", 17, f(2, 3, 4), f(3, 1))
add("pad", "Pad", 17, f(2, 3, 4), numpy.array([0, 1, 2, 0, 0, 1]), mode="edge")
sizes = lambda *n: numpy.array(n, dtype=numpy.int64)
for coordinates in ["half_pixel", "asymmetric", "align_corners", "pytorch_half_pixel"]:
    for rounding in ["floor", "ceil", "round_prefer_floor", "round_prefer_ceil"]:
        add("nearest, %s, %s" % (coordinates, rounding), "Resize", 17, f(1, 2, 4, 5), None, None, sizes(1, 2, 7, 3),
            coordinate_transformation_mode=coordinates, nearest_mode=rounding)
for coordinates in ["half_pixel", "align_corners", "pytorch_half_pixel"]:
    for mode in ["linear", "cubic"]:
        add("%s, %s" % (mode, coordinates), "Resize", 17, f(1, 2, 4, 5), None, None, sizes(1, 2, 7, 3), coordinate_transformation_mode=coordinates, mode=mode)
add("nearest by scales", "Resize", 13, f(1, 2, 4, 5), None, numpy.array([1, 1, 2.5, 0.6], dtype=numpy.float32), coordinate_transformation_mode="asymmetric", nearest_mode="floor")
add("linear by scales, 3D", "Resize", 13, f(1, 2, 2, 3, 2), None, numpy.array([1, 1, 2, 1, 3], dtype=numpy.float32), mode="linear")
add("local response", "LRN", 17, f(2, 7, 3, 2), size=5, alpha=0.9, beta=1.25, bias=2.0)
add("einsum", "Einsum", 17, f(2, 3, 4), f(4, 2, 5), equation="abc,cde->abde")
add("einsum, ellipses", "Einsum", 17, f(2, 1, 3, 4), f(1, 5, 4, 2), equation="... i j, ... j k -> ... k i")
add("einsum without an arrow", "Einsum", 17, f(3, 4), f(4, 2), equation="bc,ca")
add("einsum of one", "Einsum", 17, f(2, 3, 4), equation="abc->cab")
places = numpy.array([[2, 0, 2, -2], [0, 0, 2, 1], [0, 1, 2, 0]], dtype=numpy.int64)
add("scatter", "ScatterElements", 17, f(4, 4), numpy.array([[2, 0, 1, -1]], dtype=numpy.int64), f(1, 4), axis=0)
for how in ["add", "mul", "max", "min"]:
    add("scatter, " + how, "ScatterElements", 18, f(3, 5), places, f(3, 4), axis=1, reduction=how)
json.dump(records, open("operators.json", "w"), separators=(",", ":"))
