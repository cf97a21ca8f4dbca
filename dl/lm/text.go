package lm

import (
	"context"
	"errors"
	"iter"
	"slices"
	"strings"
	"unicode/utf8"
)

// A Codec makes tokens of texts and texts of tokens. The tokenizers of package text are such.
type Codec interface {
	EncodeIDs(text string) []int
	Decode(ids []int) string
}

// Text is a decoder with its tokenizer.
type Text struct {
	Model Decoder
	Codec Codec
}

// TextOptions are [Options] and what is about texts.
type TextOptions struct {
	Options
	StopStrings []string // generation ends before the first of them
}

// Generate continues a text and returns what it adds.
func (t Text) Generate(ctx context.Context, prompt string, o TextOptions) (string, error) {
	if err := t.check(); err != nil {
		return "", err
	}
	if o.Beams > 1 {
		ids, err := Generate(ctx, t.Model, [][]int{t.Codec.EncodeIDs(prompt)}, o.Options)
		if err != nil {
			return "", err
		}
		out := t.Codec.Decode(t.withoutStop(ids[0], &o.Options))
		if at := firstOf(out, o.StopStrings); at >= 0 {
			out = out[:at]
		}
		return out, nil
	}
	var out strings.Builder
	for part, err := range t.Stream(ctx, prompt, o) {
		if err != nil {
			return out.String(), err
		}
		out.WriteString(part)
	}
	return out.String(), nil
}

// check is an error when the model or its tokenizer is nil.
func (t Text) check() error {
	if t.Model == nil || t.Codec == nil {
		return errors.New("lm.Text: a Model and its Codec are needed, such as lm.Load and text.Load read them from one folder")
	}
	return nil
}

// withoutStop leaves out the token that ended a text.
func (t Text) withoutStop(ids []int, o *Options) []int {
	if n := len(ids); n > 0 && t.stops(ids[n-1], o) {
		return ids[:n-1]
	}
	return ids
}

func (t Text) stops(id int, o *Options) bool {
	if o.Stop == nil {
		return slices.Contains(t.Model.End(), id)
	}
	return slices.Contains(o.Stop, id)
}

// Stream continues a text and hands out parts of it as they come: never half a letter, and nothing of a stop string. An
// error is the last thing it hands out.
func (t Text) Stream(ctx context.Context, prompt string, o TextOptions) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		if err := t.check(); err != nil {
			yield("", err)
			return
		}
		p := pieces{codec: t.Codec, stop: o.StopStrings}
		for id, err := range Stream(ctx, t.Model, t.Codec.EncodeIDs(prompt), o.Options) {
			if err != nil {
				yield("", err)
				return
			}
			if t.stops(id, &o.Options) {
				break
			}
			part, ended := p.add(id)
			if part != "" && !yield(part, nil) || ended {
				return
			}
		}
		if rest := p.flush(); rest != "" {
			yield(rest, nil)
		}
	}
}

// pieces makes a text of tokens that come one by one. Only the last few are decoded each time: as many as the last part of
// the text was made of, since a token's text may depend on the one before.
type pieces struct {
	codec       Codec
	stop        []string
	ids         []int
	begin, read int    // of the tokens that are decoded together, and of those that are not told yet
	held        string // what may be the beginning of a stop string
}

// add returns the text that a token completes, and whether a stop string has ended it.
func (p *pieces) add(id int) (part string, ended bool) {
	p.ids = append(p.ids, id)
	before, now := p.codec.Decode(p.ids[p.begin:p.read]), p.codec.Decode(p.ids[p.begin:])
	if len(now) <= len(before) || strings.HasSuffix(now, string(utf8.RuneError)) {
		return "", false // half a letter
	}
	p.begin, p.read = p.read, len(p.ids)
	return p.tell(now[len(before):])
}

// tell adds to the text and returns what can be no part of a stop string.
func (p *pieces) tell(more string) (part string, ended bool) {
	p.held += more
	if at := firstOf(p.held, p.stop); at >= 0 {
		part, p.held = p.held[:at], ""
		return part, true
	}
	keep := 0
	for _, s := range p.stop {
		for n := min(len(s)-1, len(p.held)); n > keep; n-- {
			if strings.HasSuffix(p.held, s[:n]) {
				keep = n
				break
			}
		}
	}
	part, p.held = p.held[:len(p.held)-keep], p.held[len(p.held)-keep:]
	return part, false
}

// flush returns what was held back.
func (p *pieces) flush() string {
	before, now := p.codec.Decode(p.ids[p.begin:p.read]), p.codec.Decode(p.ids[p.begin:])
	rest := ""
	if len(now) > len(before) {
		rest = now[len(before):]
	}
	part, ended := p.tell(rest)
	if ended {
		return part
	}
	return part + p.held
}

// firstOf is where the first of some strings stands in a text, -1 if none does. Empty ones stand nowhere.
func firstOf(text string, list []string) int {
	first := -1
	for _, s := range list {
		if i := strings.Index(text, s); s != "" && i >= 0 && (first < 0 || i < first) {
			first = i
		}
	}
	return first
}
