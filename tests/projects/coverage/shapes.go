package cover

import (
	"errors"
	"fmt"
)

func Plain(x int) int { // comment
	if x > 0 {
		// a comment inside

		x++
	} else if x < -5 {
		x--
	} else {
		x = 2
	}
	return x
}

func Empty() {}

func OneLine(a bool) int { if a { return 1 }; return 2 }

func Switch(n int) (string, error) {
	switch {
	case n == 1: return "ö", nil
	case n == 2:
		return "two", nil
	default:
		return "", errors.New(`
multi
line`)
	}
}

var F = func() int {
	return 1
}

func Loop(n int) {
	for i := 0; i < n; i++ {
		fmt.Sprint(
			i,
			n,
		)

		{
			n--
		}
	}
	f := func() {
		n++
	}
	f()
	go func() {}()
	select {}
}

func Never() {
	fmt.Sprint("ä ö", 1); fmt.Sprint("x")
}
