// Package zoo has well-known networks, built from the layers of nn: convolutional ones for images (LeNet, VGG, ResNet,
// MobileNetV2, UNet), generative ones (Autoencoder, VAE, GAN), and transformers and recurrent networks for sequences.
//
// A network is described by a struct literal whose zero values are those of its paper; New builds it, its parameters
// drawn from dl's default random source:
//
//	net, err := zoo.ResNet{Depth: 18, Classes: 10, CIFAR: true}.New()
//
// What New returns is a model or a graph of nn like those built by hand: it is trained by a train.Trainer, saved and
// loaded by nn, and written as ONNX by package onnx. Their layers have the names that torchvision gives them, where it
// has the network, so that nn.LoadWeights takes its weights.
package zoo
