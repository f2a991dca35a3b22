"""Which case a few words mean."""

import pytest

from gomanager.errors import UsageError
from gomanager.pipeline.subject import split


@pytest.mark.parametrize(
    ("words", "package", "name"),
    [
        (("TestA/x y",), None, "TestA/x_y"),
        (("./pkg", "TestA/sub"), "./pkg", "TestA/sub"),
        (("ex.com/m/cart.TestA",), "ex.com/m/cart", "TestA"),
        (("ex.com/m/cart.TestA/b.TestC/d",), "ex.com/m/cart", "TestA/b.TestC/d"),
        (("./cart.FuzzA/seed#0",), "./cart", "FuzzA/seed#0"),
        (("gopkg.in/yaml.v3.ExampleMarshal",), "gopkg.in/yaml.v3", "ExampleMarshal"),
    ],
)
def test_package_and_name(words, package, name):
    assert split(words) == (package, name)


@pytest.mark.parametrize("words", [(), ("a", "b", "c"), ("cart",), ("BenchmarkX",)])
def test_anything_else_is_refused(words):
    with pytest.raises(UsageError) as error:
        split(words)
    assert "gomanager stress" in error.value.fix
