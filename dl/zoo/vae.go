package zoo

import (
	"fmt"
	"math"

	"modelbook/dl"
	"modelbook/dl/nn"
	"modelbook/dl/train"
)

// VAE describes a variational autoencoder (Kingma and Welling, "Auto-Encoding Variational Bayes", 2013): the encoder
// gives mean and variance of a normal distribution of codes, and codes drawn from a standard normal one decode to new
// samples.
type VAE struct {
	Input  dl.Shape // of values from 0 to 1; nil: 28, 28, 1
	Hidden []int    // units of the encoder's layers, and backwards the decoder's; nil: 128, 64
	Latent int      // values of the code; 0: 32
	Beta   float64  // how much the distance of the distributions counts; 0: 1 (Higgins et al., 2017: more for codes that can be read)
}

// VariationalAutoencoder is a [VAE] that is built.
type VariationalAutoencoder struct {
	Encoder *nn.Model // makes means and, beside them, logarithms of variances: [N, 2*Latent]
	Decoder *nn.Model // makes samples of codes [N, Latent]

	latent int
	beta   float64
	rand   *dl.Rand
}

// New builds the networks.
func (v VAE) New() (*VariationalAutoencoder, error) {
	c := coder{"VAE", v.Input, v.Hidden, v.Latent, nn.Sigmoid}
	c.defaults()
	encoder, err := c.encoder(2 * c.code)
	if err != nil {
		return nil, err
	}
	decoder, err := c.decoder()
	if err != nil {
		return nil, err
	}
	beta := v.Beta
	if beta == 0 {
		beta = 1
	}
	if !(beta > 0) || math.IsInf(beta, 0) {
		return nil, fmt.Errorf("zoo.VAE: Beta is %v; it is a finite number above 0, or 0 for 1", v.Beta)
	}
	return &VariationalAutoencoder{Encoder: encoder, Decoder: decoder, latent: c.code, beta: beta, rand: dl.NewRand(dl.DefaultRand().Uint64())}, nil
}

// Parameters returns the parameters of both networks.
func (v *VariationalAutoencoder) Parameters() []*nn.Parameter { return nn.ParametersOf(v) }

// SetRand says where codes are drawn from: see [nn.SetRand].
func (v *VariationalAutoencoder) SetRand(r *dl.Rand) { v.rand = r }

// built refuses an autoencoder without its networks.
func (v *VariationalAutoencoder) built(method string) {
	if v.Encoder == nil || v.Decoder == nil || v.latent == 0 {
		dl.PanicValue("zoo.VariationalAutoencoder."+method, "it has no networks: make it by zoo.VAE{}.New()")
	}
}

func (v *VariationalAutoencoder) source() *dl.Rand {
	if v.rand == nil {
		return dl.DefaultRand()
	}
	return v.rand
}

// Encode gives means and logarithms of the variances of the codes of samples, [N, Latent] each.
func (v *VariationalAutoencoder) Encode(x *dl.Tensor) (mean, logVariance *dl.Tensor) {
	v.built("Encode")
	y := v.Encoder.Forward(x)
	return y.Slice(1, 0, v.latent), y.Slice(1, v.latent, 2*v.latent)
}

// Forward decodes the means of the samples' codes.
func (v *VariationalAutoencoder) Forward(x *dl.Tensor) *dl.Tensor {
	mean, _ := v.Encode(x)
	return v.Decoder.Forward(mean)
}

// Sample draws n new samples.
func (v *VariationalAutoencoder) Sample(n int) *dl.Tensor {
	v.built("Sample")
	return v.Decoder.Predict(v.source().Normals(0, 1, n, v.latent))
}

// Loss is the negative of the evidence's lower bound (ELBO), the mean over samples of two sums: the binary cross-entropy
// of a sample that a drawn code decodes to, and Beta times the Kullback-Leibler divergence of the code's distribution
// from the standard normal one. A code is drawn as mean + deviation * noise, so that gradients reach both.
func (v *VariationalAutoencoder) Loss(x *dl.Tensor) (loss, reconstruction, divergence *dl.Tensor) {
	mean, logVariance := v.Encode(x)
	noise := v.source().Normals(0, 1, x.Dim(0), v.latent)
	code := mean.Add(logVariance.MulScalar(0.5).Exp().Mul(noise))
	y := v.Decoder.Forward(code)
	reconstruction = nn.BinaryCrossEntropy.Of(y, x).MulScalar(float64(x.Size() / x.Dim(0)))
	divergence = mean.Square().Add(logVariance.Exp()).Sub(logVariance).AddScalar(-1).Sum(1).Mean().MulScalar(0.5)
	return reconstruction.Add(divergence.MulScalar(v.beta)), reconstruction, divergence
}

// Step is a training step for a train.Trainer's Step: it reports "reconstruction" and "divergence" beside the loss.
func (v *VariationalAutoencoder) Step(s *train.Step) *dl.Tensor {
	hasBatch("zoo.VariationalAutoencoder.Step", s)
	loss, reconstruction, divergence := v.Loss(s.Batch.X)
	s.Report("reconstruction", reconstruction.Item())
	s.Report("divergence", divergence.Item())
	return loss
}
