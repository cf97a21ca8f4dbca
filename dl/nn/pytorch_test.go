package nn

import (
	"flag"
	"path/filepath"
	"strings"
	"testing"

	"modelbook/dl"
)

// pytorchFolder is where the files go that testdata/pytorch_layers.py loads.
var pytorchFolder = flag.String("pytorch", "", "folder for the layers' files, for testdata/pytorch_layers.py")

// torchLayer is a layer of testdata/pytorch_layers.py, and what it computes.
type torchLayer struct {
	module  Module
	compute func(x, second *dl.Tensor) *dl.Tensor
}

func torchLayers() map[string]torchLayer {
	all := map[string]torchLayer{}
	add := func(name string, m Module, compute func(x, second *dl.Tensor) *dl.Tensor) {
		if compute == nil {
			compute = func(x, _ *dl.Tensor) *dl.Tensor { return m.(Forwarder).Forward(x) }
		}
		all[name] = torchLayer{m, compute}
	}
	images := func(m Forwarder) (Module, func(x, _ *dl.Tensor) *dl.Tensor) {
		return m, func(x, _ *dl.Tensor) *dl.Tensor { return m.Forward(x.MoveAxis(1, -1)).MoveAxis(-1, 1) }
	}
	image := func(name string, m Forwarder) { module, f := images(m); add(name, module, f) }
	add("lstm", Build(LSTM{Units: 4, Layers: 2, Bidirectional: true, ReturnSequences: true}, 5, 3), nil)
	add("lstm without bias", Build(LSTM{Units: 4, NoBias: true, ReturnSequences: true}, 5, 3), nil)
	add("gru", Build(GRU{Units: 4, Layers: 2, Bidirectional: true, ReturnSequences: true}, 5, 3), nil)
	add("rnn", Build(SimpleRNN{Units: 4, Layers: 2, Activation: ReLU, ReturnSequences: true}, 5, 3), nil)
	add("lstm cell", Build(LSTMCell{Units: 4}, 3), nil)
	add("gru cell", Build(GRUCell{Units: 4}, 3), nil)
	add("rnn cell", Build(SimpleRNNCell{Units: 4}, 3), nil)
	add("attention", Build(MultiHeadAttention{Heads: 3}, 4, 6), nil)
	add("attention without bias", Build(MultiHeadAttention{Heads: 2, NoBias: true}, 4, 6), nil)
	for name, context := range map[string]int{"attention to others": 4, "attention to the like": 6} {
		m := Build(MultiHeadAttention{Heads: 3, Context: context}, 4, 6)
		add(name, m, func(x, second *dl.Tensor) *dl.Tensor { return m.Call(x, second, AttendOptions{}) })
	}
	add("encoder layer", Build(TransformerEncoderLayer{Heads: 2, Hidden: 12, Activation: GELU}, 4, 8), nil)
	add("encoder", Build(TransformerEncoder{Layer: TransformerEncoderLayer{Heads: 2, Hidden: 12, NormFirst: true}, Layers: 2, FinalNorm: true}, 4, 8), nil)
	decoder := Build(TransformerDecoderLayer{Heads: 2, Hidden: 12}, 4, 8)
	add("decoder layer", decoder, func(x, memory *dl.Tensor) *dl.Tensor { return decoder.Call(x, memory, DecodeOptions{}) })
	transformer := Build(Transformer{Encoder: TransformerEncoder{Layer: TransformerEncoderLayer{Heads: 2, Hidden: 12}, Layers: 2, FinalNorm: true},
		Decoder: TransformerDecoder{Layer: TransformerDecoderLayer{Heads: 2, Hidden: 12}, Layers: 1, FinalNorm: true}}, 4, 8)
	add("transformer", transformer, func(x, target *dl.Tensor) *dl.Tensor { return transformer.Call(x, target, nil, nil) })
	image("depthwise", Build(DepthwiseConv2D{Kernel: [2]int{2, 3}, Multiplier: 2}, 4, 5, 3))
	image("depthwise 1D", Build(DepthwiseConv1D{Kernel: 2, NoBias: true}, 6, 3))
	image("conv 3D", Build(Conv3D{Filters: 3, Kernel: [3]int{1, 2, 2}}, 3, 3, 4, 2))
	image("transposed", Build(ConvTranspose2D{Filters: 6, Kernel: [2]int{3, 3}, Stride: [2]int{2, 2}, Groups: 2}, 3, 2, 4))
	bilinear := Build(Bilinear{Units: 5, Second: 4}, 3)
	add("bilinear", bilinear, func(a, b *dl.Tensor) *dl.Tensor { return bilinear.Forward(a, b) })
	add("prelu", Build(PReLU{}, 3), nil)
	image("group norm", Build(GroupNorm{Groups: 2, Epsilon: 1e-5}, 3, 3, 4))
	image("instance norm", Build(InstanceNorm{Affine: true}, 3, 3, 4))
	add("rms norm", Build(RMSNorm{}, 4), nil)
	add("embedding", Build(Embedding{Vocabulary: 5, Units: 3}, 2), nil)
	add("bag", Build(EmbeddingBag{Vocabulary: 5, Units: 3}, 2), nil)
	add("weight norm", Build(WeightNorm{Layer: Dense{Units: 4}}, 3), nil)
	image("weight norm of a convolution", Build(WeightNorm{Layer: Conv2D{Filters: 4, Kernel: [2]int{2, 3}, Groups: 2}}, 5, 6, 4))
	image("weight norm of a transposed one", Build(WeightNorm{Layer: ConvTranspose2D{Filters: 4, Kernel: [2]int{2, 3}}}, 3, 2, 3))
	add("spectral norm", Build(SpectralNorm{Layer: Dense{Units: 4, NoBias: true}}, 3), nil)
	image("spectral norm of a convolution", Build(SpectralNorm{Layer: Conv2D{Filters: 4, Kernel: [2]int{2, 3}}}, 5, 6, 4))
	flat, err := Sequential(dl.Shape{2, 3, 4}, Flatten{}, Named("1", SpectralNorm{Layer: Dense{Units: 3}}), Named("2", Regularized{Layer: Dense{Units: 2}, Weight: L2(1)}))
	if err != nil {
		panic(err)
	}
	add("spectral norm behind an image", flat, func(x, _ *dl.Tensor) *dl.Tensor { return flat.Forward(x.MoveAxis(1, -1)) })
	flat2, err := Sequential(dl.Shape{2, 3, 4}, Flatten{}, Named("1", Regularized{Layer: Dense{Units: 3}, Weight: L2(1)}))
	if err != nil {
		panic(err)
	}
	add("linear behind an image", flat2, func(x, _ *dl.Tensor) *dl.Tensor { return flat2.Forward(x.MoveAxis(1, -1)) })
	return all
}

