package zoo

import (
	"fmt"
	"math"
	"reflect"
	"testing"

	"modelbook/dl"
	"modelbook/dl/data"
	"modelbook/dl/internal/mistakes"
	"modelbook/dl/nn"
	"modelbook/dl/train"
)

// Every exported function and method is called with wrong arguments: see package mistakes.
func TestEveryExportedFunctionRefusesWrongArguments(t *testing.T) {
	defer func(before nn.Initializer) { weightInit = before }(weightInit)
	weightInit = undrawn{}
	s := &mistakes.Surface{
		Functions: map[string]any{
			"Generate": Generate, "LoadTorchvision": LoadTorchvision,
		},
		Types: []reflect.Type{
			reflect.TypeFor[Adversaries](), reflect.TypeFor[Autoencoder](), reflect.TypeFor[GAN](),
			reflect.TypeFor[LanguageModel](), reflect.TypeFor[LeNet](), reflect.TypeFor[MobileNetV2](),
			reflect.TypeFor[ResNet](), reflect.TypeFor[UNet](), reflect.TypeFor[VAE](),
			reflect.TypeFor[VGG](), reflect.TypeFor[VariationalAutoencoder](), reflect.TypeFor[ViT](),
		},
	}
	language := LanguageModel{Vocabulary: 8, Units: 4, Length: 5, Layers: 1}
	s.Args = map[string]func() []any{
		"Generate": func() []any { return []any{must(language.New()), []int{1, 2}, 2, 0.8, dl.NewRand(1)} },
		"LoadTorchvision": func() []any {
			m := must(ResNet{Input: dl.Shape{8, 8, 1}, CIFAR: true, Width: 1, Classes: 2}.New())
			if err := nn.SaveWeights("x.safetensors", m, nn.WeightOptions{PyTorch: true}); err != nil {
				panic(err)
			}
			return []any{"x.safetensors", m, false}
		},
		"VariationalAutoencoder.Loss": func() []any {
			return []any{must(VAE{Input: dl.Shape{2, 2, 1}, Hidden: []int{4}, Latent: 2}.New()), dl.Full(0.5, 3, 2, 2, 1)}
		},
	}
	s.Args["VariationalAutoencoder.Encode"], s.Args["VariationalAutoencoder.Forward"] = s.Args["VariationalAutoencoder.Loss"], s.Args["VariationalAutoencoder.Loss"]
	s.Args["VariationalAutoencoder.Step"] = func() []any {
		return []any{s.Args["VariationalAutoencoder.Loss"]()[0], &train.Step{Batch: data.Batch{X: dl.Full(0.5, 3, 2, 2, 1)}}}
	}
	s.Args["Adversaries.Step"] = func() []any {
		return []any{must(GAN{Input: dl.Shape{4, 4, 1}, Width: 1, Latent: 2}.New()), &train.Step{Batch: data.Batch{X: dl.Full(0.5, 3, 4, 4, 1)}}}
	}
	s.Good(func() Autoencoder { return Autoencoder{Input: dl.Shape{4}, Hidden: []int{3}, Code: 2} },
		func() GAN { return GAN{Input: dl.Shape{4, 4, 1}, Width: 1, Latent: 2} },
		func() *Adversaries { return must(GAN{Input: dl.Shape{4, 4, 1}, Width: 1, Latent: 2}.New()) },
		func() LanguageModel { return language }, func() LeNet { return LeNet{} },
		func() MobileNetV2 { return MobileNetV2{Input: dl.Shape{32, 32, 3}, Width: 0.1, Classes: 2} },
		func() ResNet { return ResNet{Input: dl.Shape{8, 8, 1}, CIFAR: true, Width: 1, Classes: 2} },
		func() UNet { return UNet{Input: dl.Shape{8, 8, 1}, Levels: 2, Width: 1} },
		func() VAE { return VAE{Input: dl.Shape{4}, Hidden: []int{3}, Latent: 2} },
		func() *VariationalAutoencoder {
			return must(VAE{Input: dl.Shape{2, 2, 1}, Hidden: []int{4}, Latent: 2}.New())
		},
		func() VGG { return VGG{Depth: 7, Input: dl.Shape{32, 32, 3}, Classes: 2} },
		func() ViT { return ViT{Input: dl.Shape{8, 8, 1}, Patch: 4, Units: 6, Layers: 1, Heads: 2, Classes: 2} },
		func() nn.Module { return must(LeNet{}.New()) })
	for _, shape := range []dl.Shape{{}, {3}, {-1, 8, 3}, {0, 8, 3}, {7, 9, 3}, {1 << 40, 8, 3}} {
		s.OnlyBad(fmt.Sprint(shape), func() dl.Shape { return shape })
	}
	// The paper's network, the zero value, has 528 MiB of parameters: it is not made here.
	for _, v := range []VGG{{Depth: -1}, {Depth: 12}, {Depth: 1 << 40}, {Depth: 7, Classes: -1}, {Depth: 7, Classes: 1 << 40}, {Depth: 7, Input: dl.Shape{}},
		{Depth: 7, Input: dl.Shape{3}}, {Depth: 7, Input: dl.Shape{-1, 32, 3}}, {Depth: 7, Input: dl.Shape{1, 1, 3}}, {Depth: 7, Hidden: -1},
		{Depth: 7, Hidden: 1 << 40}, {Depth: 7, Dropout: -1}, {Depth: 7, Dropout: 1}, {Depth: 7, Dropout: math.NaN()}} {
		s.OnlyBad(fmt.Sprintf("%+v", v), func() VGG { return v })
	}
	s.OnlyBad("nil", func() *nn.Model { return nil })
	s.OnlyBad("zero", func() *nn.Model { return &nn.Model{} })
	s.OnlyBad("nil", func() *train.Step { return nil })
	s.OnlyBad("zero", func() *train.Step { return &train.Step{} })
	s.Bad("nil *Model", func() nn.Module { return (*nn.Model)(nil) })
	s.Test(t)
}
