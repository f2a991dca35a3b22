package tariff

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
)

type table string

func (s table) Tariffs(context.Context) ([]byte, error) {
	if s == "" {
		return nil, errors.New("no line")
	}
	return []byte(s), nil
}

func TestQuote(t *testing.T) {
	book := Book{Source: table(`{"Oslo": 450}`), Cache: filepath.Join(t.TempDir(), "tariffs.json")}
	got, err := book.Quote(context.Background(), "Oslo", 2000)
	if err != nil || got != 1349 {
		t.Errorf("got %v, %v; want 13.49", got, err)
	}
	if _, err := book.Quote(context.Background(), "Atlantis", 1); err == nil {
		t.Error("a quote for a place where nobody goes")
	}
}

func TestQuoteWithoutCarrierReadsTheCache(t *testing.T) {
	cache := filepath.Join(t.TempDir(), "tariffs.json")
	if _, err := (Book{Source: table(`{"Oslo": 450}`), Cache: cache}).Quote(context.Background(), "Oslo", 1); err != nil {
		t.Fatal(err)
	}
	if _, err := (Book{Source: table(""), Cache: cache}).Quote(context.Background(), "Oslo", 1); err != nil {
		t.Errorf("the cached table was not used: %v", err)
	}
}
