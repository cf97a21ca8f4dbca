package nn_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"

	"modelbook/dl"
	"modelbook/dl/internal/mistakes"
	"modelbook/dl/nn"
)

// ownLayer is a layer of a user's own.
type ownLayer struct{ Units int }

func (l ownLayer) Build(in dl.Shape, b *nn.Builder) (nn.Module, dl.Shape, error) {
	return nn.Dense{Units: l.Units}.Build(in, b)
}

// failing is a layer that cannot be built, empty one whose Build returns nothing.
type (
	failing struct{}
	empty   struct{}
)

func (failing) Build(dl.Shape, *nn.Builder) (nn.Module, dl.Shape, error) {
	return nil, nil, errors.New("it cannot be built")
}

func (empty) Build(in dl.Shape, _ *nn.Builder) (nn.Module, dl.Shape, error) { return nil, in, nil }

// listed is a module of the parameters that it is told.
type listed []*nn.Parameter

func (l listed) Parameters() []*nn.Parameter     { return l }
func (l listed) Forward(x *dl.Tensor) *dl.Tensor { return x }

func model() *nn.Model {
	m, err := nn.Sequential(dl.Shape{3}, nn.Dense{Units: 4, Activation: nn.ReLU}, nn.Dense{Units: 2})
	if err != nil {
		panic(err)
	}
	return m
}

// graph is a graph, whose input and output are its nodes.
func graph() (g *nn.Graph, x, y *nn.Node) {
	g = nn.NewGraph()
	x = g.Input("x", 3)
	return g, x, g.Add(nn.Dense{Units: 3}, x)
}

