# Writes onnxruntime.json: what onnxruntime makes of the files that export_test.go writes, which onnx's checker accepts.
#   go test ./dl/onnx -run TestExportsRunInOnnxruntime -write /tmp/exports
#   python3 onnxruntime.py /tmp/exports > onnxruntime.json
import hashlib, json, sys

sys.path.pop(0)  # this folder, whose onnxruntime.py is not the package
import numpy, onnx, onnxruntime

folder, records = sys.argv[1], {}
for e in json.load(open(folder + "/inputs.json")):
    model = open(folder + "/" + e["file"], "rb").read()
    onnx.checker.check_model(onnx.load_model_from_string(model), full_check=True)
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    feeds = {i.name: numpy.array(x["values"]).astype(x["dtype"]).reshape(x["shape"]) for i, x in zip(session.get_inputs(), e["inputs"])}
    outputs = session.run(None, feeds)
    for y, info in zip(outputs, session.get_outputs()):
        assert list(y.shape)[1:] == info.shape[1:], (e["name"], y.shape, info.shape)
    records[e["name"]] = {
        "SHA256": hashlib.sha256(model).hexdigest(),
        "Outputs": [{"Shape": list(y.shape), "Values": [float("%.8g" % v) for v in y.flatten()]} for y in outputs],
    }
json.dump(records, sys.stdout, separators=(",", ":"))
