package engine

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"modelbook/internal/place"
	"modelbook/kernel/session"
	"modelbook/kernel/source/gen"
	"modelbook/kernel/toolchain"
	"modelbook/kernel/worker/control"
)

// sources keeps the text of cells, to show lines of them in errors.
type sources struct {
	mu    sync.Mutex
	lines map[int][]string
	names map[int]string // of files that %run ran, which have numbers, too
}

// firstFile is above the numbers of cells.
const firstFile = 1_000_000

func newSources() *sources { return &sources{lines: map[int][]string{}, names: map[int]string{}} }

// addFile keeps the text of a file under a number.
func (s *sources) addFile(number int, name, text string) {
	s.add(number, text)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.names[number] = name
}

// name is how a cell, or a file, is called in messages.
func (s *sources) name(cell int) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if name := s.names[cell]; name != "" {
		return name
	}
	return place.File(cell)
}

var fileNumber = regexp.MustCompile(`cell\\?\[(\d{7,})\]`)

// named puts the names of files into a text that has their numbers.
func (s *sources) named(text string) string {
	return fileNumber.ReplaceAllStringFunc(text, func(at string) string {
		n, _ := strconv.Atoi(fileNumber.FindStringSubmatch(at)[1])
		return s.name(n)
	})
}

func (s *sources) add(cell int, code string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lines[cell] = strings.Split(code, "\n")
}

// text is the lines of a cell.
func (s *sources) text(cell int) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lines[cell]
}

func (s *sources) line(cell, line int) (string, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	lines := s.lines[cell]
	if line < 1 || line > len(lines) {
		return "", false
	}
	return strings.TrimSuffix(lines[line-1], "\r"), true
}

// Of the colours that front ends have for a terminal's, these are readable on white and on black; cyan and yellow are not.
const (
	red, green, bold, dim, plain = "\x1b[31m", "\x1b[32m", "\x1b[1m", "\x1b[2m", "\x1b[0m"
	shownMessages                = 10
	shownFrames                  = 12
	maxExcerpt                   = 200 // bytes of a long line on each side of an error
)

// place shows a line of a cell: position, message, source and a caret under
// the column; col 0 marks the whole line.
func (s *sources) place(cell, line, col int, message string) []string {
	at := fmt.Sprintf("%s:%d", s.name(cell), line)
	if col > 0 {
		at += fmt.Sprintf(":%d", col)
	}
	text := []string{green + at + plain + message}
	source, ok := s.line(cell, line)
	if !ok {
		return text
	}
	source, col = excerpt(source, col)
	indent := 0
	for indent < len(source) && (source[indent] == ' ' || source[indent] == '\t') {
		indent++
	}
	from, mark := indent, strings.Repeat("~", max(1, len([]rune(strings.TrimSpace(source)))))
	if col > 0 {
		from, mark = min(col-1, len(source)), "^"
	}
	var pad strings.Builder
	for _, r := range source[:from] { // keep tabs, so that the caret lines up
		if r == '\t' {
			pad.WriteRune('\t')
		} else {
			pad.WriteByte(' ')
		}
	}
	return append(text, "    "+source, "    "+pad.String()+red+mark+plain)
}

// excerpt shortens a long line to what stands around a column, a byte offset
// from 1 (0: none).
func excerpt(source string, col int) (string, int) {
	if len(source) <= 2*maxExcerpt {
		return source, col
	}
	from := min(max(0, col-1-maxExcerpt), len(source))
	to := min(from+2*maxExcerpt, len(source))
	part := strings.ToValidUTF8(source[from:to], "")
	if col > 0 {
		col = len(strings.ToValidUTF8(source[from:min(col-1, to)], "")) + 1
	}
	if from > 0 {
		part = "..." + part
		if col > 0 {
			col += len("...")
		}
	}
	if to < len(source) {
		part += "..."
	}
	return part, col
}

// compileError tells all complaints about a cell, the first few with their
// lines.
func (s *sources) compileError(messages []session.Message) *CellError {
	e := &CellError{Name: "CompileError"}
	if len(messages) == 0 {
		return e
	}
	e.Value = messages[0].Text
	if n := len(messages) - 1; n > 0 {
		e.Value += fmt.Sprintf(" (and %d more)", n)
	}
	for i, m := range messages {
		if i == shownMessages {
			e.Traceback = append(e.Traceback, fmt.Sprintf("... and %d more", len(messages)-i))
			break
		}
		first, rest, _ := strings.Cut(m.Text, "\n")
		e.Traceback = append(e.Traceback, s.place(m.Cell, m.Line, m.Col, ": "+red+first+plain)...)
		if rest != "" {
			e.Traceback = append(e.Traceback, strings.Split(rest, "\n")...)
		}
	}
	return e
}

