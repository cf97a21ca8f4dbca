package zoo

import (
	"cmp"
	"fmt"

	"modelbook/dl"
	"modelbook/dl/nn"
	"modelbook/dl/optim"
	"modelbook/dl/train"
)

// GAN describes two networks that learn from one another (Goodfellow et al., "Generative Adversarial Nets", 2014): a
// generator makes images of noise, and a discriminator tells them from true ones. It is a small DCGAN (Radford, Metz
// and Chintala, 2015): transposed convolutions with normalisations on one side, convolutions with leaky ReLUs on the
// other.
type GAN struct {
	Input  dl.Shape // height, width, channels, both sizes multiples of 4, of values from -1 to 1; nil: 28, 28, 1
	Latent int      // values of the noise; 0: 64
	Width  int      // filters of the largest images; 0: 32

	// The optimizers; nil: Adam with a rate of 2e-4 and a Beta1 of 0.5, as in the paper on DCGANs.
	Generator, Discriminator optim.Optimizer
}

// Adversaries are a [GAN] that is built.
type Adversaries struct {
	Generator     *nn.Model // makes images of noise [N, 1, 1, Latent]
	Discriminator *nn.Model // says how true an image is, as a logit [N, 1]

	latent  int
	rand    *dl.Rand
	rules   [2]optim.Optimizer // of the generator, of the discriminator
	trained [2][]*dl.Tensor
}

// New builds the networks.
func (g GAN) New() (*Adversaries, error) {
	latent, width, input := cmp.Or(g.Latent, 64), cmp.Or(g.Width, 32), g.Input
	if input == nil {
		input = dl.Shape{28, 28, 1}
	}
	if len(input) != 3 || input[0]%4 != 0 || input[1]%4 != 0 {
		return nil, fmt.Errorf("zoo.GAN: %v is no image [height, width, channels] with sizes that are multiples of 4", input)
	}
	four, two, one := [2]int{4, 4}, [2]int{2, 2}, nn.Pad2D(1, 1)
	normal := nn.Normal{StdDev: 0.02}
	generator, err := sequential("GAN", dl.Shape{1, 1, latent},
		nn.ConvTranspose2D{Filters: 2 * width, Kernel: [2]int{input[0] / 4, input[1] / 4}, NoBias: true, WeightInit: normal}, norm2D(), nn.ReLU,
		nn.ConvTranspose2D{Filters: width, Kernel: four, Stride: two, Padding: one, NoBias: true, WeightInit: normal}, norm2D(), nn.ReLU,
		nn.ConvTranspose2D{Filters: input[2], Kernel: four, Stride: two, Padding: one, Activation: nn.Tanh, WeightInit: normal})
	if err != nil {
		return nil, err
	}
	leaky := nn.ActivationLayer{Activation: nn.LeakyReLU, Alpha: 0.2}
	discriminator, err := sequential("GAN", input,
		nn.Conv2D{Filters: width, Kernel: four, Stride: two, Padding: one, WeightInit: normal}, leaky,
		nn.Conv2D{Filters: 2 * width, Kernel: four, Stride: two, Padding: one, NoBias: true, WeightInit: normal}, norm2D(), leaky,
		nn.Flatten{}, nn.Dense{Units: 1, WeightInit: normal})
	if err != nil {
		return nil, err
	}
	a := &Adversaries{Generator: generator, Discriminator: discriminator, latent: latent, rand: dl.NewRand(dl.DefaultRand().Uint64()),
		rules: [2]optim.Optimizer{g.Generator, g.Discriminator}}
	for i, rule := range a.rules {
		if rule == nil {
			a.rules[i] = &optim.Adam{LearningRate: 2e-4, Beta1: 0.5}
		}
	}
	return a, nil
}

// Parameters returns the parameters of both networks.
func (a *Adversaries) Parameters() []*nn.Parameter { return nn.ParametersOf(a) }

// SetRand says where noise is drawn from: see [nn.SetRand].
func (a *Adversaries) SetRand(r *dl.Rand) { a.rand = r }

// Sample makes n images.
func (a *Adversaries) Sample(n int) *dl.Tensor {
	a.built("Sample")
	return a.Generator.Predict(a.noise(n))
}

// hasBatch refuses a step without samples.
func hasBatch(op string, s *train.Step) {
	if s == nil || s.Batch.X == nil {
		dl.PanicValue(op, "there is no batch: give the method to a Trainer as its Step")
	}
}

// built refuses adversaries without their networks.
func (a *Adversaries) built(method string) {
	if a.Generator == nil || a.Discriminator == nil || a.latent == 0 {
		dl.PanicValue("zoo.Adversaries."+method, "it has no networks: make them by zoo.GAN{}.New()")
	}
}

func (a *Adversaries) noise(n int) *dl.Tensor {
	r := a.rand
	if r == nil {
		r = dl.DefaultRand()
	}
	return r.Normals(0, 1, n, 1, 1, a.latent)
}

// Step is a training step for a train.Trainer's Step. It trains both networks by their own optimizers, whatever the
// Trainer's is, and returns nil: the discriminator with the batch's images and as many of the generator's, then the
// generator with what the discriminator says of its images. It reports "discriminator" and "generator", the losses.
func (a *Adversaries) Step(s *train.Step) *dl.Tensor {
	a.built("Step")
	hasBatch("zoo.Adversaries.Step", s)
	x := s.Batch.X
	n := x.Dim(0)
	yes, no := dl.Ones(n, 1), dl.Zeros(n, 1)
	images := a.Generator.Forward(a.noise(n))
	said := dl.BinaryCrossEntropyLogits(a.Discriminator.Forward(x), yes).Add(dl.BinaryCrossEntropyLogits(a.Discriminator.Forward(images.Detach()), no))
	s.Report("discriminator", said.Item())
	if s.Training {
		said.Backward()
		a.learn(1, a.Discriminator)
	}
	fooled := dl.BinaryCrossEntropyLogits(a.Discriminator.Forward(images), yes)
	s.Report("generator", fooled.Item())
	if s.Training {
		fooled.Backward()
		a.learn(0, a.Generator)
		for _, p := range a.trained[1] { // what the generator's loss says of the discriminator is not used
			p.ZeroGrad()
		}
	}
	return nil
}

// learn is a step of the optimizer of a network.
func (a *Adversaries) learn(which int, m *nn.Model) {
	if a.trained[which] == nil {
		a.trained[which] = nn.Trainable(m)
	}
	a.rules[which].Step(a.trained[which])
	for _, p := range a.trained[which] {
		p.ZeroGrad()
	}
}
