package command

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"modelbook/dl/privacy/sealed"
	"modelbook/internal/number"
	"modelbook/kernel/output"
)

// defaultSession is the file that %save writes without an argument.
const defaultSession = "session.mbk"

// maxApart is how many variables that share memory are named.
const maxApart = 5

// save writes the session to a file.
func (r *Run) save(c Call) error {
	path := r.sessionPath(c)
	key, err := r.sessionKey(c, true)
	if err != nil {
		return r.fail(c.Command, "SaveError", "%v", err)
	}
	saved, err := r.Save(path, key)
	if err != nil {
		return r.fail(c.Command, "SaveError", "%v", err)
	}
	size := ""
	if info, err := os.Stat(path); err == nil {
		size = ", " + number.Bytes(info.Size())
	}
	r.printf("%s: declarations and %s%s\n", path, variableCount(saved.Done), size)
	r.printSkipped(saved.Skipped, "not saved")
	if n := len(saved.Apart); n > 0 {
		also := ""
		if n > maxApart {
			also = fmt.Sprintf(", and %d more", n-maxApart)
		}
		output.Note(r.out, "pointers into a structure, array or slice, and parts of slices, come back as copies: in %s%s", strings.Join(saved.Apart[:min(n, maxApart)], "; "), also)
	}
	if c.After {
		output.Note(r.out, "the Go code above %%save runs after it, as after all commands, and its values are not in the file: give %%save a cell of its own")
	}
	return nil
}

// loadSession adds the session in a file to this one.
func (r *Run) loadSession(c Call) error {
	path := r.sessionPath(c)
	key, err := r.sessionKey(c, false)
	if err != nil {
		return r.fail(c.Command, "LoadError", "%v", err)
	}
	loaded, err := r.LoadSession(r.ctx, path, key, r.out)
	if err != nil {
		if _, told := err.(*output.Error); told {
			return err
		}
		return r.fail(c.Command, "LoadError", "%v", err)
	}
	r.printf("%s: declarations and %s\n", path, variableCount(loaded.Done))
	if len(loaded.Done) > 0 {
		r.printf("%s\n", strings.Join(loaded.Done, ", "))
	}
	r.printSkipped(loaded.Skipped, "without a value")
	return nil
}

// sessionKey is the key that a command names, or that of a passphrase that the user is asked for, twice when it is new;
// nil when the file is not to be encrypted.
func (r *Run) sessionKey(c Call, fresh bool) (*sealed.Key, error) {
	file, named := c.Flags["-key"]
	switch {
	case named && c.Has("-passphrase"):
		return nil, errors.New("give -key or -passphrase, not both")
	case named:
		text, err := os.ReadFile(r.path(file))
		if err != nil {
			return nil, err
		}
		key, err := sealed.ParseKey(string(text))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		return &key, nil
	case !c.Has("-passphrase"):
		return nil, nil
	}
	text, err := r.out.Input("Passphrase: ", true)
	if err == nil && fresh {
		var again string
		if again, err = r.out.Input("Once more: ", true); err == nil && again != text {
			err = errors.New("the two passphrases differ")
		}
	}
	if err != nil {
		return nil, err
	}
	key, err := sealed.Passphrase(text)
	return &key, err
}

// sessionPath is the file that the command names.
func (r *Run) sessionPath(c Call) string {
	if len(c.Args) == 0 {
		return filepath.Join(r.Dir(), defaultSession)
	}
	return r.path(c.Args[0])
}

func (r *Run) printSkipped(skipped []Skipped, what string) {
	for _, s := range skipped {
		r.printf("%s: %s (%s)\n", what, s.Name, s.Why)
	}
}

func variableCount(names []string) string {
	if len(names) == 1 {
		return "1 variable"
	}
	return strconv.Itoa(len(names)) + " variables"
}
