package zoo

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"modelbook/dl"
	"modelbook/dl/data"
	"modelbook/dl/nn"
	"modelbook/dl/onnx"
	"modelbook/dl/optim"
	"modelbook/dl/train"
)

// undrawn leaves weights as they are: only their number matters.
type undrawn struct{}

func (undrawn) Fill([]float32, int, int, *dl.Rand) {}

func count(m nn.Module) (trained int) {
	for _, p := range nn.Trainable(m) {
		trained += p.Size()
	}
	return trained
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// The numbers of parameters are those published: of torchvision, of timm's vit_tiny_patch16_224, and of U-Net as PyTorch
// users know it.
func TestPublishedParameterCounts(t *testing.T) {
	defer func(before nn.Initializer) { weightInit = before }(weightInit)
	weightInit = undrawn{}
	for _, c := range []struct {
		name string
		m    func() nn.Module
		want int
	}{
		{"LeNet-5", func() nn.Module { return must(LeNet{}.New()) }, 61_706},
		{"VGG-11", func() nn.Module { return must(VGG{Depth: 11}.New()) }, 132_863_336},
		{"VGG-16", func() nn.Module { return must(VGG{}.New()) }, 138_357_544},
		{"ResNet-18", func() nn.Module { return must(ResNet{}.New()) }, 11_689_512},
		{"ResNet-34", func() nn.Module { return must(ResNet{Depth: 34}.New()) }, 21_797_672},
		{"ResNet-50", func() nn.Module { return must(ResNet{Depth: 50}.New()) }, 25_557_032},
		{"MobileNetV2", func() nn.Module { return must(MobileNetV2{}.New()) }, 3_504_872},
		{"U-Net", func() nn.Module { return must(UNet{}.New()) }, 31_037_698},
		{"ViT-Tiny", func() nn.Module { return must(ViT{}.New()) }, 5_717_416},
		{"LSTM language model", func() nn.Module { return must(LanguageModel{Vocabulary: 100}.New()) }, 100*256 + 2*(8*256*256+4*256) + 256*100 + 100},
		{"autoencoder", func() nn.Module { return must(Autoencoder{}.New()) }, 2*(784*128+128*64+64*32) + 128 + 64 + 32 + 64 + 128 + 784},
	} {
		if got := count(c.m()); got != c.want {
			t.Errorf("%s has %d parameters, published are %d", c.name, got, c.want)
		}
	}
}

// Layers have torchvision's names, and their weights its axes.
func TestNamesAreTorchvisions(t *testing.T) {
	defer func(before nn.Initializer) { weightInit = before }(weightInit)
	weightInit = undrawn{}
	b, err := os.ReadFile("testdata/torchvision.json")
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]map[string][]int
	if err := json.Unmarshal(b, &all); err != nil {
		t.Fatal(err)
	}
	// Narrow ones, which have the same names; MobileNetV2 as it is.
	models := map[string]nn.Module{"resnet18": must(ResNet{Width: 4}.New()), "resnet34": must(ResNet{Depth: 34, Width: 4}.New()),
		"resnet50": must(ResNet{Depth: 50, Width: 4}.New()), "vgg11_bn": must(VGG{Depth: 11, BatchNorm: true, Hidden: 4}.New()),
		"vgg16": must(VGG{Hidden: 4}.New()), "mobilenet_v2": must(MobileNetV2{}.New())}
	for name, m := range models {
		want := all[name]
		tensors, err := nn.Weights(m, nn.WeightOptions{PyTorch: true})
		if err != nil {
			t.Fatal(err)
		}
		if len(tensors) != len(want) {
			t.Errorf("%s: %d tensors, torchvision has %d", name, len(tensors), len(want))
		}
		for _, n := range tensors {
			shape, ok := want[n.Name]
			if same := n.Tensor.Shape().Equal(shape) || name != "mobilenet_v2" && n.Tensor.Rank() == len(shape); !ok || !same {
				t.Errorf("%s: %s %v, torchvision has %v", name, n.Name, n.Tensor.Shape(), shape)
			}
		}
	}
}

