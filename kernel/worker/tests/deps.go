package tests

import (
	"errors"
	"io"
	"reflect"
	"regexp"
	"runtime/pprof"
	"time"
)

// deps is what package testing asks of the program around it; that of go test
// is testing/internal/testdeps.
type deps struct{}

// corpusEntry is package testing's type of that name.
type corpusEntry = struct {
	Parent     string
	Path       string
	Data       []byte
	Values     []any
	Generation int
	IsSeed     bool
}

var errNoFuzzing = errors.New("a session does not fuzz")

func (deps) ImportPath() string                          { return "session" }
func (deps) ModulePath() string                          { return "session" }
func (deps) SetPanicOnExit0(bool)                        {}
func (deps) StartCPUProfile(w io.Writer) error           { return pprof.StartCPUProfile(w) }
func (deps) StopCPUProfile()                             { pprof.StopCPUProfile() }
func (deps) StartTestLog(io.Writer)                      {}
func (deps) StopTestLog() error                          { return nil }
func (deps) RunFuzzWorker(func(corpusEntry) error) error { return errNoFuzzing }
func (deps) ResetCoverage()                              {}
func (deps) SnapshotCoverage()                           {}

func (deps) MatchString(pat, str string) (bool, error) { return regexp.MatchString(pat, str) }

func (deps) WriteProfileTo(name string, w io.Writer, debug int) error {
	return pprof.Lookup(name).WriteTo(w, debug)
}

func (deps) CoordinateFuzzing(time.Duration, int64, time.Duration, int64, int, []corpusEntry, []reflect.Type, string, string) error {
	return errNoFuzzing
}

// ReadCorpus finds no files: the seeds of a session are those that f.Add adds.
func (deps) ReadCorpus(string, []reflect.Type) ([]corpusEntry, error) { return nil, nil }

func (deps) CheckCorpus(values []any, types []reflect.Type) error {
	if len(values) != len(types) {
		return errors.New("wrong number of values in the call to f.Add")
	}
	for i, v := range values {
		if reflect.TypeOf(v) != types[i] {
			return errors.New("mismatched types in the call to f.Add: " + reflect.TypeOf(v).String() + ", want " + types[i].String())
		}
	}
	return nil
}

func (deps) InitRuntimeCoverage() (mode string, tearDown func(string, string) (string, error), snapcov func() float64) {
	return "", nil, nil
}
