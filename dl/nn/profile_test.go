package nn

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"modelbook/dl"
)

// resNet18 is torchvision's network of that name.
func resNet18(t *testing.T) *Graph {
	g := NewGraph()
	conv := func(x *Node, filters, size, stride int) *Node {
		x = g.Add(Conv2D{Filters: filters, Kernel: [2]int{size, size}, Stride: [2]int{stride, stride}, Padding: Pad2D(size/2, size/2), NoBias: true}, x)
		return g.Add(BatchNorm{}, x)
	}
	in := g.Input("x", 224, 224, 3)
	x := g.Add(ReLU, conv(in, 64, 7, 2))
	x = g.Add(MaxPool2D{Size: [2]int{3, 3}, Stride: [2]int{2, 2}, Padding: Pad2D(1, 1)}, x)
	for stage := range 4 {
		for block := range 2 {
			stride, short := 1, x
			if block == 0 && stage > 0 {
				stride = 2
				short = conv(x, 64<<stage, 1, 2)
			}
			y := g.Add(ReLU, conv(x, 64<<stage, 3, stride))
			x = g.Add(ReLU, g.Sum(conv(y, 64<<stage, 3, 1), short))
		}
	}
	x = g.Add(Dense{Units: 1000}, g.Add(Flatten{}, g.Add(AvgPool2D{Size: [2]int{7, 7}}, x)))
	g, err := g.Build(x)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// torchvision says of its ResNet-18: 11,689,512 parameters, 1.814 GFLOPS (multiply-adds of convolutions and products).
func TestProfileOfResNet18IsThePublishedOne(t *testing.T) {
	g := resNet18(t)
	p, err := g.Profile()
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprintf("%.3f", float64(p.Total.MACs)/1e9); got != "1.814" || p.Total.Trainable != 11689512 {
		t.Errorf("%s GMACs, %d parameters:\n%v", got, p.Total.Trainable, p)
	}
	// The first convolution: 112 x 112 places of 64 filters of 7 x 7 x 3.
	if c := p.Layers[0]; c.MACs != 112*112*64*7*7*3 || c.FLOPs() != 2*c.MACs || !c.Output.Equal(dl.Shape{1, 112, 112, 64}) || c.Activations != 4*112*112*64 {
		t.Errorf("%+v", c)
	}
	if c := Count(g); c.Trainable != 11689512 || c.Frozen != 2*(64+4*64+5*128+5*256+5*512) || c.Total != c.Trainable+c.Frozen {
		t.Errorf("%v", c)
	}
}

// A profile is about what a sample takes, of every kind of layer, and changes nothing.
func TestProfilesOfLayers(t *testing.T) {
	for name, tt := range map[string]struct {
		in     dl.Shape
		layers []Layer
		macs   int64
	}{
		"Dense":              {dl.Shape{7}, []Layer{Dense{Units: 5, Activation: ReLU}, Dense{Units: 3}}, 7*5 + 5*3},
		"residual":           {dl.Shape{7}, []Layer{Residual{Layers: []Layer{Dense{Units: 7}}}, Dense{Units: 3}}, 7*7 + 7*3},
		"pooled":             {dl.Shape{8, 8, 2}, []Layer{MaxPool2D{}, Flatten{}, Dense{Units: 3}}, 4 * 4 * 2 * 3},
		"LSTM":               {dl.Shape{6, 4}, []Layer{LSTM{Units: 5}}, 6 * 4 * (4*5 + 5*5)},
		"attention":          {dl.Shape{6, 8}, []Layer{MultiHeadAttention{Heads: 2}}, 6*8*8*4 + 2*6*6*8},
		"tokens":             {dl.Shape{6}, []Layer{Embedding{Vocabulary: 11, Units: 8}, Dense{Units: 3}}, 6 * 8 * 3},
		"dropped":            {dl.Shape{7}, []Layer{Dropout{Rate: 0.5}, Dense{Units: 5}, BatchNorm{}}, 7 * 5},
		"only an activation": {dl.Shape{7}, []Layer{ReLU}, 0},
	} {
		m, err := Sequential(tt.in, tt.layers...)
		if err != nil {
			t.Fatal(err)
		}
		before, err := m.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		p, err := m.Profile()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if p.Total.MACs != tt.macs || p.Total.Parameters != Count(m).Total {
			t.Errorf("%s: %d multiply-adds, want %d\n%v", name, p.Total.MACs, tt.macs, p)
		}
		if after, err := m.MarshalBinary(); err != nil || string(after) != string(before) {
			t.Errorf("%s: the model has changed, %v", name, err)
		}
	}
}

func TestProfileOfABatchAndItsMemory(t *testing.T) {
	m, err := Sequential(dl.Shape{7}, Dense{Units: 5}, Dense{Units: 3})
	if err != nil {
		t.Fatal(err)
	}
	one, err := m.Profile()
	if err != nil {
		t.Fatal(err)
	}
	four, err := ProfileOf(m, dl.Zeros(4, 7))
	if err != nil || four.Total.MACs != 4*one.Total.MACs || four.Total.Activations != 4*one.Total.Activations {
		t.Errorf("%v\n%v", four, err)
	}
	Freeze(m.Layers[0])
	frozen, err := m.Profile()
	if err != nil || frozen.Total.MACs != one.Total.MACs || frozen.Total.Trainable != 5*3+3 {
		t.Errorf("with frozen parameters: %v, %v", frozen, err)
	}
	const values = 7*5 + 5 + 5*3 + 3
	want := Memory{Parameters: 4 * values, Gradients: 4 * values, Optimizer: 8 * values, Activations: 4 * 10 * (5 + 3)}
	if got := one.Memory(10, 2); got != want || four.Memory(10, 2) != want || got.Total() != 16*values+320 {
		t.Errorf("%v, want %v", got, want)
	}
	if !strings.Contains(one.String(), "total") || !strings.Contains(one.HTML(), "<table>") {
		t.Error(one)
	}
}

// own is a module of a user's, with two layers and a parameter used turned.
type own struct {
	First, Second *Dense
}

func (o *own) Parameters() []*Parameter { return ParametersOf(o) }
func (o *own) Forward(x *dl.Tensor) *dl.Tensor {
	return o.Second.Forward(o.First.Forward(x).ReLU()).MatMul(o.Second.Weight.Value.T())
}

func TestProfileOfAModuleOfOnesOwn(t *testing.T) {
	m := &own{Build(Dense{Units: 5}, 7), Build(Dense{Units: 3}, 5)}
	p, err := ProfileOf(m, dl.Ones(2, 7))
	if err != nil || len(p.Layers) != 2 || p.Layers[0].MACs != 2*7*5 || p.Layers[1].MACs != 2*(5*3+3*5) || p.Layers[0].Name != "First" {
		t.Errorf("%v\n%v", p, err)
	}
}

func TestProfilesThatCannotBe(t *testing.T) {
	m, err := Sequential(dl.Shape{7}, Dense{Units: 5})
	if err != nil {
		t.Fatal(err)
	}
	for says, f := range map[string]func() (*Profile, error){
		"needs an input": func() (*Profile, error) { return ProfileOf(m) },
		"one input":      func() (*Profile, error) { return ProfileOf(m, dl.Ones(1, 7), dl.Ones(1, 7)) },
		"[1 8]":          func() (*Profile, error) { return ProfileOf(m, dl.Ones(1, 8)) },
		"no layers":      func() (*Profile, error) { return (&Model{}).Profile() },
	} {
		if _, err := f(); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v", says, err)
		}
	}
	var value *dl.ValueError
	if err := dl.Try(func() { (&Profile{}).Memory(-1, 0) }); !errors.As(err, &value) {
		t.Errorf("a batch of -1: %v", err)
	}
}
