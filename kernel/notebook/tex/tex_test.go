package tex

import (
	"encoding/xml"
	"io"
	"strings"
	"testing"
	"time"
)

func TestMathML(t *testing.T) {
	for source, want := range map[string]string{
		`x`:                `<mi>x</mi>`,
		`x^2_i`:            `<msubsup><mi>x</mi><mi>i</mi><mn>2</mn></msubsup>`,
		`x^12`:             `<mrow><msup><mi>x</mi><mn>1</mn></msup><mn>2</mn></mrow>`,
		`12.5-y`:           `<mrow><mn>12.5</mn><mo>−</mo><mi>y</mi></mrow>`,
		`f''(x)`:           `<mrow><msup><mi>f</mi><mo>′′</mo></msup><mo stretchy="false">(</mo><mi>x</mi><mo stretchy="false">)</mo></mrow>`,
		`\frac12`:          `<mfrac><mn>1</mn><mn>2</mn></mfrac>`,
		`\frac{a}{\beta}`:  `<mfrac><mi>a</mi><mi>β</mi></mfrac>`,
		`\sqrt[3]{x}`:      `<mroot><mi>x</mi><mn>3</mn></mroot>`,
		`\sum_{i=1}^n`:     `<munderover><mo>∑</mo><mrow><mi>i</mi><mo>=</mo><mn>1</mn></mrow><mi>n</mi></munderover>`,
		`\int_0^1`:         `<msubsup><mo>∫</mo><mn>0</mn><mn>1</mn></msubsup>`,
		`\log x`:           `<mrow><mi mathvariant="normal">log</mi><mspace width="0.17em"></mspace><mi>x</mi></mrow>`,
		`\mathbb{R}`:       `<mi mathvariant="normal">ℝ</mi>`,
		`\mathbf{Wx}`:      `<mi mathvariant="normal">𝐖𝐱</mi>`,
		`\mathcal L`:       `<mi mathvariant="normal">ℒ</mi>`,
		`\boldsymbol\mu`:   `<mi>𝝁</mi>`,
		`\hat y`:           `<mover accent="true"><mi>y</mi><mo stretchy="false">^</mo></mover>`,
		`\text{if $x<0$ }`: "<mrow><mtext>if\u00a0</mtext><mrow><mi>x</mi><mo>&lt;</mo><mn>0</mn></mrow><mtext>\u00a0</mtext></mrow>",
		`\left( x \right.`: `<mrow><mo fence="true" stretchy="true" form="prefix">(</mo><mi>x</mi><mo fence="true" stretchy="true" form="postfix"></mo></mrow>`,
		`\not\in`:          "<mo>∈\u0338</mo>",
		`a % comment`:      `<mi>a</mi>`,
		``:                 `<mrow></mrow>`,
		`\begin{pmatrix}1&2\\3&4\end{pmatrix}`: `<mrow><mo fence="true" stretchy="true" form="prefix">(</mo><mtable><mtr><mtd style="text-align: center"><mn>1</mn></mtd>` +
			`<mtd style="text-align: center"><mn>2</mn></mtd></mtr><mtr><mtd style="text-align: center"><mn>3</mn></mtd><mtd style="text-align: center"><mn>4</mn></mtd></mtr></mtable>` +
			`<mo fence="true" stretchy="true" form="postfix">)</mo></mrow>`,
	} {
		got, err := MathML(source, false)
		if err != nil {
			t.Errorf("%s: %v", source, err)
			continue
		}
		_, got, _ = strings.Cut(strings.TrimSuffix(got, "</math>"), ">")
		if got != want {
			t.Errorf("%s:\n%s, want\n%s", source, got, want)
		}
	}
}

