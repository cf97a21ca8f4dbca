package engine

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"modelbook/kernel/cell"
)

// defaultSession is the file that %save writes to without a name.
const defaultSession = "session.mbk"

// shownApart is how many variables that share memory are named.
const shownApart = 5

// save writes the session to a file.
func (r *commandRun) save(cmd cell.Command) error {
	path, err := r.sessionPath(cmd)
	if err != nil {
		return err
	}
	told, err := r.Save(path)
	if err != nil {
		return r.fail(cmd, "SaveError", "%v", err)
	}
	size := ""
	if info, err := os.Stat(path); err == nil {
		size = ", " + bytesText(info.Size())
	}
	r.printf("%s: declarations and %s%s\n", path, variableCount(told.Done), size)
	r.tellLost(told.Skipped, "not saved")
	if n := len(told.Apart); n > 0 {
		also := ""
		if n > shownApart {
			also = fmt.Sprintf(", and %d more", n-shownApart)
		}
		note(r.out, "pointers into a structure, array or slice, and parts of slices, come back as copies: in %s%s", strings.Join(told.Apart[:min(n, shownApart)], "; "), also)
	}
	if cmd.After {
		note(r.out, "the Go code above runs after %%save, as after all commands, and its values are not in the file: give %%save a cell of its own")
	}
	return nil
}

// loadSession makes the session of a file this one's.
func (r *commandRun) loadSession(cmd cell.Command) error {
	path, err := r.sessionPath(cmd)
	if err != nil {
		return err
	}
	loaded, lost, err := r.LoadSession(r.ctx, path, r.out)
	if err != nil {
		if _, told := err.(*CellError); told {
			return err
		}
		return r.fail(cmd, "LoadError", "%v", err)
	}
	r.printf("%s: declarations and %s\n", path, variableCount(loaded))
	if len(loaded) > 0 {
		r.printf("%s\n", strings.Join(loaded, ", "))
	}
	r.tellLost(lost, "without a value")
	return nil
}

// sessionPath is the file that a command names.
func (r *commandRun) sessionPath(cmd cell.Command) (string, error) {
	switch len(cmd.Args) {
	case 0:
		return filepath.Join(r.Dir(), defaultSession), nil
	case 1:
		return r.path(os.Expand(cmd.Args[0], r.getenv)), nil
	}
	return "", r.usage(cmd, cmd.Name+" [file]")
}

func (r *commandRun) tellLost(lost []SavedProblem, what string) {
	for _, l := range lost {
		r.printf("%s: %s (%s)\n", what, l.Name, l.Why)
	}
}

func variableCount(names []string) string {
	if len(names) == 1 {
		return "1 variable"
	}
	return strconv.Itoa(len(names)) + " variables"
}
