package lm

import (
	"cmp"
	"fmt"
	"math"

	"modelbook/dl"
)

// RopeScaling says how rotary positions were stretched after the first training: the rope_scaling of a config.json, or the
// rope_parameters of newer ones. The zero value stretches nothing.
type RopeScaling struct {
	RopeType string  `json:"rope_type,omitempty"` // "" and default, linear, dynamic, llama3, yarn
	Type     string  `json:"type,omitempty"`      // its name in older files
	Theta    float64 `json:"rope_theta,omitempty"`
	Factor   float64 `json:"factor,omitempty"`

	LowFreqFactor                 float64 `json:"low_freq_factor,omitempty"` // llama3's
	HighFreqFactor                float64 `json:"high_freq_factor,omitempty"`
	OriginalMaxPositionEmbeddings int     `json:"original_max_position_embeddings,omitempty"`

	AttentionFactor *float64 `json:"attention_factor,omitempty"` // yarn's
	BetaFast        float64  `json:"beta_fast,omitempty"`
	BetaSlow        float64  `json:"beta_slow,omitempty"`
}

// frequencies are the angles by which the pairs of size channels turn a position, and what queries and keys are multiplied by.
func (r *RopeScaling) frequencies(size int, theta float64, positions int) (f []float64, attention float64, err error) {
	f = make([]float64, size/2)
	for i := range f {
		f[i] = math.Pow(theta, -2*float64(i)/float64(size))
	}
	if r == nil {
		return f, 1, nil
	}
	original := cmp.Or(r.OriginalMaxPositionEmbeddings, positions)
	kind := cmp.Or(r.RopeType, r.Type, "default")
	if kind != "default" && (!(r.Factor >= 1) || math.IsInf(r.Factor, 0)) {
		return nil, 0, fmt.Errorf("rope_scaling %s has the factor %v; it is finite and at least 1", kind, r.Factor)
	}
	if original < 1 {
		return nil, 0, fmt.Errorf("rope_scaling %s has original_max_position_embeddings %d; it is a number of positions", kind, original)
	}
	switch kind {
	case "default", "mrope":
	case "dynamic": // changes nothing up to the length of the training
	case "linear":
		for i := range f {
			f[i] /= r.Factor
		}
	case "llama3":
		if !(r.LowFreqFactor > 0 && r.HighFreqFactor > r.LowFreqFactor) || math.IsInf(r.HighFreqFactor, 0) {
			return nil, 0, fmt.Errorf("rope_scaling llama3 has low_freq_factor %v and high_freq_factor %v; they are finite and above 0, the second above the first",
				r.LowFreqFactor, r.HighFreqFactor)
		}
		f = dl.Llama3Frequencies(size, theta, r.Factor, r.LowFreqFactor, r.HighFreqFactor, original)
	case "yarn":
		return r.yarn(f, size, theta, original)
	default:
		return nil, 0, fmt.Errorf("rope_scaling %q is not known; there are default, linear, dynamic, llama3 and yarn", kind)
	}
	return f, 1, nil
}

// yarn is YaRN (Peng et al., 2023), as transformers computes it.
func (r *RopeScaling) yarn(f []float64, size int, theta float64, original int) ([]float64, float64, error) {
	fast, slow := cmp.Or(r.BetaFast, 32), cmp.Or(r.BetaSlow, 1)
	if !(fast > 0 && slow > 0) || math.IsInf(fast+slow, 0) {
		return nil, 0, fmt.Errorf("rope_scaling yarn has beta_fast %v and beta_slow %v; they are finite and above 0", fast, slow)
	}
	if a := r.AttentionFactor; a != nil && (!(*a > 0) || math.IsInf(*a, 0)) {
		return nil, 0, fmt.Errorf("rope_scaling yarn has attention_factor %v; it is finite and above 0", *a)
	}
	at := func(turns float64) float64 {
		return float64(size) * math.Log(float64(original)/(turns*2*math.Pi)) / (2 * math.Log(theta))
	}
	low := max(math.Floor(at(fast)), 0)
	high := min(math.Ceil(at(slow)), float64(size-1))
	if low == high {
		high += 0.001
	}
	for i := range f {
		share := min(max((float64(i)-low)/(high-low), 0), 1) // 1: turned as linear scaling does
		f[i] *= share/r.Factor + 1 - share
	}
	if r.AttentionFactor != nil {
		return f, *r.AttentionFactor, nil
	}
	return f, 0.1*math.Log(r.Factor) + 1, nil
}
