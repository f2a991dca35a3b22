// Package money holds amounts in whole cents.
package money

import "fmt"

// Cents is an amount; negative amounts are refunds.
type Cents int64

// String gives the amount with two decimals.
func (c Cents) String() string {
	sign := ""
	if c < 0 {
		sign, c = "-", -c
	}
	return fmt.Sprintf("%s%d.%02d", sign, c/100, c%100)
}

// Share splits an amount into n parts that differ by at most one cent and sum up to it.
func (c Cents) Share(n int) []Cents {
	if n <= 0 {
		return nil
	}
	parts := make([]Cents, n)
	rest := c
	for i := range parts {
		parts[i] = rest / Cents(n-i)
		rest -= parts[i]
	}
	return parts
}
