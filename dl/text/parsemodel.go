package text

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

func (r *reader) model(path string, raw json.RawMessage) Model {
	o := r.object(path, raw)
	if o.fields == nil {
		r.fail(path, "is missing", "an object with type, vocab and more")
		return nil
	}
	kind := o.text("type", "")
	if kind == "" { // files from before 2020
		switch vocab := bytes.TrimSpace(o.fields["vocab"]); {
		case o.fields["merges"] != nil:
			kind = "BPE"
		case len(vocab) > 0 && vocab[0] == '[':
			kind = "Unigram"
		default:
			kind = "WordPiece"
		}
	}
	var m Model
	var err error
	switch kind {
	case "BPE":
		m, err = r.bpe(o)
	case "WordPiece":
		m, err = NewWordPiece(r.vocabulary(o.at("vocab"), o.fields["vocab"]), WordPieceOptions{
			Unknown: o.text("unk_token", "[UNK]"), Prefix: o.text("continuing_subword_prefix", "##"),
			MaxLetters: o.number("max_input_chars_per_word", 100)})
	case "WordLevel":
		m, err = NewWordLevel(r.vocabulary(o.at("vocab"), o.fields["vocab"]), o.text("unk_token", "<unk>"))
	case "Unigram":
		m, err = r.unigram(o)
	default:
		r.fail(o.at("type"), short(kind), "BPE, WordPiece, WordLevel or Unigram")
	}
	if err != nil {
		r.fail(path, err.Error(), "")
	}
	if r.err != nil {
		return nil
	}
	return m
}

// vocabulary reads an object of tokens and their numbers.
func (r *reader) vocabulary(path string, raw json.RawMessage) map[string]int {
	ids := map[string]int{}
	if len(raw) == 0 {
		r.fail(path, "is missing", "an object of tokens and their numbers")
		return ids
	}
	if err := json.Unmarshal(raw, &ids); err != nil && r.err == nil {
		r.fail(path, jsonProblem(err), "an object of tokens and their numbers")
	}
	return ids
}

func (r *reader) bpe(o object) (Model, error) {
	var dropout float64
	if o.read("dropout", &dropout, "null") && dropout != 0 {
		r.fail(o.at("dropout"), fmt.Sprint(dropout), "null: merges that are left out by chance are not supported")
	}
	ids := r.vocabulary(o.at("vocab"), o.fields["vocab"])
	merges := r.merges(o)
	if r.err != nil {
		return nil, nil
	}
	return NewBPE(ids, merges, BPEOptions{Unknown: o.text("unk_token", ""), Prefix: o.text("continuing_subword_prefix", ""),
		Suffix: o.text("end_of_word_suffix", ""), FuseUnknown: o.flag("fuse_unk", false),
		ByteFallback: o.flag("byte_fallback", false), IgnoreMerges: o.flag("ignore_merges", false)})
}

// merges reads pairs of tokens, which are lists of two, or as in older files strings with a space between the two.
func (r *reader) merges(o object) [][2]string {
	raw := o.fields["merges"]
	if len(raw) == 0 {
		r.fail(o.at("merges"), "is missing", `a list such as [["a", "b"]]`)
		return nil
	}
	var lines []string
	if json.Unmarshal(raw, &lines) == nil {
		pairs := make([][2]string, len(lines))
		for i, line := range lines {
			a, b, ok := strings.Cut(line, " ")
			if !ok || strings.Contains(b, " ") {
				r.fail(element(o.at("merges"), i), short(line), "two tokens with a space between them")
				return nil
			}
			pairs[i] = [2]string{a, b}
		}
		return pairs
	}
	var lists [][]string
	if err := json.Unmarshal(raw, &lists); err != nil {
		r.fail(o.at("merges"), jsonProblem(err), `a list such as [["a", "b"]] or ["a b"]`)
		return nil
	}
	pairs := make([][2]string, len(lists))
	for i, l := range lists {
		if len(l) != 2 {
			r.fail(element(o.at("merges"), i), fmt.Sprintf("has %d tokens", len(l)), "two")
			return nil
		}
		pairs[i] = [2]string{l[0], l[1]}
	}
	return pairs
}

func (r *reader) unigram(o object) (Model, error) {
	list := o.list("vocab", true)
	tokens := make([]ScoredToken, len(list))
	for i, raw := range list {
		pair := [2]any{&tokens[i].Token, &tokens[i].Score}
		var n []json.RawMessage
		if json.Unmarshal(raw, &n) != nil || len(n) != 2 || json.Unmarshal(raw, &pair) != nil || n[0][0] != '"' {
			r.fail(element(o.at("vocab"), i), short(string(raw)), `a token and its log probability: ["a", -2.5]`)
			return nil, nil
		}
	}
	unknown := -1
	if o.read("unk_id", &unknown, "a number or null") && unknown < 0 {
		r.fail(o.at("unk_id"), fmt.Sprint(unknown), "a number from 0 on, or null")
	}
	if r.err != nil {
		return nil, nil
	}
	return NewUnigram(tokens, unknown, o.flag("byte_fallback", false))
}
