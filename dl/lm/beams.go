package lm

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
)

// A hypothesis is a text that a beam search has found, or follows.
type hypothesis struct {
	tokens []int // behind the prompt
	score  float64
}

func searchAll(ctx context.Context, m Decoder, prompts [][]int, o Options) ([][]int, error) {
	if err := o.check(ctx, m); err != nil {
		return nil, err
	}
	out := make([][]int, len(prompts))
	for i, p := range prompts {
		var err error
		if out[i], err = search(ctx, m, p, &o); err != nil {
			return out, fmt.Errorf("prompt %d: %w", i, err)
		}
	}
	return out, nil
}

// search follows the o.Beams likeliest beginnings, as transformers' BeamSearchScorer does.
func search(ctx context.Context, m Decoder, prompt []int, o *Options) ([]int, error) {
	capacity, err := room(m, [][]int{prompt}, o)
	if err != nil {
		return nil, err
	}
	most := capacity - len(prompt)
	if most == 0 {
		return nil, nil
	}
	stop, penalty := o.Stop, cmp.Or(o.LengthPenalty, 1)
	if stop == nil {
		stop = m.End()
	}
	s := NewSession(m, o.Beams, capacity)
	if err := s.Prompt(slices.Repeat([][]int{prompt}, o.Beams)); err != nil {
		return nil, err
	}
	beams, next, rows := make([]hypothesis, o.Beams), make([]int, o.Beams), make([]int, o.Beams)
	for i := range beams[1:] {
		beams[i+1].score = -1e9 // at first all beams are the same
	}
	var done []hypothesis // the best first
	keep := func(h hypothesis, length int) {
		h.score /= math.Pow(float64(length), penalty)
		at, _ := slices.BinarySearchFunc(done, h, func(a, b hypothesis) int {
			if a.score < b.score {
				return 1
			}
			return -1
		})
		if done = slices.Insert(done, at, h); len(done) > o.Beams {
			done = done[:o.Beams]
		}
	}
	var list []beamStep
	for step := 1; ; step++ {
		list = list[:0]
		for b := range beams {
			if list, err = o.likeliest(list, b, &beams[b], prompt, s.Logits(b), step, stop); err != nil {
				return nil, err
			}
		}
		slices.SortStableFunc(list, func(a, b beamStep) int { return cmp.Compare(b.score, a.score) })
		list = list[:2*o.Beams]
		var following []hypothesis
		for rank, c := range list {
			grown := hypothesis{append(slices.Clone(beams[c.beam].tokens), c.id), c.score}
			if slices.Contains(stop, c.id) {
				if rank < o.Beams {
					keep(grown, step)
				}
			} else if n := len(following); n < o.Beams {
				next[n], rows[n] = c.id, c.beam
				following = append(following, grown)
			}
		}
		beams = following
		if len(done) == o.Beams && (o.EarlyStopping || done[len(done)-1].score >= list[0].score/math.Pow(float64(step), penalty)) {
			break
		}
		if step == most {
			for _, h := range beams {
				keep(h, step)
			}
			break
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := s.Reorder(rows); err != nil {
			return nil, err
		}
		if err := s.Step(next); err != nil {
			return nil, err
		}
	}
	return done[0].tokens, nil
}

// A beamStep is a token by which a beam may go on.
type beamStep struct {
	beam, id int
	score    float64 // of the whole
}

// likeliest appends the 2*Beams likeliest tokens that continue a beam.
func (o *Options) likeliest(list []beamStep, beam int, h *hypothesis, prompt []int, logits []float32, step int, stop []int) ([]beamStep, error) {
	total, top := 0.0, float64(logits[largest(logits)])
	for _, v := range logits {
		total += math.Exp(float64(v) - top)
	}
	lost := top + math.Log(total)
	for i := range logits {
		logits[i] = float32(float64(logits[i]) - lost)
	}
	// Options change the logarithms of probabilities here, as transformers does.
	p := &sampler{o: o, stop: stop, mark: make([]bool, len(logits)), found: step - 1}
	p.note(prompt...)
	p.note(h.tokens...)
	p.process(slices.Concat(prompt, h.tokens), logits)
	k := min(2*o.Beams, len(logits))
	least := p.kth(logits, k)
	first := len(list)
	for i, v := range logits {
		if v >= least {
			list = append(list, beamStep{beam, i, h.score + float64(v)})
		}
	}
	mine := list[first:]
	if len(mine) < k || math.IsNaN(mine[0].score) {
		return nil, errNoToken
	}
	slices.SortStableFunc(mine, func(a, b beamStep) int { return cmp.Compare(b.score, a.score) })
	return list[:first+k], nil
}
