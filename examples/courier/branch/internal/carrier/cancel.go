package carrier

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
)

// ErrTooLate says that a parcel has left and can no longer be cancelled.
var ErrTooLate = errors.New("too late to cancel")

// Cancel calls a booking off.
func (c *Client) Cancel(ctx context.Context, id string) error {
	_, err := c.do(ctx, http.MethodDelete, "/shipments/"+url.PathEscape(id), nil)
	var refused *Refused
	if errors.As(err, &refused) && refused.Status == http.StatusConflict {
		return fmt.Errorf("%w: %s", ErrTooLate, id)
	}
	return err
}
