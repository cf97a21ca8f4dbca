package mpi

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// readYAML reads the YAML of manifests here: maps and lists by indentation, lists
// in brackets as JSON has them, numbers and text.
func readYAML(text string) (any, error) {
	var lines []string
	for line := range strings.Lines(text) {
		if line, _, _ = strings.Cut(strings.TrimRight(line, "\n"), " #"); strings.TrimSpace(line) != "" && line[0] != '#' {
			lines = append(lines, strings.TrimRight(line, " "))
		}
	}
	value, rest, err := readBlock(lines)
	if err == nil && len(rest) > 0 {
		err = fmt.Errorf("not read: %q", rest)
	}
	return value, err
}

func indent(line string) int { return len(line) - len(strings.TrimLeft(line, " ")) }

// readBlock reads the lines that are indented as the first.
func readBlock(lines []string) (any, []string, error) {
	depth := indent(lines[0])
	if strings.HasPrefix(lines[0][depth:], "- ") {
		var list []any
		for len(lines) > 0 && indent(lines[0]) == depth && strings.HasPrefix(lines[0][depth:], "- ") {
			lines = append([]string{strings.Replace(lines[0], "- ", "  ", 1)}, lines[1:]...)
			item, rest, err := readBlock(lines)
			if err != nil {
				return nil, nil, err
			}
			list, lines = append(list, item), rest
		}
		return list, lines, nil
	}
	fields := map[string]any{}
	for len(lines) > 0 && indent(lines[0]) == depth {
		key, text, ok := strings.Cut(lines[0][depth:], ":")
		if _, twice := fields[key]; !ok || twice {
			return nil, nil, fmt.Errorf("no new field: %q", lines[0])
		}
		lines = lines[1:]
		switch text = strings.TrimSpace(text); {
		case text != "":
			var value any = text
			if json.Unmarshal([]byte(text), &value) != nil {
				value = text
			}
			fields[key] = value
		case len(lines) > 0 && indent(lines[0]) > depth:
			var err error
			if fields[key], lines, err = readBlock(lines); err != nil {
				return nil, nil, err
			}
		default:
			return nil, nil, fmt.Errorf("%s has no value", key)
		}
	}
	return fields, lines, nil
}

// schema is what the tests know of OpenAPI schemas.
type schema struct {
	Type                 string
	Properties           map[string]*schema
	AdditionalProperties *schema
	Items                *schema
	Required             []string
	Enum                 []any
	AnyOf                []*schema
}

// faults lists what a value has that its schema does not allow. Fields that the schema
// does not have are faults too, as they are to kubectl.
func (s *schema) faults(at string, value any) (all []string) {
	bad := func(format string, args ...any) { all = append(all, at+": "+fmt.Sprintf(format, args...)) }
	if s.Enum != nil && !slices.Contains(s.Enum, value) {
		bad("%v is none of %v", value, s.Enum)
	}
	if len(s.AnyOf) > 0 && !slices.ContainsFunc(s.AnyOf, func(one *schema) bool { return one.faults(at, value) == nil }) {
		bad("%v is of no type that fits", value)
	}
	switch v := value.(type) {
	case map[string]any:
		if s.Type != "object" {
			bad("is an object, and not %s", s.Type)
		}
		for _, name := range s.Required {
			if v[name] == nil {
				bad("lacks %s", name)
			}
		}
		for name, field := range v {
			of := s.Properties[name]
			if of == nil {
				of = s.AdditionalProperties
			}
			if of == nil && s.Properties != nil {
				bad("has no field %s", name)
			} else if of != nil {
				all = append(all, of.faults(at+"."+name, field)...)
			}
		}
	case []any:
		if s.Type != "array" {
			bad("is a list, and not %s", s.Type)
			return all
		}
		for i, item := range v {
			all = append(all, s.Items.faults(at+"["+strconv.Itoa(i)+"]", item)...)
		}
	case float64:
		if s.Type != "integer" && s.AnyOf == nil || v != float64(int(v)) {
			bad("is a number, and not %s", s.Type)
		}
	case string:
		if s.Type != "string" && s.AnyOf == nil {
			bad("is text, and not %s", s.Type)
		}
	default:
		bad("is a %T", value)
	}
	return all
}

