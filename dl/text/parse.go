package text

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Parse reads the bytes of a tokenizer.json.
func Parse(data []byte) (*Tokenizer, error) {
	r := &reader{}
	o := r.object("", data)
	if o.fields == nil {
		r.fail("", "has no object", "a tokenizer.json")
	}
	if r.err != nil {
		return nil, r.err
	}
	if v := o.text("version", "1.0"); v != "1.0" {
		r.fail("version", short(v), "1.0")
	}
	t := &Tokenizer{
		Model:         r.model("model", o.fields["model"]),
		Normalizer:    r.normalizer("normalizer", o.fields["normalizer"]),
		PreTokenizer:  r.preTokenizer("pre_tokenizer", o.fields["pre_tokenizer"]),
		PostProcessor: r.postProcessor("post_processor", o.fields["post_processor"]),
		Decoder:       r.decoder("decoder", o.fields["decoder"]),
		Truncation:    r.truncation("truncation", o.fields["truncation"]),
		Padding:       r.padding("padding", o.fields["padding"]),
	}
	added := o.list("added_tokens", false)
	if r.err != nil {
		return nil, r.err
	}
	r.added(t, added)
	if r.err != nil {
		return nil, r.err
	}
	return t, nil
}

// reader reads the parts of a file and keeps the first thing that is wrong.
type reader struct {
	err   error
	depth int
}

func (r *reader) fail(part, found, expected string) {
	if r.err == nil {
		r.err = &FileError{Part: part, Found: found, Expected: expected}
	}
}

// object is a JSON object; fields is nil where it is null or absent, or not an object.
type object struct {
	r      *reader
	path   string
	fields map[string]json.RawMessage
}

func (r *reader) object(path string, raw json.RawMessage) object {
	o := object{r: r, path: path}
	if r.err == nil && len(raw) > 0 {
		if err := json.Unmarshal(raw, &o.fields); err != nil {
			r.fail(path, jsonProblem(err), "an object")
		}
	}
	return o
}

func jsonProblem(err error) string { return strings.TrimPrefix(err.Error(), "json: ") }

func (o object) at(name string) string {
	if o.path == "" {
		return name
	}
	return o.path + "." + name
}

// read reads a field into a pointer and says whether it was there and not null.
func (o object) read(name string, to any, expected string) bool {
	raw, ok := o.fields[name]
	if !ok || o.r.err != nil || bytes.Equal(raw, []byte("null")) {
		return false
	}
	if err := json.Unmarshal(raw, to); err != nil {
		o.r.fail(o.at(name), jsonProblem(err), expected)
		return false
	}
	return true
}

func (o object) text(name, otherwise string) string {
	o.read(name, &otherwise, "a string")
	return otherwise
}

func (o object) flag(name string, otherwise bool) bool {
	o.read(name, &otherwise, "true or false")
	return otherwise
}

// number reads a number from 0 to maxID.
func (o object) number(name string, otherwise int) int {
	if o.read(name, &otherwise, "a number without a fraction") && (otherwise < 0 || otherwise > maxID) {
		o.r.fail(o.at(name), fmt.Sprint(otherwise), fmt.Sprintf("a number from 0 to %d", maxID))
		otherwise = 0
	}
	return otherwise
}

func (o object) letter(name string, otherwise rune) rune {
	s := string(otherwise)
	if !o.read(name, &s, "a letter") {
		return otherwise
	}
	r, size := utf8.DecodeRuneInString(s)
	if size != len(s) || size == 0 {
		o.r.fail(o.at(name), short(s), "one letter")
	}
	return r
}

func (o object) choice(name string, otherwise int, choices []string) int {
	var s string
	if !o.read(name, &s, "a string") {
		return otherwise
	}
	if i := slices.Index(choices, s); i >= 0 {
		return i
	}
	o.r.fail(o.at(name), short(s), "one of "+strings.Join(choices, ", "))
	return otherwise
}

func (o object) list(name string, needed bool) []json.RawMessage {
	var l []json.RawMessage
	if !o.read(name, &l, "a list") && needed {
		o.r.fail(o.at(name), "is missing", "a list")
	}
	return l
}

func (o object) must(name string) {
	if _, ok := o.fields[name]; !ok {
		o.r.fail(o.at(name), "is missing", "")
	}
}

// element is the path of an element of a list.
func element(path string, i int) string { return fmt.Sprintf("%s[%d]", path, i) }

