package text

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"
)

// randomText is letters of the kinds that tokenizers tell apart.
func randomText(r *rand.Rand) string {
	letters := []rune("aZé日ſ1²٣½!'’_ \t\n\r\u00a0\u3000\u2028\u0301\u0323\U0001F642sSdDtTlLrRvVeEmM")
	var b strings.Builder
	for range r.IntN(30) {
		b.WriteRune(letters[r.IntN(len(letters))])
	}
	return b.String()
}

// TestScanners compares the scanners of well-known patterns with the patterns themselves.
func TestScanners(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for pattern := range scanners {
		fast, err := CompileRegex(pattern)
		if err != nil {
			t.Fatal(err)
		}
		if fast.scan == nil {
			t.Fatalf("%s has no scanner", pattern)
		}
		slow := *fast
		slow.scan = nil
		for range 5000 {
			s := randomText(r)
			if a, b := fast.find(s), slow.find(s); !slices.Equal(a, b) {
				t.Fatalf("%s of %q: got %v, want %v", pattern, s, a, b)
			}
		}
	}
}

// TestForms compares the normal forms with those of the package norm, which does not say where letters come from.
func TestForms(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	marks := []rune("ae\u0301\u0323\u0302\u0327\u0345한각ᄀ\u1161\u11a8ﬁ①ẛ\u0315éậ\u1e9b\u0323\U0001D15E\u0f73ガか\u3099가")
	forms := map[norm.Form]Normalizer{norm.NFC: NFC{}, norm.NFD: NFD{}, norm.NFKC: NFKC{}, norm.NFKD: NFKD{}}
	for range 5000 {
		var letters []rune
		for range r.IntN(12) {
			letters = append(letters, marks[r.IntN(len(marks))])
		}
		s := string(letters)
		for form, n := range forms {
			p := piece{text: s}
			n.normalize(&p)
			if want := form.String(s); p.text != want {
				t.Fatalf("form %d of %+q: got %+q, want %+q", form, s, p.text, want)
			}
			if p.from != nil && len(p.from) != len(p.text) {
				t.Fatalf("form %d of %+q: %d places for %d bytes", form, s, len(p.from), len(p.text))
			}
		}
	}
}

// TestMergesOfLongWords compares the merging of long words, which has a queue, with that of short ones.
func TestMergesOfLongWords(t *testing.T) {
	ids, merges := map[string]int{}, [][2]string{}
	for _, s := range []string{"a", "b", "c", "▁"} {
		ids[s] = len(ids)
	}
	r := rand.New(rand.NewPCG(5, 6))
	all := []string{"a", "b", "c", "▁"}
	for len(merges) < 200 {
		a, b := all[r.IntN(len(all))], all[r.IntN(len(all))]
		if _, ok := ids[a+b]; ok || len(a+b) > 12 {
			continue
		}
		ids[a+b] = len(ids)
		all, merges = append(all, a+b), append(merges, [2]string{a, b})
	}
	m, err := NewBPE(ids, merges, BPEOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for range 2000 {
		var short []token
		for i := range 2 + r.IntN(40) {
			short = append(short, token{int32(r.IntN(4)), int32(i), int32(i + 1)})
		}
		long := slices.Clone(short)
		short, long = short[:m.merge(short)], long[:m.mergeMany(long)]
		if !slices.Equal(short, long) {
			t.Fatalf("got %v, want %v", long, short)
		}
	}
}

// TestMergesInParts compares a text merged in parts that begin with the sign of a space with the whole.
func TestMergesInParts(t *testing.T) {
	ids := map[string]int{"<unk>": 0}
	merges := [][2]string{{"▁", "▁"}, {"▁", "a"}, {"a", "b"}, {"▁a", "b"}, {"▁▁", "▁▁"}, {"▁", "ab"}, {"b", "b"}}
	for _, s := range []string{"▁", "a", "b"} {
		ids[s] = len(ids)
	}
	for _, m := range merges {
		if _, ok := ids[m[0]+m[1]]; !ok {
			ids[m[0]+m[1]] = len(ids)
		}
	}
	m, err := NewBPE(ids, merges, BPEOptions{Unknown: "<unk>", FuseUnknown: true})
	if err != nil {
		t.Fatal(err)
	}
	if !m.inParts {
		t.Fatal("it is not merged in parts")
	}
	r := rand.New(rand.NewPCG(7, 8))
	for range 2000 {
		var b strings.Builder
		for range 1 + r.IntN(60) {
			b.WriteRune([]rune("▁▁abcé")[r.IntN(6)])
		}
		if got, want := m.encode(b.String(), nil), m.encodeWord(b.String(), nil); !slices.Equal(got, want) {
			t.Fatalf("%q: got %v, want %v", b.String(), got, want)
		}
	}
	joined, err := NewBPE(map[string]int{"a": 0, "▁": 1, "a▁": 2, "?": 3}, [][2]string{{"a", "▁"}}, BPEOptions{Unknown: "?"})
	if err != nil || joined.inParts {
		t.Errorf("a vocabulary whose merges cross spaces is merged in parts (%v)", err)
	}
}

// TestClusters says which letters a reader sees as one.
func TestClusters(t *testing.T) {
	for s, want := range map[string]int{"ab": 1, "e\u0301x": 3, "\r\nx": 2, "\n\u0301": 1, "한국": 3, "\u1112\u1161\u11abx": 9,
		"\U0001F1E9\U0001F1EA\U0001F1EB": 8, "\U0001F468\u200D\U0001F469x": 11, "\u0600\u0661x": 4, "का": 6, "a\u200Db": 4} {
		if got := clusterLength(s); got != want {
			t.Errorf("%+q: got %d, want %d", s, got, want)
		}
	}
}
