package money

import (
	"fmt"
	"testing"
)

func TestString(t *testing.T) {
	for amount, want := range map[Cents]string{0: "0.00", 7: "0.07", 1250: "12.50", -1999: "-19.99"} {
		if got := amount.String(); got != want {
			t.Errorf("Cents(%d) = %q, want %q", int64(amount), got, want)
		}
	}
}

func TestShareKeepsEveryCent(t *testing.T) {
	for n := 1; n < 9; n++ {
		var sum Cents
		for _, part := range Cents(1000).Share(n) {
			sum += part
		}
		if sum != 1000 {
			t.Errorf("%d shares of 10.00 sum up to %s", n, sum)
		}
	}
}

func ExampleCents_Share() {
	fmt.Println(Cents(1000).Share(3))
	// Output: [3.33 3.33 3.34]
}