// deeper counts how deep parts nest.
func (r *reader) deeper(path string) bool {
	const most = 16
	if r.depth++; r.depth > most {
		r.fail(path, fmt.Sprintf("sequences nest more than %d deep", most), "")
	}
	return r.err == nil
}

// sequence reads the parts of a Sequence.
func readSequence[T any](o object, name string, read func(string, json.RawMessage) T) []T {
	r := o.r
	if !r.deeper(o.path) {
		return nil
	}
	defer func() { r.depth-- }()
	all := []T{}
	for i, raw := range o.list(name, true) {
		all = append(all, read(element(o.at(name), i), raw))
		if r.err == nil && any(all[i]) == nil {
			r.fail(element(o.at(name), i), "is null", "an object with a type")
		}
	}
	return all
}

// typed is an object that may be absent, and its type.
func (r *reader) typed(path string, raw json.RawMessage) (o object, kind string) {
	o = r.object(path, raw)
	if o.fields == nil || r.err != nil {
		return o, ""
	}
	kind = o.text("type", "")
	if kind == "" {
		r.fail(o.at("type"), "is missing", "the name of a part")
	}
	return o, kind
}

func (o object) pattern(name string) Pattern {
	p := o.r.object(o.at(name), o.fields[name])
	if p.fields["String"] == nil && p.fields["Regex"] == nil {
		o.r.fail(o.at(name), "has neither String nor Regex", `{"String": …} or {"Regex": …}`)
		return Literal("")
	}
	if p.fields["String"] != nil {
		return Literal(p.text("String", ""))
	}
	re, err := CompileRegex(p.text("Regex", ""))
	if err != nil {
		o.r.fail(p.at("Regex"), err.Error(), "")
		return Literal("")
	}
	return re
}

func (r *reader) normalizer(path string, raw json.RawMessage) Normalizer {
	o, kind := r.typed(path, raw)
	switch kind {
	case "":
		return nil
	case "Sequence":
		return Normalizers(readSequence(o, "normalizers", r.normalizer))
	case "NFC":
		return NFC{}
	case "NFD":
		return NFD{}
	case "NFKC":
		return NFKC{}
	case "NFKD":
		return NFKD{}
	case "Lowercase":
		return Lowercase{}
	case "StripAccents":
		return StripAccents{}
	case "Nmt":
		return Nmt{}
	case "ByteLevel":
		return ByteLevelNormalizer{}
	case "Strip":
		return Strip{KeepLeft: !o.flag("strip_left", true), KeepRight: !o.flag("strip_right", true)}
	case "Replace":
		return Replace{Pattern: o.pattern("pattern"), Content: o.text("content", "")}
	case "Prepend":
		return Prepend{Text: o.text("prepend", "")}
	case "BertNormalizer":
		n := BertNormalizer{KeepControls: !o.flag("clean_text", true), JoinChinese: !o.flag("handle_chinese_chars", true),
			KeepCase: !o.flag("lowercase", true)}
		var accents bool
		if o.read("strip_accents", &accents, "true, false or null") {
			n.StripAccents = &accents
		}
		return n
	case "Precompiled":
		var data []byte
		o.read("precompiled_charsmap", &data, "bytes in base 64")
		p, err := NewPrecompiled(data)
		if err != nil {
			r.fail(o.at("precompiled_charsmap"), err.Error(), "")
			return nil
		}
		return p
	}
	r.fail(o.at("type"), short(kind), "a normalizer: NFC, NFD, NFKC, NFKD, Lowercase, StripAccents, Strip, Replace, Prepend, "+
		"Nmt, BertNormalizer, ByteLevel, Precompiled or Sequence")
	return nil
}

func (r *reader) byteLevel(o object) ByteLevel {
	return ByteLevel{NoPrefixSpace: !o.flag("add_prefix_space", true), KeepOffsets: !o.flag("trim_offsets", true),
		NoSplit: !o.flag("use_regex", true)}
}

func (r *reader) metaspace(o object) Metaspace {
	m := Metaspace{Sign: o.letter("replacement", '▁'), Whole: !o.flag("split", true)}
	m.Prepend = Prepending(o.choice("prepend_scheme", int(PrependAlways), prependings[:]))
	if !o.flag("add_prefix_space", true) {
		m.Prepend = PrependNever
	}
	return m
}