// The state_dict of each of PyTorch's layers is that of ours, both ways: names, order of gates, biases, and what is one
// tensor there and several here.
func TestLayersOfPyTorch(t *testing.T) {
	tensors, _, err := dl.LoadSafetensors("testdata/pytorch_layers.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	layers, weights, given := torchLayers(), map[string][]dl.Named{}, map[string]map[string]*dl.Tensor{}
	for _, n := range tensors {
		layer, name, _ := strings.Cut(n.Name, "/")
		if name == "input" || name == "input2" || name == "output" {
			if given[layer] == nil {
				given[layer] = map[string]*dl.Tensor{}
			}
			given[layer][name] = n.Tensor
			continue
		}
		weights[layer] = append(weights[layer], dl.Named{Name: name, Tensor: n.Tensor})
	}
	if len(layers) != len(given) {
		t.Errorf("%d layers here, %d in the file", len(layers), len(given))
	}
	for name, l := range layers {
		if _, err := SetWeights(l.module, weights[name], WeightOptions{PyTorch: true}); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		g := given[name]
		SetTraining(l.module, false)
		if y := l.compute(g["input"], g["input2"]); !y.Shape().Equal(g["output"].Shape()) || !y.AllClose(g["output"], 1e-5, 2e-6) {
			t.Errorf("%s computes %v, PyTorch %v", name, y, g["output"])
		}
		written, err := Weights(l.module, WeightOptions{PyTorch: true})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		again := byName(written)
		if len(again) != len(weights[name]) {
			t.Errorf("%s: %d tensors are written, %d were read", name, len(again), len(weights[name]))
		}
		sum := map[string]float64{} // of biases, which may be divided in another way
		for _, n := range weights[name] {
			w := again[n.Name]
			if w == nil || !w.Shape().Equal(n.Tensor.Shape()) {
				t.Errorf("%s: %q is written as %v, was %v", name, n.Name, w, n.Tensor)
				continue
			}
			if strings.HasPrefix(n.Name, "bias_") && name != "gru" && name != "gru cell" {
				sum[n.Name[len("bias_ih"):]] += w.Sub(n.Tensor).Sum().Item()
				continue
			}
			if !w.AllClose(n.Tensor, 0, 0) {
				t.Errorf("%s: %q is written as %v, was %v", name, n.Name, w, n.Tensor)
			}
		}
		for end, d := range sum {
			if d > 1e-5 || d < -1e-5 {
				t.Errorf("%s: the biases %s are written with a difference of %v", name, end, d)
			}
		}
		if *pytorchFolder != "" {
			if err := SaveWeights(filepath.Join(*pytorchFolder, name+".safetensors"), l.module, WeightOptions{PyTorch: true}); err != nil {
				t.Error(err)
			}
		}
	}
}
