package compile

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"modelbook/kernel/toolchain"
)

// LinkFlags are the linker flags that the worker and the cells share.
var LinkFlags = []string{"-s", "-w"}

// Workers builds the worker programs of a home: the plain one, and the one that
// holds all packages compiled ahead.
func Workers(ctx context.Context, h *toolchain.Home) error {
	if err := buildWorker(ctx, h, h.PlainWorker(), LinkFlags...); err != nil {
		return err
	}
	archives, err := toolchain.ReadImportcfg(h.Importcfg())
	if err != nil {
		return err
	}
	if err := writeKeep(h, archives); err != nil {
		return err
	}
	// The generated file refers to a function that the linker reserves.
	if err := buildWorker(ctx, h, h.Worker(), append([]string{"-checklinkname=0"}, LinkFlags...)...); err != nil {
		return err
	}
	return findAssembly(h, archives)
}

func buildWorker(ctx context.Context, h *toolchain.Home, program string, linkFlags ...string) error {
	// Where runtime.GOROOT and "go run" in cells find Go.
	linkFlags = append(slices.Clone(linkFlags), "'-X=runtime.defaultGOROOT="+h.Toolchain.GOROOT+"'")
	args := slices.Concat([]string{"build"}, h.BuildFlags(), []string{"-ldflags=" + strings.Join(linkFlags, " "), "-o", program, toolchain.WorkerPackage})
	if out, err := h.Toolchain.Command(ctx, h.Module(), args...).CombinedOutput(); err != nil {
		return fmt.Errorf("building the worker: %w\n%s", err, out)
	}
	return nil
}

// findAssembly sets h.Assembly to the functions of the worker that can be called
// with assembly's calling convention only: their package has no other version of
// them, or the linker dropped it.
func findAssembly(h *toolchain.Home, archives map[string]string) error {
	p, err := openProgram(h.Worker())
	if err != nil {
		return err
	}
	defer p.close()
	h.Assembly = nil
	for _, path := range h.InWorker {
		data, err := os.ReadFile(archives[path])
		if err != nil {
			continue // the worker itself
		}
		objects, err := readObjects(data)
		if err != nil {
			return nil // an unknown layout: there are no thin links
		}
		for _, o := range objects {
			for _, name := range o.assembly {
				if _, both := p.lookup(name + ".abi0"); !both {
					if _, ok := p.lookup(name); ok {
						h.Assembly = append(h.Assembly, name)
					}
				}
			}
		}
	}
	return nil
}
