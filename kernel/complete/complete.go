package complete

import (
	"cmp"
	"go/token"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"modelbook/kernel/cell"
	"modelbook/kernel/source"
)

// Config says what a Completer knows besides the session.
type Config struct {
	Lang     string              // "go1.26"
	Known    map[string][]string // packages that need no import line, by name
	Commands []Command           // of cells
	// Folders of the sources that documentation is read from.
	GOROOT, GOMODCACHE, Source string
	// Environ is the environment of cells, Dir their working directory.
	Environ func() []string
	Dir     func() string

	// Gopls is a language server for what this package cannot find, or nil.
	Gopls *Gopls
}

// A Completer answers for one session. It can be asked while cells run.
type Completer struct {
	cfg  Config
	held atomic.Pointer[source.Snapshot]

	mu       sync.Mutex // one question at a time
	packages *packages
	names    []foreign // nil: not read yet
	module   string
	second   *second // or nil
}

// New makes a completer of an empty session.
func New(cfg Config) *Completer {
	c := &Completer{cfg: cfg, packages: newPackages()}
	c.held.Store(&source.Snapshot{})
	if cfg.Gopls != nil {
		c.second = newSecond(*cfg.Gopls)
	}
	return c
}

// Close ends what the completer has started.
func (c *Completer) Close() error {
	if c.second == nil {
		return nil
	}
	return c.second.server.Close()
}

// Update sets what the session holds now, the archives of the packages that
// cells can import, by import path, and the folder of the session's go.mod.
func (c *Completer) Update(held *source.Snapshot, archives map[string]string, module string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.packages.update(archives)
	c.module = module
	c.held.Store(held)
}

// A Match is one completion at the cursor.
type Match struct {
	Text      string
	Type      string // "function", "instance", "class", "module", "keyword", ...
	Signature string // of a function its parameters and results, else a type or path
}

// Completions are the matches for the text between two positions, in code
// points.
type Completions struct {
	Matches    []Match
	Start, End int
}

// Complete lists what may stand at the cursor, a position in code points, the
// likeliest first.
func (c *Completer) Complete(code string, cursor int) Completions {
	at := byteOffset(code, cursor)
	matches, start, end := c.complete(code, at)
	return Completions{matches, codePoints(code, start), codePoints(code, end)}
}

// maxMatches bounds a reply.
const maxMatches = 500

func (c *Completer) complete(code string, at int) (matches []Match, start, end int) {
	if len(code) > maxCode {
		return nil, at, at
	}
	d := cell.ParseDraft(code)
	text := d.Go
	if d.Whole != nil || isCommand(code, text, at) {
		return c.completeCommand(code, at, d.Whole)
	}
	toks := lex(text)
	if l, ok := around(toks, text, at); ok {
		return c.completeLiteral(text, toks, l, at)
	}
	start, end = identifier(text, at)
	if start == end && at > 0 && text[at-1] >= '0' && text[at-1] <= '9' {
		return nil, at, at // in a number
	}
	matches, unknown := c.find(d, start, at, end)
	if unknown && c.second != nil {
		if sk := c.sketch(d, start, end); sk != nil {
			return c.second.complete(sk, text, start, at, end)
		}
	}
	return matches, start, end
}

// around loads Go text with a placeholder in place of an identifier, in view cut
// or, if that part of the cell cannot be parsed, in view alone. It returns nil
// if neither works.
func (c *Completer) around(d cell.Draft, start, end int) *program {
	p := c.load(d, start, end, cut, placeholder)
	if p == nil {
		p = c.load(d, start, end, alone, placeholder)
	}
	if p == nil || len(p.path) < 2 {
		return nil
	}
	return p
}

// find lists what may stand at the cursor in Go text. unknown reports that it
// depends on a package that has not been compiled yet.
func (c *Completer) find(d cell.Draft, start, at, end int) (matches []Match, unknown bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	p := c.around(d, start, end)
	if p == nil {
		return nil, false
	}
	text := d.Go
	colon := strings.HasPrefix(strings.TrimLeft(text[end:], " "), ":") && !strings.HasPrefix(strings.TrimLeft(text[end:], " "), ":=")
	all := p.candidates(colon)
	prefix := text[start:at]
	if prefix == "" && !behindDot(text, start) {
		// Everything there is would be too much.
		all = slices.DeleteFunc(all, func(c candidate) bool {
			return c.kind == kindKeyword || c.kind == kindModule || c.far > 3 && !c.fits
		})
	}
	return rank(all, prefix), len(all) == 0 && p.unknown()
}

