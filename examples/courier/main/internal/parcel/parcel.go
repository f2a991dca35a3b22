// Package parcel holds what is sent and which way its status may go.
package parcel

import (
	"errors"
	"fmt"
	"strings"
)

// Status is where a parcel stands.
type Status string

// The states of a parcel, in their usual order.
const (
	Booked    Status = "booked"
	InTransit Status = "in transit"
	Delivered Status = "delivered"
	Lost      Status = "lost"
)

// Parcel is one shipment.
type Parcel struct {
	ID     string `json:"id"`
	From   string `json:"from"`
	To     string `json:"to"`
	Grams  int    `json:"grams"`
	Status Status `json:"status"`
}

var next = map[Status][]Status{
	Booked:    {InTransit, Lost},
	InTransit: {Delivered, Lost},
}

// ErrIncomplete says that a parcel lacks something that it needs.
var ErrIncomplete = errors.New("incomplete parcel")

// Check tells what is missing.
func (p Parcel) Check() error {
	switch {
	case strings.TrimSpace(p.From) == "":
		return fmt.Errorf("%w: no sender", ErrIncomplete)
	case strings.TrimSpace(p.To) == "":
		return fmt.Errorf("%w: no recipient", ErrIncomplete)
	case p.Grams <= 0:
		return fmt.Errorf("%w: no weight", ErrIncomplete)
	}
	return nil
}

// Advance returns the parcel in its new state, or an error if there is no such way.
func (p Parcel) Advance(to Status) (Parcel, error) {
	for _, allowed := range next[p.Status] {
		if allowed == to {
			p.Status = to
			return p, nil
		}
	}
	return p, fmt.Errorf("parcel %s cannot go from %q to %q", p.ID, p.Status, to)
}
