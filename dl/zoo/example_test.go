package zoo_test

import (
	"bytes"
	"context"
	"fmt"

	"modelbook/dl"
	"modelbook/dl/data"
	"modelbook/dl/nn"
	"modelbook/dl/onnx"
	"modelbook/dl/optim"
	"modelbook/dl/train"
	"modelbook/dl/zoo"
)

func ExampleLeNet() {
	net, err := zoo.LeNet{}.New()
	fmt.Println(net, err)
	// Output:
	// layer        type                            output           parameters
	// ------------------------------------------------------------------------
	// input                                        [N, 28, 28, 1]
	// conv1        Conv2D, 5×5, padding 2×2, tanh  [N, 28, 28, 6]          156
	// avgpool2d    AvgPool2D, 2×2                  [N, 14, 14, 6]            0
	// conv2        Conv2D, 5×5, tanh               [N, 10, 10, 16]       2,416
	// avgpool2d_1  AvgPool2D, 2×2                  [N, 5, 5, 16]             0
	// flatten      Flatten                         [N, 400]                  0
	// fc1          Dense, tanh                     [N, 120]             48,120
	// fc2          Dense, tanh                     [N, 84]              10,164
	// fc3          Dense                           [N, 10]                 850
	// ------------------------------------------------------------------------
	// 61,706 parameters (241.0 KiB) <nil>
}

func ExampleResNet() {
	net, err := zoo.ResNet{Classes: 10, CIFAR: true, Width: 4}.New() // Width: 64 is the paper's
	fmt.Println(net.Predict(dl.Zeros(2, 32, 32, 3))[0].Shape(), err)
	// Output: [2 10] <nil>
}

func ExampleVGG() {
	net, err := zoo.VGG{Depth: 7}.New() // a small one, for images of 32 by 32
	fmt.Println(net.Output(), err)
	// Output: [10] <nil>
}

func ExampleMobileNetV2() {
	net, err := zoo.MobileNetV2{Classes: 2, Width: 0.25, Input: dl.Shape{32, 32, 3}}.New()
	fmt.Println(net.Predict(dl.Zeros(1, 32, 32, 3))[0].Shape(), err)
	// Output: [1 2] <nil>
}

// A network for pictures of 16 by 16, that says of each pixel what it belongs to.
func ExampleUNet() {
	net, err := zoo.UNet{Classes: 3, Input: dl.Shape{16, 16, 1}, Levels: 2, Width: 4}.New()
	fmt.Println(net.Predict(dl.Zeros(1, 16, 16, 1))[0].Shape(), err)
	// Output: [1 16 16 3] <nil>
}

func ExampleAutoencoder() {
	net, err := zoo.Autoencoder{Code: 8}.New()
	if err != nil {
		panic(err)
	}
	x := dl.Zeros(5, 28, 28, 1)
	code := net.Layer("encoder").Forward(x)
	fmt.Println(code.Shape(), net.Layer("decoder").Forward(code).Shape())
	// Output: [5 8] [5 28 28 1]
}

// A Trainer trains it by its Step.
func ExampleVAE() {
	dl.Seed(1)
	v, err := zoo.VAE{Input: dl.Shape{4, 4, 1}, Hidden: []int{16}, Latent: 2}.New()
	if err != nil {
		panic(err)
	}
	x := dl.NewRand(1).Uniforms(0, 1, 32, 4, 4, 1)
	trainer := &train.Trainer{Model: v, Optimizer: &optim.Adam{}, Step: v.Step}
	h, err := trainer.Fit(context.Background(), data.FromTensors(x, nil), train.Options{Epochs: 5})
	losses := h.Values["loss"]
	fmt.Println(losses[4] < losses[0], v.Sample(3).Shape(), err)
	// Output: true [3 4 4 1] <nil>
}

// The optimizers of both networks are the GAN's own; the Trainer's is not used.
func ExampleGAN() {
	dl.Seed(1)
	gan, err := zoo.GAN{Input: dl.Shape{8, 8, 1}, Width: 2, Latent: 4}.New()
	if err != nil {
		panic(err)
	}
	x := dl.NewRand(1).Uniforms(-1, 1, 16, 8, 8, 1)
	trainer := &train.Trainer{Model: gan, Optimizer: &optim.SGD{}, Step: gan.Step}
	h, err := trainer.Fit(context.Background(), data.FromTensors(x, nil), train.Options{BatchSize: 8})
	fmt.Println(len(h.Values["generator"]), len(h.Values["discriminator"]), gan.Sample(3).Shape(), err)
	// Output: 1 1 [3 8 8 1] <nil>
}

func ExampleLanguageModel() {
	net, err := zoo.LanguageModel{Vocabulary: 30, Units: 16, Length: 10}.New()
	fmt.Println(net.Predict(dl.New(dl.Int32, 2, 10)).Shape(), err)
	// Output: [2 10 30] <nil>
}

func ExampleGenerate() {
	dl.Seed(1)
	net, err := zoo.LanguageModel{Vocabulary: 30, Units: 16, Length: 10}.New()
	if err != nil {
		panic(err)
	}
	tokens, err := zoo.Generate(net, []int{1, 2, 3}, 5, 0.8, dl.NewRand(1))
	fmt.Println(len(tokens), tokens[:3], err)
	// Output: 8 [1 2 3] <nil>
}

func ExampleViT() {
	net, err := zoo.ViT{Classes: 10, Input: dl.Shape{32, 32, 3}, Patch: 8, Units: 24, Layers: 2, Heads: 3}.New()
	fmt.Println(net.Predict(dl.Zeros(2, 32, 32, 3)).Shape(), err)
	// Output: [2 10] <nil>
}

// Any of the networks can be written for other programs.
func Example_onnx() {
	net, err := zoo.ResNet{Classes: 10, CIFAR: true, Width: 4}.New()
	if err != nil {
		panic(err)
	}
	var file bytes.Buffer
	err = onnx.Export(&file, net, onnx.Options{ChannelsFirst: true})
	m, readErr := onnx.Parse(file.Bytes())
	fmt.Println(m.Inputs, m.Outputs, err, readErr)
	// Output: [input float32 [-1 3 32 32]] [output float32 [-1 10]] <nil> <nil>
}

// Weights under torchvision's names, as its load_state_dict takes them.
func ExampleLoadTorchvision() {
	net, err := zoo.ResNet{Classes: 10, CIFAR: true, Width: 4}.New()
	if err != nil {
		panic(err)
	}
	tensors, err := nn.Weights(net, nn.WeightOptions{PyTorch: true})
	fmt.Println(tensors[0].Name, tensors[0].Tensor.Shape(), len(tensors), err)
	_, err = zoo.LoadTorchvision("no such file", net, false)
	fmt.Println(err != nil)
	// Output:
	// conv1.weight [4 3 3 3] 102 <nil>
	// true
}
