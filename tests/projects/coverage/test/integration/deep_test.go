package integration

import (
	"testing"

	"example.com/cover/inner"
)

func TestDeep(t *testing.T) {
	if inner.Deep(3) != 3 {
		t.Error("3 became something else")
	}
}
