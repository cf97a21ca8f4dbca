package zoo

import (
	"modelbook/dl"
	"modelbook/dl/nn"
)

// Autoencoder makes a short code of its input, and the input of the code again (Hinton and Salakhutdinov, "Reducing the
// Dimensionality of Data with Neural Networks", 2006). It is a model of two models, "encoder" and "decoder": train it
// with its inputs as targets, and use them by model.Layer("encoder").
type Autoencoder struct {
	Input  dl.Shape      // nil: 28, 28, 1
	Hidden []int         // units of the encoder's layers; nil: 128, 64
	Code   int           // values of the code; 0: 32
	Output nn.Activation // of the decoder; nn.Identity: nn.Sigmoid, for values from 0 to 1
}

// New builds the network.
func (a Autoencoder) New() (*nn.Model, error) {
	c := coder{"Autoencoder", a.Input, a.Hidden, a.Code, a.Output}
	c.defaults()
	encoder, err := c.encoder(c.code)
	if err != nil {
		return nil, err
	}
	decoder, err := c.decoder()
	if err != nil {
		return nil, err
	}
	return sequential("Autoencoder", c.input, nn.Named("encoder", encoder), nn.Named("decoder", decoder))
}

// coder makes dense encoders and decoders.
type coder struct {
	model  string
	input  dl.Shape
	hidden []int
	code   int
	output nn.Activation
}

func (c *coder) defaults() {
	if c.input == nil {
		c.input = dl.Shape{28, 28, 1}
	}
	if c.hidden == nil {
		c.hidden = []int{128, 64}
	}
	if c.code == 0 {
		c.code = 32
	}
	if c.output == nn.Identity {
		c.output = nn.Sigmoid
	}
}

// encoder makes so many values of an input.
func (c *coder) encoder(values int) (*nn.Model, error) {
	layers := []nn.Layer{nn.Flatten{}}
	for _, units := range c.hidden {
		layers = append(layers, nn.Dense{Units: units, Activation: nn.ReLU, WeightInit: weightInit})
	}
	return sequential(c.model, c.input, append(layers, nn.Dense{Units: values})...)
}

// decoder makes an input of a code.
func (c *coder) decoder() (*nn.Model, error) {
	var layers []nn.Layer
	for i := len(c.hidden) - 1; i >= 0; i-- {
		layers = append(layers, nn.Dense{Units: c.hidden[i], Activation: nn.ReLU, WeightInit: weightInit})
	}
	layers = append(layers, nn.Dense{Units: c.input.Size(), Activation: c.output}, nn.Reshape{Shape: c.input})
	return sequential(c.model, dl.Shape{c.code}, layers...)
}
