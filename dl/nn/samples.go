package nn

// MixesSamples says whether a module has a layer with which a sample's part in a training step depends on other samples:
// BatchNorm, trained or frozen, whose statistics are those of the batch; a recurrent layer that is Stateful; an Embedding
// or EmbeddingBag with a MaxNorm, which shortens the vectors that are looked up. The gradient of a sample is not its own
// then, as training with differential privacy needs it.
func MixesSamples(m Module) (found bool) {
	mustGive("nn.MixesSamples", m)
	eachOf(m, func(m Module) {
		switch m := m.(type) {
		case *BatchNorm:
			found = true
		case *LSTM:
			found = found || m.Stateful
		case *GRU:
			found = found || m.Stateful
		case *SimpleRNN:
			found = found || m.Stateful
		case *Embedding:
			found = found || m.MaxNorm > 0
		case *EmbeddingBag:
			found = found || m.MaxNorm > 0
		}
	})
	return found
}