func (r *reader) preTokenizer(path string, raw json.RawMessage) PreTokenizer {
	o, kind := r.typed(path, raw)
	switch kind {
	case "":
		return nil
	case "Sequence":
		return PreTokenizers(readSequence(o, "pretokenizers", r.preTokenizer))
	case "ByteLevel":
		return r.byteLevel(o)
	case "Metaspace":
		return r.metaspace(o)
	case "BertPreTokenizer":
		return BertPreTokenizer{}
	case "Whitespace":
		return Whitespace{}
	case "WhitespaceSplit":
		return WhitespaceSplit{}
	case "Punctuation":
		return Punctuation{Behavior(o.choice("behavior", int(Isolated), behaviors[:]))}
	case "Digits":
		return Digits{Individual: o.flag("individual_digits", false)}
	case "Split":
		return Split{Pattern: o.pattern("pattern"), Behavior: Behavior(o.choice("behavior", int(Isolated), behaviors[:])),
			Invert: o.flag("invert", false)}
	case "CharDelimiterSplit", "Delimiter":
		return CharDelimiterSplit{Delimiter: o.letter("delimiter", ' ')}
	case "FixedLength":
		return FixedLength{Length: o.number("length", 5)}
	}
	r.fail(o.at("type"), short(kind), "a pre-tokenizer: ByteLevel, Metaspace, BertPreTokenizer, Whitespace, WhitespaceSplit, "+
		"Punctuation, Digits, Split, CharDelimiterSplit, FixedLength or Sequence")
	return nil
}

func (r *reader) decoder(path string, raw json.RawMessage) Decoder {
	o, kind := r.typed(path, raw)
	switch kind {
	case "":
		return nil
	case "Sequence":
		return Decoders(readSequence(o, "decoders", r.decoder))
	case "ByteLevel":
		return r.byteLevel(o)
	case "Metaspace":
		return r.metaspace(o)
	case "WordPiece":
		return WordPieceDecoder{Prefix: o.text("prefix", "##"), KeepSpaces: !o.flag("cleanup", true)}
	case "BPEDecoder":
		return BPEDecoder{Suffix: o.text("suffix", "</w>")}
	case "CTC":
		return CTC{Pad: o.text("pad_token", "<pad>"), Delimiter: o.text("word_delimiter_token", "|"),
			KeepSpaces: !o.flag("cleanup", true)}
	case "Replace":
		return Replace{Pattern: o.pattern("pattern"), Content: o.text("content", "")}
	case "Fuse":
		return Fuse{}
	case "Strip":
		return StripDecoder{Letter: o.letter("content", ' '), Start: o.number("start", 0), Stop: o.number("stop", 0)}
	case "ByteFallback":
		return ByteFallback{}
	}
	r.fail(o.at("type"), short(kind), "a decoder: ByteLevel, Metaspace, WordPiece, BPEDecoder, CTC, Replace, Fuse, Strip, "+
		"ByteFallback or Sequence")
	return nil
}

// specialToken reads a list of a token and its number.
func (o object) specialToken(name string) SpecialToken {
	var pair []json.RawMessage
	var t SpecialToken
	if !o.read(name, &pair, `["token", number]`) || len(pair) != 2 || json.Unmarshal(pair[0], &t.Token) != nil ||
		json.Unmarshal(pair[1], &t.ID) != nil || t.ID < 0 || t.ID > maxID {
		o.r.fail(o.at(name), "is not a token and its number", `["token", number]`)
	}
	return t
}

func (r *reader) postProcessor(path string, raw json.RawMessage) PostProcessor {
	o, kind := r.typed(path, raw)
	switch kind {
	case "":
		return nil
	case "Sequence":
		return PostProcessors(readSequence(o, "processors", r.postProcessor))
	case "ByteLevel":
		return r.byteLevel(o)
	case "BertProcessing":
		return BertProcessing{Sep: o.specialToken("sep"), Cls: o.specialToken("cls")}
	case "RobertaProcessing":
		return RobertaProcessing{Sep: o.specialToken("sep"), Cls: o.specialToken("cls"),
			KeepOffsets: !o.flag("trim_offsets", true), NoPrefixSpace: !o.flag("add_prefix_space", true)}
	case "TemplateProcessing":
		return r.template(o)
	}
	r.fail(o.at("type"), short(kind),
		"a post-processor: ByteLevel, BertProcessing, RobertaProcessing, TemplateProcessing or Sequence")
	return nil
}