// small is a network as the tests train it.
type small struct {
	name  string
	build func() nn.Module
	input dl.Shape
	// Classes of a sample, or, for pixels and tokens, of each place; 0: the samples themselves are the targets.
	classes, places int
}

func smalls() []small {
	image := dl.Shape{8, 8, 1}
	large := dl.Shape{64, 64, 3} // halved five times there are places enough for BatchNorm to learn from
	return []small{
		{"LeNet", func() nn.Module { return must(LeNet{Classes: 3, Input: dl.Shape{12, 12, 1}}.New()) }, dl.Shape{12, 12, 1}, 3, 1},
		{"VGG", func() nn.Module {
			return must(VGG{Depth: 7, Classes: 3, Input: image, Hidden: 16, BatchNorm: true, Dropout: 0.1}.New())
		}, image, 3, 1},
		{"ResNet", func() nn.Module { return must(ResNet{Classes: 3, Input: image, CIFAR: true, Width: 4}.New()) }, image, 3, 1},
		{"ResNet-50", func() nn.Module { return must(ResNet{Depth: 50, Classes: 3, Input: large, Width: 2}.New()) }, large, 3, 1},
		{"MobileNetV2", func() nn.Module {
			return must(MobileNetV2{Classes: 3, Input: image, Width: 0.1, CIFAR: true}.New())
		}, image, 3, 1},
		{"UNet", func() nn.Module { return must(UNet{Classes: 3, Input: image, Levels: 2, Width: 4}.New()) }, image, 3, 64},
		{"ViT", func() nn.Module {
			return must(ViT{Classes: 3, Input: image, Patch: 4, Units: 8, Layers: 2, Heads: 2}.New())
		}, image, 3, 1},
		{"LanguageModel", func() nn.Module { return must(LanguageModel{Vocabulary: 5, Length: 6, Units: 12}.New()) }, dl.Shape{6}, 5, 6},
		{"Autoencoder", func() nn.Module { return must(Autoencoder{Input: image, Hidden: []int{32}, Code: 8}.New()) }, image, 0, 1},
	}
}

// samples are n of them, with their targets.
func (s *small) samples(n int) (x, y *dl.Tensor) {
	r := dl.NewRand(5)
	if s.name == "LanguageModel" {
		x, y = dl.New(dl.Int32, n, 6), dl.New(dl.Int32, n, 6)
		for i := range n {
			for k := range 6 { // each token is followed by the next one
				x.Set(float64((i+k)%5), i, k)
				y.Set(float64((i+k+1)%5), i, k)
			}
		}
		return x, y
	}
	x = r.Uniforms(0, 1, append([]int{n}, s.input...)...)
	if s.classes == 0 {
		return x, x
	}
	y = dl.New(dl.Int32, n*s.places)
	for i := range n * s.places {
		y.Set(float64(i%s.classes), i)
	}
	if s.places > 1 {
		y = y.Reshape(n, 8, 8)
	}
	return x, y
}