func behindDot(text string, at int) bool {
	return strings.HasSuffix(strings.TrimRight(text[:at], " \t\n"), ".")
}

// rank keeps the candidates that match what was typed so far, the likeliest
// first.
func rank(all []candidate, prefix string) []Match {
	type ranked struct {
		candidate
		score int
	}
	var kept []ranked
	begins := func(name string) bool {
		return len(name) >= len(prefix) && strings.EqualFold(name[:len(prefix)], prefix)
	}
	for _, how := range []func(c candidate) (score int, ok bool){
		func(c candidate) (int, bool) {
			if strings.HasPrefix(c.name, prefix) {
				return 0, c.alias == ""
			}
			return 1, begins(c.name) && c.alias == ""
		},
		func(c candidate) (int, bool) { // under the name that it has in another library
			known := slices.ContainsFunc(kept, func(r ranked) bool { return r.name == c.name })
			return 2, len(prefix) > 1 && c.alias != "" && begins(c.alias) && !known
		},
		func(c candidate) (int, bool) { // as initials or leaving out letters
			return 3, len(prefix) > 1 && c.alias == "" && subsequence(strings.ToLower(prefix), strings.ToLower(c.name))
		},
	} {
		for _, c := range all {
			if score, ok := how(c); ok {
				kept = append(kept, ranked{c, score})
			}
		}
		if len(kept) > 0 {
			break
		}
	}
	if slices.ContainsFunc(kept, func(r ranked) bool { return r.score == 0 }) {
		kept = slices.DeleteFunc(kept, func(r ranked) bool { // a name was meant, not these
			return r.score > 0 && (r.kind == kindModule || r.kind == kindKeyword)
		})
	}
	slices.SortStableFunc(kept, func(a, b ranked) int {
		fit := 0
		if a.fits != b.fits {
			fit = 1
			if a.fits {
				fit = -1
			}
		}
		return cmp.Or(cmp.Compare(a.score, b.score), fit, cmp.Compare(a.far, b.far), cmp.Compare(strings.ToLower(a.name), strings.ToLower(b.name)), cmp.Compare(a.name, b.name))
	})
	var matches []Match
	for _, c := range kept[:min(len(kept), maxMatches)] {
		matches = append(matches, Match{c.name, c.kind, c.detail})
	}
	return matches
}

func subsequence(short, long string) bool {
	for _, r := range short {
		i := strings.IndexRune(long, r)
		if i < 0 {
			return false
		}
		long = long[i+len(string(r)):]
	}
	return true
}

// completeLiteral completes import paths and, in other strings, the names of
// files.
func (c *Completer) completeLiteral(text string, toks []lexeme, l lexeme, at int) ([]Match, int, int) {
	if l.tok != token.STRING {
		return nil, at, at
	}
	start := l.from + 1
	end := l.to
	if closes(l.lit, l.lit[:1]) {
		end--
	} else {
		end = at
	}
	typed := text[start:at]
	if inImport(text, toks, l) {
		c.mu.Lock()
		defer c.mu.Unlock()
		var all []candidate
		for _, path := range c.importPaths() {
			// Elements may be left out, letters not.
			if strings.HasPrefix(path, typed) || !strings.Contains(typed, "/") && strings.Contains("/"+path, "/"+typed) {
				all = append(all, candidate{name: path, kind: kindModule, far: strings.Index(path, typed)})
			}
		}
		return rank(all, ""), start, end
	}
	if strings.Contains(typed, `\`) && l.lit[0] == '"' {
		return nil, at, at
	}
	names := c.files(typed, false)
	if len(names) == 0 {
		return nil, at, at
	}
	from := start + strings.LastIndexByte(typed, '/') + 1
	return names, from, at
}

// inImport reports whether a string is the path of an import declaration.
func inImport(text string, toks []lexeme, l lexeme) bool {
	for _, p := range split(toks, text) {
		if p.from <= l.from && l.from <= p.to {
			return p.toks[0].tok == token.IMPORT
		}
	}
	return false
}
