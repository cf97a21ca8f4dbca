package text

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/google/renameio/v2"

	"modelbook/dl"
)

// Save writes the tokenizer as a tokenizer.json, which Hugging Face reads. A path that is a folder gets a file of that
// name; a file that is there already is replaced in one step.
func (t *Tokenizer) Save(path string) error {
	data, err := t.JSON()
	if err != nil {
		return err
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		path = filepath.Join(path, "tokenizer.json")
	}
	return renameio.WriteFile(path, data, 0o644)
}

// fields are the fields of a JSON object in their order.
type fields []field

type field struct {
	name  string
	value any
}

// MarshalJSON writes the fields.
func (f fields) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, one := range f {
		if i > 0 {
			b.WriteByte(',')
		}
		if err := writeJSON(&b, one.name); err != nil {
			return nil, err
		}
		b.WriteByte(':')
		if err := writeJSON(&b, one.value); err != nil {
			return nil, err
		}
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// writeJSON writes a value without making < and > unreadable.
func writeJSON(b *bytes.Buffer, value any) error {
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	if err := e.Encode(value); err != nil {
		return err
	}
	b.Truncate(b.Len() - 1) // the line end
	return nil
}

// JSON is the tokenizer as a tokenizer.json.
func (t *Tokenizer) JSON() ([]byte, error) {
	if t.Model == nil || t.Model.vocabulary() == nil {
		return nil, fmt.Errorf("text: a tokenizer without a model cannot be written")
	}
	const op = "text.Tokenizer.JSON"
	if err := dl.Try(func() { t.check(op); t.checkDecoder(op) }); err != nil {
		return nil, err
	}
	added := []fields{}
	if t.added != nil {
		for _, id := range t.added.order {
			a := t.added.byID[id]
			added = append(added, fields{{"id", id}, {"content", a.Text}, {"single_word", a.SingleWord}, {"lstrip", a.StripLeft},
				{"rstrip", a.StripRight}, {"normalized", a.Normalized}, {"special", a.Special}})
		}
	}
	all := fields{{"version", "1.0"}, {"truncation", t.Truncation.fields()}, {"padding", t.Padding.fields()}, {"added_tokens", added},
		{"normalizer", partFields(t.Normalizer)}, {"pre_tokenizer", partFields(t.PreTokenizer)},
		{"post_processor", partFields(t.PostProcessor)}, {"decoder", decoderFields(t.Decoder)}, {"model", modelFields(t.Model)}}
	var b bytes.Buffer
	if err := writeJSON(&b, all); err != nil {
		return nil, fmt.Errorf("text: %w", err)
	}
	b.WriteByte('\n')
	return b.Bytes(), nil
}

func (t *Truncation) fields() any {
	if t == nil {
		return nil
	}
	return fields{{"direction", side(t.Left)}, {"max_length", t.Max}, {"strategy", strategies[t.Which]}, {"stride", t.Stride}}
}

func (p *Padding) fields() any {
	if p == nil {
		return nil
	}
	var strategy, multiple any = "BatchLongest", nil
	if p.Length > 0 {
		strategy = fields{{"Fixed", p.Length}}
	}
	if p.Multiple > 0 {
		multiple = p.Multiple
	}
	return fields{{"strategy", strategy}, {"direction", side(p.Left)}, {"pad_to_multiple_of", multiple}, {"pad_id", p.ID},
		{"pad_type_id", p.Type}, {"pad_token", p.Token}}
}

func side(left bool) string {
	if left {
		return "Left"
	}
	return "Right"
}

func patternFields(p Pattern) fields {
	if re, ok := p.(*Regex); ok {
		return fields{{"Regex", re.source}}
	}
	return fields{{"String", p}}
}

func each[T any](parts []T, write func(any) any) []any {
	out := []any{}
	for _, p := range parts {
		out = append(out, write(p))
	}
	return out
}

// partFields writes a normalizer, a pre-tokenizer or a post-processor.
func partFields(part any) any {
	kind := func(name string, more ...field) fields { return append(fields{{"type", name}}, more...) }
	switch p := part.(type) {
	case nil:
		return nil
	case Normalizers:
		return kind("Sequence", field{"normalizers", each(p, partFields)})
	case PreTokenizers:
		return kind("Sequence", field{"pretokenizers", each(p, partFields)})
	case PostProcessors:
		return kind("Sequence", field{"processors", each(p, partFields)})
	case NFC, NFD, NFKC, NFKD, Lowercase, StripAccents, Nmt, BertPreTokenizer, Whitespace, WhitespaceSplit:
		return kind(fmt.Sprintf("%T", p)[len("text."):])
	case ByteLevelNormalizer:
		return kind("ByteLevel")
	case Strip:
		return kind("Strip", field{"strip_left", !p.KeepLeft}, field{"strip_right", !p.KeepRight})
	case Replace:
		return kind("Replace", field{"pattern", patternFields(p.Pattern)}, field{"content", p.Content})
	case Prepend:
		return kind("Prepend", field{"prepend", p.Text})
	case BertNormalizer:
		var accents any
		if p.StripAccents != nil {
			accents = *p.StripAccents
		}
		return kind("BertNormalizer", field{"clean_text", !p.KeepControls}, field{"handle_chinese_chars", !p.JoinChinese},
			field{"strip_accents", accents}, field{"lowercase", !p.KeepCase})
	case *Precompiled:
		return kind("Precompiled", field{"precompiled_charsmap", p.data})
	case ByteLevel:
		return kind("ByteLevel", field{"add_prefix_space", !p.NoPrefixSpace}, field{"trim_offsets", !p.KeepOffsets},
			field{"use_regex", !p.NoSplit})
	case Metaspace:
		return kind("Metaspace", field{"replacement", string(p.sign())}, field{"prepend_scheme", prependings[p.Prepend]},
			field{"split", !p.Whole})
	case Punctuation:
		return kind("Punctuation", field{"behavior", p.Behavior.String()})
	case Digits:
		return kind("Digits", field{"individual_digits", p.Individual})
	case Split:
		return kind("Split", field{"pattern", patternFields(p.Pattern)}, field{"behavior", p.Behavior.String()},
			field{"invert", p.Invert})
	case CharDelimiterSplit:
		return kind("CharDelimiterSplit", field{"delimiter", string(p.Delimiter)})
	case FixedLength:
		return kind("FixedLength", field{"length", p.Length})
	case BertProcessing:
		return kind("BertProcessing", field{"sep", []any{p.Sep.Token, p.Sep.ID}}, field{"cls", []any{p.Cls.Token, p.Cls.ID}})
	case RobertaProcessing:
		return kind("RobertaProcessing", field{"sep", []any{p.Sep.Token, p.Sep.ID}}, field{"cls", []any{p.Cls.Token, p.Cls.ID}},
			field{"trim_offsets", !p.KeepOffsets}, field{"add_prefix_space", !p.NoPrefixSpace})
	case TemplateProcessing:
		return kind("TemplateProcessing", field{"single", templateFields(p.Single)}, field{"pair", templateFields(p.Pair)},
			field{"special_tokens", templateTokens(p.Special)})
	}
	return fields{{"type", fmt.Sprintf("%T", part)}}
}

func templateFields(parts []TemplatePart) []fields {
	out := []fields{}
	for _, p := range parts {
		name, id := "Sequence", "A"
		switch {
		case p.Special != "":
			name, id = "SpecialToken", p.Special
		case p.Second:
			id = "B"
		}
		out = append(out, fields{{name, fields{{"id", id}, {"type_id", p.Type}}}})
	}
	return out
}

func templateTokens(special map[string][]SpecialToken) map[string]fields {
	out := map[string]fields{}
	for name, tokens := range special {
		ids, texts := []int{}, []string{}
		for _, t := range tokens {
			ids, texts = append(ids, t.ID), append(texts, t.Token)
		}
		out[name] = fields{{"id", name}, {"ids", ids}, {"tokens", texts}}
	}
	return out
}

func decoderFields(part any) any {
	switch d := part.(type) {
	case Decoders:
		return fields{{"type", "Sequence"}, {"decoders", each(d, decoderFields)}}
	case WordPieceDecoder:
		prefix := d.Prefix
		if prefix == "" {
			prefix = "##"
		}
		return fields{{"type", "WordPiece"}, {"prefix", prefix}, {"cleanup", !d.KeepSpaces}}
	case BPEDecoder:
		suffix := d.Suffix
		if suffix == "" {
			suffix = "</w>"
		}
		return fields{{"type", "BPEDecoder"}, {"suffix", suffix}}
	case CTC:
		return fields{{"type", "CTC"}, {"pad_token", d.Pad}, {"word_delimiter_token", d.Delimiter}, {"cleanup", !d.KeepSpaces}}
	case Fuse:
		return fields{{"type", "Fuse"}}
	case ByteFallback:
		return fields{{"type", "ByteFallback"}}
	case StripDecoder:
		return fields{{"type", "Strip"}, {"content", string(d.Letter)}, {"start", d.Start}, {"stop", d.Stop}}
	}
	return partFields(part)
}

func modelFields(model Model) fields {
	v := fields{}
	for _, t := range model.vocabulary().byID() {
		v = append(v, field{t, model.vocabulary().ids[t]})
	}
	orNull := func(s string) any {
		if s == "" {
			return nil
		}
		return s
	}
	switch m := model.(type) {
	case *BPE:
		o := m.options
		merges := m.merges
		if merges == nil {
			merges = [][2]string{}
		}
		return fields{{"type", "BPE"}, {"dropout", nil}, {"unk_token", orNull(o.Unknown)},
			{"continuing_subword_prefix", orNull(o.Prefix)}, {"end_of_word_suffix", orNull(o.Suffix)}, {"fuse_unk", o.FuseUnknown},
			{"byte_fallback", o.ByteFallback}, {"ignore_merges", o.IgnoreMerges}, {"vocab", v}, {"merges", merges}}
	case *WordPiece:
		o := m.options
		return fields{{"type", "WordPiece"}, {"unk_token", o.Unknown}, {"continuing_subword_prefix", o.Prefix},
			{"max_input_chars_per_word", o.MaxLetters}, {"vocab", v}}
	case *WordLevel:
		return fields{{"type", "WordLevel"}, {"vocab", v}, {"unk_token", m.name}}
	case *Unigram:
		list := make([][2]any, len(m.scores))
		for i, t := range m.scores {
			list[i] = [2]any{t.Token, t.Score}
		}
		var unknown any
		if m.unknown >= 0 {
			unknown = m.unknown
		}
		return fields{{"type", "Unigram"}, {"unk_id", unknown}, {"vocab", list}, {"byte_fallback", m.fallback}}
	}
	return fields{{"type", fmt.Sprintf("%T", model)}}
}