// Every network learns a few samples by heart, is saved and loaded, and is written as ONNX and read again: always with
// the same outputs.
func TestNetworksLearnAndAreSaved(t *testing.T) {
	for _, s := range smalls() {
		t.Run(s.name, func(t *testing.T) {
			dl.Seed(3)
			m := s.build()
			x, y := s.samples(6)
			loss := nn.SparseCrossEntropyLogits
			if s.classes == 0 {
				loss = nn.MSE
			}
			trainer := &train.Trainer{Model: m, Loss: loss, Optimizer: &optim.Adam{LearningRate: 0.01}, Seed: 1}
			h, err := trainer.Fit(context.Background(), data.FromTensors(x, y), train.Options{Epochs: 25, BatchSize: 6})
			if err != nil {
				t.Fatal(err)
			}
			losses := h.Values["loss"]
			if first, last := losses[0], losses[len(losses)-1]; !(last < 0.7*first) {
				t.Errorf("the loss went from %v to %v", first, last)
			}
			path := filepath.Join(t.TempDir(), "m.safetensors")
			want := output(m, x)
			var again nn.Module
			switch m := m.(type) {
			case *nn.Model:
				err = m.Save(path)
				again = must(nn.Load(path))
			case *nn.Graph:
				err = m.Save(path)
				again = must(nn.LoadGraph(path))
			}
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(want.Float32s(), output(again, x).Float32s()) {
				t.Error("loaded, it has other outputs")
			}
			var b bytes.Buffer
			if err := onnx.Export(&b, m, onnx.Options{}); err != nil {
				t.Fatal(err)
			}
			file, err := onnx.Parse(b.Bytes())
			if err != nil {
				t.Fatal(err)
			}
			got, err := file.Run(x)
			if err != nil {
				t.Fatal(err)
			}
			if !got[0].AllClose(want, 1e-4, 1e-5) {
				t.Error("as ONNX it has other outputs")
			}
			if dir := os.Getenv("ONNX_FILES"); dir != "" {
				if err := os.WriteFile(filepath.Join(dir, s.name+".onnx"), b.Bytes(), 0o666); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

func output(m nn.Module, x *dl.Tensor) *dl.Tensor {
	if m, ok := m.(*nn.Model); ok {
		return m.Predict(x).Contiguous()
	}
	return m.(*nn.Graph).Predict(x)[0].Contiguous()
}

func TestVAELearns(t *testing.T) {
	dl.Seed(4)
	v := must(VAE{Input: dl.Shape{4, 4, 1}, Hidden: []int{16}, Latent: 3}.New())
	x := dl.NewRand(1).Uniforms(0, 1, 8, 4, 4, 1).Gt(dl.Scalar(0.5)).To(dl.Float32)
	trainer := &train.Trainer{Model: v, Optimizer: &optim.Adam{LearningRate: 0.02}, Step: v.Step, Seed: 2}
	h, err := trainer.Fit(context.Background(), data.FromTensors(x, x), train.Options{Epochs: 60, BatchSize: 8})
	if err != nil {
		t.Fatal(err)
	}
	losses, parts := h.Values["loss"], h.Values["reconstruction"]
	if first, last := losses[0], losses[59]; !(last < 0.8*first) {
		t.Errorf("the loss went from %v to %v", first, last)
	}
	if sum := parts[59] + h.Values["divergence"][59]; !(sum-losses[59] < 1e-3 && losses[59]-sum < 1e-3) {
		t.Errorf("%v and the divergence are not the loss %v", parts[59], losses[59])
	}
	// The divergence of a standard normal distribution from itself is 0.
	for _, n := range nn.NamedParameters(v) {
		if strings.HasPrefix(n.Name, "Encoder") {
			n.Value.Fill(0)
		}
	}
	if _, _, divergence := v.Loss(x); divergence.Item() != 0 {
		t.Errorf("a divergence of %v", divergence.Item())
	}
	if s := v.Sample(2).Shape(); !s.Equal(dl.Shape{2, 4, 4, 1}) {
		t.Errorf("samples of %v", s)
	}
	path := filepath.Join(t.TempDir(), "vae.safetensors")
	if err := nn.SaveParameters(path, v); err != nil {
		t.Fatal(err)
	}
	again := must(VAE{Input: dl.Shape{4, 4, 1}, Hidden: []int{16}, Latent: 3}.New())
	if err := nn.LoadParameters(path, again); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(v.Forward(x).Float32s(), again.Forward(x).Float32s()) {
		t.Error("loaded, it has other outputs")
	}
}

// The generator learns what the images have: here, that they are bright above and dark below.
func TestGANLearns(t *testing.T) {
	dl.Seed(6)
	rule := func() optim.Optimizer { return &optim.Adam{LearningRate: 2e-3, Beta1: 0.5} }
	a := must(GAN{Input: dl.Shape{8, 8, 1}, Latent: 4, Width: 4, Generator: rule(), Discriminator: rule()}.New())
	nn.SetRand(a, dl.NewRand(3))
	x := dl.Concat(1, dl.Full(0.9, 8, 4, 8, 1), dl.Full(-0.9, 8, 4, 8, 1))
	contrast := func() float64 {
		s := a.Sample(16)
		return s.Slice(1, 0, 4).Mean().Item() - s.Slice(1, 4, 8).Mean().Item()
	}
	before := contrast()
	trainer := &train.Trainer{Model: a, Optimizer: &optim.SGD{}, Step: a.Step, Seed: 2}
	h, err := trainer.Fit(context.Background(), data.FromTensors(x, x), train.Options{Epochs: 120, BatchSize: 8})
	if err != nil {
		t.Fatal(err)
	}
	if after := contrast(); !(after > before+0.5) {
		t.Errorf("the contrast of images went from %v to %v", before, after)
	}
	for _, name := range []string{"discriminator", "generator"} {
		if v := h.Last(name); !(v > 0) {
			t.Errorf("%s is %v", name, v)
		}
	}
	var b bytes.Buffer
	if err := onnx.Export(&b, a.Generator, onnx.Options{}); err != nil {
		t.Fatal(err)
	}
	z := dl.Ones(2, 1, 1, 4)
	got, err := must(onnx.Parse(b.Bytes())).Run(z)
	if err != nil {
		t.Fatal(err)
	}
	if !got[0].AllClose(a.Generator.Predict(z), 1e-4, 1e-5) {
		t.Error("as ONNX the generator has other outputs")
	}
}

func TestNetworksThatCannotBe(t *testing.T) {
	for want, build := range map[string]func() error{
		"there are 18, 34":      func() error { _, err := ResNet{Depth: 20}.New(); return err },
		"there are 7, 11":       func() error { _, err := VGG{Depth: 20}.New(); return err },
		"zoo.ResNet: ":          func() error { _, err := ResNet{Input: dl.Shape{5}}.New(); return err },
		"zoo.VGG: ":             func() error { _, err := VGG{Input: dl.Shape{8, 8, 3}}.New(); return err },
		"can be halved 4 times": func() error { _, err := UNet{Input: dl.Shape{24, 24, 1}}.New(); return err },
		"whole patches of 16":   func() error { _, err := ViT{Input: dl.Shape{24, 24, 1}}.New(); return err },
		"multiples of 4":        func() error { _, err := GAN{Input: dl.Shape{6, 6, 1}}.New(); return err },
		"Vocabulary is 0":       func() error { _, err := LanguageModel{}.New(); return err },
		"Width is -1":           func() error { _, err := MobileNetV2{Width: -1}.New(); return err },
		"at least one token":    func() error { _, err := Generate(nil, nil, 1, 1, nil); return err },
		"Units is -1":           func() error { _, err := Autoencoder{Hidden: []int{-1}}.New(); return err },
		"zoo.VAE: ":             func() error { _, err := VAE{Hidden: []int{-1}}.New(); return err },
		"zoo.LeNet: ":           func() error { _, err := LeNet{Input: dl.Shape{4, 4, 1}}.New(); return err },
	} {
		if err := build(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

func TestGenerate(t *testing.T) {
	dl.Seed(3)
	m := must(LanguageModel{Vocabulary: 5, Length: 6, Units: 12}.New())
	s := small{name: "LanguageModel"}
	x, y := s.samples(5)
	trainer := &train.Trainer{Model: m, Loss: nn.SparseCrossEntropyLogits, Optimizer: &optim.Adam{LearningRate: 0.02}}
	if _, err := trainer.Fit(context.Background(), data.FromTensors(x, y), train.Options{Epochs: 60, BatchSize: 5}); err != nil {
		t.Fatal(err)
	}
	for _, temperature := range []float64{0, 0.1} {
		got, err := Generate(m, []int{1, 2}, 4, temperature, dl.NewRand(1))
		if err != nil || fmt.Sprint(got) != "[1 2 3 4 0 1]" {
			t.Errorf("at %v: %v, %v", temperature, got, err)
		}
	}
	if _, err := Generate(m, []int{9}, 1, 0, nil); err == nil {
		t.Error("a token that is not in the vocabulary is taken")
	}
}