// formulas as texts about models have them.
var formulas = []string{
	`\mathcal{L}(\theta) = -\frac{1}{N}\sum_{i=1}^{N}\sum_{k} y_{ik}\log \hat{y}_{ik} + \lambda\lVert\theta\rVert_2^2`,
	`\operatorname{softmax}(z)_i = \frac{e^{z_i}}{\sum_{j=1}^K e^{z_j}}`,
	`\mathrm{Attention}(Q,K,V)=\mathrm{softmax}\!\left(\frac{QK^\top}{\sqrt{d_k}}\right)V`,
	`\theta_{t+1} = \theta_t - \eta\,\frac{\hat m_t}{\sqrt{\hat v_t}+\epsilon}`,
	`D_{\mathrm{KL}}(p\,\|\,q) = \mathbb{E}_{x\sim p}\left[\log\frac{p(x)}{q(x)}\right]`,
	`\hat\theta = \operatorname*{arg\,max}_{\theta\in\Theta} \prod_{i} p(x_i\mid\theta)`,
	`f(x) = \begin{cases} x & \text{if } x > 0 \\ \alpha (e^x - 1) & \text{otherwise} \end{cases}`,
	`\begin{aligned} h_t &= \tanh(W_h h_{t-1} + W_x x_t + b) \\ y_t &= W_y h_t \end{aligned}`,
	`\begin{bmatrix} a_{11} & \cdots & a_{1n} \\ \vdots & \ddots & \vdots \\ a_{m1} & \cdots & a_{mn} \end{bmatrix} \in \mathbb{R}^{m\times n}`,
	`\nabla_\theta J(\theta) = \frac{\partial J}{\partial \theta}, \quad \lim_{n\to\infty}\left(1+\frac1n\right)^n = e`,
	`\underbrace{x_1 + \dots + x_n}_{n\text{ terms}} \overset{\mathrm{iid}}{\sim} \mathcal{N}(0, \sigma^2 I)`,
	`\int_{-\infty}^{\infty} e^{-x^2}\,\mathrm{d}x = \sqrt{\pi}`, `\bigl( a \bigr) \Big| \xrightarrow[n]{\text{a.s.}} \overline{AB}`,
	`\sum_{\substack{i<j\\ j<k}} \binom{n}{k}`, `a \equiv b \pmod m, \max_{x} f, \not= \boxed{E=mc^2} \tag{1}`,
	`\begin{array}{c|rl} a & b & c \\ \hline 1 & 2 & 3 \end{array}`, `{\displaystyle \sum} \vec{x} \dot{x} \widehat{abc} 'x y'^2`,
}

func TestFormulas(t *testing.T) {
	for _, f := range formulas {
		text, err := MathML(f, true)
		if err != nil {
			t.Errorf("%s: %v", f, err)
		}
		wellFormed(t, f, text)
	}
}

func TestUnknown(t *testing.T) {
	for source, want := range map[string]string{
		`\foo x`: `\foo is not known`, `{a`: "a { without its }", `a}`: "} without its beginning", `x^`: "something is missing", `x_1_2`: "two subscripts", `x^1^2`: "two superscripts",
		`\left( x`: `\left without its \right`, `\begin{foo}\end{foo}`: `\begin{foo} is not known`, `\begin{matrix} a \end{cases}`: `\begin{matrix} without its \end`,
		`\frac{a}`: "something is missing", `\sqrt[3`: "a [ without its ]", `\`: `\ is not known`, `\left x`: "is no delimiter", `\hspace{x}`: "a length is missing", `#`: "not expected",
		strings.Repeat("{", 1000): "groups in groups", strings.Repeat(`\frac`, 3000): "groups in groups", strings.Repeat("x", 30000): "bytes", strings.Repeat(`\displaystyle`, 100): "groups in groups",
	} {
		if text, err := MathML(source, false); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40s: %.60s, %v; want an error with %s", source, text, err, want)
		}
	}
}

// wellFormed checks that a formula is XML with the elements of MathML, and that
// those that count their children have so many.
func wellFormed(t *testing.T, source, text string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(text))
	counts := map[string]int{"mfrac": 2, "mroot": 2, "msub": 2, "msup": 2, "msubsup": 3, "munder": 2, "mover": 2, "munderover": 3}
	var names []string
	var children []int
	for {
		token, err := d.Token()
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Fatalf("%q: %v in %s", source, err, text)
		}
		switch e := token.(type) {
		case xml.StartElement:
			if len(children) > 0 {
				children[len(children)-1]++
			}
			if !strings.HasPrefix(e.Name.Local, "m") {
				t.Fatalf("%q: element %s", source, e.Name.Local)
			}
			names, children = append(names, e.Name.Local), append(children, 0)
		case xml.EndElement:
			n := len(names) - 1
			if want := counts[names[n]]; want != 0 && want != children[n] {
				t.Fatalf("%q: %s has %d children: %s", source, names[n], children[n], text)
			}
			names, children = names[:n], children[:n]
		}
	}
}

func FuzzMathML(f *testing.F) {
	for _, s := range formulas {
		f.Add(s)
	}
	f.Add(`<script>&"'\text{<b>}`)
	f.Add("\\mathrm\\frac\x00\xff{}")
	f.Fuzz(func(t *testing.T, source string) {
		begun := time.Now()
		text, err := MathML(source, true)
		if time.Since(begun) > 5*time.Second {
			t.Fatalf("%q took %v", source, time.Since(begun))
		}
		if err != nil {
			return
		}
		if len(text) > 4000+200*len(source) {
			t.Fatalf("%d bytes of %d", len(text), len(source))
		}
		wellFormed(t, source, text)
	})
}
