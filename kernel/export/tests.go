package export

import (
	"go/parser"
	"go/token"
	"maps"
	"regexp"
	"slices"
	"strings"

	"modelbook/kernel/session"
)

var (
	testFunc = regexp.MustCompile(`^func ((?:Test|Benchmark|Fuzz)(?:[^\p{Ll}\s(][^\s(]*)?)\(\w+ \*testing\.[TBF]\)|^func (Example(?:[^\p{Ll}\s(][^\s(]*)?)\(\)`)
	word     = regexp.MustCompile(`[\pL_][\pL\p{Nd}_]*`)
)

// testName is the name of a test, benchmark or example for "go test", or "".
func testName(d session.Declaration) string {
	if m := testFunc.FindStringSubmatch(d.Text); m != nil {
		return m[1] + m[2]
	}
	return ""
}

// divide divides the declarations into those of the program and the tests
// that nothing in the program uses.
func divide(p *session.Program) (program, tests []session.Declaration) {
	used := map[string]bool{} // names in everything but the head of their own declaration
	note := func(text string) {
		for _, name := range word.FindAllString(text, -1) {
			used[name] = true
		}
	}
	for _, d := range p.Decls {
		if name := testName(d); name != "" {
			note(strings.TrimPrefix(d.Text, "func "+name))
		} else {
			note(d.Text)
		}
	}
	for _, c := range p.Cells {
		note(strings.Join(slices.Concat(c.Stmts, c.Main, c.Calls), "\n"))
	}
	for _, d := range p.Decls {
		if name := testName(d); name != "" && !used[name] {
			tests = append(tests, d)
		} else {
			program = append(program, d)
		}
	}
	return program, tests
}

// needVariables reports whether declarations use variables of the notebook,
// through others as well.
func needVariables(p *session.Program, tests []session.Declaration) bool {
	texts := map[string]string{} // by the first name that they declare, and methods by theirs
	for _, d := range p.Decls {
		for _, name := range word.FindAllString(d.Text[:min(len(d.Text), 200)], 8) {
			texts[name] += d.Text + "\n"
		}
	}
	vars := map[string]bool{}
	for _, v := range p.Vars {
		if names := word.FindAllString(v.Text, 2); len(names) == 2 {
			vars[names[1]] = true
		}
	}
	seen := map[string]bool{}
	var reaches func(text string) bool
	reaches = func(text string) bool {
		for _, name := range word.FindAllString(text, -1) {
			if vars[name] {
				return true
			}
			if !seen[name] {
				if seen[name] = true; reaches(texts[name]) {
					return true
				}
			}
		}
		return false
	}
	return slices.ContainsFunc(tests, func(d session.Declaration) bool { return reaches(d.Text) })
}

// tests is the text of the file for "go test", "" without tests.
func (w *writer) tests() string {
	if len(w.testDecls) == 0 {
		return ""
	}
	var b strings.Builder
	imports := map[string]string{}
	if needVariables(w.program, w.testDecls) && !slices.ContainsFunc(w.testDecls, func(d session.Declaration) bool { return testName(d) == "TestMain" }) {
		flag, os, testing := w.free("flag", nil), w.free("os", nil), w.free("testing", nil)
		imports[flag], imports[os], imports[testing] = "flag", "os", "testing"
		displays := ""
		if w.uses(gonbui) {
			displays = "\tif " + w.name("serveDisplays") + "() {\n\t\treturn\n\t}\n"
		}
		b.WriteString("\n// TestMain runs the notebook first: the tests use its variables.\nfunc TestMain(m *" + testing + ".M) {\n\t" + flag + ".Parse()\n" + displays + "\tmain()\n\t" + os + ".Exit(m.Run())\n}\n")
	}
	b.WriteString(w.written(w.testDecls))
	maps.Copy(imports, usedImports(b.String(), w.program.DeclImports))
	return "package main\n\n" + w.importBlock(imports, nil) + b.String()
}

// usedImports are the imports that the text of a file uses.
func usedImports(text string, imports map[string]string) map[string]string {
	all := map[string]string{}
	f, err := parser.ParseFile(token.NewFileSet(), "", "package main\n"+text, 0)
	if err != nil {
		return maps.Clone(imports)
	}
	for _, id := range f.Unresolved {
		if path := imports[id.Name]; path != "" {
			all[id.Name] = path
		}
	}
	return all
}
