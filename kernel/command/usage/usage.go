// Package usage reads the one-line descriptions of arguments that commands
// have, such as "[-a] [-n count] path [args...]", and splits arguments as they
// say: words in brackets may be left out, "..." repeats, and a word that begins
// with "-" is a flag, with a value if another word follows in its brackets.
//
// It imports nothing but the standard library, so that completion can use it.
package usage

import (
	"slices"
	"strings"
)

// A Form is what a command takes.
type Form struct {
	Flags    []Flag
	Operands []Operand
}

// A Flag is an argument that begins with "-".
type Flag struct {
	Name  string // "-a"
	Value string // what its value is, or "" when it takes none
}

// An Operand is an argument by position.
type Operand struct {
	Name               string
	Optional, Repeated bool
}

// Parse reads a description.
func Parse(text string) Form {
	var f Form
	depth := 0
	flag := -1 // the flag that the present brackets began with
	for _, word := range strings.Fields(text) {
		for strings.HasPrefix(word, "[") {
			depth, flag, word = depth+1, -1, word[1:]
		}
		closing := len(word) - len(strings.TrimRight(word, "]"))
		word = word[:len(word)-closing]
		switch {
		case strings.HasPrefix(word, "-"):
			f.Flags = append(f.Flags, Flag{Name: word})
			flag = len(f.Flags) - 1
		case flag >= 0:
			f.Flags[flag].Value = word
		default:
			name, repeated := strings.CutSuffix(word, "...")
			f.Operands = append(f.Operands, Operand{Name: name, Optional: depth > 0, Repeated: repeated})
		}
		if closing > 0 {
			depth, flag = depth-closing, -1
		}
	}
	return f
}

// Split divides arguments into flags, with their values, and operands. It
// reports whether they are what the form says. Without flags in the form, what
// begins with "-" is an operand.
func (f Form) Split(args []string) (flags map[string]string, operands []string, ok bool) {
	flags = map[string]string{}
	for i := 0; i < len(args); i++ {
		a := args[i]
		if len(f.Flags) == 0 || len(a) < 2 || a[0] != '-' {
			operands = append(operands, a)
			continue
		}
		k := slices.IndexFunc(f.Flags, func(flag Flag) bool { return flag.Name == a })
		switch {
		case k < 0:
			return nil, nil, false
		case f.Flags[k].Value == "":
			flags[a] = ""
		case i+1 == len(args):
			return nil, nil, false
		default:
			i++
			flags[a] = args[i]
		}
	}
	least, most := 0, 0
	for _, o := range f.Operands {
		if !o.Optional {
			least++
		}
		if most++; o.Repeated {
			most = len(operands)
			break
		}
	}
	return flags, operands, least <= len(operands) && len(operands) <= most
}

// Operand is the operand that an argument at a position is, from 0; its name is
// "" when there is none.
func (f Form) Operand(n int) Operand {
	for i, o := range f.Operands {
		if i == n || o.Repeated {
			return o
		}
	}
	return Operand{}
}
