package parcel

import (
	"errors"
	"testing"
)

func TestCheck(t *testing.T) {
	complete := Parcel{From: "Bern", To: "Oslo", Grams: 1200}
	if err := complete.Check(); err != nil {
		t.Fatalf("a complete parcel: %v", err)
	}
	for name, broken := range map[string]Parcel{
		"no sender":    {To: "Oslo", Grams: 1200},
		"no recipient": {From: "Bern", To: " ", Grams: 1200},
		"no weight":    {From: "Bern", To: "Oslo"},
	} {
		t.Run(name, func(t *testing.T) {
			if err := broken.Check(); !errors.Is(err, ErrIncomplete) {
				t.Errorf("got %v, want ErrIncomplete", err)
			}
		})
	}
}

func TestAdvance(t *testing.T) {
	parcel := Parcel{ID: "p1", Status: Booked}
	for _, to := range []Status{InTransit, Delivered} {
		moved, err := parcel.Advance(to)
		if err != nil {
			t.Fatal(err)
		}
		parcel = moved
	}
	if _, err := parcel.Advance(InTransit); err == nil {
		t.Error("a delivered parcel went on")
	}
}
