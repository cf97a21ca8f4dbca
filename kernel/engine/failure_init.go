package engine

import (
	"fmt"

	"modelbook/kernel/worker/control"
)

// initFailed is the error of a cell whose package panicked, or exited, in its
// initialization. Go initializes a package once a process: until a new one
// nobody can use it.
func (e *Engine) initFailed(f *control.Failure) *CellError {
	frames := f.Frames
	for i, frame := range frames {
		if frame.Func == "runtime.doInit1" {
			frames = frames[:i]
			break
		}
	}
	p := packageOf(frames)
	e.halfMade = append(e.halfMade, p)
	err := &CellError{Name: failureName(f), Value: fmt.Sprintf("package %s cannot be initialized: %s", p, f.Message)}
	err.Traceback = append([]string{red + err.Name + plain + ": " + err.Value}, e.sources.packageFrames(frames)...)
	err.Traceback = append(err.Traceback, "All values are kept. The package can be used again after a %restart.")
	return err
}

// uninitialized is the error of a cell that needs a package whose
// initialization failed: to load it once more would end the process.
func (e *Engine) uninitialized(imports []string) error {
	for _, p := range e.halfMade {
		if e.packages.Need(imports, p) {
			text := fmt.Sprintf("package %s failed when it was initialized; it can be used again after a %%restart", p)
			return &CellError{Name: "ImportError", Value: text, Traceback: []string{red + "ImportError" + plain + ": " + text}}
		}
	}
	return nil
}
