"""Debian's python3-jupyter-kernel-test, the suite that Jupyter offers to all
kernels, for this one. Prints "ok NAME" for each test that passed and was not
skipped.
"""

import sys
import unittest

import jupyter_kernel_test


class ModelbookTests(jupyter_kernel_test.KernelTests):
    kernel_name = "modelbook"
    language_name = "go"
    file_extension = ".go"
    code_hello_world = 'fmt.Println("hello, world")'
    code_stderr = 'fmt.Fprintln(os.Stderr, "test")'
    complete_code_samples = ["x := 1", "fmt.Println(\n\t1,\n)", "func f() {}", "%who", "// a comment"]
    incomplete_code_samples = ["func f() {", "fmt.Println(1,", "s := `open", "for i := range 3 {"]
    invalid_code_samples = ["x := )", "func 5() {}"]
    code_generate_error = 'panic("on purpose")'
    code_execute_result = [
        {"code": "1 + 2 + 3", "result": "6"},
        {"code": 'strings.ToUpper("abc")', "result": '"ABC"'},
        {"code": "image.NewGray(image.Rect(0, 0, 2, 2))", "mime": "image/png"},
    ]
    code_display_data = [
        {"code": 'import "github.com/janpfeifer/gonb/gonbui"\ngonbui.DisplayHTML("<b>x</b>")', "mime": "text/html"},
        {"code": 'import "github.com/janpfeifer/gonb/gonbui"\ngonbui.DisplayHTML("<b>x</b>")', "mime": "text/plain"},
    ]
    completion_samples = [
        {"text": "strings.HasP", "matches": {"HasPrefix"}},
        {"text": "%wri", "matches": {"%%writefile"}},
    ]
    code_inspect_sample = "strings.Split"
    code_history_pattern = "1 + 2 +*"
    supported_history_operations = ("tail", "range", "search")


class Result(unittest.TextTestResult):
    def addSuccess(self, test):
        super().addSuccess(test)
        print("ok ", test.id().rsplit(".", 1)[1], flush=True)

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        print("skipped ", test.id().rsplit(".", 1)[1], flush=True)


runner = unittest.TextTestRunner(stream=sys.stdout, resultclass=Result, verbosity=0)
outcome = runner.run(unittest.defaultTestLoader.loadTestsFromTestCase(ModelbookTests))
sys.exit(0 if outcome.wasSuccessful() else 1)
