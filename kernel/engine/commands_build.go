package engine

import (
	"html"
	"slices"
	"strings"

	"modelbook/kernel/build"
	"modelbook/kernel/cell"
)

// goFlags sets flags of go build, or shows them.
func (r *commandRun) goFlags(cmd cell.Command) error {
	if len(cmd.Args) > 0 {
		flags := slices.DeleteFunc(slices.Clone(cmd.Args), func(s string) bool { return s == "" })
		notes, err := r.SetGoFlags(flags)
		if err != nil {
			return r.fail(cmd, "FlagError", "%%goflags: %v", err)
		}
		defer func() {
			for _, n := range notes {
				note(r.out, "%s", n)
			}
		}()
	}
	r.printf("%%goflags=%q\n", r.GoFlags())
	return nil
}

// track adds files and folders to those whose changes are told.
func (r *commandRun) track(cmd cell.Command) error {
	if len(cmd.Args) == 0 {
		return r.tracked(cmd)
	}
	for _, name := range cmd.Args {
		if err := r.Track(r.path(name)); err != nil {
			return r.fail(cmd, "PathError", "%v", err)
		}
		r.printf("\tTracking %q\n", name)
	}
	return nil
}

func (r *commandRun) untrack(cmd cell.Command) error {
	if len(cmd.Args) == 0 { // as GoNB
		return r.tracked(cmd)
	}
	if len(cmd.Args) != 1 {
		return r.usage(cmd, "%untrack path (path... takes all that begin so; %track lists what is tracked)")
	}
	name := cmd.Args[0]
	path, dots := strings.CutSuffix(name, "...")
	end := ""
	if dots { // what the prefix ends in, a slash for instance, stays
		if end = "..."; strings.HasSuffix(path, "/") {
			end = "/..."
		}
	}
	if err := r.Untrack(r.path(path) + end); err != nil {
		return r.fail(cmd, "PathError", "%v", err)
	}
	r.printf("\tUntracked %q\n", name)
	return nil
}

// tracked lists what is tracked.
func (r *commandRun) tracked(cmd cell.Command) error {
	paths, err := r.Tracked(r.ctx)
	if err != nil {
		return r.fail(cmd, "TrackError", "%v", err)
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
	r.out.Display(Display{Data: map[string]any{"text/plain": plain, "text/html": rich}})
	return nil
}

// goWorkFix makes replace rules of what go.work uses, in GoNB's words.
func (r *commandRun) goWorkFix(cmd cell.Command) error {
	if len(cmd.Args) > 0 {
		return r.usage(cmd, "%goworkfix")
	}
	err := r.UseWork(r.ctx, func(l build.Local, before string) {
		switch before {
		case "":
			r.printf("\t- Added replace rule for module %q to local directory %q.\n", l.Path, l.Dir)
		case l.Dir:
			r.printf("\t- Replace rule for module %q to local directory %q already exists.\n", l.Path, l.Dir)
		default:
			r.out.Stream("stderr", "\t- Replace rule for module \""+l.Path+"\" to \""+before+"\" changed to \""+l.Dir+"\", as in go.work.\n")
		}
	})
	if err != nil {
		return r.fail(cmd, "GoWorkError", "%v", err)
	}
	return nil
}
