"""Changed test functions: by their own text, wherever in the package they stand."""

from gomanager.golang.ownchange import changed_functions

HEAD = 'package p\n\nimport "testing"\n\n'
A = "func TestA(t *testing.T) {\n\tt.Log(1)\n}\n\n"
B = "func TestB(t *testing.T) {\n\tt.Log(2)\n\tt.Log(3)\n}\n\n"
HELPER = "func helper() {}\n\n"


def changed(now, before):
    return changed_functions(
        [(HEAD + n).encode() for n in now], [(HEAD + b).encode() for b in before]
    )


def test_nothing_changed_though_lines_moved():
    assert changed([HELPER + B + A], [A + B]) == frozenset()


def test_a_function_in_another_file_is_the_same():
    assert changed([A, B], [A + B]) == frozenset()


def test_new_edited_and_shortened_functions_changed():
    assert changed([A, B], [A]) == {"TestB"}
    assert changed([A.replace("1", "9") + B], [A + B]) == {"TestA"}
    assert changed([A + B.replace("\tt.Log(3)\n", "")], [A + B]) == {"TestB"}


def test_helpers_benchmarks_and_blanks_do_not_count():
    bench = "func BenchmarkA(b *testing.B) {}\n"
    assert changed([A + HELPER + bench], [A]) == frozenset()
    assert changed([A.replace("\n", "  \r\n")], [A]) == frozenset()


def test_fuzz_targets_and_examples_with_output_count():
    fuzz = "func FuzzA(f *testing.F) {}\n\n"
    example = "func ExampleA() {\n\tprintln(1)\n\t// Output: 1\n}\n\nfunc ExampleB() {}\n"
    assert changed([fuzz + example], []) == {"FuzzA", "ExampleA"}


def test_no_go_at_all():
    assert changed_functions([b"\xff\x00", b""], []) == frozenset()
