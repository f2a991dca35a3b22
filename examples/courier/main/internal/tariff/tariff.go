// Package tariff prices parcels by the carrier's table, which is kept on disk between starts.
package tariff

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"example.com/courier/internal/money"
)

// Source fetches the table.
type Source interface {
	Tariffs(ctx context.Context) ([]byte, error)
}

// Book prices parcels; the table is fetched once and then read from Cache.
type Book struct {
	Source Source
	Cache  string
}

// Quote is the price of a parcel to a place.
func (b Book) Quote(ctx context.Context, to string, grams int) (money.Cents, error) {
	table, err := b.table(ctx)
	if err != nil {
		return 0, fmt.Errorf("quote: %w", err)
	}
	perKilo, ok := table[to]
	if !ok {
		return 0, fmt.Errorf("quote: the carrier does not go to %q", to)
	}
	return perKilo * money.Cents(grams+999) / 1000, nil
}

func (b Book) table(ctx context.Context) (map[string]money.Cents, error) {
	data, err := os.ReadFile(b.Cache)
	if err != nil {
		if data, err = b.fetch(ctx); err != nil {
			return nil, err
		}
	}
	var table map[string]money.Cents
	if err := json.Unmarshal(data, &table); err != nil {
		return nil, fmt.Errorf("%s: %w", b.Cache, err)
	}
	return table, nil
}

func (b Book) fetch(ctx context.Context) ([]byte, error) {
	data, err := b.Source.Tariffs(ctx)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(b.Cache), 0o755); err != nil {
		return nil, err
	}
	return data, os.WriteFile(b.Cache, data, 0o644)
}