func (s *sources) compilerOutput(err *toolchain.CompileError) *CellError {
	var messages []session.Message
	for _, m := range err.Messages {
		messages = append(messages, session.Message{Cell: m.Cell, Line: m.Line, Col: m.Col, Text: gen.AsWritten(m.Text)})
	}
	if len(messages) > 0 {
		return s.compileError(messages)
	}
	e := &CellError{Name: "CompileError", Value: gen.AsWritten(err.Error())}
	e.Traceback = strings.Split(red+e.Name+plain+": "+e.Value, "\n")
	return e
}

// failureName names a failure by its kind, or an error by its Go type, where
// that says something.
func failureName(f *control.Failure) string {
	switch f.Kind {
	case control.Panicked:
		return "Panic"
	case control.Interrupted, control.Blocked:
		return "Interrupted"
	case control.Exited:
		return "ExitError"
	}
	switch name := strings.TrimPrefix(f.Type, "*"); name {
	case "errors.errorString", "errors.joinError", "fmt.wrapError", "fmt.wrapErrors":
		return "error"
	default:
		return name
	}
}

// failure tells how a cell ended.
func (s *sources) failure(f *control.Failure) *CellError {
	e := &CellError{Name: failureName(f), Value: f.Message}
	e.Traceback = []string{red + e.Name + plain + ": " + firstLine(f.Message)}
	if _, rest, more := strings.Cut(f.Message, "\n"); more {
		e.Traceback = append(e.Traceback, strings.Split(rest, "\n")...)
	}
	e.Traceback = append(e.Traceback, s.frames(f.Frames)...)
	if f.Cause != nil {
		e.Traceback = append(e.Traceback, "then, going on in spite of the error, "+red+failureName(f.Cause)+plain+": "+f.Cause.Message)
		e.Traceback = append(e.Traceback, s.frames(f.Cause.Frames)...)
	}
	return e
}

func firstLine(text string) string {
	first, _, _ := strings.Cut(text, "\n")
	return first
}

// frames shows the part of a stack that is in cells, with the lines, and the
// library functions they had called by name only.
func (s *sources) frames(frames []control.Frame) []string {
	var text []string
	var outside []control.Frame
	shown := 0
	var last control.Frame // of a cell
	for i, f := range frames {
		if f.Go {
			continue
		}
		if shown > 0 && f == last { // a recursion
			if frames[i-1] == f && (i < 2 || frames[i-2] != f) {
				text = append(text, dim+"    ... the same again"+plain)
			}
			continue
		}
		cell, inCell := place.Cell(f.File)
		if !inCell {
			if shown == 0 && !strings.HasPrefix(f.Func, "modelbook/kernel/worker/") && !strings.HasPrefix(f.Func, "main.") && !strings.HasPrefix(f.Func, "runtime.") {
				outside = append(outside, f)
			}
			continue
		}
		if shown == shownFrames {
			return append(text, "    ...")
		}
		last = f
		if shown == 0 {
			for _, o := range outside[:min(len(outside), 3)] {
				text = append(text, dim+fmt.Sprintf("in %s (%s:%d)", o.Func, filepath.Base(o.File), o.Line)+plain)
			}
		}
		shown++
		text = append(text, s.place(cell, f.Line, 0, s.functionName(cell, f.Func))...)
	}
	return text
}

var mainDeclared = regexp.MustCompile(`\bfunc\s+main\s*\(`)

// functionName is " in f" for a function of a cell, "" for its statements, which
// run as main where the cell has no other, and for what is generated around them.
func (s *sources) functionName(cell int, name string) string {
	name = gen.Inlined(strings.TrimPrefix(name, "main.")) // which others are inlined into
	if name == "" || gen.IsGenerated(name) || (name == "main" || strings.HasPrefix(name, "main.")) && !s.has(cell, mainDeclared) {
		return ""
	}
	return " in " + numberedInit.ReplaceAllString(name, "init")
}

// numberedInit matches the name of a func init, of which a cell may have several.
var numberedInit = regexp.MustCompile(`^init\.\d+\b`)

// has reports whether a line of a cell matches.
func (s *sources) has(cell int, pattern *regexp.Regexp) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.ContainsFunc(s.lines[cell], pattern.MatchString)
}
