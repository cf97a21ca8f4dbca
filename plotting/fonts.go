package plotting

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// A run is a part of a text that one font can write; font is nil where no font can.
type run struct {
	text string
	font *opentype.Font
}

// runs cuts a text into parts by font: the one that is linked in, where that has no letter one of the machine's.
func runs(text string, linked *opentype.Font) []run {
	if plainASCII(text) {
		return []run{{text, linked}}
	}
	var list []run
	for _, r := range text {
		if invisible(r) {
			continue
		}
		font := linked
		if !writes(linked, r) {
			font = machineFonts.of(r)
		}
		if n := len(list); n > 0 && list[n-1].font == font {
			list[n-1].text += string(r)
		} else {
			list = append(list, run{string(r), font})
		}
	}
	return list
}

func plainASCII(text string) bool {
	for i := range len(text) {
		if text[i] >= 0x80 || text[i] < ' ' {
			return false
		}
	}
	return true
}

// invisible are the runes that only say how their neighbours are joined or which way they run.
func invisible(r rune) bool {
	return r >= 0x200B && r <= 0x200F || r >= 0x2060 && r <= 0x2064 || r >= 0xFE00 && r <= 0xFE0F || r == 0xFEFF
}

// writes says whether a font has a letter, with an outline that can be drawn.
func writes(f *opentype.Font, r rune) bool {
	var b sfnt.Buffer
	glyph, err := f.GlyphIndex(&b, r)
	if err != nil || glyph == 0 {
		return false
	}
	_, err = f.LoadGlyph(&b, glyph, fixed.I(16), nil)
	return err == nil
}

// visual puts words that are written from right to left into the order in which their letters are drawn, Arabic ones
// joined. Letters of other scripts that change their form beside others, as those of India, are drawn one by one.
func visual(text string) string {
	if plainASCII(text) {
		return text
	}
	letters := []rune(joined(text))
	for i := 0; i < len(letters); i++ {
		end := i // of the words
		for j := i; j < len(letters) && (rightToLeft(letters[j]) || letters[j] == ' ' && j > i); j++ {
			if letters[j] != ' ' {
				end = j + 1
			}
		}
		if end > i {
			slices.Reverse(letters[i:end])
			i = end
		}
	}
	return string(letters)
}

func rightToLeft(r rune) bool {
	return unicode.In(r, unicode.Hebrew, unicode.Arabic, unicode.Syriac, unicode.Thaana) && !unicode.IsDigit(r)
}

// fallback finds fonts of the machine, letter by letter.
type fallback struct {
	mutex sync.Mutex
	files func() []string // where fonts are, the preferred first
	known map[rune]*opentype.Font
	open  []*opentype.Font // that had a letter before
	spent time.Duration    // looking
	told  bool             // that a letter is in no font
	tell  func(string)
}

var machineFonts = &fallback{files: sync.OnceValue(fontFiles), tell: func(s string) { fmt.Fprintln(os.Stderr, s) }}

// of is a font that has a letter, nil when there is none.
func (m *fallback) of(r rune) *opentype.Font {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	font, known := m.known[r]
	if !known {
		if m.known == nil {
			m.known = map[rune]*opentype.Font{}
		}
		font = m.find(r)
		m.known[r] = font
	}
	if font == nil && !m.told {
		m.told = true
		m.tell(fmt.Sprintf("plotting: no font of this machine has %q (%U): figures show a box for such letters; install a font that has them, "+
			"for example fonts-noto-cjk for Chinese, Japanese and Korean", r, r))
	}
	return font
}

func (m *fallback) find(r rune) *opentype.Font {
	for _, f := range m.open {
		if writes(f, r) {
			return f
		}
	}
	start := time.Now()
	defer func() { m.spent += time.Since(start) }()
	for _, path := range m.files() {
		if m.spent+time.Since(start) > 3*time.Second {
			return nil // a machine of many fonts, and letters that none has
		}
		if f := openFont(path, r); f != nil {
			m.open = append(m.open, f)
			return f
		}
	}
	return nil
}

// openFont opens a font file if it has a letter.
func openFont(path string, r rune) *opentype.Font {
	file, err := os.Open(path)
	if err != nil {
		return nil
	}
	var font *opentype.Font
	if collection, err := opentype.ParseCollectionReaderAt(file); err == nil && collection.NumFonts() > 0 {
		font, _ = collection.Font(0)
	}
	if info, err := file.Stat(); font == nil && err == nil {
		font, _ = realigned(file, info.Size())
	}
	if font == nil || !writes(font, r) || font.UnitsPerEm() <= 0 {
		file.Close()
		return nil
	}
	return font // reads its glyphs from the file, which stays open
}

// preferred are the beginnings of the names of fonts that go well with the one linked in, and have many letters.
var preferred = []string{"DejaVuSans.", "NotoSans-Regular", "NotoSansCJK-Regular", "NotoSans", "DroidSansFallback", "wqy", "Arial Unicode",
	"NotoSansSymbols", "FreeSans.", "DejaVu", "Noto"}

// fontFiles are the fonts of the machine, the preferred first, slanted and narrow ones last.
func fontFiles() []string {
	home, _ := os.UserHomeDir()
	type rated struct {
		path string
		rank int
	}
	var found []rated
	for _, dir := range []string{"/usr/share/fonts", "/usr/local/share/fonts", "/usr/share/texmf/fonts/opentype",
		filepath.Join(home, ".local/share/fonts"), filepath.Join(home, ".fonts"), "/System/Library/Fonts", "/Library/Fonts"} {
		filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || len(found) > 3000 {
				return nil
			}
			switch strings.ToLower(filepath.Ext(path)) {
			case ".ttf", ".otf", ".ttc", ".otc":
				name, rank := filepath.Base(path), len(preferred)
				for i, begin := range preferred {
					if strings.HasPrefix(name, begin) {
						rank = i
						break
					}
				}
				for _, other := range []string{"Bold", "Italic", "Oblique", "Mono", "Condensed", "Light", "Serif", "Script"} {
					if strings.Contains(name, other) {
						rank = len(preferred) + 1
					}
				}
				found = append(found, rated{path, rank})
			}
			return nil
		})
	}
	slices.SortStableFunc(found, func(a, b rated) int { return a.rank - b.rank })
	paths := make([]string, len(found))
	for i, f := range found {
		paths[i] = f.path
	}
	return paths
}
