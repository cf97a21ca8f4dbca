package onnx_test

import (
	"bytes"
	"reflect"
	"testing"

	"modelbook/dl"
	"modelbook/dl/internal/mistakes"
	"modelbook/dl/nn"
	"modelbook/dl/onnx"
)

func model() *nn.Model {
	m, err := nn.Sequential(dl.Shape{3}, nn.Dense{Units: 2})
	if err != nil {
		panic(err)
	}
	return m
}

// Every exported function and method is called with wrong arguments: see package mistakes.
func TestEveryExportedFunctionRefusesWrongArguments(t *testing.T) {
	s := &mistakes.Surface{
		Functions: map[string]any{
			"Export": onnx.Export, "Load": onnx.Load, "Parse": onnx.Parse, "Save": onnx.Save,
		},
		Types: []reflect.Type{
			reflect.TypeFor[onnx.Model](), reflect.TypeFor[onnx.Options](), reflect.TypeFor[onnx.Value](),
		},
	}
	var file bytes.Buffer
	if err := onnx.Export(&file, model(), onnx.Options{}); err != nil {
		t.Fatal(err)
	}
	parsed := func() *onnx.Model {
		m, err := onnx.Parse(file.Bytes())
		if err != nil {
			panic(err)
		}
		return m
	}
	s.Args = map[string]func() []any{
		"Load": func() []any {
			if err := onnx.Save("x.onnx", model(), onnx.Options{}); err != nil {
				panic(err)
			}
			return []any{"x.onnx"}
		},
		"Parse":         func() []any { return []any{file.Bytes()} },
		"Model.Run":     func() []any { return []any{parsed(), []*dl.Tensor{dl.Ones(4, 3)}} },
		"Model.Forward": func() []any { return []any{parsed(), dl.Ones(4, 3)} },
	}
	s.Unlisted = map[string]string{"Model.Parameters receiver": "it lists what is there", "Value.String receiver": "it shows what is there"}
	s.Good(parsed, func() nn.Module { return model() }, func() onnx.Options { return onnx.Options{Input: dl.Shape{4, 6}} })
	s.Bad("nil *Model", func() nn.Module { return (*nn.Model)(nil) })
	s.Bad("nil graph", func() nn.Module { return &nn.GraphLayer{} })
	for _, m := range []nn.Module{&nn.Model{}, &nn.Graph{}, &nn.Dense{}, &nn.EinsumDense{}, &nn.ActivationLayer{Activation: 99}, &nn.Conv1D{}, &nn.Conv2D{}, &nn.Conv3D{},
		&nn.ConvTranspose1D{}, &nn.ConvTranspose2D{}, &nn.ConvTranspose3D{}, &nn.DepthwiseConv1D{}, &nn.DepthwiseConv2D{}, &nn.SeparableConv1D{},
		&nn.SeparableConv2D{}, &nn.MaxPool1D{}, &nn.AvgPool2D{}, &nn.AdaptiveAvgPool1D{}, &nn.GlobalAvgPool1D{}, &nn.BatchNorm{}, &nn.LayerNorm{}, &nn.RMSNorm{},
		&nn.GroupNorm{}, &nn.InstanceNorm{}, &nn.LocalResponseNorm{}, &nn.Embedding{}, &nn.PositionalEmbedding{}, &nn.SinusoidalEmbedding{}, &nn.MultiHeadAttention{},
		&nn.TransformerBlock{}, &nn.TransformerEncoderLayer{}, &nn.TransformerEncoder{}, &nn.LSTM{}, &nn.GRU{}, &nn.SimpleRNN{}, &nn.Bidirectional{},
		&nn.Residual{}, &nn.Parallel{}, &nn.TimeDistributed{}, &nn.Lambda{}, &nn.PReLU{}, &nn.RReLU{}, &nn.GLU{}, &nn.Maxout{}, &nn.Reshape{}, &nn.Permute{},
		&nn.RepeatVector{}, &nn.Upsample1D{}, &nn.Crop1D{}, &nn.ZeroPad1D{}, &nn.PixelShuffle{}, &nn.ChannelShuffle{}, &nn.ClassToken{}, &nn.Step{At: 99}, &nn.Flatten{},
		&nn.Regularized{}, &nn.Constrained{}, &nn.WeightNorm{}, &nn.SpectralNorm{}, &nn.Bilinear{}, &nn.Transformer{}} {
		s.Bad(reflect.TypeOf(m).Elem().Name()+" that is not built", func() nn.Module { return m })
	}
	s.Test(t)
}
