//go:build integration

package integration

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"example.com/courier/internal/tariff"
)

// The shop shows a price while the customer types: a quote has a budget.
func TestNetworkQuoteWithinBudget(t *testing.T) {
	const budget = 300 * time.Millisecond
	_, client, fake := start(t)
	fake.render = 700 * time.Millisecond
	book := tariff.Book{Source: client, Cache: filepath.Join("..", "..", ".cache", "tariffs.json")}
	began := time.Now()
	price, err := book.Quote(context.Background(), "Rome", 1000)
	if err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took > budget {
		t.Errorf("quote of %s took %v, budget is %v", price, took.Round(time.Millisecond), budget)
	}
}
