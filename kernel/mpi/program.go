package mpi

import (
	_ "embed"
	"path/filepath"
	"strings"
	"text/template"
)

//go:embed helper/main.go.txt
var mainText string

//go:embed helper/figures.go.txt
var figuresText string

var mainTemplate = template.Must(template.New("main").Parse(mainText))

// ContextVariable is the variable of the program that an interrupt cancels.
const ContextVariable = "mpirunCtx"

// These marks surround a message of rank 0 in its standard output, which reaches
// the kernel from any machine. Terminals ignore what is between them.
const (
	firstMark = "\x1b_modelbook "
	lastMark  = "\x1b\\"
)

// A Program is a function that all ranks call, with what it trains.
type Program struct {
	Function *Function
	Trainers []string // the variables of the session
	Dir      string   // for files that the session and rank 0 leave each other
	Figures  bool     // it may show figures: it imports modelbook/plotting
}

// Before is the file in which the session leaves the state of a Trainer, After
// the one in which rank 0 does.
func (p *Program) Before(trainer string) string { return filepath.Join(p.Dir, trainer+".before") }

// After is the file in which rank 0 leaves the state of a Trainer.
func (p *Program) After(trainer string) string { return filepath.Join(p.Dir, trainer+".after") }

// Files are the files of the program beside the declarations of the session.
func (p *Program) Files() (map[string]string, error) {
	var b strings.Builder
	data := map[string]any{"Program": p, "Context": ContextVariable, "First": firstMark, "Last": lastMark,
		"Call": p.Function.Error(p.Function.Call(ContextVariable, "ranks", p.Trainers))}
	if err := mainTemplate.Execute(&b, data); err != nil {
		return nil, err
	}
	files := map[string]string{"mpirun_main.go": b.String()}
	if p.Figures {
		files["mpirun_figures.go"] = figuresText
	}
	return files, nil
}
