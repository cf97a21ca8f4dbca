package notebook

import (
	"strings"
	"testing"
)

func TestFormulasInMarkdown(t *testing.T) {
	x := func(display string) string {
		return `<math` + display + ` alttext="x_1*y_2*"><mrow><msub><mi>x</mi><mn>1</mn></msub><mo>∗</mo><msub><mi>y</mi><mn>2</mn></msub><mo>∗</mo></mrow></math>`
	}
	const block = ` display="block"`
	for source, want := range map[string]string{
		"$x_1*y_2*$":                  "<p>" + x("") + "</p>",
		"a $x_1*y_2*$, b":             "<p>a " + x("") + ", b</p>",
		"$$x_1*y_2*$$":                x(block),
		"$$\nx_1*y_2*\n$$":            strings.ReplaceAll(x(block), "\n", ""),
		"a $$x_1*y_2*$$ b":            "<p>a " + x(block) + " b</p>",
		"text\n$$x_1*y_2*$$\ntext":    "<p>text</p>\n" + x(block) + "\n<p>text</p>",
		"- a\n- $$\n  x_1*y_2*\n  $$": "<ul>\n<li>a</li>\n<li>\n" + x(block) + "\n</li>\n</ul>",
		"it is $5 and $10":            "<p>it is $5 and $10</p>",
		"$5, $10 or $x_1*y_2*$":       "<p>$5, $10 or " + x("") + "</p>",
		"$ 5 $":                       "<p>$ 5 $</p>",
		`\$x\$ $`:                     "<p>$x$ $</p>",
		"`$x$`":                       "<p><code>$x$</code></p>",
		"```\n$x$\n```":               "<pre><code>$x$\n</code></pre>",
		"$$\nx\n\ny$$":                "<p>$$\nx</p>\n<p>y$$</p>",
		"$$":                          "<p>$$</p>",
		"$$ $":                        "<p>$$ $</p>",
		`$\foo<b>$`:                   `<p><code class="formula">\foo&lt;b&gt;</code></p>`,
		"$$\n\\foo\n$$":               "<pre class=\"formula\">\\foo</pre>",
		"$a\n+b$":                     "<p><math alttext=\"a\n+b\"><mrow><mi>a</mi><mo>+</mo><mi>b</mi></mrow></math></p>",
	} {
		got := strings.TrimSuffix(renderMarkdown(source), "\n")
		got = strings.NewReplacer("<math display=\"block\" alttext=\"\n", "<math display=\"block\" alttext=\"").Replace(got)
		if got != want {
			t.Errorf("%q:\n%s, want\n%s", source, got, want)
		}
	}
	for source, want := range map[string]string{
		"\\begin{align}\na &= b \\\\\n- c &= d_1\n\\end{align}": `<math display="block"`,
		"$$\n\\begin{cases} 1 \\\\ 2 \\end{cases}\n$$":          "<mtable>",
		"| a | b |\n|---|---|\n| $x_1$ | 2 |":                   "<td><math",
		"# The $\\alpha$":                                       "<mi>α</mi>",
	} {
		if got := renderMarkdown(source); !strings.Contains(got, want) || strings.Contains(got, "formula") {
			t.Errorf("%q: %s", source, got)
		}
	}
}

// A text of dollars without partners is no work.
func TestManyDollars(t *testing.T) {
	const size = 1 << 17
	for _, part := range []string{"$a ", "$$ ", "$$\n", "$$a\n", "$\\a\n", "\\begin{a}\n"} {
		text := strings.Repeat(part, size/len(part))
		if got := renderMarkdown(text); len(got) < len(text)/2 {
			t.Errorf("%q: %d bytes of %d", part, len(got), len(text))
		}
	}
}

func FuzzMarkdown(f *testing.F) {
	for _, s := range []string{"$x$ $$y$$\n\n$$\nz\n$$", "> $$\n> x\n> $$", "- $$\n\tx$$", "\\begin{a}\nb\\end{a}", "$\\", "$$\\", "a $$\nb", "    $$x$$", "\\begin{", "> \\begin{matrix}\n1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, source string) {
		if strings.Contains(renderMarkdown("$$\n"+source), "<script") && !strings.Contains(strings.ToLower(source), "<script") {
			t.Errorf("%q has become a script", source)
		}
		renderMarkdown(source)
	})
}
