//go:build client

package notebooks

import (
	"bytes"
	"go/scanner"
	"go/token"
	"os"
	"strings"
	"testing"
	"unicode"
)

// The notebooks that are there in Chinese, too.
var inChinese = []string{"first_steps", "mnist_cnn"}

// A Chinese notebook has the cells of the English one: the same code but for comments and texts, which are Chinese, and
// Chinese words beside it.
func TestClientChineseNotebooksHaveTheSameCode(t *testing.T) {
	for _, name := range inChinese {
		english, chinese := read(t, name+".ipynb"), read(t, name+".zh-CN.ipynb")
		if len(english.Cells) != len(chinese.Cells) {
			t.Errorf("%s: %d cells in Chinese, %d in English", name, len(chinese.Cells), len(english.Cells))
			continue
		}
		for i, c := range english.Cells {
			other := chinese.Cells[i]
			switch {
			case c.Type != other.Type:
				t.Errorf("%s, cell %d is of the type %s in Chinese, %s in English", name, i, other.Type, c.Type)
			case c.Type == "markdown" && !chineseText(string(other.Source)):
				t.Errorf("%s, cell %d is not in Chinese: %s", name, i, other.Source)
			case c.Type == "markdown" && strings.Count(string(c.Source), "`") != strings.Count(string(other.Source), "`"):
				t.Errorf("%s, cell %d names other things in Chinese:\n%s\n%s", name, i, c.Source, other.Source)
			case c.Type == "code":
				if a, b := differing(string(c.Source), string(other.Source)); a != b {
					t.Errorf("%s, cell %d: English has %s, where Chinese has %s", name, i, a, b)
				}
			}
		}
	}
}

// differing returns the first parts in which the code of an English cell and of its Chinese sister differ, comments and
// Chinese texts left out.
func differing(english, chinese string) (a, b string) {
	x, y := tokens(english), tokens(chinese)
	for i := range max(len(x), len(y)) {
		if i == len(x) || i == len(y) {
			return strings.Join(x[min(i, len(x)):], " ") + "|", "|" + strings.Join(y[min(i, len(y)):], " ")
		}
		if x[i] != y[i] && !(strings.HasPrefix(x[i], `"`) && strings.HasPrefix(y[i], `"`) && chineseText(y[i])) {
			return x[i], y[i]
		}
	}
	return "", ""
}

// tokens are the words of a cell of Go, without comments. What is no Go, as the text of a command, becomes words, too.
func tokens(source string) []string {
	var list []string
	var s scanner.Scanner
	s.Init(token.NewFileSet().AddFile("", -1, len(source)), []byte(source), nil, 0)
	for {
		_, kind, text := s.Scan()
		switch {
		case kind == token.EOF:
			return list
		case text == "":
			text = kind.String()
		}
		list = append(list, text)
	}
}

func chineseText(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Han, r) })
}

func TestClientDifferingCode(t *testing.T) {
	for _, c := range []struct {
		english, chinese string
		differ           bool
	}{
		{"x := 1 // one", "x := 1 // 一", false},
		{`fmt.Println("one")`, `fmt.Println("一")`, false},
		{`fmt.Println("one")`, `fmt.Println("uno")`, true},
		{"x := 1", "x := 2", true},
		{"x := 1", "x := 1\ny := 2", true},
		{"%whos", "%who", true},
	} {
		if a, b := differing(c.english, c.chinese); (a != b) != c.differ {
			t.Errorf("%q, %q: %q, %q", c.english, c.chinese, a, b)
		}
	}
}

// The Chinese notebooks run, with a training that is cut short, and their figures find a font that has their letters.
func TestClientChineseNotebooks(t *testing.T) {
	for _, c := range []struct {
		name  string
		says  []string
		shows int // PNGs
	}{
		{"first_steps", []string{"17984 个小于 200,000 的质数", "每平方公里   6322 人  内罗毕", "果然： strconv.Atoi", "1 passed"}, 2},
		{"mnist_cnn", []string{"60000 幅图像用于学习， 10000 幅用于考试", "测试准确率", "个数字认错了，一共 10000 个", "再训练一个轮次之后"}, 6},
	} {
		path := copied(t, c.name+".zh-CN.ipynb")
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		b = bytes.ReplaceAll(b, []byte("epochs := 10"), []byte("epochs := 1"))
		b = bytes.ReplaceAll(b, []byte("trainer.Fit(ctx, digits.Train,"), []byte("trainer.Fit(ctx, data.Take(digits.Train, 4000),"))
		if err := os.WriteFile(path, b, 0o666); err != nil {
			t.Fatal(err)
		}
		nb := converted(t, path, 300)
		nb.check(t)
		text := nb.text()
		for _, want := range c.says {
			if !strings.Contains(text, want) {
				t.Errorf("%s: no output says %q", c.name, want)
			}
		}
		if strings.Contains(text, "no font of this machine") {
			t.Errorf("%s: figures show boxes for letters; install/test.sh gets a font", c.name)
		}
		if n := nb.images("image/png"); n < c.shows {
			t.Errorf("%s: %d outputs with a PNG, want at least %d", c.name, n, c.shows)
		}
	}
}
