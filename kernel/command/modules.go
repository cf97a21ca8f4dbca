package command

import (
	"html"
	"slices"
	"strings"

	"modelbook/kernel/output"
)

// autoGet is %autoget and %noautoget.
func (r *Run) autoGet(c Call) error {
	r.SetAutoGet(c.Name == "%autoget")
	return nil
}

// goFlags sets flags of go build, or prints them.
func (r *Run) goFlags(c Call) error {
	var notes []string
	if len(c.Args) > 0 {
		flags := slices.DeleteFunc(slices.Clone(c.Args), func(s string) bool { return s == "" })
		var err error
		if notes, err = r.SetGoFlags(flags); err != nil {
			return r.fail(c.Command, "FlagError", "%%goflags: %v", err)
		}
	}
	r.printf("%%goflags=%q\n", r.GoFlags())
	for _, n := range notes {
		output.Note(r.out, "%s", n)
	}
	return nil
}

// track adds files and folders to those whose changes are reported. The words
// of %track and %untrack are GoNB's.
func (r *Run) track(c Call) error {
	if len(c.Args) == 0 {
		return r.listTracked(c)
	}
	for _, name := range c.Args {
		if err := r.Track(r.path(name)); err != nil {
			return r.fail(c.Command, "PathError", "%v", err)
		}
		r.printf("\tTracking %q\n", name)
	}
	return nil
}

func (r *Run) untrack(c Call) error {
	if len(c.Args) == 0 { // as in GoNB
		return r.listTracked(c)
	}
	name := c.Args[0]
	path, dots := strings.CutSuffix(name, "...")
	end := ""
	if dots { // a slash at the end of the prefix is part of it
		if end = "..."; strings.HasSuffix(path, "/") {
			end = "/..."
		}
	}
	if err := r.Untrack(r.path(path) + end); err != nil {
		return r.fail(c.Command, "PathError", "%v", err)
	}
	r.printf("\tUntracked %q\n", name)
	return nil
}

// listTracked shows what is tracked.
func (r *Run) listTracked(c Call) error {
	paths, err := r.Tracked(r.ctx)
	if err != nil {
		return r.fail(c.Command, "TrackError", "%v", err)
	}
	plain, rich := "No files or directory being tracked yet", "<b>No files or directory being tracked yet</b>\n"
	if len(paths) > 0 {
		plain, rich = "List of files/directories being tracked:", "<b>List of files/directories being tracked:</b>\n<ul>\n"
		for _, p := range paths {
			plain += "\n  " + p
			rich += "<li>" + html.EscapeString(p) + "</li>\n"
		}
		rich += "</ul>\n"
	}
	r.display(map[string]any{"text/plain": plain, "text/html": rich})
	return nil
}

// goWorkFix adds replace rules for what go.work uses, in GoNB's words.
func (r *Run) goWorkFix(c Call) error {
	err := r.UseWork(r.ctx, func(path, dir, before string) {
		switch before {
		case "":
			r.printf("\t- Added replace rule for module %q to local directory %q.\n", path, dir)
		case dir:
			r.printf("\t- Replace rule for module %q to local directory %q already exists.\n", path, dir)
		default:
			r.warnf("\t- Replace rule for module \"%s\" to \"%s\" changed to \"%s\", as in go.work.\n", path, before, dir)
		}
	})
	if err != nil {
		return r.fail(c.Command, "GoWorkError", "%v", err)
	}
	return nil
}
