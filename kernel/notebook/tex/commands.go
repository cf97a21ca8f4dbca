package tex

import (
	"html"
	"regexp"
	"strings"
)

// command reads what belongs to a command whose name was read.
func (p *parser) command(name string) atom {
	plain := func(text string) atom { return atom{text: text} }
	if s, ok := identifiers[name]; ok {
		if p.alphabet != nil {
			s = p.alphabet.apply(s)
		}
		return plain(element("mi", html.EscapeString(s)))
	}
	if s, ok := operators[name]; ok {
		return plain(element("mo", html.EscapeString(s)))
	}
	if s, ok := large[name]; ok {
		return atom{text: element("mo", s), limits: !strings.Contains(name, "int")}
	}
	if f, ok := functions[name]; ok {
		return function(f.name, f.limits)
	}
	if s, ok := delimiters[name]; ok {
		return plain(`<mo stretchy="false">` + html.EscapeString(s) + "</mo>")
	}
	if s, ok := accents[name]; ok {
		return plain(`<mover accent="true">` + p.argument() + `<mo stretchy="` + s.stretchy() + `">` + s.mark + "</mo></mover>")
	}
	if width, ok := spaces[name]; ok {
		return plain(space(width))
	}
	if a, ok := alphabets[name]; ok {
		defer func(before *alphabet) { p.alphabet = before }(p.alphabet)
		p.alphabet = a
		if text := p.word(); text != "" { // a name of several letters is one identifier
			return plain(`<mi mathvariant="normal">` + a.apply(text) + "</mi>")
		}
		return plain(p.argument())
	}
	if size, ok := sizes[name]; ok {
		return plain(`<mo stretchy="true" minsize="` + size + `" maxsize="` + size + `">` + p.delimiter() + "</mo>")
	}
	switch name {
	case `\frac`, `\dfrac`, `\tfrac`, `\cfrac`:
		text := "<mfrac>" + p.argument() + p.argument() + "</mfrac>"
		if style := map[string]string{`\dfrac`: styles[`\displaystyle`], `\cfrac`: styles[`\displaystyle`], `\tfrac`: styles[`\textstyle`]}[name]; style != "" {
			text = "<mstyle " + style + ">" + text + "</mstyle>"
		}
		return plain(text)
	case `\binom`, `\dbinom`, `\tbinom`:
		return plain(`<mrow><mo>(</mo><mfrac linethickness="0">` + p.argument() + p.argument() + "</mfrac><mo>)</mo></mrow>")
	case `\sqrt`:
		if degree, ok := p.optional(); ok {
			root := p.inner(degree)
			return plain(element("mroot", p.argument()+root))
		}
		return plain(element("msqrt", p.argument()))
	case `\overline`, `\bar`, `\widebar`:
		return plain(`<mover accent="true">` + p.argument() + `<mo stretchy="true">‾</mo></mover>`)
	case `\underline`:
		return plain(`<munder>` + p.argument() + `<mo stretchy="true">_</mo></munder>`)
	case `\overbrace`:
		return atom{text: `<mover>` + p.argument() + `<mo stretchy="true">⏞</mo></mover>`, limits: true}
	case `\underbrace`:
		return atom{text: `<munder>` + p.argument() + `<mo stretchy="true">⏟</mo></munder>`, limits: true}
	case `\overset`, `\stackrel`:
		above := p.argument()
		return plain(element("mover", p.argument()+above))
	case `\underset`:
		below := p.argument()
		return plain(element("munder", p.argument()+below))
	case `\xrightarrow`, `\xleftarrow`:
		arrow := map[string]string{`\xrightarrow`: "→", `\xleftarrow`: "←"}[name]
		below, ok := p.optional()
		above := p.argument()
		if ok {
			return plain(`<munderover><mo stretchy="true">` + arrow + "</mo>" + p.inner(below) + above + "</munderover>")
		}
		return plain(`<mover><mo stretchy="true">` + arrow + "</mo>" + above + "</mover>")
	case `\text`, `\textrm`, `\textnormal`, `\mbox`, `\textit`, `\textbf`, `\texttt`:
		return plain(p.text(name))
	case `\operatorname`, `\mathop`:
		limits := name == `\mathop` || strings.HasPrefix(p.rest, "*")
		p.accept("*")
		if text := p.word(); text != "" {
			return function(text, limits)
		}
		defer func(before *alphabet) { p.alphabet = before }(p.alphabet)
		p.alphabet = alphabets[`\mathrm`]
		return atom{text: p.argument(), limits: limits, function: true}
	case `\mathbin`, `\mathrel`, `\mathord`, `\mathopen`, `\mathclose`, `\mathpunct`, `\mathinner`:
		return plain(p.argument())
	case `\left`:
		return plain(p.fenced())
	case `\begin`:
		return plain(p.environment(p.raw()))
	case `\substack`:
		p.open()
		rows := p.table(gathered, "}")
		if !p.accept("}") {
			p.fail("a { without its }")
		}
		return plain(rows)
	case `\not`:
		s, ok := operators[p.peek()]
		if !ok {
			s = p.peek()
		}
		if s == "" || ends(p.peek()) || s[0] == '\\' {
			p.fail(`\not before %q`, p.peek())
		}
		p.next()
		return plain(element("mo", html.EscapeString(s)+"\u0338"))
	case `\pmod`:
		return plain("<mrow>" + space("1em") + "<mo>(</mo><mi>mod</mi>" + space("0.33em") + p.argument() + "<mo>)</mo></mrow>")
	case `\bmod`:
		return plain("<mo>mod</mo>")
	case `\phantom`, `\hphantom`, `\vphantom`:
		return plain(element("mphantom", p.argument()))
	case `\boxed`, `\fbox`:
		return plain(`<mrow style="border: 1px solid; padding: 0.2em">` + p.argument() + "</mrow>")
	case `\hspace`, `\mspace`, `\kern`:
		return plain(p.space())
	case `\label`, `\notag`, `\nonumber`:
		if name == `\label` {
			p.raw()
		}
		return plain("")
	case `\tag`:
		return plain("<mrow>" + space("2em") + "<mtext>(" + html.EscapeString(p.raw()) + ")</mtext></mrow>")
	}
	p.fail("%s is not known", name)
	return atom{}
}