func mpiJobSchema(t *testing.T) *schema {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "mpijob.schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	s := &schema{}
	if err := json.Unmarshal(text, s); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestTheManifestIsAnMPIJob(t *testing.T) {
	s := mpiJobSchema(t)
	text := JobFiles("digits_2")["mpijob.yaml"]
	value, err := readYAML(text)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if faults := s.faults("MPIJob", value); faults != nil {
		t.Errorf("%s\n%s", strings.Join(faults, "\n"), text)
	}
	job := value.(map[string]any)
	replicas := job["spec"].(map[string]any)["mpiReplicaSpecs"].(map[string]any)
	if job["apiVersion"] != "kubeflow.org/v2beta1" || job["kind"] != "MPIJob" || replicas["Launcher"] == nil || replicas["Worker"] == nil {
		t.Errorf("it is no MPIJob of version v2beta1 with Launcher and Worker:\n%s", text)
	}
	if !strings.Contains(text, `"/home/mpiuser/digits_2"`) || !strings.Contains(text, "name: digits-2\n") {
		t.Errorf("names:\n%s", text)
	}
	// The test would see what is wrong.
	for _, c := range []struct{ from, to, fault string }{
		{"slotsPerWorker: 1", "slotsPerWorker: one", "MPIJob.spec.slotsPerWorker: is text, and not integer"},
		{"slotsPerWorker: 1", "slotPerWorker: 1", "MPIJob.spec: has no field slotPerWorker"},
		{"mpiReplicaSpecs:", "replicaSpecs:", "MPIJob.spec: lacks mpiReplicaSpecs"},
		{`command: ["mpirun", "--bind-to", "none", "/home/mpiuser/digits_2"]`, "command: mpirun", "MPIJob.spec.mpiReplicaSpecs.Launcher.template.spec.containers[0].command: is text, and not array"},
		{"  sshAuthMountPath", "  mpiImplementation: MVAPICH\n  sshAuthMountPath", "MPIJob.spec.mpiImplementation: MVAPICH is none of [OpenMPI Intel MPICH]"},
	} {
		value, err := readYAML(strings.Replace(text, c.from, c.to, 1))
		if err != nil {
			t.Fatal(err)
		}
		if faults := s.faults("MPIJob", value); !slices.Contains(faults, c.fault) {
			t.Errorf("%s in place of %s: %q", c.to, c.from, faults)
		}
	}
}

func TestNamesOfJobs(t *testing.T) {
	for name, want := range map[string]string{"digits": "digits", "My_Notes--2": "my-notes-2", "2digits": "job-2digits", "___": "job",
		strings.Repeat("long_", 20): "long-long-long-long-long-long-long-long"} {
		if got := label(name); got != want {
			t.Errorf("%s becomes %s, want %s", name, got, want)
		}
	}
}

func TestTheBatchScriptStartsTheProgram(t *testing.T) {
	dir := t.TempDir()
	script := filepath.Join(dir, "job.slurm")
	if err := os.WriteFile(script, []byte(JobFiles("digits")["job.slurm"]), 0o644); err != nil {
		t.Fatal(err)
	}
	// In place of srun, what it is told.
	if err := os.WriteFile(filepath.Join(dir, "srun"), []byte("#!/bin/sh\necho \"$PWD\" \"$@\"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("bash", script)
	cmd.Env = append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"), "SLURM_SUBMIT_DIR="+dir, "SLURM_CPUS_PER_TASK=8")
	out, err := cmd.CombinedOutput()
	if want := dir + " --mpi=pmix --kill-on-bad-exit=1 --cpus-per-task=8 ./digits\n"; err != nil || string(out) != want {
		t.Errorf("%q, %v, want %q", out, err, want)
	}
	options := 0
	for line := range strings.Lines(JobFiles("digits")["job.slurm"]) {
		if option, ok := strings.CutPrefix(line, "#SBATCH --"); ok && strings.Contains(option, "=") {
			options++
		}
	}
	if options != 6 {
		t.Errorf("it has %d options", options)
	}
}
