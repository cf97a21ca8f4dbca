package complete

import (
	"go/doc/comment"
	"html"
	"strings"

	"modelbook/kernel/source/gen"
)

// maxIndex bounds the lines of a page that list what belongs to something.
const maxIndex = 300

// page writes a description in all its forms.
func (d *description) page() Page {
	parser := comment.Parser{LookupSym: func(recv, name string) bool {
		return d.pkg != nil && recv == "" && d.pkg.Scope().Lookup(name) != nil
	}}
	parsed := parser.Parse(d.doc)
	printer := comment.Printer{HeadingLevel: 4, DocLinkURL: func(link *comment.DocLink) string {
		path := link.ImportPath
		if path == "" && d.pkg != nil {
			path = d.pkg.Path()
		}
		if path == "" || path == gen.Package || strings.HasPrefix(path, "modelbook/") {
			return ""
		}
		name := link.Name
		if link.Recv != "" {
			name = link.Recv + "." + name
		}
		return "https://pkg.go.dev/" + path + "#" + name
	}}
	index := d.index
	if n := len(index) - maxIndex; n > 0 {
		index = append(index[:maxIndex:maxIndex], "// and more")
	}
	code := d.code
	source := d.source
	if source == code {
		source = ""
	}
	list := strings.Join(index, "\n")

	var plain, markdown, rich strings.Builder
	block := func(title, text string) {
		if text == "" {
			return
		}
		if title != "" {
			plain.WriteString("\n" + title + ":\n")
			markdown.WriteString("\n**" + title + "**\n\n")
			rich.WriteString("<p><b>" + title + "</b></p>\n")
		}
		plain.WriteString(text + "\n")
		markdown.WriteString(fence(text))
		rich.WriteString("<pre><code class=\"language-go\">" + html.EscapeString(text) + "</code></pre>\n")
	}
	block("", code)
	for _, f := range d.facts {
		plain.WriteString("\n" + f[0] + ": " + f[1])
		markdown.WriteString("\n" + f[0] + ": `` " + f[1] + " ``\n")
		rich.WriteString("<p>" + f[0] + ": <code>" + html.EscapeString(f[1]) + "</code></p>\n")
	}
	if len(d.facts) > 0 {
		plain.WriteString("\n")
	}
	if d.doc != "" {
		plain.WriteString("\n")
		plain.Write(printer.Text(parsed))
		markdown.WriteString("\n")
		markdown.Write(printer.Markdown(parsed))
		rich.Write(printer.HTML(parsed))
	}
	if d.source == "" {
		block("Index", list)
	}
	block("Source", source)
	return Page{Plain: strings.TrimRight(plain.String(), "\n"), Markdown: strings.TrimRight(markdown.String(), "\n"), HTML: rich.String()}
}

// fence is Go code as Markdown.
func fence(text string) string {
	marks := "```"
	for strings.Contains(text, marks) {
		marks += "`"
	}
	return marks + "go\n" + text + "\n" + marks + "\n"
}

// markdownPage makes a page of gopls's Markdown: Go code between fences, and
// paragraphs.
func markdownPage(text string) Page {
	var plain, rich strings.Builder
	code := false
	var lines []string
	flush := func() {
		block := strings.Trim(strings.Join(lines, "\n"), "\n")
		lines = nil
		if block == "" {
			return
		}
		plain.WriteString(block + "\n\n")
		if code {
			rich.WriteString("<pre><code class=\"language-go\">" + html.EscapeString(block) + "</code></pre>\n")
			return
		}
		for _, paragraph := range strings.Split(block, "\n\n") {
			if strings.TrimSpace(paragraph) != "" {
				rich.WriteString("<p>" + html.EscapeString(paragraph) + "</p>\n")
			}
		}
	}
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		switch {
		case strings.HasPrefix(line, "```"):
			flush()
			code = !code
		case line == "---" && !code:
			flush()
		default:
			lines = append(lines, line)
		}
	}
	flush()
	return Page{Plain: strings.TrimRight(plain.String(), "\n"), Markdown: text, HTML: rich.String()}
}
