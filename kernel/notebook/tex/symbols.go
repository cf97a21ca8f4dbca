package tex

import "strings"

// pairs makes a map of pairs "name symbol".
func pairs(text string) map[string]string {
	m := map[string]string{}
	f := strings.Fields(text)
	for i := 0; i+1 < len(f); i += 2 {
		m[`\`+f[i]] = f[i+1]
	}
	return m
}

// identifiers are letters, and symbols that stand for a value.
var identifiers = pairs(`
alpha α beta β gamma γ delta δ epsilon ϵ varepsilon ε zeta ζ eta η theta θ vartheta ϑ iota ι kappa κ varkappa ϰ lambda λ mu μ nu ν
xi ξ omicron ο pi π varpi ϖ rho ρ varrho ϱ sigma σ varsigma ς tau τ upsilon υ phi ϕ varphi φ chi χ psi ψ omega ω
Gamma Γ Delta Δ Theta Θ Lambda Λ Xi Ξ Pi Π Sigma Σ Upsilon Υ Phi Φ Psi Ψ Omega Ω
infty ∞ ell ℓ hbar ℏ Re ℜ Im ℑ aleph ℵ beth ℶ partial ∂ nabla ∇ emptyset ∅ varnothing ∅ wp ℘ imath ı jmath ȷ
forall ∀ exists ∃ nexists ∄ top ⊤ bot ⊥ angle ∠ triangle △ square □ Box □ blacksquare ■ checkmark ✓ dag † ddag ‡ degree ° prime ′
ldots … dots … dotsc … dotso … cdots ⋯ dotsb ⋯ dotsm ⋯ dotsi ⋯ vdots ⋮ ddots ⋱ & & % % $ $ # # _ _ S § P ¶ copyright © pounds £
`)

// operators stand between values, or before one.
var operators = pairs(`
pm ± mp ∓ times × div ÷ cdot ⋅ ast ∗ star ⋆ circ ∘ bullet ∙ oplus ⊕ ominus ⊖ otimes ⊗ oslash ⊘ odot ⊙ wedge ∧ land ∧ vee ∨ lor ∨ neg ¬ lnot ¬
cap ∩ cup ∪ setminus ∖ smallsetminus ∖ sqcap ⊓ sqcup ⊔ uplus ⊎ amalg ⨿ dagger † ddagger ‡ wr ≀ diamond ⋄ ltimes ⋉ rtimes ⋊
leq ≤ le ≤ leqslant ⩽ geq ≥ ge ≥ geqslant ⩾ neq ≠ ne ≠ ll ≪ gg ≫ lesssim ≲ gtrsim ≳ lt < gt > prec ≺ succ ≻ preceq ⪯ succeq ⪰
equiv ≡ sim ∼ simeq ≃ approx ≈ cong ≅ propto ∝ doteq ≐ triangleq ≜ coloneqq ≔ asymp ≍ models ⊨ vdash ⊢ dashv ⊣ perp ⊥ mid ∣ nmid ∤ parallel ∥
in ∈ notin ∉ ni ∋ subset ⊂ subseteq ⊆ subsetneq ⊊ supset ⊃ supseteq ⊇ supsetneq ⊋ sqsubseteq ⊑ sqsupseteq ⊒ bowtie ⋈ therefore ∴ because ∵
to → rightarrow → leftarrow ← gets ← leftrightarrow ↔ Rightarrow ⇒ Leftarrow ⇐ Leftrightarrow ⇔ implies ⟹ impliedby ⟸ iff ⟺
longrightarrow ⟶ longleftarrow ⟵ longleftrightarrow ⟷ Longrightarrow ⟹ Longleftarrow ⟸ Longleftrightarrow ⟺ mapsto ↦ longmapsto ⟼
uparrow ↑ downarrow ↓ updownarrow ↕ Uparrow ⇑ Downarrow ⇓ nearrow ↗ searrow ↘ swarrow ↙ nwarrow ↖ hookrightarrow ↪ hookleftarrow ↩
rightharpoonup ⇀ leftharpoonup ↼ rightleftharpoons ⇌ leadsto ⇝ rightsquigarrow ⇝ colon : surd √ backslash \
`)

// large operators have their limits above and below, but for integrals.
var large = pairs(`
sum ∑ prod ∏ coprod ∐ bigcup ⋃ bigcap ⋂ bigvee ⋁ bigwedge ⋀ bigoplus ⨁ bigotimes ⨂ bigodot ⨀ biguplus ⨄ bigsqcup ⨆
int ∫ iint ∬ iiint ∭ oint ∮
`)

// functions are written upright; of some the limits stand below.
var functions = func() map[string]named {
	m := map[string]named{}
	for name := range strings.FieldsSeq("log ln lg exp sin cos tan cot sec csc arcsin arccos arctan sinh cosh tanh coth dim ker deg hom arg") {
		m[`\`+name] = named{name, false}
	}
	for name := range strings.FieldsSeq("lim max min sup inf det gcd Pr lim-sup lim-inf arg-max arg-min") {
		m[`\`+strings.Replace(name, "-", "", 1)] = named{strings.Replace(name, "-", "\u00a0", 1), true}
	}
	return m
}()

type named struct {
	name   string
	limits bool
}

var delimiters = pairs(`
{ { } } lbrace { rbrace } langle ⟨ rangle ⟩ lceil ⌈ rceil ⌉ lfloor ⌊ rfloor ⌋ lvert | rvert | vert | lVert ‖ rVert ‖ Vert ‖ | ‖ lbrack [ rbrack ]
`)

// An accent is a mark above. A wide one grows with what is below it.
type accent struct {
	mark string
	wide bool
}

func (a accent) stretchy() string {
	if a.wide {
		return "true"
	}
	return "false"
}

var accents = map[string]accent{
	`\hat`: {"^", false}, `\widehat`: {"^", true}, `\tilde`: {"~", false}, `\widetilde`: {"~", true}, `\vec`: {"→", false}, `\overrightarrow`: {"→", true}, `\overleftarrow`: {"←", true},
	`\dot`: {"˙", false}, `\ddot`: {"¨", false}, `\dddot`: {"⃛", false}, `\check`: {"ˇ", false}, `\breve`: {"˘", false}, `\acute`: {"´", false}, `\grave`: {"`", false}, `\mathring`: {"˚", false},
}

// spaces have widths in em; -0.17em is that of \!.
var spaces = map[string]string{
	`\,`: "0.17em", `\thinspace`: "0.17em", `\:`: "0.22em", `\>`: "0.22em", `\;`: "0.28em", `\!`: "-0.17em", `\ `: "0.33em", `\quad`: "1em", `\qquad`: "2em", `\enspace`: "0.5em",
	"\\\n": "0.33em",
}

var sizes = map[string]string{}

func init() {
	for name, size := range map[string]string{`\big`: "1.2em", `\Big`: "1.8em", `\bigg`: "2.4em", `\Bigg`: "3em"} {
		for _, side := range []string{"", "l", "r", "m"} {
			sizes[name+side] = size
		}
	}
}

// styles hold for the rest of a group.
var styles = map[string]string{
	`\displaystyle`: `displaystyle="true" scriptlevel="0"`, `\textstyle`: `displaystyle="false" scriptlevel="0"`,
	`\scriptstyle`: `displaystyle="false" scriptlevel="1"`, `\scriptscriptstyle`: `displaystyle="false" scriptlevel="2"`,
}

// An alphabet is one of Unicode's mathematical ones: MathML Core has no
// attribute for them. A zero is not there.
type alphabet struct {
	upper, lower, digit rune // of A, a, 0
	greekUpper, greek   rune // of Α, α
	holes               map[rune]rune
}

var alphabets = func() map[string]*alphabet {
	bold := &alphabet{upper: 0x1D400, lower: 0x1D41A, digit: 0x1D7CE, greekUpper: 0x1D6A8, greek: 0x1D6C2}
	boldItalic := &alphabet{upper: 0x1D468, lower: 0x1D482, digit: 0x1D7CE, greekUpper: 0x1D71C, greek: 0x1D736}
	double := &alphabet{upper: 0x1D538, lower: 0x1D552, digit: 0x1D7D8, holes: map[rune]rune{'C': 'ℂ', 'H': 'ℍ', 'N': 'ℕ', 'P': 'ℙ', 'Q': 'ℚ', 'R': 'ℝ', 'Z': 'ℤ'}}
	script := &alphabet{upper: 0x1D49C, lower: 0x1D4B6, holes: map[rune]rune{'B': 'ℬ', 'E': 'ℰ', 'F': 'ℱ', 'H': 'ℋ', 'I': 'ℐ', 'L': 'ℒ', 'M': 'ℳ', 'R': 'ℛ', 'e': 'ℯ', 'g': 'ℊ', 'o': 'ℴ'}}
	fraktur := &alphabet{upper: 0x1D504, lower: 0x1D51E, holes: map[rune]rune{'C': 'ℭ', 'H': 'ℌ', 'I': 'ℑ', 'R': 'ℜ', 'Z': 'ℨ'}}
	return map[string]*alphabet{
		`\mathbf`: bold, `\bf`: bold, `\boldsymbol`: boldItalic, `\bm`: boldItalic, `\pmb`: boldItalic, `\mathbb`: double, `\mathds`: double, `\mathcal`: script, `\mathscr`: script, `\mathfrak`: fraktur,
		`\mathrm`: {}, `\mathit`: {upper: 0x1D434, lower: 0x1D44E, holes: map[rune]rune{'h': 'ℎ'}}, `\mathsf`: {upper: 0x1D5A0, lower: 0x1D5BA, digit: 0x1D7E2}, `\mathtt`: {upper: 0x1D670, lower: 0x1D68A, digit: 0x1D7F6},
	}
}()

// apply writes letters and digits in the alphabet.
func (a *alphabet) apply(s string) string {
	if a == nil {
		return s
	}
	return strings.Map(func(r rune) rune {
		shift := func(base, first rune) rune {
			if base == 0 {
				return r
			}
			return base + r - first
		}
		switch {
		case a.holes[r] != 0:
			return a.holes[r]
		case 'A' <= r && r <= 'Z':
			return shift(a.upper, 'A')
		case 'a' <= r && r <= 'z':
			return shift(a.lower, 'a')
		case '0' <= r && r <= '9':
			return shift(a.digit, '0')
		case 'Α' <= r && r <= 'Ω':
			return shift(a.greekUpper, 'Α')
		case 'α' <= r && r <= 'ω':
			return shift(a.greek, 'α')
		}
		return r
	}, s)
}
