package text_test

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"unicode/utf8"

	"modelbook/dl/text"
)

var tokenizerDir = flag.String("tokenizer", "", "a folder with a tokenizer and the reference.jsonl that testdata/reference.mjs made")

// recorded is what the reference made of a string.
type recorded struct {
	Text    string   `json:"text"`
	Second  string   `json:"second"` // of a pair
	IDs     []int    `json:"ids"`
	Tokens  []string `json:"tokens"`
	Offsets [][2]int `json:"offsets"` // in letters
	Words   []int    `json:"words"`
	Types   []int    `json:"types"`
	Special []int    `json:"special"`
	Decoded string   `json:"decoded"`
	All     string   `json:"all"`
}

// letterOffsets are offsets in letters, as Python and the reference have them, of offsets in bytes.
func letterOffsets(s string, offsets [][2]int) [][2]int {
	letters := make([]int, len(s)+1)
	n := 0
	for i := range s {
		letters[i] = n
		_, size := utf8.DecodeRuneInString(s[i:])
		n++
		for j := 1; j <= size; j++ {
			letters[i+j] = n
		}
	}
	out := make([][2]int, len(offsets))
	for i, o := range offsets {
		out[i] = [2]int{letters[o[0]], letters[o[1]]}
	}
	return out
}

// compare says what differs from the reference, in the order in which it is looked at.
func (r *recorded) compare(tok *text.Tokenizer) (what string, problem string) {
	e := tok.Encode(r.Text)
	if r.Second != "" {
		e = tok.EncodePair(r.Text, r.Second)
	}
	if !slices.Equal(e.IDs, r.IDs) {
		return "ids", fmt.Sprintf("got %q\n\twant %q", e.Tokens, r.Tokens)
	}
	if ids := tok.EncodeIDs(r.Text); r.Second == "" && tok.Padding == nil && !slices.Equal(ids, r.IDs) {
		return "EncodeIDs", fmt.Sprintf("got %v\n\twant %v", ids, r.IDs)
	}
	if !slices.Equal(e.Tokens, r.Tokens) {
		return "tokens", fmt.Sprintf("got %q\n\twant %q", e.Tokens, r.Tokens)
	}
	if d := tok.Decode(e.IDs); d != r.Decoded {
		return "decode", fmt.Sprintf("got %q\n\twant %q", d, r.Decoded)
	}
	if d := tok.DecodeAll(e.IDs); d != r.All {
		return "decode all", fmt.Sprintf("got %q\n\twant %q", d, r.All)
	}
	if !slices.Equal(e.Types, r.Types) {
		return "types", fmt.Sprintf("got %v\n\twant %v", e.Types, r.Types)
	}
	if (tok.Truncation == nil || !tok.Truncation.Left) && !slices.Equal(e.Words, r.Words) { // there it counts what is left only
		return "words", fmt.Sprintf("got %v\n\twant %v", e.Words, r.Words)
	}
	for i, s := range e.Special {
		if s != (r.Special[i] == 1) {
			return "special", fmt.Sprintf("token %d: %v", i, s)
		}
	}
	if r.Second != "" {
		return "", "" // offsets are in two texts
	}
	if o := letterOffsets(r.Text, e.Offsets); !slices.Equal(o, r.Offsets) {
		for i := range o {
			if o[i] != r.Offsets[i] {
				return "offsets", fmt.Sprintf("of token %d %q: got %v, want %v", i, e.Tokens[i], o[i], r.Offsets[i])
			}
		}
	}
	stream, streamed := tok.Stream(), ""
	for _, id := range e.IDs {
		part := stream.Add(id)
		if !utf8.ValidString(part) {
			return "stream", fmt.Sprintf("gave %q", part)
		}
		streamed += part
	}
	if streamed += stream.Flush(); streamed != r.Decoded {
		return "stream", fmt.Sprintf("got %q\n\twant %q", streamed, r.Decoded)
	}
	return "", ""
}

// TestReferenceFolder compares a tokenizer that is not in the repository with Hugging Face's: see testdata/reference.mjs.
func TestReferenceFolder(t *testing.T) {
	if *tokenizerDir == "" {
		return // TestReference does it with the small ones that are
	}
	tok, err := text.Load(*tokenizerDir)
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(filepath.Join(*tokenizerDir, "reference.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<24)
	n, wrong := 0, map[string]int{}
	for lines.Scan() {
		var r recorded
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			t.Fatal(err)
		}
		n++
		if what, problem := r.compare(tok); what != "" {
			if wrong[what]++; wrong[what] <= 5 {
				t.Errorf("%s of %q:\n\t%s", what, r.Text, problem)
			}
		}
	}
	if err := lines.Err(); err != nil || n == 0 {
		t.Fatalf("%d strings, %v", n, err)
	}
	t.Logf("%v: %d strings, different: %v", tok, n, wrong)
}
