//go:build integration

package integration

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"example.com/courier/internal/carrier"
	"example.com/courier/internal/parcel"
)

var shipment = parcel.Parcel{From: "Bern", To: "Oslo", Grams: 1200}

func TestNetworkRecoversFromFaults(t *testing.T) {
	_, client, _ := start(t, http.StatusServiceUnavailable, http.StatusTooManyRequests, http.StatusBadGateway)
	booked, err := client.Book(context.Background(), shipment)
	if err != nil || booked.ID == "" {
		t.Errorf("got %v, %v; want a booked parcel on the fourth try", booked, err)
	}
}

func TestNetworkGivesUp(t *testing.T) {
	faults := []int{503, 503, 503, 503, 503}
	_, client, _ := start(t, faults...)
	_, err := client.Book(context.Background(), shipment)
	var refused *carrier.Refused
	if !errors.As(err, &refused) || refused.Status != http.StatusServiceUnavailable {
		t.Errorf("got %v, want the last refusal", err)
	}
}

func TestNetworkStopsWithItsContext(t *testing.T) {
	_, client, _ := start(t, 503, 503, 503, 503)
	client.Backoff = carrier.Backoff{Tries: 4, First: time.Hour, Most: time.Hour}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	if _, err := client.Book(ctx, shipment); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want the deadline of the context", err)
	}
}
