package lm

import (
	"fmt"

	"modelbook/dl"
)

// Session computes with a decoder token by token: keys and values, and all memory of a step, are taken once. It is what
// [Generate] and [Stream] are made of; use them unless a loop of your own is needed.
type Session struct {
	model   Decoder
	cache   *Cache
	spare   *Cache // for reordering
	arena   *dl.Arena
	token   *dl.Tensor // of a step, [N, 1]
	tokens  *dl.Tensor // of the call under way, [N, T]
	lengths []int      // of these; nil in a step
	logits  []float32  // [N, vocabulary]
	call    func()
}

// NewSession makes a session for n samples of up to capacity tokens.
func NewSession(m Decoder, n, capacity int) *Session {
	given("lm.NewSession", "the model", m != nil)
	s := &Session{model: m, cache: m.NewCache(n, capacity), arena: dl.NewArena(), token: dl.New(dl.Int32, n, 1), logits: make([]float32, n*m.Vocabulary())}
	inside := func() {
		y := s.model.Call(s.tokens, CallOptions{Cache: s.cache, Lengths: s.lengths, Last: true}).Contiguous()
		copy(s.logits, y.Float32s())
	}
	noGrad := func() { dl.NoGrad(inside) }
	s.call = func() { s.arena.Run(noGrad) }
	return s
}

// made refuses a zero Session.
func (s *Session) made(op string) error {
	if s.cache == nil {
		return fmt.Errorf("%s: NewSession makes a Session; a zero one has no model", op)
	}
	return nil
}

// Prompt appends tokens to each sample, at least one, and computes the logits that follow.
func (s *Session) Prompt(prompts [][]int) error {
	if err := s.made("lm.Session.Prompt"); err != nil {
		return err
	}
	n := len(s.cache.lengths)
	if len(prompts) != n {
		return fmt.Errorf("lm.Session.Prompt: there are %d prompts for %d samples", len(prompts), n)
	}
	longest, v := 0, s.model.Vocabulary()
	for i, p := range prompts {
		longest = max(longest, len(p))
		if len(p) == 0 {
			return fmt.Errorf("lm.Session.Prompt: prompt %d has no tokens; a model begins with at least one, such as its token of a text's beginning", i)
		}
		if have := s.cache.lengths[i]; have+len(p) > s.cache.Capacity() {
			return fmt.Errorf("lm.Session.Prompt: sample %d would have %d tokens; there is room for %d", i, have+len(p), s.cache.Capacity())
		}
		for k, id := range p {
			if id < 0 || id >= v {
				return fmt.Errorf("lm.Session.Prompt: token %d of prompt %d is %d; the vocabulary has 0 to %d", k, i, id, v-1)
			}
		}
	}
	x := dl.New(dl.Int32, n, longest)
	lengths := make([]int, n)
	for i, p := range prompts {
		for k, id := range p {
			x.Int32s()[i*longest+k] = int32(id)
		}
		lengths[i] = len(p)
	}
	s.tokens, s.lengths = x, lengths
	return dl.Try(s.call)
}

// Step appends one token to each sample and computes the logits that follow.
func (s *Session) Step(next []int) error {
	if err := s.made("lm.Session.Step"); err != nil {
		return err
	}
	if len(next) != len(s.cache.lengths) {
		return fmt.Errorf("lm.Session.Step: there are %d tokens for %d samples", len(next), len(s.cache.lengths))
	}
	to := s.token.Int32s()
	for i, id := range next {
		if id < 0 || id >= s.model.Vocabulary() {
			return fmt.Errorf("lm.Session.Step: token %d is not in 0 to %d", id, s.model.Vocabulary()-1)
		}
		to[i] = int32(id)
	}
	s.tokens, s.lengths = s.token, nil
	return dl.Try(s.call)
}

// Logits are those of what follows sample i, valid until the next step. They may be changed.
func (s *Session) Logits(i int) []float32 {
	const op = "lm.Session.Logits"
	given(op, "the model, without NewSession,", s.model != nil)
	if n := len(s.cache.lengths); i < 0 || i >= n {
		dl.PanicValue(op, "there is no sample %d of %d: the first is 0", i, n)
	}
	v := s.model.Vocabulary()
	return s.logits[i*v:][:v:v]
}

// Lengths are the numbers of tokens of each sample.
func (s *Session) Lengths() []int {
	if s.cache == nil {
		return nil
	}
	return s.cache.Lengths()
}

// Truncate forgets what each sample has from n tokens on; 0 is a new beginning.
func (s *Session) Truncate(n int) {
	if s.cache != nil {
		s.cache.Truncate(n)
	}
}

// Reorder makes sample i go on from sample rows[i], as beams do.
func (s *Session) Reorder(rows []int) error {
	if err := s.made("lm.Session.Reorder"); err != nil {
		return err
	}
	if len(rows) != len(s.cache.lengths) {
		return fmt.Errorf("lm.Session.Reorder: there are %d rows for %d samples", len(rows), len(s.cache.lengths))
	}
	same := true
	for i, r := range rows {
		if r < 0 || r >= len(rows) {
			return fmt.Errorf("lm.Session.Reorder: there is no sample %d", r)
		}
		same = same && r == i
	}
	if same {
		return nil
	}
	if s.spare == nil {
		s.spare = s.model.NewCache(len(rows), s.cache.Capacity())
	}
	s.arena.Run(func() { dl.NoGrad(func() { s.cache.reorder(s.spare, rows) }) })
	s.cache, s.spare = s.spare, s.cache
	return nil
}
