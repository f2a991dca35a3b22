package cover

import (
	"testing"

	_ "example.com/cover/inner"
)

func TestA(t *testing.T) {
	Plain(1)
	Empty()
	OneLine(true)
	Switch(1)
}