// function is a name written upright.
func function(name string, limits bool) atom {
	if limits { // an operator, so that a browser moves them beside it in a line of text
		return atom{text: `<mo movablelimits="true" lspace="0" rspace="0">` + name + "</mo>", limits: true, function: true}
	}
	return atom{text: `<mi mathvariant="normal">` + name + "</mi>", function: true}
}

var wordPattern = regexp.MustCompile(`^\s*\{\s*([A-Za-z][A-Za-z0-9 ]*)\}`)

// word reads {letters}, if that is what comes.
func (p *parser) word() string {
	m := wordPattern.FindStringSubmatch(p.rest)
	if m == nil {
		return ""
	}
	p.rest = p.rest[len(m[0]):]
	return strings.ReplaceAll(m[1], " ", "")
}

// text reads words, and formulas between dollars in them.
func (p *parser) text(name string) string {
	style := map[string]string{`\textit`: ` style="font-style: italic"`, `\textbf`: ` style="font-weight: bold"`, `\texttt`: ` style="font-family: monospace"`}[name]
	var b strings.Builder
	unescape := strings.NewReplacer(`\$`, "$", `\%`, "%", `\_`, "_", `\&`, "&", `\#`, "#", `\{`, "{", `\}`, "}", `\ `, " ", "~", " ", "{", "", "}", "", "\n", " ")
	for i, part := range strings.Split(strings.ReplaceAll(p.raw(), `\$`, "\x00"), "$") {
		part = strings.ReplaceAll(part, "\x00", `\$`)
		if i%2 == 1 {
			b.WriteString(p.inner(part))
			continue
		}
		part = unescape.Replace(part)
		if inner := strings.Trim(part, " "); inner != part { // MathML takes spaces at the ends away
			before, after, _ := strings.Cut(part, inner)
			part = strings.ReplaceAll(before, " ", "\u00a0") + inner + strings.ReplaceAll(after, " ", "\u00a0")
		}
		if part != "" {
			b.WriteString("<mtext" + style + ">" + html.EscapeString(part) + "</mtext>")
		}
	}
	return "<mrow>" + b.String() + "</mrow>"
}

var lengthPattern = regexp.MustCompile(`^\s*(\{\s*)?(-?[0-9]{0,3}(?:\.[0-9]{1,3})?)\s*(em|ex|mu|pt|px|cm|mm|in)\s*`)

func (p *parser) space() string {
	m := lengthPattern.FindStringSubmatch(p.rest)
	if m == nil || m[2] == "" || m[2] == "-" {
		p.fail("a length is missing")
	}
	p.rest = p.rest[len(m[0]):]
	if m[1] != "" && !p.accept("}") {
		p.fail("a { without its }")
	}
	if m[3] == "mu" { // an em has 18
		return space("calc(" + m[2] + "em / 18)")
	}
	return space(m[2] + m[3])
}

// delimiter reads the one behind \left and its kin; "" is none, written as a dot.
func (p *parser) delimiter() string {
	t := p.next()
	if s, ok := delimiters[t]; ok {
		return html.EscapeString(s)
	}
	switch t {
	case "(", ")", "[", "]", "|", "/":
		return t
	case "<":
		return "⟨"
	case ">":
		return "⟩"
	case ".":
		return ""
	}
	p.fail("%q is no delimiter", t)
	return ""
}

// fenced reads what stands between \left and \right, which grow with it.
func (p *parser) fenced() string {
	fence := func(form string) string {
		return `<mo fence="true" stretchy="true" form="` + form + `">` + p.delimiter() + "</mo>"
	}
	text := fence("prefix") + p.row()
	for p.accept(`\middle`) {
		text += fence("infix") + p.row()
	}
	if !p.accept(`\right`) {
		p.fail(`\left without its \right`)
	}
	return "<mrow>" + text + fence("postfix") + "</mrow>"
}