func (r *reader) template(o object) TemplateProcessing {
	t := TemplateProcessing{Special: map[string][]SpecialToken{}}
	tokens := r.object(o.at("special_tokens"), o.fields["special_tokens"])
	for name := range tokens.fields {
		s := r.object(tokens.at(name), tokens.fields[name])
		var ids []int
		var texts []string
		s.read("ids", &ids, "a list of numbers")
		s.read("tokens", &texts, "a list of tokens")
		if len(ids) != len(texts) {
			r.fail(s.path, fmt.Sprintf("has %d ids and %d tokens", len(ids), len(texts)), "as many of both")
			return t
		}
		all := []SpecialToken{}
		for i, id := range ids {
			if id < 0 || id > maxID {
				r.fail(s.at("ids"), fmt.Sprint(id), fmt.Sprintf("a number from 0 to %d", maxID))
			}
			all = append(all, SpecialToken{texts[i], id})
		}
		t.Special[name] = all
	}
	read := func(name string, pair bool) []TemplatePart {
		var parts []TemplatePart
		for i, raw := range o.list(name, true) {
			p := r.object(element(o.at(name), i), raw)
			var part TemplatePart
			switch {
			case p.fields["Sequence"] != nil:
				s := r.object(p.at("Sequence"), p.fields["Sequence"])
				part.Second = s.choice("id", 0, []string{"A", "B"}) == 1
				part.Type = s.number("type_id", 0)
				if part.Second && !pair {
					r.fail(p.path, "is the second text in the template of one text", "")
				}
			case p.fields["SpecialToken"] != nil:
				s := r.object(p.at("SpecialToken"), p.fields["SpecialToken"])
				part.Special = s.text("id", "")
				part.Type = s.number("type_id", 0)
				if _, ok := t.Special[part.Special]; !ok || part.Special == "" {
					r.fail(s.at("id"), short(part.Special)+" is not one of special_tokens", "")
				}
			default:
				r.fail(p.path, "has neither Sequence nor SpecialToken", "")
			}
			parts = append(parts, part)
		}
		return parts
	}
	t.Single, t.Pair = read("single", false), read("pair", true)
	return t
}

func (r *reader) truncation(path string, raw json.RawMessage) *Truncation {
	o := r.object(path, raw)
	if o.fields == nil {
		return nil
	}
	o.must("max_length")
	return &Truncation{Max: o.number("max_length", 512), Stride: o.number("stride", 0),
		Which: Strategy(o.choice("strategy", 0, strategies[:])), Left: o.choice("direction", 1, []string{"Left", "Right"}) == 0}
}

func (r *reader) padding(path string, raw json.RawMessage) *Padding {
	o := r.object(path, raw)
	if o.fields == nil {
		return nil
	}
	p := &Padding{Multiple: o.number("pad_to_multiple_of", 0), ID: o.number("pad_id", 0), Type: o.number("pad_type_id", 0),
		Token: o.text("pad_token", "[PAD]"), Left: o.choice("direction", 1, []string{"Left", "Right"}) == 0}
	var longest string
	if s := o.fields["strategy"]; s != nil && json.Unmarshal(s, &longest) != nil {
		p.Length = r.object(o.at("strategy"), s).number("Fixed", 0)
	}
	const most = 1 << 24
	if p.Length > most || p.Multiple > most {
		r.fail(path, fmt.Sprintf("pads to %d tokens", max(p.Length, p.Multiple)), fmt.Sprintf("at most %d", most))
	}
	return p
}

func (r *reader) added(t *Tokenizer, list []json.RawMessage) {
	t.added = &addedTokens{byText: map[string]int{}, byID: map[int]AddedToken{}}
	for i, raw := range list {
		o := r.object(element("added_tokens", i), raw)
		token := AddedToken{Text: o.text("content", ""), Special: o.flag("special", false), SingleWord: o.flag("single_word", false),
			StripLeft: o.flag("lstrip", false), StripRight: o.flag("rstrip", false), Normalized: o.flag("normalized", false)}
		id := o.number("id", 0)
		o.must("id")
		if r.err != nil {
			return
		}
		if token.Text == "" {
			continue
		}
		if known, ok := t.Model.vocabulary().ids[token.Text]; ok {
			id = int(known)
		}
		a := t.added
		if old, ok := a.byID[id]; ok && old.Text != token.Text {
			r.fail(o.at("id"), fmt.Sprintf("%d is the number of %s and of %s", id, short(old.Text), short(token.Text)), "")
			return
		}
		if _, ok := a.byID[id]; !ok {
			a.order = append(a.order, id)
		}
		a.byID[id], a.byText[token.Text] = token, id
	}
	t.added.build(t.Normalizer)
	if len(list) == 0 {
		t.added = nil
	}
}
