package notebook

import (
	"bytes"
	"html"
	"strings"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	markdownhtml "github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/util"
)

var markdown = goldmark.New(goldmark.WithExtensions(extension.GFM, extension.Footnote, mathExtension{}),
	goldmark.WithParserOptions(parser.WithAutoHeadingID()),
	goldmark.WithRendererOptions(renderer.WithNodeRenderers(util.Prioritized(textRenderer{}, 100))))

func renderMarkdown(text string) string {
	var b bytes.Buffer
	if err := markdown.Convert([]byte(text), &b); err != nil {
		return "<pre>" + html.EscapeString(text) + "</pre>"
	}
	return b.String()
}

// harmless is the HTML that text may contain: as in JupyterLab, nothing that runs.
var harmless = func() *bluemonday.Policy {
	p := bluemonday.UGCPolicy().RequireNoFollowOnLinks(false)
	p.AllowDataURIImages()
	p.AllowElements("center", "font", "kbd", "u", "mark")
	p.AllowAttrs("class").Globally()
	p.AllowAttrs("align").OnElements("p", "div", "h1", "h2", "h3", "h4", "img", "table")
	p.AllowAttrs("color", "size").OnElements("font")
	p.AllowStyles("color", "background-color", "text-align", "width", "max-width", "height", "float", "margin", "padding", "border", "font-size", "font-weight", "font-style").Globally()
	return p
}()

// textRenderer shows HTML within Markdown without what could run, and colours
// Go code.
type textRenderer struct{}

func (textRenderer) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(ast.KindRawHTML, func(w util.BufWriter, source []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering {
			w.Write(harmless.SanitizeBytes(node.(*ast.RawHTML).Segments.Value(source)))
		}
		return ast.WalkSkipChildren, nil
	})
	r.Register(ast.KindHTMLBlock, func(w util.BufWriter, source []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
		if n := node.(*ast.HTMLBlock); entering {
			text := n.Lines().Value(source)
			if n.HasClosure() {
				text = append(text, n.ClosureLine.Value(source)...)
			}
			w.Write(harmless.SanitizeBytes(text))
		}
		return ast.WalkContinue, nil
	})
	r.Register(ast.KindImage, func(w util.BufWriter, source []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		n := node.(*ast.Image)
		target := string(n.Destination)
		// A drawing that is shown as an image cannot run anything.
		if markdownhtml.IsDangerousURL(n.Destination) && !strings.HasPrefix(target, "data:image/svg+xml;base64,") {
			target = ""
		}
		var alt strings.Builder
		ast.Walk(n, func(child ast.Node, entering bool) (ast.WalkStatus, error) {
			if t, ok := child.(*ast.Text); ok && entering {
				alt.Write(t.Value(source))
			}
			return ast.WalkContinue, nil
		})
		w.WriteString(`<img src="` + html.EscapeString(target) + `" alt="` + html.EscapeString(alt.String()) + `"`)
		if len(n.Title) > 0 {
			w.WriteString(` title="` + html.EscapeString(string(n.Title)) + `"`)
		}
		w.WriteString(">")
		return ast.WalkSkipChildren, nil
	})
	r.Register(ast.KindFencedCodeBlock, func(w util.BufWriter, source []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
		if n := node.(*ast.FencedCodeBlock); entering {
			code := string(n.Lines().Value(source))
			if language := string(n.Language(source)); strings.EqualFold(language, "go") || strings.EqualFold(language, "golang") {
				code = highlight(code, htmlStyle)
			} else {
				code = html.EscapeString(code)
			}
			w.WriteString("<pre><code>" + code + "</code></pre>\n")
		}
		return ast.WalkContinue, nil
	})
}
