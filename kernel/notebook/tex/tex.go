// Package tex turns formulas in TeX's notation, as notebooks have them between
// dollars, into MathML, which browsers draw themselves: a page with formulas
// needs neither a script nor the network. It knows what texts about models use
// (fractions, roots, sums with limits, matrices, cases, aligned equations,
// accents, alphabets, Greek and the usual symbols), not TeX as a language:
// there are no macros. What it does not know is an error, never a guess.
//
// The elements are those of MathML Core (https://www.w3.org/TR/mathml-core/).
package tex

import (
	"fmt"
	"html"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits keep a formula from a stranger small.
const (
	maxLength = 20_000 // bytes
	maxDepth  = 60     // groups in groups
)

// MathML returns a formula as a math element. With block, it stands in a line
// of its own. The error says what in the formula is not known.
func MathML(source string, block bool) (text string, err error) {
	if len(source) > maxLength {
		return "", fmt.Errorf("a formula of %d bytes: at most %d are shown", len(source), maxLength)
	}
	source = strings.Map(func(r rune) rune {
		if r < ' ' && !strings.ContainsRune("\t\r\n", r) || r == 0xFFFE || r == 0xFFFF {
			return -1 // not in XML
		}
		return r
	}, source)
	p := &parser{rest: source}
	defer func() {
		if e, ok := recover().(syntaxError); ok {
			text, err = "", e
		}
	}()
	body := p.table(gathered, "")
	if p.peek() != "" {
		p.fail("%s without its beginning", p.peek())
	}
	display := ""
	if block {
		display = ` display="block"`
	}
	return "<math" + display + ` alttext="` + html.EscapeString(strings.TrimSpace(source)) + `">` + body + "</math>", nil
}

// syntaxError is what parser.fail panics with; it ends in MathML.
type syntaxError string

func (e syntaxError) Error() string { return string(e) }

type parser struct {
	rest     string
	depth    int
	alphabet *alphabet // of \mathbf and its kin
}

func (p *parser) fail(format string, args ...any) { panic(syntaxError(fmt.Sprintf(format, args...))) }

// peek returns the next token: a command with its backslash, a character, or
// "" at the end. Spaces and comments are none.
func (p *parser) peek() string {
	for {
		p.rest = strings.TrimLeft(p.rest, " \t\r\n")
		if !strings.HasPrefix(p.rest, "%") {
			break
		}
		_, p.rest, _ = strings.Cut(p.rest, "\n")
	}
	if p.rest == "" {
		return ""
	}
	if p.rest[0] != '\\' {
		for i := range p.rest {
			if i > 0 {
				return p.rest[:i]
			}
		}
		return p.rest
	}
	n := 1
	for n < len(p.rest) && letter(p.rest[n]) {
		n++
	}
	if n > 1 {
		return p.rest[:n]
	}
	for i := range p.rest[1:] {
		if i > 0 {
			return p.rest[:1+i]
		}
	}
	return p.rest
}

func letter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }

func (p *parser) next() string {
	token := p.peek()
	p.rest = p.rest[len(token):]
	return token
}

func (p *parser) accept(token string) bool {
	if token == "" || p.peek() != token {
		return false
	}
	p.next()
	return true
}

func (p *parser) enter() func() {
	if p.depth++; p.depth > maxDepth {
		p.fail("more than %d groups in groups", maxDepth)
	}
	return func() { p.depth-- }
}

// row reads atoms up to a token that ends one, which it leaves.
func (p *parser) row() string {
	defer p.enter()()
	var b strings.Builder
	n := 0
	for ; !ends(p.peek()); n++ {
		switch style := styles[p.peek()]; {
		case style != "": // for the rest of the row
			p.next()
			b.WriteString(`<mstyle ` + style + ">" + p.row() + "</mstyle>")
		default:
			b.WriteString(p.scripted())
		}
	}
	if n == 1 {
		return b.String()
	}
	return "<mrow>" + b.String() + "</mrow>"
}

func ends(token string) bool {
	switch token {
	case "", "}", "&", `\\`, `\cr`, `\end`, `\right`, `\middle`:
		return true
	}
	return false
}

// An atom is what scripts are put to.
type atom struct {
	text   string
	limits bool // scripts stand above and below it
	// A function has a space before what it is of, unless that stands in brackets.
	function bool
}

// scripted reads an atom with its scripts.
func (p *parser) scripted() string {
	a := atom{text: "<mrow></mrow>"}
	if t := p.peek(); t != "^" && t != "_" && t != "'" {
		a = p.atom()
	}
	var below, above string
	for {
		switch p.peek() {
		case `\limits`:
			a.limits = true
			p.next()
		case `\nolimits`:
			a.limits = false
			p.next()
		case "_":
			p.next()
			if below != "" {
				p.fail("two subscripts")
			}
			below = p.argument()
		case "^":
			p.next()
			if above != "" {
				p.fail("two superscripts")
			}
			above = p.argument()
		case "'":
			primes := ""
			for p.accept("'") {
				primes += "′"
			}
			if above != "" {
				p.fail("two superscripts")
			}
			above = "<mo>" + primes + "</mo>"
			if p.accept("^") {
				above = "<mrow>" + above + p.argument() + "</mrow>"
			}
		default:
			text := a.with(below, above)
			if a.function && p.operand() {
				text += space("0.17em")
			}
			return text
		}
	}
}

