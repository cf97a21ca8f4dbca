package command

import (
	"os"
	"slices"
	"strings"
)

// changeDir changes the working directory of cells, or prints it.
func (r *Run) changeDir(c Call) error {
	if len(c.Args) == 0 {
		r.printf("Current directory: %q\n", r.Dir())
		return nil
	}
	name := os.Expand(c.Args[0], r.getenv)
	if name == "" {
		return r.fail(c.Command, "PathError", "%s is empty", c.Args[0])
	}
	dir := r.path(c.Args[0])
	if c.Args[0] == "-" {
		if dir = r.getenv("OLDPWD"); dir == "" {
			return r.fail(c.Command, "PathError", "there is no previous directory")
		}
	}
	before := r.Dir()
	if info, err := os.Stat(dir); err != nil {
		return r.fail(c.Command, "PathError", "%v", err)
	} else if !info.IsDir() {
		return r.fail(c.Command, "PathError", "%s is not a directory", dir)
	}
	if err := r.SetDir(dir); err != nil {
		return r.fail(c.Command, "PathError", "%v", err)
	}
	for name, value := range map[string]string{"GONB_DIR": dir, "OLDPWD": before} {
		if err := r.SetEnv(name, value); err != nil {
			return r.fail(c.Command, "PathError", "%v", err)
		}
	}
	r.printf("Changed directory to %q\n", dir)
	return nil
}

// printDir prints the working directory.
func (r *Run) printDir(Call) error {
	r.printf("%s\n", r.Dir())
	return nil
}

// env sets an environment variable, or prints it, or prints all.
func (r *Run) env(c Call) error {
	if len(c.Args) == 0 {
		vars := slices.Clone(r.Environ())
		slices.Sort(vars)
		r.printf("%s\n", strings.Join(vars, "\n"))
		return nil
	}
	key, value, assigned := strings.Cut(c.Args[0], "=")
	if rest := c.Args[1:]; len(rest) > 0 {
		if assigned {
			value += " "
		}
		value += strings.Join(rest, " ")
		assigned = true
	}
	if key == "" {
		return r.usage(c)
	}
	if !assigned {
		r.printf("%s=%q\n", key, r.getenv(key))
		return nil
	}
	if err := r.SetEnv(key, value); err != nil {
		return r.fail(c.Command, "EnvError", "%v", err)
	}
	r.printf("Set: %s=%q\n", key, value)
	return nil
}
