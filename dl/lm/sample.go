package lm

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"modelbook/dl"
)

// Options say how text is generated. The zero value takes the likeliest token each time, until a token that ends a text or
// until the context is full.
type Options struct {
	MaxNew int // the most tokens to generate (max_new_tokens); 0: until the context is full
	MinNew int // no token of Stop before so many

	Temperature       float64 // logits are divided by it and a token drawn; 0: the likeliest one is taken
	TopK              int     // only so many of the likeliest tokens are drawn; 0: all
	TopP              float64 // only the likeliest, whose probabilities together reach it (Holtzman et al., 2020); 0: all
	MinP              float64 // only those at least so likely as this share of the likeliest (Nguyen et al., 2024); 0: all
	RepetitionPenalty float64 // logits of tokens that occurred become smaller by this factor (Keskar et al., 2019); 0: 1

	Beams         int     // so many beginnings are followed at a time, and the likeliest whole is taken; 0 and 1: one
	LengthPenalty float64 // with Beams: logarithms of probabilities are divided by the length to this power; 0: 1
	EarlyStopping bool    // with Beams: end when so many texts have ended, not when no better one can come

	Stop []int  // tokens that end a text, and are its last one; nil: the model's End
	Seed uint64 // of what is drawn: the same seed draws the same
	// Process changes logits before all else: tokens are those so far, with the prompt. nil: nothing.
	Process func(tokens []int, logits []float32)
}

func (o *Options) check(ctx context.Context, m Decoder) error {
	switch {
	case ctx == nil:
		return errors.New("lm.Generate: the context is nil; context.Background() is one that nothing ends")
	case m == nil:
		return errors.New("lm.Generate: the model is nil")
	case o.MaxNew < 0 || o.MinNew < 0:
		return fmt.Errorf("lm.Options: MaxNew is %d and MinNew %d; they are numbers of tokens", o.MaxNew, o.MinNew)
	case !(o.Temperature >= 0) || math.IsInf(o.Temperature, 1):
		return fmt.Errorf("lm.Options: Temperature is %v; it is above 0, or 0 for the likeliest token", o.Temperature)
	case o.TopK < 0:
		return fmt.Errorf("lm.Options: TopK is %d; it is a number of tokens, or 0 for all", o.TopK)
	case !(o.TopP >= 0 && o.TopP <= 1):
		return fmt.Errorf("lm.Options: TopP is %v; it is a probability, or 0 for all", o.TopP)
	case !(o.MinP >= 0 && o.MinP <= 1):
		return fmt.Errorf("lm.Options: MinP is %v; it is a share of the largest probability", o.MinP)
	case !(o.RepetitionPenalty >= 0) || math.IsInf(o.RepetitionPenalty, 1):
		return fmt.Errorf("lm.Options: RepetitionPenalty is %v; it is above 0, and 1 changes nothing", o.RepetitionPenalty)
	case o.Beams < 0 || o.Beams > m.Vocabulary()/2:
		return fmt.Errorf("lm.Options: Beams is %d; it is at most half of the %d tokens", o.Beams, m.Vocabulary())
	case o.Beams > 1 && o.Temperature > 0:
		return fmt.Errorf("lm.Options: Beams is %d and Temperature %v; beams are followed by probability, nothing is drawn", o.Beams, o.Temperature)
	case math.IsNaN(o.LengthPenalty) || math.IsInf(o.LengthPenalty, 0):
		return fmt.Errorf("lm.Options: LengthPenalty is %v; it is finite", o.LengthPenalty)
	}
	for _, id := range o.Stop {
		if id < 0 || id >= m.Vocabulary() {
			return fmt.Errorf("lm.Options: Stop has the token %d; the vocabulary has 0 to %d", id, m.Vocabulary()-1)
		}
	}
	return nil
}

// A sampler chooses the tokens of one sample.
type sampler struct {
	o     *Options
	stop  []int
	rand  *dl.Rand
	seen  []int  // each token that occurred, once
	mark  []bool // of the vocabulary: those
	list  []candidate
	heap  []float32
	found int // tokens generated
}

type candidate struct {
	id int32
	p  float64
}

func newSampler(o *Options, stop []int, row, vocabulary int) *sampler {
	return &sampler{o: o, stop: stop, rand: dl.NewRand(o.Seed + uint64(row)*0x9e3779b97f4a7c15), mark: make([]bool, vocabulary), list: make([]candidate, 0, vocabulary)}
}