func builtGraph() *nn.Graph {
	g, _, y := graph()
	return must(g.Build(y))
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func saved(save func(path string) error) string {
	if err := save("x.safetensors"); err != nil {
		panic(err)
	}
	return "x.safetensors"
}

func tensors(m nn.Module) map[string]*dl.Tensor {
	all := map[string]*dl.Tensor{}
	for _, p := range nn.NamedParameters(m) {
		all[p.Name] = p.Value
	}
	return all
}

func ctc() []any {
	return []any{nn.CTC{}, dl.NewRand(1).Uniforms(-1, 1, 2, 5, 4), dl.Of([]int32{1, 2, 3, 1}, 2, 2), []int{5, 4}, []int{2, 1}}
}

func builder() *nn.Builder { return &nn.Builder{Rand: dl.NewRand(1)} }

// Every exported function and method is called with wrong arguments: see package mistakes.
func TestEveryExportedFunctionRefusesWrongArguments(t *testing.T) {
	s := &mistakes.Surface{
		Functions: map[string]any{
			"Build[nn.Dense]": nn.Build[nn.Dense], "Build[nn.Layer]": nn.Build[nn.Layer], "Constrain": nn.Constrain, "Count": nn.Count, "Freeze": nn.Freeze,
			"FromJSON": nn.FromJSON, "FromStructure": nn.FromStructure, "GraphFromStructure": nn.GraphFromStructure,
			"InUse": nn.InUse, "Load": nn.Load, "LoadGraph": nn.LoadGraph, "LoadParameters": nn.LoadParameters,
			"LoadWeights": nn.LoadWeights, "Named": nn.Named, "NamedParameters": nn.NamedParameters,
			"NewGraph": nn.NewGraph, "NewKVCache": nn.NewKVCache, "NewParameter": nn.NewParameter, "Pad1D": nn.Pad1D,
			"Pad2D": nn.Pad2D, "Pad3D": nn.Pad3D, "ParametersOf": nn.ParametersOf, "Penalised": nn.Penalised, "MixesSamples": nn.MixesSamples, "Read": nn.Read,
			"Penalty": nn.Penalty, "ProfileOf": nn.ProfileOf, "ZeroInputs": nn.ZeroInputs, "Register[nn.Dense]": nn.Register[nn.Dense], "Register[nn.Layer]": nn.Register[nn.Layer], "Register[ownLayer]": nn.Register[ownLayer],
			"SaveParameters": nn.SaveParameters, "SaveWeights": nn.SaveWeights, "Sequential": nn.Sequential,
			"SetFrozen": nn.SetFrozen, "SetParameters": nn.SetParameters, "SetRand": nn.SetRand,
			"SetTraining": nn.SetTraining, "SetWeights": nn.SetWeights, "Tensors": nn.Tensors, "ToJSON": nn.ToJSON,
			"Trainable": nn.Trainable, "Unfreeze": nn.Unfreeze, "Weights": nn.Weights,
		},
		Types: []reflect.Type{
			reflect.TypeFor[nn.Activation](), reflect.TypeFor[nn.ActivationLayer](),
			reflect.TypeFor[nn.AdaptiveAvgPool1D](), reflect.TypeFor[nn.AdaptiveAvgPool2D](),
			reflect.TypeFor[nn.AdaptiveAvgPool3D](), reflect.TypeFor[nn.AdaptiveMaxPool1D](),
			reflect.TypeFor[nn.AdaptiveMaxPool2D](), reflect.TypeFor[nn.AdaptiveMaxPool3D](),
			reflect.TypeFor[nn.AlphaDropout](), reflect.TypeFor[nn.AnySize](), reflect.TypeFor[nn.AttendOptions](),
			reflect.TypeFor[nn.AvgPool1D](), reflect.TypeFor[nn.AvgPool2D](), reflect.TypeFor[nn.AvgPool3D](),
			reflect.TypeFor[nn.Bag](), reflect.TypeFor[nn.BatchNorm](), reflect.TypeFor[nn.Bidirectional](),
			reflect.TypeFor[nn.Bilinear](), reflect.TypeFor[nn.Builder](), reflect.TypeFor[nn.CTC](),
			reflect.TypeFor[nn.ChannelShuffle](),
			reflect.TypeFor[nn.ClassToken](), reflect.TypeFor[nn.Constant](), reflect.TypeFor[nn.Constrained](),
			reflect.TypeFor[nn.Constraint](), reflect.TypeFor[nn.Contrastive](), reflect.TypeFor[nn.Conv1D](),
			reflect.TypeFor[nn.Conv2D](), reflect.TypeFor[nn.Conv3D](), reflect.TypeFor[nn.ConvLSTM1D](),
			reflect.TypeFor[nn.ConvLSTM2D](), reflect.TypeFor[nn.ConvTranspose1D](),
			reflect.TypeFor[nn.ConvTranspose2D](), reflect.TypeFor[nn.ConvTranspose3D](),
			reflect.TypeFor[nn.CosineEmbedding](), reflect.TypeFor[nn.Cost](), reflect.TypeFor[nn.Counts](),
			reflect.TypeFor[nn.Crop1D](), reflect.TypeFor[nn.Crop2D](), reflect.TypeFor[nn.Crop3D](),
			reflect.TypeFor[nn.DecodeOptions](), reflect.TypeFor[nn.DecoderOptions](), reflect.TypeFor[nn.Dense](),
			reflect.TypeFor[nn.DepthwiseConv1D](), reflect.TypeFor[nn.DepthwiseConv2D](), reflect.TypeFor[nn.Dirac](),
			reflect.TypeFor[nn.DropPath](), reflect.TypeFor[nn.Dropout](), reflect.TypeFor[nn.EinsumDense](), reflect.TypeFor[nn.Embedding](),
			reflect.TypeFor[nn.EmbeddingBag](), reflect.TypeFor[nn.Eye](), reflect.TypeFor[nn.Fan](),
			reflect.TypeFor[nn.Flatten](), reflect.TypeFor[nn.Fold](), reflect.TypeFor[nn.Forwarder](),
			reflect.TypeFor[nn.GLU](), reflect.TypeFor[nn.GRU](), reflect.TypeFor[nn.GRUCell](),
			reflect.TypeFor[nn.GaussianDropout](), reflect.TypeFor[nn.GaussianNLL](),
			reflect.TypeFor[nn.GaussianNoise](), reflect.TypeFor[nn.GlobalAvgPool1D](),
			reflect.TypeFor[nn.GlobalAvgPool2D](), reflect.TypeFor[nn.GlobalAvgPool3D](),
			reflect.TypeFor[nn.GlobalMaxPool1D](), reflect.TypeFor[nn.GlobalMaxPool2D](),
			reflect.TypeFor[nn.GlobalMaxPool3D](), reflect.TypeFor[nn.Graph](), reflect.TypeFor[nn.GraphLayer](),
			reflect.TypeFor[nn.GroupNorm](), reflect.TypeFor[nn.Headed](), reflect.TypeFor[nn.InfoNCE](),
			reflect.TypeFor[nn.Initializer](), reflect.TypeFor[nn.InstanceNorm](), reflect.TypeFor[nn.KVCache](),
			reflect.TypeFor[nn.L1](), reflect.TypeFor[nn.L1L2](), reflect.TypeFor[nn.L2](),
			reflect.TypeFor[nn.LPPool1D](), reflect.TypeFor[nn.LPPool2D](), reflect.TypeFor[nn.LSTM](),
			reflect.TypeFor[nn.LSTMCell](), reflect.TypeFor[nn.Lambda](), reflect.TypeFor[nn.Layer](),
			reflect.TypeFor[nn.LayerNorm](), reflect.TypeFor[nn.LayerSummary](), reflect.TypeFor[nn.LocalResponseNorm](), reflect.TypeFor[nn.Loss](),
			reflect.TypeFor[nn.LossOptions](), reflect.TypeFor[nn.MarginRanking](), reflect.TypeFor[nn.Masked](),
			reflect.TypeFor[nn.Masker](), reflect.TypeFor[nn.Masking](), reflect.TypeFor[nn.MaxNorm](),
			reflect.TypeFor[nn.MaxPool1D](), reflect.TypeFor[nn.MaxPool2D](), reflect.TypeFor[nn.MaxPool3D](),
			reflect.TypeFor[nn.Maxout](), reflect.TypeFor[nn.Memory](), reflect.TypeFor[nn.Merge](),
			reflect.TypeFor[nn.MinMaxNorm](), reflect.TypeFor[nn.Mismatch](), reflect.TypeFor[nn.Model](),
			reflect.TypeFor[nn.Module](), reflect.TypeFor[nn.MultiHeadAttention](), reflect.TypeFor[nn.NTXent](),
			reflect.TypeFor[nn.NamedParameter](), reflect.TypeFor[nn.Node](), reflect.TypeFor[nn.NonNeg](),
			reflect.TypeFor[nn.Normal](), reflect.TypeFor[nn.Orthogonal](), reflect.TypeFor[nn.OrthogonalRegularizer](), reflect.TypeFor[nn.PReLU](),
			reflect.TypeFor[nn.Parallel](), reflect.TypeFor[nn.Parameter](), reflect.TypeFor[nn.Permute](),
			reflect.TypeFor[nn.PixelShuffle](), reflect.TypeFor[nn.PixelUnshuffle](),
			reflect.TypeFor[nn.PositionalEmbedding](), reflect.TypeFor[nn.Profile](), reflect.TypeFor[nn.RMSNorm](), reflect.TypeFor[nn.RReLU](),
			reflect.TypeFor[nn.RecurrentState](), reflect.TypeFor[nn.RecurrentWeights](),
			reflect.TypeFor[nn.Reduction](), reflect.TypeFor[nn.ReflectionPad1D](),
			reflect.TypeFor[nn.ReflectionPad2D](), reflect.TypeFor[nn.ReflectionPad3D](),
			reflect.TypeFor[nn.Regularized](), reflect.TypeFor[nn.Regularizer](), reflect.TypeFor[nn.RepeatVector](),
			reflect.TypeFor[nn.ReplicationPad1D](), reflect.TypeFor[nn.ReplicationPad2D](),
			reflect.TypeFor[nn.ReplicationPad3D](), reflect.TypeFor[nn.Reshape](), reflect.TypeFor[nn.Residual](),
			reflect.TypeFor[nn.Rotary](), reflect.TypeFor[nn.SeparableConv1D](), reflect.TypeFor[nn.SeparableConv2D](),
			reflect.TypeFor[nn.SequenceOptions](), reflect.TypeFor[nn.ShapedInitializer](),
			reflect.TypeFor[nn.SimpleRNN](), reflect.TypeFor[nn.SimpleRNNCell](),
			reflect.TypeFor[nn.SinusoidalEmbedding](), reflect.TypeFor[nn.Sparse](),
			reflect.TypeFor[nn.SpatialDropout](), reflect.TypeFor[nn.SpectralNorm](),
			reflect.TypeFor[nn.StackOptions](), reflect.TypeFor[nn.Step](), reflect.TypeFor[nn.Summary](),
			reflect.TypeFor[nn.Threshold](), reflect.TypeFor[nn.TimeDistributed](), reflect.TypeFor[nn.Transformer](),
			reflect.TypeFor[nn.TransformerBlock](), reflect.TypeFor[nn.TransformerDecoder](),
			reflect.TypeFor[nn.TransformerDecoderLayer](), reflect.TypeFor[nn.TransformerEncoder](),
			reflect.TypeFor[nn.TransformerEncoderLayer](), reflect.TypeFor[nn.Triplet](),
			reflect.TypeFor[nn.TripletSemiHard](), reflect.TypeFor[nn.TruncatedNormal](), reflect.TypeFor[nn.Unfold](),
			reflect.TypeFor[nn.Uniform](), reflect.TypeFor[nn.UnitNorm](), reflect.TypeFor[nn.Upsample1D](),
			reflect.TypeFor[nn.Upsample2D](), reflect.TypeFor[nn.Upsample3D](), reflect.TypeFor[nn.VarianceScaling](),
			reflect.TypeFor[nn.WeightNorm](), reflect.TypeFor[nn.WeightOptions](), reflect.TypeFor[nn.ZeroPad1D](),
			reflect.TypeFor[nn.ZeroPad2D](), reflect.TypeFor[nn.ZeroPad3D](),
		},

		Skip: map[string]string{
			"AnySize.AnySize": "of each layer", "Constraint.Constrain": "of each constraint", "Forwarder.Forward": "of each layer",
			"Forwarder.Parameters": "of each layer", "Headed.Forward": "of each layer", "Headed.Head": "of each layer",
			"Headed.Logits": "of each layer", "Headed.Parameters": "of each layer", "Initializer.Fill": "of each initialiser",
			"Layer.Build": "of each layer", "Masked.ForwardMasked": "of each layer", "Masker.Mask": "of each layer",
			"Module.Parameters": "of each layer", "Regularizer.Penalty": "of each regulariser",
			"ShapedInitializer.Fill": "of each initialiser", "ShapedInitializer.FillShape": "of each initialiser",
		},
		Refuses: map[string]string{
			"Dirac.Fill": "it must know a shape", "Eye.Fill": "it must know a shape", "Orthogonal.Fill": "it must know a shape",
			"Build[nn.Layer]": "what is built has a type of its own",
			"Sparse.Fill":     "it must know a shape", "Register[nn.Dense]": "the name is taken", "Register[nn.Layer]": "it is no struct",
			"Lambda.MarshalJSON": "no file can hold a function",
		},
		Unlisted: map[string]string{},
		Each:     []reflect.Type{reflect.TypeFor[nn.Loss]()},
	}
	for method, why := range map[string]string{
		"Parameters": "it lists what is there", "AnySize": "it says what the layer is", "Head": "it says what is set", "Output": "it says what is set",
		"SetTraining": "it switches what is there", "SetRand": "it switches what is there", "String": "it shows what is there",
		"HTML": "it shows what is there", "MimeBundle": "it shows what is there", "MarshalJSON": "it describes what is there",
		"Forward": "Build refuses wrong settings", "ForwardMasked": "Build refuses wrong settings", "Logits": "Build refuses wrong settings",
		"Call": "Build refuses wrong settings", "Sequence": "Build refuses wrong settings", "Step": "Build refuses wrong settings",
		"ForwardAt": "Build refuses wrong settings", "Weighted": "Build refuses wrong settings", "Mask": "Build refuses wrong settings",
		"NewCache": "Build refuses wrong settings", "NewCaches": "Build refuses wrong settings", "ResetState": "it forgets what is there",
		"UnmarshalJSON": "it is replaced", "UnmarshalText": "it is replaced", "UnmarshalBinary": "it is replaced",
	} {
		s.Unlisted["*."+method+" receiver"] = why
	}
	s.Unlisted["*.Build in"] = "nn.Sequential and nn.Build refuse impossible shapes before"
	s.Unlisted["*.Build b"], s.Unlisted["*.Build _"] = "its source of random numbers may be left out", "the layer draws and makes nothing"
	s.Unlisted["*.SetRand r"], s.Unlisted["*.SetRand argument 1"] = "nil is dl's own source", "nil is dl's own source"
	for _, of := range s.Types {
		for i := range reflect.PointerTo(of).NumMethod() {
			if m := reflect.PointerTo(of).Method(i); of.Kind() != reflect.Interface && m.Type.NumIn() == 1 {
				s.Unlisted[of.Name()+"."+m.Name+" receiver"] = "it tells what is there"
			}
		}
	}
	for _, method := range []string{"Model.Layer", "Model.Parameter", "Model.Save", "Model.Write", "Profile.Memory"} {
		s.Unlisted[method+" receiver"] = "it tells what is there"
	}
	s.Unlisted["MixesSamples m"] = "it looks for layers"
	shape := dl.Shape{3}
	s.Args = map[string]func() []any{
		"Build[nn.Dense]":     func() []any { return []any{nn.Dense{Units: 2}, []int{3}} },
		"FromJSON":            func() []any { return []any{must(nn.ToJSON(model()))} },
		"FromStructure":       func() []any { return []any{must(model().Structure()), tensors(model())} },
		"GraphFromStructure":  func() []any { return []any{must(builtGraph().Structure()), tensors(builtGraph())} },
		"Load":                func() []any { return []any{saved(model().Save)} },
		"LoadGraph":           func() []any { return []any{saved(builtGraph().Save)} },
		"LoadParameters":      func() []any { return []any{saved(model().Save), model()} },
		"LoadWeights":         func() []any { return []any{saved(model().Save), model(), nn.WeightOptions{}} },
		"SetWeights":          func() []any { return []any{model(), must(nn.Weights(model(), nn.WeightOptions{})), nn.WeightOptions{}} },
		"SetParameters":       func() []any { return []any{model(), tensors(model())} },
		"ParametersOf":        func() []any { return []any{&struct{ Net *nn.Model }{model()}} },
		"ProfileOf":           func() []any { return []any{model(), []*dl.Tensor{dl.Ones(4, 3)}} },
		"Sequential":          func() []any { return []any{shape, []nn.Layer{nn.Dense{Units: 2}}} },
		"Model.ForwardMasked": func() []any { return []any{model(), dl.Ones(4, 3), dl.Ones(4, 3).To(dl.Bool)} },
		"Model.Build":         func() []any { return []any{model(), shape, builder()} },
		"GraphLayer.Build":    func() []any { return []any{builtGraph().AsLayer(), shape, builder()} },
		"Read": func() []any {
			b := must(model().MarshalBinary())
			return []any{bytes.NewReader(b), int64(len(b))}
		},
		"Model.Write":              func() []any { return []any{model(), io.Discard} },
		"Model.UnmarshalBinary":    func() []any { return []any{new(nn.Model), must(model().MarshalBinary())} },
		"Graph.UnmarshalBinary":    func() []any { return []any{new(nn.Graph), must(builtGraph().MarshalBinary())} },
		"Loss.UnmarshalBinary":     func() []any { return []any{new(nn.Loss), []byte("mse")} },
		"Activation.UnmarshalText": func() []any { return []any{new(nn.Activation), []byte("relu")} },
		"Merge.UnmarshalText":      func() []any { return []any{new(nn.Merge), []byte("concat")} },
		"Dirac.FillShape":          func() []any { return []any{nn.Dirac{}, make([]float32, 12), dl.Shape{3, 2, 2}, dl.NewRand(1)} },
		"Eye.FillShape":            func() []any { return []any{nn.Eye{}, make([]float32, 6), dl.Shape{3, 2}, dl.NewRand(1)} },
		"Orthogonal.FillShape":     func() []any { return []any{nn.Orthogonal{}, make([]float32, 6), dl.Shape{3, 2}, dl.NewRand(1)} },
		"Sparse.FillShape": func() []any {
			return []any{nn.Sparse{Sparsity: 0.5}, make([]float32, 6), dl.Shape{3, 2}, dl.NewRand(1)}
		},
		"CTC.Of":     ctc,
		"CTC.Values": ctc,
		"Graph.Build": func() []any {
			g, _, y := graph()
			return []any{g, []*nn.Node{y}}
		},
		"Graph.Add": func() []any {
			g, x, _ := graph()
			return []any{g, nn.Dense{Units: 2}, x}
		},
		"Graph.Func": func() []any {
			g, x, _ := graph()
			return []any{g, func(xs ...*dl.Tensor) *dl.Tensor { return dl.Concat(1, xs...) }, []*nn.Node{x}}
		},
	}
	for _, join := range []string{"Concat", "Sum", "Multiply", "Average", "Maximum", "Minimum"} {
		s.Args["Graph."+join] = func() []any {
			g, x, y := graph()
			return []any{g, []*nn.Node{x, y}}
		}
	}
	s.Args["Graph.Subtract"] = func() []any {
		g, x, y := graph()
		return []any{g, x, y}
	}
	for _, join := range []string{"Dot", "Cosine"} {
		s.Args["Graph."+join] = func() []any {
			g, x, y := graph()
			return []any{g, x, y, []int{0}}
		}
	}
	for _, b := range nn.BuiltLayers(t) {
		layers(s, b)
	}
	for _, l := range nn.Losses() {
		s.Good(func() nn.Loss { return l })
	}
	s.Good(builder, model, builtGraph, func() *nn.GraphLayer { return builtGraph().AsLayer() },
		func() nn.Layer { return nn.Dense{Units: 2} },
		func() nn.Module { return model() }, func() nn.Forwarder { return model() },
		func() nn.Initializer { return nn.GlorotUniform },
		func() *nn.KVCache { return nn.NewKVCache(2, 4, 6) },
		func() *nn.Node {
			_, x, _ := graph()
			return x
		},
		func() *nn.Profile { return must(model().Profile()) }, func() nn.Summary { return model().Summary() },
		func() *nn.Parameter { return nn.NewParameter("w", dl.Ones(3, 2)) },
		func() *dl.Tensor { return dl.Of([]float32{0.25, 0.5, 0.25, 0.5, 0.25, 0.25}, 2, 3) },
		func() *dl.Tensor { return dl.Of([]float32{0, 1, 0, 1, 0, 0}, 2, 3) },
		func() *dl.Tensor { return dl.Of([]int32{1, 0}) }, func() *dl.Tensor { return dl.Ones(2) },
		func() *dl.Tensor { return dl.Full(-1.5, 2, 3) })
	s.Bad("nil pointer", func() nn.Layer { return (*nn.Dense)(nil) })
	s.Bad("that fails", func() nn.Layer { return failing{} })
	s.Bad("that builds nothing", func() nn.Layer { return empty{} })
	s.Bad("activation 99", func() nn.Layer { return nn.Activation(99) })
	s.Bad("nil pointer", func() nn.Module { return (*nn.Model)(nil) })
	s.Bad("not built", func() nn.Module { return &nn.Bidirectional{} })
	s.Bad("of a nil parameter", func() nn.Module { return listed{nil} })
	s.Bad("of a parameter without value", func() nn.Module { return listed{{}} })
	s.OnlyBad("{}", func() nn.RecurrentWeights { return nn.RecurrentWeights{} })
	s.OnlyBad("nil", func() *nn.Parameter { return nil })
	s.OnlyBad("zero", func() *nn.Parameter { return &nn.Parameter{} })
	s.Use = func(result any) {
		switch x := result.(type) {
		case *nn.Node:
			if err := nn.Finish(x); err != nil {
				dl.PanicValue("nn.Graph.Build", "%v", err)
			}
		}
	}
	s.Test(t)
}

// layers tells a surface how a layer is called.
func layers(s *mistakes.Surface, b nn.Built) {
	of, built := reflect.TypeOf(b.Layer), reflect.TypeOf(b.Module())
	s.GoodOf(of, func() any { return b.Layer })
	s.GoodOf(built, func() any { return b.Module() })
	in := dl.Shape(b.Inputs[0].Shape()[1:])
	s.Args[of.Name()+".Build"] = func() []any { return []any{b.Layer, in, builder()} }
	if built.Kind() != reflect.Pointer || built.Elem() != of {
		return
	}
	for i := range built.NumMethod() {
		m := built.Method(i)
		name := of.Name() + "." + m.Name
		switch {
		case m.Name == "UnmarshalJSON":
			s.Args[name] = func() []any { return []any{reflect.New(of).Interface(), must(json.Marshal(b.Module()))} }
		case m.Type.NumIn() > 1 && m.Type.In(1) == reflect.TypeFor[*dl.Tensor]():
			s.Args[name] = func() []any {
				args := []any{b.Module()}
				for k := 1; k < m.Type.NumIn(); k++ {
					switch of := m.Type.In(k); {
					case of != reflect.TypeFor[*dl.Tensor]():
						args = append(args, reflect.Zero(of).Interface())
					case k-1 < len(b.Inputs) && (k == 1 || !strings.HasSuffix(m.Name, "Masked")):
						args = append(args, b.Inputs[k-1])
					default:
						args = append(args, nil)
					}
				}
				return args
			}
		}
	}
}
