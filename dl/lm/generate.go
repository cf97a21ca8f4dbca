package lm

import (
	"context"
	"fmt"
	"iter"
	"slices"
)

// Generate continues each of the prompts, which may have different lengths and are computed together, and returns what it
// adds. What one prompt is continued by depends on the others only by rounding. It ends early with ctx, and returns
// what there is by then.
func Generate(ctx context.Context, m Decoder, prompts [][]int, o Options) ([][]int, error) {
	if o.Beams > 1 {
		return searchAll(ctx, m, prompts, o)
	}
	out := make([][]int, len(prompts))
	err := each(ctx, m, prompts, o, func(row, id int) bool {
		out[row] = append(out[row], id)
		return true
	})
	return out, err
}

// Stream continues a prompt and hands out tokens as they come. An error is the last thing it hands out.
//
//	for id, err := range lm.Stream(ctx, m, prompt, lm.Options{MaxNew: 50}) {
func Stream(ctx context.Context, m Decoder, prompt []int, o Options) iter.Seq2[int, error] {
	return func(yield func(int, error) bool) {
		if o.Beams > 1 {
			yield(0, fmt.Errorf("lm.Stream: %d Beams have no tokens to show before their end; use Generate", o.Beams))
			return
		}
		stopped := false
		err := each(ctx, m, [][]int{prompt}, o, func(_, id int) bool {
			stopped = !yield(id, nil)
			return !stopped
		})
		if err != nil && !stopped {
			yield(0, err)
		}
	}
}

// room is how many tokens a sample may have.
func room(m Decoder, prompts [][]int, o *Options) (int, error) {
	if len(prompts) == 0 {
		return 0, fmt.Errorf("lm.Generate: there are no prompts")
	}
	longest := 0
	for i, p := range prompts {
		if len(p) > m.Context() {
			return 0, fmt.Errorf("lm.Generate: prompt %d has %d tokens; the model has %d positions: leave out what is too long", i, len(p), m.Context())
		}
		longest = max(longest, len(p))
	}
	if o.MaxNew == 0 || o.MaxNew > m.Context()-longest {
		return m.Context(), nil
	}
	return longest + o.MaxNew, nil
}

// each generates for a batch and hands out tokens, until found returns false.
func each(ctx context.Context, m Decoder, prompts [][]int, o Options, found func(row, id int) bool) error {
	if err := o.check(ctx, m); err != nil {
		return err
	}
	capacity, err := room(m, prompts, &o)
	if err != nil {
		return err
	}
	stop := o.Stop
	if stop == nil {
		stop = m.End()
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	s := NewSession(m, len(prompts), capacity)
	if err := s.Prompt(prompts); err != nil {
		return err
	}
	samplers, next, done, tokens := make([]*sampler, len(prompts)), make([]int, len(prompts)), make([]bool, len(prompts)), make([][]int, len(prompts))
	for i, p := range prompts {
		samplers[i] = newSampler(&o, stop, i, m.Vocabulary())
		samplers[i].note(p...)
		tokens[i] = append(make([]int, 0, m.Context()), p...)
	}
	for left := len(prompts); ; {
		for i := range prompts {
			if done[i] {
				continue
			}
			id, err := samplers[i].choose(tokens[i], s.Logits(i))
			if err != nil {
				return err
			}
			if !found(i, id) {
				return nil
			}
			samplers[i].note(id)
			tokens[i], next[i] = append(tokens[i], id), id
			if slices.Contains(stop, id) || samplers[i].found == o.MaxNew || len(tokens[i]) >= m.Context() {
				done[i] = true
				left--
			}
		}
		if left == 0 {
			return nil
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		for i := range done {
			if done[i] { // it is computed with the others, and does not grow
				s.cache.lengths[i]--
			}
		}
		if err := s.Step(next); err != nil {
			return err
		}
	}
}