// note tells of tokens that occurred.
func (s *sampler) note(ids ...int) {
	for _, id := range ids {
		if !s.mark[id] {
			s.mark[id] = true
			s.seen = append(s.seen, id)
		}
	}
}

// process changes logits as the options say that need no probabilities.
func (s *sampler) process(tokens []int, logits []float32) {
	if s.o.Process != nil {
		s.o.Process(tokens, logits)
	}
	if p := float32(s.o.RepetitionPenalty); p != 0 && p != 1 {
		for _, id := range s.seen {
			if logits[id] < 0 {
				logits[id] *= p
			} else {
				logits[id] /= p
			}
		}
	}
	if s.found < s.o.MinNew {
		for _, id := range s.stop {
			logits[id] = float32(math.Inf(-1))
		}
	}
}

// errNoToken says that no token can be taken.
var errNoToken = errors.New("lm.Generate: no token has a probability: all logits are NaN or minus infinity, by the model's weights, by MinNew with all tokens in Stop, or by Process")

// choose returns the next token.
func (s *sampler) choose(tokens []int, logits []float32) (int, error) {
	s.process(tokens, logits)
	s.found++
	if s.o.Temperature == 0 {
		best := largest(logits)
		if v := float64(logits[best]); math.IsNaN(v) || math.IsInf(v, -1) {
			return 0, errNoToken
		}
		return best, nil
	}
	list, sum := s.probabilities(logits)
	if len(list) == 0 {
		return 0, errNoToken
	}
	at := s.rand.Float64() * sum
	for _, c := range list {
		if at -= c.p; at < 0 {
			return int(c.id), nil
		}
	}
	return int(list[len(list)-1].id), nil
}

// largest is the place of the largest logit, of equal ones the first. NaN is the smallest.
func largest(logits []float32) int {
	best := 0
	for i, v := range logits {
		if v > logits[best] || v == v && logits[best] != logits[best] {
			best = i
		}
	}
	return best
}

// probabilities are those of the tokens that may be drawn, in the order of their ids, and their sum.
func (s *sampler) probabilities(logits []float32) ([]candidate, float64) {
	top := logits[largest(logits)]
	least := float32(math.Inf(-1))
	if k := s.o.TopK; k > 0 && k < len(logits) {
		least = s.kth(logits, k)
	}
	list, sum := s.list[:0], 0.0
	for i, v := range logits {
		if v >= least {
			if p := math.Exp(float64(v-top) / s.o.Temperature); p > 0 {
				list = append(list, candidate{int32(i), p})
				sum += p
			}
		}
	}
	if p := s.o.TopP; p > 0 && p < 1 {
		list, sum = nucleus(list, sum, p)
	}
	if p := s.o.MinP; p > 0 { // the largest one is e^0
		kept := list[:0]
		sum = 0
		for _, c := range list {
			if c.p >= p {
				kept, sum = append(kept, c), sum+c.p
			}
		}
		list = kept
	}
	return list, sum
}

// kth is the k-th largest logit.
func (s *sampler) kth(logits []float32, k int) float32 {
	h := append(s.heap[:0], logits[:k]...) // a heap whose first is the smallest
	for i := k/2 - 1; i >= 0; i-- {
		sink(h, i)
	}
	for _, v := range logits[k:] {
		if v > h[0] {
			h[0] = v
			sink(h, 0)
		}
	}
	s.heap = h
	return h[0]
}

func sink(h []float32, i int) {
	for {
		child := 2*i + 1
		if child >= len(h) {
			return
		}
		if child+1 < len(h) && h[child+1] < h[child] {
			child++
		}
		if h[i] <= h[child] {
			return
		}
		h[i], h[child] = h[child], h[i]
		i = child
	}
}

// nucleus keeps the likeliest candidates, as few as reach the share p of the sum.
func nucleus(list []candidate, sum, p float64) ([]candidate, float64) {
	// Those less likely than this make up less than what is left out, all together: they need not be sorted.
	least, rest := (1-p)*sum/float64(len(list)), 0.0
	kept := list[:0]
	for _, c := range list {
		if c.p >= least {
			kept = append(kept, c)
		} else {
			rest += c.p
		}
	}
	slices.SortFunc(kept, func(a, b candidate) int { return cmp.Or(cmp.Compare(a.p, b.p), cmp.Compare(b.id, a.id)) })
	out := 0
	for out < len(kept)-1 && rest+kept[out].p <= (1-p)*sum {
		rest += kept[out].p
		out++
	}
	kept = kept[out:]
	slices.SortFunc(kept, func(a, b candidate) int { return cmp.Compare(a.id, b.id) })
	return kept, sum - rest
}
