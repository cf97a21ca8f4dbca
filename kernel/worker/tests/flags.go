package tests

import (
	"flag"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// allowed are the flags of test binaries that make sense in a session. Others
// would end the process, or need one of their own.
var allowed = []string{"bench", "benchmem", "benchtime", "blockprofile", "count", "cpuprofile", "failfast", "fullpath", "list",
	"memprofile", "mutexprofile", "outputdir", "parallel", "run", "short", "shuffle", "skip", "v"}

// instead says what to do in place of some of the others.
var instead = map[string]string{
	"cpu":     "runtime.GOMAXPROCS(n) in a cell sets the number of processors",
	"timeout": "interrupt the cell to end its tests",
	"fuzz":    "the seeds of fuzz targets are run as tests; go test -fuzz needs a package in a folder",
}

// testFlags are package testing's, which it registers but once a process.
var testFlags *flag.FlagSet

// setFlags makes args the flags of the test run. restore puts back what they
// were.
func setFlags(args []string) (restore func(), err error) {
	users := flag.CommandLine
	if testFlags == nil {
		flag.CommandLine = flag.NewFlagSet("test", flag.ContinueOnError)
		testing.Init()
		testFlags = flag.CommandLine
		flag.CommandLine = users
	}
	all := flag.NewFlagSet("test", flag.ContinueOnError)
	all.SetOutput(io.Discard)
	testFlags.VisitAll(func(f *flag.Flag) {
		err = f.Value.Set(f.DefValue)
		all.Var(f.Value, f.Name, f.Usage)
	})
	users.VisitAll(func(f *flag.Flag) {
		if all.Lookup(f.Name) == nil {
			all.Var(f.Value, f.Name, f.Usage)
		}
	})
	testFlags.VisitAll(func(f *flag.Flag) { // go test takes them without "test."
		if short := strings.TrimPrefix(f.Name, "test."); all.Lookup(short) == nil {
			all.Var(f.Value, short, f.Usage)
		}
	})
	args = slices.DeleteFunc(slices.Clone(args), func(a string) bool { return a == "" })
	for _, a := range args {
		name, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimLeft(a, "-"), "test."), "=")
		if strings.HasPrefix(a, "-") && !slices.Contains(allowed, name) && (users.Lookup(name) == nil || strings.Contains(a, "test."+name)) {
			why := "flags that do are -" + strings.Join(allowed, ", -")
			if instead[name] != "" {
				why = instead[name]
			}
			return nil, fmt.Errorf("%%test: %s does not work in a session; %s", a, why)
		}
	}
	if err := all.Parse(args); err != nil {
		return nil, fmt.Errorf("%%test: %w", err)
	}
	for _, name := range []string{"run", "skip", "bench", "list"} {
		for _, part := range strings.Split(all.Lookup("test."+name).Value.String(), "/") {
			if _, err := regexp.Compile(part); err != nil {
				return nil, fmt.Errorf("%%test: the pattern of -%s: %w", name, err)
			}
		}
	}
	arguments := os.Args
	flag.CommandLine, os.Args = all, append(os.Args[:1:1], args...)
	return func() { flag.CommandLine, os.Args = users, arguments }, nil
}
