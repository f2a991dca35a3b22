//go:build integration

package integration

import (
	"context"
	"sync"
	"testing"
)

func TestAdvancedManyBookingsAtOnce(t *testing.T) {
	_, client, fake := start(t, 503, 429, 503)
	var group sync.WaitGroup
	for i := 0; i < 16; i++ {
		group.Add(1)
		go func() {
			defer group.Done()
			if _, err := client.Book(context.Background(), shipment); err != nil {
				t.Errorf("booking: %v", err)
			}
		}()
	}
	group.Wait()
	if got := len(fake.parcels); got != 16 {
		t.Errorf("the carrier knows %d parcels, want 16", got)
	}
}
