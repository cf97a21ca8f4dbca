# Writes pytorch_layers.safetensors: the state_dicts of layers of torch.nn, "NAME/" before their names, inputs and outputs
# ("NAME/input", "NAME/output", and "NAME/input2" where there are two).
#   python3 pytorch_layers.py
# With the folder of files of TestLayersOfPyTorch it loads each strictly, and prints the largest difference to the outputs:
#   go test ./dl/nn -run TestLayersOfPyTorch -pytorch /tmp/layers
#   python3 pytorch_layers.py /tmp/layers
import sys, torch
from torch import nn
from torch.nn.utils.parametrizations import spectral_norm, weight_norm
from safetensors.torch import load_file, save_file

torch.manual_seed(11)
torch.backends.mkldnn.enabled = False  # whose LSTM has other outputs, in 2.6, than PyTorch's own and onnxruntime's
layers = {
    "lstm": (nn.LSTM(3, 4, 2, batch_first=True, bidirectional=True), torch.randn(2, 5, 3)),
    "lstm without bias": (nn.LSTM(3, 4, bias=False, batch_first=True), torch.randn(2, 5, 3)),
    "gru": (nn.GRU(3, 4, 2, batch_first=True, bidirectional=True), torch.randn(2, 5, 3)),
    "rnn": (nn.RNN(3, 4, 2, batch_first=True, nonlinearity="relu"), torch.randn(2, 5, 3)),
    "lstm cell": (nn.LSTMCell(3, 4), torch.randn(2, 3)),
    "gru cell": (nn.GRUCell(3, 4), torch.randn(2, 3)),
    "rnn cell": (nn.RNNCell(3, 4), torch.randn(2, 3)),
    "attention": (nn.MultiheadAttention(6, 3, batch_first=True), torch.randn(2, 4, 6)),
    "attention without bias": (nn.MultiheadAttention(6, 2, bias=False, batch_first=True), torch.randn(2, 4, 6)),
    "attention to others": (nn.MultiheadAttention(6, 3, kdim=4, vdim=4, batch_first=True), torch.randn(2, 4, 6), torch.randn(2, 3, 4)),
    "attention to the like": (nn.MultiheadAttention(6, 3, batch_first=True), torch.randn(2, 4, 6), torch.randn(2, 3, 6)),
    "encoder layer": (nn.TransformerEncoderLayer(8, 2, 12, batch_first=True, activation="gelu"), torch.randn(2, 4, 8)),
    "encoder": (nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 12, batch_first=True, norm_first=True), 2, norm=nn.LayerNorm(8), enable_nested_tensor=False), torch.randn(2, 4, 8)),
    "decoder layer": (nn.TransformerDecoderLayer(8, 2, 12, batch_first=True), torch.randn(2, 4, 8), torch.randn(2, 3, 8)),
    "transformer": (nn.Transformer(8, 2, 2, 1, 12, batch_first=True), torch.randn(2, 3, 8), torch.randn(2, 4, 8)),
    "depthwise": (nn.Conv2d(3, 6, (2, 3), groups=3), torch.randn(2, 3, 4, 5)),
    "depthwise 1D": (nn.Conv1d(3, 3, 2, groups=3, bias=False), torch.randn(2, 3, 6)),
    "conv 3D": (nn.Conv3d(2, 3, (1, 2, 2)), torch.randn(1, 2, 3, 3, 4)),
    "transposed": (nn.ConvTranspose2d(4, 6, 3, 2, groups=2), torch.randn(2, 4, 3, 2)),
    "bilinear": (nn.Bilinear(3, 4, 5), torch.randn(2, 3), torch.randn(2, 4)),
    "prelu": (nn.PReLU(3), torch.randn(2, 3)),
    "group norm": (nn.GroupNorm(2, 4), torch.randn(2, 4, 3, 3)),
    "instance norm": (nn.InstanceNorm2d(4, affine=True), torch.randn(2, 4, 3, 3)),
    "rms norm": (nn.RMSNorm(4, eps=1e-6), torch.randn(2, 4)),
    "embedding": (nn.Embedding(5, 3), torch.tensor([[1, 4], [0, 2]])),
    "bag": (nn.EmbeddingBag(5, 3), torch.tensor([[1, 4], [0, 2]])),
    "weight norm": (weight_norm(nn.Linear(3, 4)), torch.randn(2, 3)),
    "weight norm of a convolution": (weight_norm(nn.Conv2d(4, 4, (2, 3), groups=2)), torch.randn(2, 4, 5, 6)),
    "weight norm of a transposed one": (weight_norm(nn.ConvTranspose2d(3, 4, (2, 3))), torch.randn(2, 3, 3, 2)),
    "spectral norm": (spectral_norm(nn.Linear(3, 4, bias=False)), torch.randn(2, 3)),
    "spectral norm of a convolution": (spectral_norm(nn.Conv2d(4, 4, (2, 3))), torch.randn(2, 4, 5, 6)),
    "spectral norm behind an image": (nn.Sequential(nn.Flatten(), spectral_norm(nn.Linear(24, 3)), nn.Linear(3, 2)), torch.randn(2, 4, 2, 3)),
    "linear behind an image": (nn.Sequential(nn.Flatten(), nn.Linear(24, 3)), torch.randn(2, 4, 2, 3)),
}


def run(name, module, *inputs):
    with torch.no_grad():
        if "attention" in name:
            y = module(inputs[0], inputs[-1], inputs[-1], need_weights=False)
        elif name in ("decoder layer", "transformer"):
            mask = nn.Transformer.generate_square_subsequent_mask(inputs[0 if name == "decoder layer" else 1].shape[1])
            y = module(*inputs, tgt_mask=mask)
        else:
            y = module(*inputs)
    return y[0] if isinstance(y, tuple) else y


record, worst = {}, {}
for name, (module, *inputs) in layers.items():
    module.eval()
    for p in module.parameters():
        p.data = torch.rand(p.shape) * 0.8 - (0.4 if p.dim() > 1 else -0.1)
    if len(sys.argv) > 1:
        old = load_file("pytorch_layers.safetensors")
        module.load_state_dict(load_file("%s/%s.safetensors" % (sys.argv[1], name)), strict=True)
        inputs = [old[name + "/input" + n] for n in ["", "2"][:len(inputs)]]
        worst[name] = (run(name, module, *inputs) - old[name + "/output"]).abs().max().item()
        continue
    record |= {name + "/" + k: v.contiguous() for k, v in module.state_dict().items()}
    record |= {name + "/input" + n: v for n, v in zip(["", "2"], inputs)} | {name + "/output": run(name, module, *inputs).contiguous()}
if worst:
    print(max(worst.values()), worst)
else:
    save_file(record, "pytorch_layers.safetensors")