// operand reports whether a value comes, and not an operator, a bracket or a space.
func (p *parser) operand() bool {
	t := p.peek()
	switch {
	case ends(t):
		return false
	case t[0] == '\\':
		return t != `\left` && delimiters[t]+operators[t]+sizes[t]+spaces[t] == ""
	}
	return letter(t[0]) || '0' <= t[0] && t[0] <= '9'
}

func (a atom) with(below, above string) string {
	tags := [3]string{"msub", "msup", "msubsup"}
	if a.limits {
		tags = [3]string{"munder", "mover", "munderover"}
	}
	switch {
	case below == "" && above == "":
		return a.text
	case above == "":
		return element(tags[0], a.text+below)
	case below == "":
		return element(tags[1], a.text+above)
	}
	return element(tags[2], a.text+below+above)
}

func element(tag, content string) string { return "<" + tag + ">" + content + "</" + tag + ">" }

// argument reads a group, or one atom without scripts.
func (p *parser) argument() string {
	if ends(p.peek()) {
		p.fail("something is missing before %q", p.peek())
	}
	if p.peek() != "{" {
		if c := p.peek(); len(c) == 1 && '0' <= c[0] && c[0] <= '9' { // \frac12 is a half
			p.next()
			return element("mn", p.alphabet.apply(c))
		}
		return some(p.atom().text)
	}
	return some(p.group())
}

// some is never nothing: elements count what is in them.
func some(text string) string {
	if text == "" {
		return "<mrow></mrow>"
	}
	return text
}

// group reads {...}.
func (p *parser) group() string {
	p.open()
	defer func(a *alphabet) { p.alphabet = a }(p.alphabet)
	text := p.row()
	if !p.accept("}") {
		p.fail("a { without its }")
	}
	return text
}

func (p *parser) open() {
	if !p.accept("{") {
		p.fail("a { is missing before %q", p.peek())
	}
}

// raw reads the text of {...} as it stands, with braces in it that match.
func (p *parser) raw() string {
	p.open()
	depth := 1
	for i := 0; i < len(p.rest); i++ {
		switch p.rest[i] {
		case '\\':
			i++
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				text := p.rest[:i]
				p.rest = p.rest[i+1:]
				return text
			}
		}
	}
	p.fail("a { without its }")
	return ""
}

// optional reads the text of [...], if there is one.
func (p *parser) optional() (string, bool) {
	if p.peek() != "[" {
		return "", false
	}
	text, rest, ok := strings.Cut(p.rest[1:], "]")
	if !ok {
		p.fail("a [ without its ]")
	}
	p.rest = rest
	return text, true
}

// inner makes a formula of a part of this one.
func (p *parser) inner(text string) string {
	defer p.enter()()
	q := &parser{rest: text, depth: p.depth, alphabet: p.alphabet}
	row := q.row()
	if q.peek() != "" {
		p.fail("%s is not expected here", q.peek())
	}
	return row
}

// atom reads one: a letter, a number, an operator, a group or a command with
// what belongs to it.
func (p *parser) atom() atom {
	defer p.enter()()
	t := p.peek()
	switch {
	case t == "{":
		return atom{text: p.group()}
	case t[0] == '\\':
		p.next()
		return p.command(t)
	case '0' <= t[0] && t[0] <= '9':
		n := 0
		for n < len(p.rest) && ('0' <= p.rest[n] && p.rest[n] <= '9' || p.rest[n] == '.' && n+1 < len(p.rest) && '0' <= p.rest[n+1] && p.rest[n+1] <= '9') {
			n++
		}
		t, p.rest = p.rest[:n], p.rest[n:]
		return atom{text: element("mn", p.alphabet.apply(t))}
	}
	p.next()
	switch {
	case letter(t[0]):
		return atom{text: p.letters(t)}
	case strings.Contains("()[]|/", t):
		return atom{text: `<mo stretchy="false">` + t + "</mo>"}
	case t == "-":
		return atom{text: "<mo>−</mo>"}
	case t == "*":
		return atom{text: "<mo>∗</mo>"}
	case t == "~":
		return atom{text: space("0.33em")}
	case t == "#" || t == "$" || t == "^" || t == "_":
		p.fail("%s is not expected here", t)
	case t[0] < 0x80:
		return atom{text: element("mo", html.EscapeString(t))}
	}
	if r, _ := utf8.DecodeRuneInString(t); unicode.Is(unicode.Sm, r) {
		return atom{text: element("mo", t)}
	}
	return atom{text: element("mi", t)}
}

// letters is an identifier in the alphabet of the place.
func (p *parser) letters(s string) string {
	if p.alphabet == nil {
		return element("mi", s)
	}
	return `<mi mathvariant="normal">` + p.alphabet.apply(s) + "</mi>"
}

func space(width string) string { return `<mspace width="` + width + `"></mspace>` }
