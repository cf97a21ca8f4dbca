package notebook

import (
	"bytes"
	"html"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"

	"modelbook/kernel/notebook/tex"
)

// mathExtension lets Markdown have formulas as notebooks do: $...$ in a line,
// $$...$$ in lines of their own or within one, and \begin{...}...\end{...}. A
// single dollar begins one only where no space follows, and ends one where no
// space precedes and no digit follows, so that prices are not taken for formulas.
// What package tex does not know is shown as it was written.
type mathExtension struct{}

func (mathExtension) Extend(m goldmark.Markdown) {
	m.Parser().AddOptions(
		parser.WithBlockParsers(util.Prioritized(mathBlockParser{}, 690)),  // before fenced code
		parser.WithInlineParsers(util.Prioritized(mathInlineParser{}, 90))) // before code spans
	m.Renderer().AddOptions(renderer.WithNodeRenderers(util.Prioritized(mathRenderer{}, 500)))
}

// formulaHTML is a formula as the page shows it.
func formulaHTML(source string, block bool) string {
	if text, err := tex.MathML(source, block); err == nil {
		return text
	}
	if block {
		return `<pre class="formula">` + html.EscapeString(strings.Trim(source, "\n")) + "</pre>"
	}
	return `<code class="formula">` + html.EscapeString(source) + "</code>"
}

// searchedKeys record, for $ and $$, up to which position of the text no end of a
// formula was found.
var searchedKeys = [2]parser.ContextKey{parser.NewContextKey(), parser.NewContextKey()}

// maxFormula is how far from its beginning the end of a formula is looked for, in
// bytes: a text full of dollars takes no longer than another.
const maxFormula = 4000

var (
	mathBlockKind  = ast.NewNodeKind("MathBlock")
	mathInlineKind = ast.NewNodeKind("MathInline")
)

type mathBlock struct {
	ast.BaseBlock
	end string // what ends it
}

func (*mathBlock) Kind() ast.NodeKind              { return mathBlockKind }
func (*mathBlock) IsRaw() bool                     { return true }
func (n *mathBlock) Dump(source []byte, level int) { ast.DumpHelper(n, source, level, nil, nil) }

type mathInline struct {
	ast.BaseInline
	source string
	block  bool
}

func (*mathInline) Kind() ast.NodeKind              { return mathInlineKind }
func (n *mathInline) Dump(source []byte, level int) { ast.DumpHelper(n, source, level, nil, nil) }

type mathBlockParser struct{}

func (mathBlockParser) Trigger() []byte { return []byte{'$', '\\'} }

// Open takes a line that begins a formula whose end stands at the end of a line,
// with no empty line before it.
func (mathBlockParser) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	line, segment := reader.PeekLine()
	at := pc.BlockOffset()
	if at < 0 {
		return nil, parser.NoChildren
	}
	line = line[at:]
	end := "$$"
	if name, ok := bytes.CutPrefix(line, []byte(`\begin{`)); ok {
		name, _, _ = bytes.Cut(name, []byte("}"))
		end = `\end{` + string(name) + "}"
	} else if !bytes.HasPrefix(line, []byte("$$")) {
		return nil, parser.NoChildren
	}
	rest := reader.Source()[segment.Start+at:]
	if segment.Padding > 0 || len(rest) < 2 {
		return nil, parser.NoChildren
	}
	rest = rest[2:min(len(rest), maxFormula)]
	for i := 0; len(rest) > 0; i++ {
		line, rest, _ = bytes.Cut(rest, []byte("\n"))
		line = bytes.TrimSpace(line)
		if len(line) == 0 && i > 0 {
			break
		}
		if before, after, found := bytes.Cut(line, []byte(end)); found {
			if len(after) > 0 || i == 0 && len(before) == 0 {
				break
			}
			n := &mathBlock{end: end}
			if i == 0 {
				n.end = ""
			}
			n.Lines().Append(text.NewSegment(segment.Start+at, segment.Stop))
			reader.AdvanceToEOL()
			return n, parser.NoChildren
		}
	}
	return nil, parser.NoChildren
}

func (mathBlockParser) Continue(node ast.Node, reader text.Reader, pc parser.Context) parser.State {
	n := node.(*mathBlock)
	if n.end == "" {
		return parser.Close
	}
	line, segment := reader.PeekLine()
	n.Lines().Append(segment)
	if bytes.Contains(line, []byte(n.end)) {
		n.end = ""
	}
	reader.AdvanceToEOL()
	return parser.Continue | parser.NoChildren
}

func (mathBlockParser) Close(ast.Node, text.Reader, parser.Context) {}
func (mathBlockParser) CanInterruptParagraph() bool                 { return true }
func (mathBlockParser) CanAcceptIndentedLine() bool                 { return false }

type mathInlineParser struct{}

func (mathInlineParser) Trigger() []byte { return []byte{'$'} }

func (mathInlineParser) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	row, start := block.Position()
	line, segment := block.PeekLine()
	mark := []byte("$")
	if bytes.HasPrefix(line, []byte("$$")) {
		mark = []byte("$$")
	} else if len(line) < 2 || util.IsSpace(line[1]) {
		return nil
	}
	searched := searchedKeys[len(mark)-1]
	if until, ok := pc.Get(searched).(int); ok && segment.Start < until {
		return nil
	}
	block.Advance(len(mark))
	var source []byte
	until, depth := segment.Stop, 0
search:
	for len(source) < maxFormula {
		line, segment := block.PeekLine()
		if line == nil {
			break
		}
		until = segment.Stop
		if len(line) > maxFormula {
			line = line[:maxFormula]
			until = segment.Start + maxFormula
		}
		for i := 0; i < len(line); i++ {
			switch line[i] {
			case '\\':
				i++
				continue
			case '{':
				depth++
			case '}':
				depth--
			}
			if !bytes.HasPrefix(line[i:], mark) {
				continue
			}
			inner, after := append(source, line[:i]...), line[i+len(mark):]
			if len(mark) == 1 && (util.IsSpace(inner[len(inner)-1]) || len(after) > 0 && '0' <= after[0] && after[0] <= '9') {
				if depth == 0 { // in braces it may be one of \text
					until = segment.Start + i
					break search
				}
				continue
			}
			block.Advance(i + len(mark))
			return &mathInline{source: string(inner), block: len(mark) == 2}
		}
		source = append(source, line...)
		block.AdvanceLine()
	}
	block.SetPosition(row, start)
	pc.Set(searched, until)
	return nil
}

type mathRenderer struct{}

func (mathRenderer) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(mathInlineKind, func(w util.BufWriter, source []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
		if n := node.(*mathInline); entering {
			w.WriteString(formulaHTML(n.source, n.block))
		}
		return ast.WalkContinue, nil
	})
	r.Register(mathBlockKind, func(w util.BufWriter, source []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering {
			formula := strings.TrimSpace(string(node.Lines().Value(source)))
			formula = strings.TrimSuffix(strings.TrimPrefix(formula, "$$"), "$$")
			w.WriteString(formulaHTML(formula, true) + "\n")
		}
		return ast.WalkContinue, nil
	})
}
