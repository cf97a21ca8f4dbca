package usage

import (
	"fmt"
	"testing"
)

func TestSplit(t *testing.T) {
	for _, test := range []struct {
		form string
		args []string
		want string
	}{
		{"", nil, "map[] []"},
		{"", []string{"x"}, "wrong"},
		{"[-a] path", []string{"-a", "f"}, "map[-a:] [f]"},
		{"[-a] path", []string{"f", "-a"}, "map[-a:] [f]"},
		{"[-a] path", []string{"-a"}, "wrong"},
		{"[-a] path", []string{"-b", "f"}, "wrong"},
		{"[directory]", []string{"-"}, "map[] [-]"},
		{"[flags...]", []string{"-x", "-y=1"}, "map[] [-x -y=1]"},
		{"[-n loops] [-q] [statement]", []string{"-n", "3"}, "map[-n:3] []"},
		{"[-n loops] [-q] [statement]", []string{"-n"}, "wrong"},
		{"[NAME [value...]]", []string{"A", "b", "c"}, "map[] [A b c]"},
		{"name...", nil, "wrong"},
		{"program [args...]", []string{"cat", "-n"}, "map[] [cat -n]"},
	} {
		flags, operands, ok := Parse(test.form).Split(test.args)
		got := fmt.Sprint(flags, " ", operands)
		if !ok {
			got = "wrong"
		}
		if got != test.want {
			t.Errorf("%q of %q: %s, want %s", test.args, test.form, got, test.want)
		}
	}
}

func TestParse(t *testing.T) {
	got := fmt.Sprintf("%+v", Parse("[-a] [-l functions] path [NAME [value...]]"))
	if want := "{Flags:[{Name:-a Value:} {Name:-l Value:functions}] Operands:[{Name:path Optional:false Repeated:false} {Name:NAME Optional:true Repeated:false} {Name:value Optional:true Repeated:true}]}"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if o := Parse("program [args...]").Operand(3); o.Name != "args" {
		t.Errorf("%v", o)
	}
	if o := Parse("path").Operand(1); o.Name != "" {
		t.Errorf("%v", o)
	}
}
